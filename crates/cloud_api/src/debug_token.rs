//! `GET /debug_token`: what a token is good for, and until when (section 3a).
use crate::{
    ApiError, ObjectId, Params,
    permission::Permissions,
    token::{self, Credential},
};
use serde_json::{Value, json};
use suki_types::Timestamp;

/// The token that is asked about.
///
/// # Errors
/// 100 when there is none, 190 when it is none that this server could have given.
pub fn asked(params: &Params) -> Result<Credential, ApiError> {
    let text = params.text("input_token").ok_or_else(|| ApiError::invalid_parameter("the parameter input_token is required"))?;
    token::read(text.trim())
}

/// What is known of a token.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Known<'a> {
    /// The app it was given to.
    pub app: ObjectId,
    /// What the app is called.
    pub application: &'a str,
    /// The business account it is good for.
    pub account: ObjectId,
    /// Whose it is; none of an app's own token.
    pub user: Option<User>,
}

/// The system user a token was made for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct User {
    /// His id.
    pub id: ObjectId,
    /// What he may do.
    pub permissions: Permissions,
    /// When the token was made.
    pub issued_at: Timestamp,
    /// When it ends; none when it does not.
    pub expires_at: Option<Timestamp>,
}

/// The answer about a token that is known; at `now` it may have ended.
pub fn known(known: &Known<'_>, now: Timestamp) -> Value {
    let mut data = json!({"app_id": known.app, "application": known.application, "type": "APP", "is_valid": true, "expires_at": 0, "data_access_expires_at": 0, "scopes": []});
    if let Some(user) = &known.user {
        let ended = user.expires_at.is_some_and(|until| until <= now);
        data["type"] = "SYSTEM_USER".into();
        data["is_valid"] = (!ended).into();
        data["issued_at"] = seconds(user.issued_at).into();
        data["expires_at"] = user.expires_at.map_or(0, seconds).into();
        data["scopes"] = user.permissions.words().into();
        data["granular_scopes"] = user.permissions.granular(known.account);
        data["user_id"] = user.id.to_string().into();
        if ended {
            data["error"] = fault(&ApiError::expired_token());
        }
    }
    json!({ "data": data })
}

/// The answer about one that is none, was revoked, or belongs to somebody else; which of them is not said.
pub fn unknown() -> Value {
    json!({"data": {"error": fault(&ApiError::invalid_token()), "is_valid": false, "scopes": []}})
}

fn fault(error: &ApiError) -> Value {
    json!({"code": error.code.number(), "message": error.message(), "subcode": error.subcode})
}

fn seconds(at: Timestamp) -> i64 {
    at.millis() / 1000
}

#[cfg(test)]
mod tests {
    use super::*;

    fn id(text: &str) -> ObjectId {
        text.parse().expect("an id")
    }

    #[test]
    fn a_token_says_what_it_is_good_for_and_until_when() {
        let (made, end) = (Timestamp::from_millis(1_000_000), Timestamp::from_millis(2_000_000));
        let user = User { id: id("9"), permissions: "whatsapp_business_messaging".parse().expect("one"), issued_at: made, expires_at: Some(end) };
        let token = Known { app: id("77"), application: "Till", account: id("5"), user: Some(user) };
        assert_eq!(
            known(&token, made),
            json!({"data": {"app_id": "77", "application": "Till", "type": "SYSTEM_USER", "is_valid": true, "issued_at": 1000, "expires_at": 2000,
                "data_access_expires_at": 0, "scopes": ["whatsapp_business_messaging"], "user_id": "9",
                "granular_scopes": [{"scope": "whatsapp_business_messaging", "target_ids": ["5"]}]}})
        );
        let ended = known(&token, end);
        assert_eq!((&ended["data"]["is_valid"], &ended["data"]["error"]["subcode"]), (&json!(false), &json!(463)));
        let app = known(&Known { user: None, ..token }, end);
        assert_eq!((&app["data"]["type"], &app["data"]["is_valid"]), (&json!("APP"), &json!(true)));
        assert_eq!(unknown()["data"]["error"]["code"], 190);
    }

    #[test]
    fn there_must_be_one_to_ask_about() {
        let params = |query: &str| Params::from_query(query).expect("a query");
        assert_eq!(asked(&params("")).map_err(|error| error.code.number()), Err(100));
        assert_eq!(asked(&params("input_token=a%20b")).map_err(|error| error.code.number()), Err(190));
        assert!(matches!(asked(&params("input_token=77%7Cs")), Ok(Credential::App { .. })));
    }
}
