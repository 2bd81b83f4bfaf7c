//! How a business stands with the platform, in the Cloud API's words: fields of its nodes (section 3a) and the values of the webhook fields about the
//! account (section 3c).
use crate::ObjectId;
use serde_json::{Value, json};
use suki_types::Timestamp;

/// The field of violations, restrictions and bans.
pub const ACCOUNT_FIELD: &str = "account_update";
/// The field of what needs attention.
pub const ALERTS_FIELD: &str = "account_alerts";
/// The field of the limit of customers written to first.
pub const CAPABILITY_FIELD: &str = "business_capability_update";
/// The field of a number's quality and throughput.
pub const QUALITY_FIELD: &str = "phone_number_quality_update";

/// How many numbers a business may have here.
const NUMBERS: u32 = 1;

/// How a business stands.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Standing {
    /// The most customers written to first in a rolling day; none without a limit.
    pub limit: Option<u32>,
    /// `unknown`, `green`, `yellow` or `red`.
    pub quality: String,
    /// Whether it has the higher rate of messages a second.
    pub high_throughput: bool,
    /// Whether it may not write to customers first.
    pub is_restricted: bool,
    /// Whether it may not write at all.
    pub is_banned: bool,
}

impl Standing {
    /// Its quality as the Cloud API writes it: `GREEN`; `UNKNOWN` as long as nothing is known.
    pub fn quality_rating(&self) -> String {
        if self.quality.is_empty() { "UNKNOWN".into() } else { self.quality.to_ascii_uppercase() }
    }

    /// The number's connection: `CONNECTED`, `FLAGGED` while its quality is red, `RESTRICTED`.
    pub fn status(&self) -> &'static str {
        match self {
            Self { is_banned: true, .. } | Self { is_restricted: true, .. } => "RESTRICTED",
            Self { quality, .. } if quality == "red" => "FLAGGED",
            _ => "CONNECTED",
        }
    }

    /// The level of its throughput.
    pub fn throughput(&self) -> &'static str {
        if self.high_throughput { "HIGH" } else { "STANDARD" }
    }

    /// Whether messages can be sent, for the number and the account.
    pub fn health(&self, number: ObjectId, account: ObjectId) -> Value {
        let (state, errors) = match self {
            Self { is_banned: true, .. } => {
                ("BLOCKED", Some((141_014, "The account is banned.", "Look at its standing in the inbox, and appeal there.")))
            }
            Self { is_restricted: true, .. } => (
                "LIMITED",
                Some((
                    131_048,
                    "Because of what customers said of it the account may not write as it likes for a time.",
                    "Wait until it ends, or appeal.",
                )),
            ),
            _ => ("AVAILABLE", None),
        };
        let entity = |kind: &str, id: ObjectId| {
            let mut entity = json!({"entity_type": kind, "id": id, "can_send_message": state});
            if let Some((code, description, solution)) = errors {
                entity["errors"] = json!([{"error_code": code, "error_description": description, "possible_solution": solution}]);
            }
            entity
        };
        json!({"can_send_message": state, "entities": [entity("PHONE_NUMBER", number), entity("WABA", account)]})
    }
}

/// A limit as the Cloud API names it: `TIER_250`, `TIER_2K`, `TIER_UNLIMITED`.
pub fn tier(limit: Option<u32>) -> String {
    match limit {
        None => "TIER_UNLIMITED".into(),
        Some(limit) if limit >= 1000 && limit % 1000 == 0 => format!("TIER_{}K", limit / 1000),
        Some(limit) => format!("TIER_{limit}"),
    }
}

/// The value of [`ACCOUNT_FIELD`]: a warning. `kind` says what was broken, such as `SPAM`.
pub fn violation(kind: &str) -> Value {
    json!({"event": "ACCOUNT_VIOLATION", "violation_info": {"violation_type": kind}})
}

/// The value of [`ACCOUNT_FIELD`]: a restriction until a time. `answers`: even who writes may not be answered.
pub fn restriction(answers: bool, until: Timestamp) -> Value {
    let mut kinds = vec!["RESTRICTED_BIZ_INITIATED_MESSAGING"];
    if answers {
        kinds.push("RESTRICTED_CUSTOMER_INITIATED_MESSAGING");
    }
    let info: Vec<Value> = kinds.into_iter().map(|kind| json!({"restriction_type": kind, "expiration": until.seconds()})).collect();
    json!({"event": "ACCOUNT_RESTRICTION", "restriction_info": info})
}

/// The value of [`ACCOUNT_FIELD`]: the account is banned since `at`, or not any more.
pub fn ban(is_banned: bool, at: Timestamp) -> Value {
    let state = if is_banned { "DISABLE" } else { "REINSTATE" };
    json!({"event": "DISABLED_UPDATE", "ban_info": {"waba_ban_state": state, "waba_ban_date": at.seconds().to_string()}})
}

/// The value of [`CAPABILITY_FIELD`]: the limit is another.
pub fn capability(limit: Option<u32>) -> Value {
    json!({
        "max_daily_conversations_per_business": tier(limit),
        // Up to version 23.
        "max_daily_conversation_per_phone": limit.map_or(-1, i64::from),
        "max_phone_numbers_per_business": NUMBERS,
        "max_phone_numbers_per_waba": NUMBERS,
    })
}

/// What happened to a number.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum NumberEvent {
    /// Its quality is red.
    Flagged,
    /// Its quality is not red any more.
    Unflagged,
    /// Its limit rose.
    Upgrade,
    /// Its limit fell.
    Downgrade,
    /// It carries more messages a second.
    ThroughputUpgrade,
}

/// The value of [`QUALITY_FIELD`]. `display` is the number in digits; `old_limit` the limit before, when that has changed.
pub fn number(display: &str, event: NumberEvent, old_limit: Option<Option<u32>>, limit: Option<u32>) -> Value {
    let event = match event {
        NumberEvent::Flagged => "FLAGGED",
        NumberEvent::Unflagged => "UNFLAGGED",
        NumberEvent::Upgrade => "UPGRADE",
        NumberEvent::Downgrade => "DOWNGRADE",
        NumberEvent::ThroughputUpgrade => "THROUGHPUT_UPGRADE",
    };
    let mut value = json!({
        "display_phone_number": display,
        "event": event,
        "current_limit": tier(limit),
        "max_daily_conversations_per_business": tier(limit),
    });
    if let Some(old) = old_limit {
        value["old_limit"] = tier(old).into();
    }
    value
}

/// The value of [`ALERTS_FIELD`]: the limit of a business did not rise, or fell, for the reason in `description`.
pub fn alert(account: ObjectId, description: &str) -> Value {
    json!({
        "entity_type": "BUSINESS",
        "entity_id": account,
        "alert_info": {
            "alert_severity": "WARNING",
            "alert_status": "ACTIVE",
            "alert_type": "INCREASED_CAPABILITIES_ELIGIBILITY_FAILED",
            "alert_description": description,
        },
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn r104_tiers_have_the_cloud_apis_names() {
        let names = [Some(250), Some(1000), Some(2000), Some(10_000), Some(100_000), None].map(tier);
        assert_eq!(names, ["TIER_250", "TIER_1K", "TIER_2K", "TIER_10K", "TIER_100K", "TIER_UNLIMITED"]);
    }

    #[test]
    fn r107_what_is_forbidden_is_told_as_meta_does() {
        let until = Timestamp::from_millis(1_641_330_498_500);
        assert_eq!(
            restriction(true, until),
            json!({"event": "ACCOUNT_RESTRICTION", "restriction_info": [
                {"restriction_type": "RESTRICTED_BIZ_INITIATED_MESSAGING", "expiration": 1_641_330_498},
                {"restriction_type": "RESTRICTED_CUSTOMER_INITIATED_MESSAGING", "expiration": 1_641_330_498}]})
        );
        assert_eq!(restriction(false, until)["restriction_info"].as_array().map(Vec::len), Some(1));
        assert_eq!(ban(true, until)["ban_info"], json!({"waba_ban_state": "DISABLE", "waba_ban_date": "1641330498"}));
        assert_eq!(ban(false, until)["ban_info"]["waba_ban_state"], "REINSTATE");
        assert_eq!(violation("SPAM"), json!({"event": "ACCOUNT_VIOLATION", "violation_info": {"violation_type": "SPAM"}}));
    }

    #[test]
    fn r104_a_limit_that_moves_is_told_in_old_and_new_words() {
        let value = capability(Some(2000));
        assert_eq!((&value["max_daily_conversations_per_business"], &value["max_daily_conversation_per_phone"]), (&json!("TIER_2K"), &json!(2000)));
        assert_eq!(capability(None)["max_daily_conversation_per_phone"], -1);
        let value = number("99900", NumberEvent::Downgrade, Some(None), Some(100_000));
        assert_eq!((&value["old_limit"], &value["current_limit"]), (&json!("TIER_UNLIMITED"), &json!("TIER_100K")));
        assert!(number("99900", NumberEvent::Flagged, None, None).get("old_limit").is_none());
    }

    #[test]
    fn health_follows_the_standing() {
        let id = |text: &str| text.parse().expect("an id");
        let health = |standing: &Standing| standing.health(id("1"), id("2"));
        let good = Standing { quality: "green".into(), ..Standing::default() };
        assert_eq!(health(&good)["can_send_message"], "AVAILABLE");
        assert!(health(&good)["entities"][0].get("errors").is_none());
        let restricted = Standing { is_restricted: true, ..good.clone() };
        assert_eq!((&health(&restricted)["can_send_message"], restricted.status()), (&json!("LIMITED"), "RESTRICTED"));
        let banned = Standing { is_banned: true, ..good.clone() };
        assert_eq!(health(&banned)["entities"][1]["errors"][0]["error_code"], 141_014);
        assert_eq!((Standing { quality: "red".into(), ..good }.status(), Standing::default().quality_rating().as_str()), ("FLAGGED", "UNKNOWN"));
    }
}
