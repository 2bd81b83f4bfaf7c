//! `/P/username` and `/P/username_suggestions`: the name by which customers find a business (section 3e; the rules are the network's).
use super::bounds;
use crate::{ApiError, Params};
use serde_json::{Value, json};
use suki_types::Phone;

/// The field that programs are told of it on.
pub const USERNAME_FIELD: &str = "business_username_update";
/// The longest that is read; how long one may be is the policy's to say.
const MOST_CHARS: usize = 64;
/// How many are suggested, at most.
pub const SUGGESTIONS: usize = 5;

/// `POST`: the username that is wanted. Moving one between numbers has no effect: a business has one number.
///
/// # Errors
/// 131008 when it is missing, 100 when it is far too long or no text.
pub fn wanted(params: &Params) -> Result<String, ApiError> {
    let root = params.root();
    root.required_text("username")?;
    Ok(bounds::text(&root, "username", 1, MOST_CHARS)?.unwrap_or_default())
}

/// The answer of `POST`: a username is in use at once.
pub fn adopted() -> Value {
    json!({"status": "approved"})
}

/// The answer of `GET`.
pub fn answer(username: Option<&str>) -> Value {
    let status = if username.is_some() { "approved" } else { "none" };
    json!({"username": username.unwrap_or_default(), "status": status})
}

/// What may be suggested to a business, the best first: its name and its link in several forms. Whether they are free is the network's to say.
pub fn candidates(name: &str, slug: &str) -> Vec<String> {
    let folded: String = name.chars().map(|c| if c.is_ascii_alphanumeric() { c.to_ascii_lowercase() } else { ' ' }).collect();
    let words: Vec<&str> = folded.split_whitespace().collect();
    let link: Vec<&str> = slug.split('-').filter(|word| !word.is_empty()).collect();
    let mut all: Vec<String> = Vec::new();
    for words in [&words, &link] {
        if words.is_empty() {
            continue;
        }
        for joined in [words.join("_"), words.concat(), words.join("."), format!("{}_shop", words.join("_")), format!("hello_{}", words.join("_"))] {
            if joined.bytes().any(|byte| byte.is_ascii_lowercase()) && joined.len() <= MOST_CHARS && !all.contains(&joined) {
                all.push(joined);
            }
        }
    }
    all
}

/// The answer of `GET /P/username_suggestions`.
pub fn suggestions(free: &[String]) -> Value {
    json!({"data": [{"username_suggestions": &free[..free.len().min(SUGGESTIONS)]}]})
}

/// The value of [`USERNAME_FIELD`]; none: it was given up.
pub fn update(phone: &Phone, username: Option<&str>) -> Value {
    let mut value = json!({"display_phone_number": phone.digits(), "status": if username.is_some() { "approved" } else { "deleted" }});
    if let Some(username) = username {
        value["username"] = username.into();
    }
    value
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_wanted_is_read_and_answered() {
        let query = |text: &str| Params::from_query(text).expect("a query");
        assert_eq!(wanted(&query("username=kape.ni.ana&transfer_action=none")), Ok("kape.ni.ana".into()));
        assert_eq!(wanted(&query("")).expect_err("none").code.number(), 131_008);
        assert_eq!(wanted(&query(&format!("username={}", "a".repeat(65)))).expect_err("long").code.number(), 100);
        assert_eq!(answer(Some("kape")), json!({"username": "kape", "status": "approved"}));
        assert_eq!(answer(None)["status"], "none");
        assert_eq!(update(&Phone::test(1), None), json!({"display_phone_number": "999000000001", "status": "deleted"}));
    }

    #[test]
    fn suggestions_are_made_of_name_and_link() {
        let all = candidates("Kape ni Ana!", "kape-ana");
        assert_eq!(all[..3], ["kape_ni_ana", "kapeniana", "kape.ni.ana"]);
        assert!(all.contains(&"kape_ana".into()));
        assert_eq!(suggestions(&all)["data"][0]["username_suggestions"].as_array().map(Vec::len), Some(SUGGESTIONS));
        assert!(candidates("قهوة", "").is_empty());
    }
}
