//! What programs are told of the business account itself: its name, its review, its alerts (section 3c).
use crate::ObjectId;
use serde_json::json;
use suki_types::Phone;

pub use serde_json::Value;

/// The field of decisions about names.
pub const NAME_UPDATE: &str = "phone_number_name_update";
/// The field of decisions about the account.
pub const ACCOUNT_REVIEW: &str = "account_review_update";
/// The field of what becomes of the account as a whole.
pub use crate::standing::ACCOUNT_FIELD as ACCOUNT_UPDATE;
/// The field of alerts.
pub const ACCOUNT_ALERTS: &str = "account_alerts";

/// The reasons that the field [`NAME_UPDATE`] knows; any other is `UNKNOWN`.
const NAME_REASONS: [&str; 5] =
    ["NAME_EMPLOYEE_ISSUE", "NAME_ENDCLIENT_NOTRELATED", "NAME_FORMAT_UNACCEPTABLE", "NAME_INDIVIDUAL_ISSUE", "NAME_NOT_CONSISTENT"];

fn decision(approved: bool) -> &'static str {
    if approved { "APPROVED" } else { "REJECTED" }
}

/// The value of [`NAME_UPDATE`]. `reason`: the code of a refusal, none for an approval.
pub fn name_update(phone: &Phone, approved: bool, requested: &str, reason: Option<&str>) -> Value {
    let reason = reason.map(|code| NAME_REASONS.into_iter().find(|known| *known == code).unwrap_or("UNKNOWN"));
    json!({
        "display_phone_number": phone.digits(),
        "decision": decision(approved),
        "requested_verified_name": requested,
        "rejection_reason": reason,
    })
}

/// The value of [`ACCOUNT_REVIEW`].
pub fn account_review(approved: bool) -> Value {
    json!({ "decision": decision(approved) })
}

/// The value of [`ACCOUNT_UPDATE`] when the business was confirmed.
pub fn verified() -> Value {
    json!({"event": "VERIFIED_ACCOUNT"})
}

/// The value of [`ACCOUNT_ALERTS`] when the account was, or was not, confirmed.
pub fn official_account(phone_number: ObjectId, approved: bool, reason: &str) -> Value {
    let kind = if approved { "OBA_APPROVED" } else { "OBA_REJECTED" };
    json!({
        "entity_type": "PHONE_NUMBER",
        "entity_id": phone_number,
        "alert_info": {
            "alert_severity": if approved { "INFORMATIONAL" } else { "WARNING" },
            "alert_status": if approved { "NONE" } else { "ACTIVE" },
            "alert_type": kind,
            "alert_description": reason,
        },
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_names_decision_has_a_reason_only_when_it_is_refused() {
        let phone = Phone::test(1);
        assert_eq!(
            name_update(&phone, false, "Kape", Some("NAME_NOT_CONSISTENT")),
            json!({"display_phone_number": "999000000001", "decision": "REJECTED", "requested_verified_name": "Kape", "rejection_reason": "NAME_NOT_CONSISTENT"})
        );
        assert_eq!(name_update(&phone, false, "Kape", Some("OTHER"))["rejection_reason"], "UNKNOWN");
        assert_eq!(name_update(&phone, true, "Kape", None)["rejection_reason"], Value::Null);
    }

    #[test]
    fn alerts_and_reviews_say_what_was_decided() {
        let id = "106540352242922".parse().expect("an id");
        assert_eq!(official_account(id, true, "Known")["alert_info"]["alert_type"], "OBA_APPROVED");
        assert_eq!(official_account(id, false, "Unreadable")["alert_info"]["alert_description"], "Unreadable");
        assert_eq!(account_review(true), json!({"decision": "APPROVED"}));
    }
}
