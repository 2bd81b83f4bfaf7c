//! `GET /ID`: what an object says of itself (section 3a).
use crate::{ApiError, ObjectId, Params, account::graph_time, fields, number::profile::Visibility, standing, standing::Standing};
use serde_json::{Value, json};
use suki_types::{Country, Timestamp};

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
    /// Whether programs may write in its name, and whether a PIN guards it.
    pub registered: bool,
    /// See `registered`.
    pub pin: bool,
    /// When it came.
    pub onboarded_at: Timestamp,
    /// The country it belongs to, and that country's calling code; none for a test number.
    pub country: Option<(Country, &'a str)>,
    /// Whether it is found by the words of its name.
    pub visibility: Visibility,
    /// Its username; none when it has none, or nobody asked for it.
    pub username: Option<&'a str>,
    /// What stands in a chat before anybody wrote, as [`crate::number::automation::node`] writes it.
    pub automation: Value,
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
pub const PHONE_NUMBER_DEFAULT: [&str; 8] = [
    "verified_name",
    "code_verification_status",
    "display_phone_number",
    "quality_rating",
    "platform_type",
    "throughput",
    "webhook_configuration",
    "id",
];

/// Everything of a number, for a selection of fields. What this platform has not, such as a certificate, is absent.
pub fn phone_number(number: &PhoneNumber<'_>) -> Value {
    let mut webhooks = json!({});
    for (key, callback) in
        [("application", number.app_callback), ("whatsapp_business_account", number.account_callback), ("phone_number", number.phone_callback)]
    {
        if let Some(callback) = callback {
            webhooks[key] = callback.into();
        }
    }
    let mut node = json!({
        "id": number.id,
        "display_phone_number": number.display_phone_number,
        "verified_name": number.verified_name,
        "account_mode": if number.sandbox { "SANDBOX" } else { "LIVE" },
        "code_verification_status": if number.number_proven { "VERIFIED" } else { "NOT_VERIFIED" },
        "is_official_business_account": number.official,
        "is_on_biz_app": false,
        "is_pin_enabled": number.pin,
        "is_preverified_number": false,
        "name_status": number.name_status.word(),
        "new_display_name": number.new_name.map(|(name, _)| name),
        "new_name_status": number.new_name.map_or("NONE", |(_, status)| status.word()),
        "platform_type": "CLOUD_API",
        "host_platform": "CLOUD_API",
        "last_onboarded_time": graph_time(number.onboarded_at),
        "conversational_automation": number.automation,
        "quality_rating": number.standing.quality_rating(),
        "quality_score": {"score": number.standing.quality_rating()},
        "search_visibility": number.visibility.word(),
        "status": if number.registered { number.standing.status() } else { "DISCONNECTED" },
        "throughput": {"level": number.standing.throughput()},
        "whatsapp_business_manager_messaging_limit": standing::tier(number.standing.limit),
        // The same under its former name.
        "messaging_limit_tier": standing::tier(number.standing.limit),
        "health_status": number.standing.health(number.id, number.account),
        "webhook_configuration": webhooks,
    });
    if let Some(username) = number.username {
        node["username"] = username.into();
    }
    if let Some((country, dial_code)) = number.country {
        node["country_code"] = country.code().into();
        node["country_dial_code"] = dial_code.into();
    }
    node
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
            registered: true,
            pin: false,
            onboarded_at: Timestamp::from_millis(0),
            country: None,
            visibility: Visibility::default(),
            username: Some("nena.shop"),
            automation: json!({}),
        };
        let params = Params::from_query(query).expect("a query");
        fields::select(params.text("fields").as_deref(), &PHONE_NUMBER_DEFAULT, &phone_number(&number)).expect("a selector")
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
            ask("fields=status,username,certificate,health_status{can_send_message},account_mode,whatsapp_business_manager_messaging_limit"),
            json!({"id": "106540352242922", "status": "CONNECTED", "username": "nena.shop", "account_mode": "SANDBOX", "health_status": {"can_send_message": "AVAILABLE"},
                   "whatsapp_business_manager_messaging_limit": "TIER_250"})
        );
        let id = "7".parse().expect("an id");
        let params = Params::from_query("fields=name,currency").expect("a query");
        assert_eq!(named(id, "Aling Nena", &params), Ok(json!({"id": "7", "name": "Aling Nena"})));
    }
}
