//! `GET`, `POST`, `DELETE /P/block_users`: whose messages a business does not want (section 3a).
use crate::{
    ApiError, Code, Params,
    messages::Recipient,
    paging::{self, Wanted},
};
use serde_json::{Value, json};
use suki_types::AccountId;

/// How many users a request may name.
const MOST: usize = 1000;
/// How many a page has at most.
const LARGEST_PAGE: u32 = 1000;

/// Somebody a request names: as it was written, and who that is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Named {
    /// As it was written.
    pub input: String,
    /// Who that is.
    pub recipient: Recipient,
}

/// Reads whom a request names.
///
/// # Errors
/// 131008 when nobody is named, 100 when an entry is neither a phone number nor a user id, or there are more than 1,000.
pub fn named(params: &Params) -> Result<Vec<Named>, ApiError> {
    let root = params.root();
    let users = root.list("block_users", MOST)?.filter(|users| !users.is_empty()).ok_or_else(|| ApiError::missing("block_users"))?;
    users
        .iter()
        .map(|user| {
            if let Some(id) = user.text("user_id")?.filter(|id| !id.trim().is_empty()) {
                return Ok(Named { input: id.to_owned(), recipient: Recipient::User(id.to_owned()) });
            }
            let text = user.required_text("user")?;
            let phone = text.parse().map_err(|error| ApiError::invalid_parameter(format!("{}: {error}", user.path("user"))))?;
            Ok(Named { input: text.to_owned(), recipient: Recipient::Phone(phone) })
        })
        .collect()
}

/// Somebody for whom it is so now.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Done {
    /// As the request named him.
    pub input: String,
    /// His phone.
    pub wa_id: Option<String>,
    /// His business-scoped user id.
    pub user_id: String,
}

/// Somebody for whom it is not.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Failed {
    /// As the request named him.
    pub input: String,
    /// His phone, if he is known.
    pub wa_id: Option<String>,
    /// Why.
    pub error: ApiError,
}

/// The answer to `POST` and `DELETE`; `added`: to `POST`.
pub fn answer(done: &[Done], failed: &[Failed], added: bool) -> Value {
    let done: Vec<Value> = done.iter().map(|one| json!({"input": one.input, "wa_id": one.wa_id, "user_id": one.user_id})).collect();
    let failed: Vec<Value> = failed
        .iter()
        .map(|one| {
            let error = &one.error;
            let error = json!({"message": error.code.title(), "code": error.code.number(), "error_data": {"details": error.details}});
            json!({"input": one.input, "wa_id": one.wa_id, "errors": [error]})
        })
        .collect();
    let mut users = json!({(if added { "added_users" } else { "removed_users" }): done});
    if !failed.is_empty() {
        users["failed_users"] = failed.into();
    }
    json!({"messaging_product": "whatsapp", "block_users": users})
}

/// Reads which page is asked for.
///
/// # Errors
/// 100 when `limit` is no number, or a cursor is none that an answer gave.
pub fn wanted(params: &Params) -> Result<Wanted<AccountId>, ApiError> {
    paging::wanted(params, LARGEST_PAGE, Code::InvalidParameter, |bytes| AccountId::try_from(bytes).ok())
}

/// The answer to `GET`: each with his phone, or his user id without one; pywa reads it as `input`, as in the answers to the other two. `ends` are the first and the last of the page.
pub fn page(wa_ids: &[String], ends: Option<(AccountId, AccountId)>) -> Value {
    let data: Vec<Value> = wa_ids.iter().map(|wa_id| json!({"messaging_product": "whatsapp", "input": wa_id, "wa_id": wa_id})).collect();
    let mut answer = json!({"data": data});
    if let Some((first, last)) = ends {
        let cursor = |id: AccountId| paging::cursor(id.as_bytes());
        answer["paging"] = json!({"cursors": {"before": cursor(first), "after": cursor(last)}});
    }
    answer
}

#[cfg(test)]
mod tests {
    use super::*;

    fn params(body: &str) -> Params {
        let mut params = Params::default();
        params.merge_body(None, body.as_bytes()).expect("it is JSON");
        params
    }

    #[test]
    fn users_are_named_by_phone_or_user_id() {
        let body = r#"{"messaging_product":"whatsapp","block_users":[{"user":"+63 917 123 4567"},{"user_id":"ZZ.17"}]}"#;
        let named = named(&params(body)).expect("it is right");
        assert_eq!((named[0].input.as_str(), &named[1].recipient), ("+63 917 123 4567", &Recipient::User("ZZ.17".into())));
        for (wrong, code) in [
            ("{}", 131_008),
            (r#"{"block_users":[]}"#, 131_008),
            (r#"{"block_users":[{}]}"#, 131_008),
            (r#"{"block_users":[{"user":"x"}]}"#, 100),
            (r#"{"block_users":["639171234567"]}"#, 100),
        ] {
            assert_eq!(super::named(&params(wrong)).expect_err(wrong).code.number(), code, "{wrong}");
        }
    }

    #[test]
    fn a_cursor_comes_back_as_it_was_given() {
        let (first, last) = (AccountId::from_bytes([1; 16]), AccountId::from_bytes([2; 16]));
        let answer = page(&["639171234567".into()], Some((first, last)));
        let after = answer["paging"]["cursors"]["after"].as_str().expect("a cursor");
        let wanted = wanted(&params(&format!(r#"{{"after":"{after}","limit":"5000"}}"#))).expect("it is right");
        assert_eq!((wanted.after, wanted.limit), (Some(last), LARGEST_PAGE));
        assert!(super::wanted(&params(r#"{"after":"x"}"#)).is_err());
        assert!(page(&[], None).get("paging").is_none());
    }
}
