//! `GET /W/message_template_previews`: what templates of one-time codes say in each language (section 3a); their texts are the platform's.
use crate::{ApiError, Params};
use serde_json::{Value, json};
use suki_template::authentication;

/// The most languages of one request.
const MOST_LANGUAGES: usize = 100;
/// For how many minutes a code may hold (section 3b).
const MINUTES: std::ops::RangeInclusive<i64> = 1..=90;
/// What stands on the button that fills a code in.
const AUTOFILL: &str = "Autofill";

/// Answers a request.
///
/// # Errors
/// 100 for a category other than AUTHENTICATION, minutes out of 1 to 90, a language that has no text, or a button that such templates do not have.
pub fn previews(params: &Params) -> Result<Value, ApiError> {
    let root = params.root();
    if !root.text("category")?.is_some_and(|category| category.eq_ignore_ascii_case("AUTHENTICATION")) {
        return Err(ApiError::invalid_parameter("category must be AUTHENTICATION: only the texts of one-time codes are the platform's"));
    }
    let warning = ["add_security_recommendation", "add_securityrecommendation"].into_iter().find_map(|name| root.boolean(name).transpose());
    let warning = warning.transpose()?.unwrap_or(false);
    let minutes = match root.integer("code_expiration_minutes")? {
        None => None,
        Some(minutes) if MINUTES.contains(&minutes) => u32::try_from(minutes).ok(),
        Some(_) => return Err(ApiError::invalid_parameter("code_expiration_minutes is 1 to 90")),
    };
    if words(params, "button_types")?.iter().any(|kind| !kind.eq_ignore_ascii_case("OTP")) {
        return Err(ApiError::invalid_parameter("button_types must be OTP"));
    }
    let mut languages = words(params, "languages")?;
    languages.extend(words(params, "language")?);
    if languages.len() > MOST_LANGUAGES {
        return Err(ApiError::invalid_parameter(format!("languages has {} codes; at most {MOST_LANGUAGES} are allowed", languages.len())));
    }
    if languages.is_empty() {
        languages = authentication::languages().map(str::to_owned).collect();
    }
    let data: Vec<Value> = languages.iter().map(|language| preview(language, warning, minutes)).collect::<Result<_, _>>()?;
    Ok(json!({ "data": data }))
}

fn preview(language: &str, warning: bool, minutes: Option<u32>) -> Result<Value, ApiError> {
    let (Some(body), Some(button)) = (authentication::body(language, warning), authentication::button(language)) else {
        let known: Vec<&str> = authentication::languages().collect();
        return Err(ApiError::invalid_parameter(format!("languages: there is a text in {}, with any region", known.join(", "))));
    };
    let mut preview = json!({"language": language, "body": body, "buttons": [{"type": "OTP", "text": button, "autofill_text": AUTOFILL}]});
    if let Some(footer) = minutes.and_then(|minutes| authentication::footer(language, minutes)) {
        preview["footer"] = footer.into();
    }
    Ok(preview)
}

/// One word, several with commas, or a JSON array of them.
fn words(params: &Params, name: &str) -> Result<Vec<String>, ApiError> {
    let wrong = || ApiError::invalid_parameter(format!("{name} must be a word, or several with commas between them"));
    match params.root().json(name) {
        None => Ok(Vec::new()),
        Some(Value::Array(items)) => items.iter().map(|item| item.as_str().map(str::to_owned).ok_or_else(wrong)).collect(),
        Some(Value::String(text)) => Ok(text.split(',').map(|word| word.trim().to_owned()).filter(|word| !word.is_empty()).collect()),
        Some(_) => Err(wrong()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(query: &str) -> Result<Value, ApiError> {
        previews(&Params::from_query(query).expect("a query"))
    }

    #[test]
    fn each_language_says_the_same() {
        let told = read("category=AUTHENTICATION&languages=en_US,fil&add_security_recommendation=true&code_expiration_minutes=10&button_types=OTP");
        let told = told.expect("it is told");
        assert_eq!(told["data"][0]["body"], "Your code is *{{1}}*. Tell it to nobody.");
        assert_eq!((&told["data"][0]["footer"], &told["data"][1]["language"]), (&json!("It holds for 10 min."), &json!("fil")));
        assert_eq!(told["data"][0]["buttons"][0]["text"], "Copy code");
        let all = read("category=authentication").expect("it is told");
        assert_eq!(all["data"].as_array().map(Vec::len), Some(authentication::languages().count()));
        assert_eq!(all["data"][0].get("footer"), None);
    }

    #[test]
    fn what_has_no_text_is_refused() {
        for (query, says) in [
            ("", "AUTHENTICATION"),
            ("category=UTILITY", "AUTHENTICATION"),
            ("category=AUTHENTICATION&languages=tlh", "there is a text in"),
            ("category=AUTHENTICATION&code_expiration_minutes=91", "1 to 90"),
            ("category=AUTHENTICATION&button_types=URL", "OTP"),
            ("category=AUTHENTICATION&languages=7", "there is a text in"),
        ] {
            let error = read(query).expect_err(query);
            assert!(error.code.number() == 100 && error.details.contains(says), "{}", error.details);
        }
    }
}
