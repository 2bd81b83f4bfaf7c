//! `GET /ID`: what an object says of itself (section 3a).
use crate::{ApiError, ObjectId, Params, fields, identity::Official, standing, standing::Standing};
use serde_json::{Value, json};

/// What there is to know of a business's phone number.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PhoneNumber<'a> {
    /// Its id.
    pub id: ObjectId,
    /// With a plus, as people write it.
    pub display_phone_number: &'a str,
    /// The business's name.
    pub verified_name: &'a str,
    /// Its account.
    pub account: ObjectId,
    /// How the business stands with the platform.
    pub standing: &'a Standing,
    /// Where the name in use stands.
    pub name_status: NameStatus,
    /// A name that was asked for and waits, or was refused; with where it stands.
    pub new_name: Option<(&'a str, NameStatus)>,
    /// Whether the business knew the code that was sent to the number.
    pub number_proven: bool,
    /// Whether it is confirmed.
    pub official: bool,
    /// Whether customers may be test numbers only and webhooks may go to the loopback.
    pub sandbox: bool,
    /// Where the app's events go.
    pub app_callback: Option<&'a str>,
    /// Where the account's events go instead.
    pub account_callback: Option<&'a str>,
    /// Where the number's events go instead of either.
    pub phone_callback: Option<&'a str>,
}

/// Where a name stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum NameStatus {
    /// It is in use.
    Approved,
    /// A person looks at it.
    Pending,
    /// It was refused.
    Declined,
}

impl NameStatus {
    fn word(self) -> &'static str {
        match self {
            Self::Approved => "APPROVED",
            Self::Pending => "PENDING_REVIEW",
            Self::Declined => "DECLINED",
        }
    }
}

/// What the node has without `fields`.
const PHONE_NUMBER_DEFAULT: [&str; 8] = [
    "verified_name",
    "code_verification_status",
    "display_phone_number",
    "quality_rating",
    "platform_type",
    "throughput",
    "webhook_configuration",
    "id",
];

/// The answer of `GET /P`.
///
/// # Errors
/// 100 when `fields` cannot be read.
pub fn phone_number(number: &PhoneNumber<'_>, params: &Params) -> Result<Value, ApiError> {
    let mut webhooks = json!({});
    for (key, callback) in
        [("application", number.app_callback), ("whatsapp_business_account", number.account_callback), ("phone_number", number.phone_callback)]
    {
        if let Some(callback) = callback {
            webhooks[key] = callback.into();
        }
    }
    let node = json!({
        "id": number.id,
        "display_phone_number": number.display_phone_number,
        "verified_name": number.verified_name,
        "account_mode": if number.sandbox { "SANDBOX" } else { "LIVE" },
        "code_verification_status": if number.number_proven { "VERIFIED" } else { "NOT_VERIFIED" },
        "is_official_business_account": number.official,
        "is_on_biz_app": false,
        "is_pin_enabled": false,
        "is_preverified_number": false,
        "name_status": number.name_status.word(),
        "new_display_name": number.new_name.map(|(name, _)| name),
        "new_name_status": number.new_name.map_or("NONE", |(_, status)| status.word()),
        "platform_type": "CLOUD_API",
        "quality_rating": number.standing.quality_rating(),
        "quality_score": {"score": number.standing.quality_rating()},
        "status": number.standing.status(),
        "throughput": {"level": number.standing.throughput()},
        "whatsapp_business_manager_messaging_limit": standing::tier(number.standing.limit),
        // The same under its former name.
        "messaging_limit_tier": standing::tier(number.standing.limit),
        "health_status": number.standing.health(number.id, number.account),
        "webhook_configuration": webhooks,
    });
    fields::select(params.text("fields").as_deref(), &PHONE_NUMBER_DEFAULT, &node)
}

/// The answer of `GET /W`. `official` is where the confirmation of the business stands.
///
/// # Errors
/// 100 when `fields` cannot be read.
pub fn account(id: ObjectId, name: &str, official: Official, params: &Params) -> Result<Value, ApiError> {
    let verification = match official {
        Official::Approved => "VERIFIED",
        Official::UnderReview => "PENDING",
        Official::Rejected => "REJECTED",
        Official::None | Official::Cancelled => "UNVERIFIED",
    };
    // An account that is there passed the rules when it registered; what was taken from it later stands in its standing.
    let node = json!({"id": id, "name": name, "account_review_status": "APPROVED", "business_verification_status": verification});
    fields::select(params.text("fields").as_deref(), &["id", "name"], &node)
}

/// The answer of `GET /A`: an app.
///
/// # Errors
/// 100 when `fields` cannot be read.
pub fn named(id: ObjectId, name: &str, params: &Params) -> Result<Value, ApiError> {
    fields::select(params.text("fields").as_deref(), &["id", "name"], &json!({"id": id, "name": name}))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn ask(query: &str) -> Value {
        let standing = Standing { limit: Some(250), ..Standing::default() };
        let number = PhoneNumber {
            account: "102290129340398".parse().expect("an id"),
            standing: &standing,
            id: "106540352242922".parse().expect("an id"),
            display_phone_number: "+99900 0000001",
            verified_name: "Aling Nena",
            name_status: NameStatus::Approved,
            new_name: None,
            number_proven: true,
            official: false,
            sandbox: true,
            app_callback: Some("https://shop.example/hook"),
            account_callback: None,
            phone_callback: None,
        };
        phone_number(&number, &Params::from_query(query).expect("a query")).expect("a selector")
    }

    #[test]
    fn without_fields_it_is_the_default_set() {
        assert_eq!(
            ask(""),
            json!({
                "id": "106540352242922",
                "verified_name": "Aling Nena",
                "code_verification_status": "VERIFIED",
                "display_phone_number": "+99900 0000001",
                "quality_rating": "UNKNOWN",
                "platform_type": "CLOUD_API",
                "throughput": {"level": "STANDARD"},
                "webhook_configuration": {"application": "https://shop.example/hook"},
            })
        );
    }

    #[test]
    fn fields_are_picked_and_unknown_ones_ignored() {
        assert_eq!(
            ask("fields=status,certificate,health_status{can_send_message},account_mode,whatsapp_business_manager_messaging_limit"),
            json!({"id": "106540352242922", "status": "CONNECTED", "account_mode": "SANDBOX", "health_status": {"can_send_message": "AVAILABLE"},
                   "whatsapp_business_manager_messaging_limit": "TIER_250"})
        );
        let id = "7".parse().expect("an id");
        let params = Params::from_query("fields=name,currency").expect("a query");
        assert_eq!(named(id, "Aling Nena", &params), Ok(json!({"id": "7", "name": "Aling Nena"})));
        let params = Params::from_query("fields=business_verification_status,account_review_status").expect("a query");
        let account = account(id, "Aling Nena", Official::UnderReview, &params);
        assert_eq!(account, Ok(json!({"id": "7", "account_review_status": "APPROVED", "business_verification_status": "PENDING"})));
    }
}
