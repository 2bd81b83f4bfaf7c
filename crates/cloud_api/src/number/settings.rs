//! `GET` and `POST /P/settings`: calls, changed identities, encrypted payloads, where data is kept.
use super::bounds;
use crate::{ApiError, Code, Params, params::Object};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

const ON_OFF: [&str; 2] = ["ENABLED", "DISABLED"];

/// What of the settings can be changed here.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Settings {
    /// Whether programs are told of it when a customer's keys are others, and messages for his former keys fail.
    pub enable_identity_key_check: bool,
}

/// What a request changes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Change {
    identity: Option<bool>,
}

impl Change {
    /// Does it.
    pub fn apply(self, settings: &mut Settings) {
        settings.enable_identity_key_check = self.identity.unwrap_or(settings.enable_identity_key_check);
    }
}

/// `POST`: what is to change.
///
/// # Errors
/// 138018 for calls, which there are none of yet; 100 for encrypted payloads and data of one country, which an owner's own server makes needless, and
/// when a value is not understood.
pub fn change(params: &Params) -> Result<Change, ApiError> {
    let root = params.root();
    let parts = ["calling", "user_identity_change", "payload_encryption", "storage_configuration"];
    if !parts.iter().any(|part| root.has(part)) {
        return Err(ApiError::invalid_parameter(format!("one of {} is needed", parts.join(", "))));
    }
    if is_on(&root, "calling")? {
        return Err(ApiError::new(Code::CallingCannotEnable, "Calls are not part of this server; calling.status stays DISABLED"));
    }
    if is_on(&root, "payload_encryption")? {
        return Err(ApiError::invalid_parameter(
            "payload_encryption stays DISABLED: messages are encrypted from end to end, and programs talk to the endpoint that holds the keys over TLS",
        ));
    }
    if let Some(storage) = root.object("storage_configuration")? {
        let in_country = storage.text("status")?.is_some_and(|status| !status.eq_ignore_ascii_case("default"));
        if in_country || storage.boolean("enabled")? == Some(true) {
            return Err(ApiError::invalid_parameter(
                "storage_configuration stays DEFAULT: what is kept lies on this server, in the country where it stands",
            ));
        }
    }
    Ok(Change { identity: identity(&root)? })
}

/// Whether a part is to be switched on.
fn is_on(root: &Object<'_>, part: &str) -> Result<bool, ApiError> {
    let Some(part) = root.object(part)? else { return Ok(false) };
    let status = bounds::one_of(&part.path("status"), part.required_text("status")?, &ON_OFF)?;
    Ok(status == ON_OFF[0])
}

/// Under its name of today, or its former one.
fn identity(root: &Object<'_>) -> Result<Option<bool>, ApiError> {
    let Some(part) = root.object("user_identity_change")? else { return Ok(None) };
    match part.boolean("enable_identity_key_check")? {
        Some(enabled) => Ok(Some(enabled)),
        None => part.boolean("enabled"),
    }
}

/// `GET`.
pub fn answer(settings: &Settings) -> Value {
    json!({
        "calling": {
            "status": "DISABLED", "call_icon_visibility": "DISABLE_ALL", "ip_addresses": {"default": []},
            "callback_permission_status": "DISABLED",
        },
        "user_identity_change": {"enable_identity_key_check": settings.enable_identity_key_check},
        "payload_encryption": {"status": "DISABLED"},
        "storage_configuration": {"status": "DEFAULT"},
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn asked(json: &Value) -> Result<Change, ApiError> {
        let mut params = Params::default();
        params.merge_body(None, json.to_string().as_bytes()).expect("JSON");
        change(&params)
    }

    #[test]
    fn identities_are_checked_when_that_is_wanted() {
        for body in [json!({"enable_identity_key_check": true}), json!({"enabled": "true"})] {
            let mut settings = Settings::default();
            asked(&json!({ "user_identity_change": body })).expect("it is one").apply(&mut settings);
            assert_eq!(answer(&settings)["user_identity_change"]["enable_identity_key_check"], true);
            asked(&json!({"calling": {"status": "disabled"}})).expect("it is one").apply(&mut settings);
            assert!(settings.enable_identity_key_check);
        }
    }

    #[test]
    fn what_there_is_not_is_refused() {
        for (body, code, says) in [
            (json!({"calling": {"status": "enabled"}}), 138_018, "Calls are not"),
            (json!({"calling": {"status": "on"}}), 100, "calling.status must be one of ENABLED, DISABLED"),
            (json!({"payload_encryption": {"status": "ENABLED"}}), 100, "payload_encryption stays"),
            (json!({"storage_configuration": {"enabled": true, "region": "us"}}), 100, "storage_configuration stays"),
            (json!({"storage_configuration": {"status": "in_country_storage_enabled"}}), 100, "storage_configuration stays"),
            (json!({"user_identity_change": true}), 100, "must be an object"),
            (json!({}), 100, "one of calling"),
        ] {
            let error = asked(&body).expect_err(says);
            assert_eq!(error.code.number(), code);
            assert!(error.details.contains(says), "{}", error.details);
        }
    }
}
