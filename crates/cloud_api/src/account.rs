//! `GET` and `POST /W`, `GET /BUSINESS`: a business account, and the business that owns it (section 3a).
use crate::{ApiError, Code, ObjectId, Params, fields, identity::Official, standing::Standing};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use suki_types::{AccountId, Country, Timestamp};

const NAME_CHARS: usize = 100;
/// Meta numbers the time zones; it has some 500.
const LAST_TIMEZONE: u32 = 999;

/// What can be set of an account.
#[derive(Default, Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct AccountSettings {
    /// What it is called in lists; "" is the business's name.
    pub name: String,
    /// Meta's number of its time zone; 0 is none. Suki counts days in UTC; programs read it back.
    pub timezone_id: u32,
    /// Whether templates' figures are counted; that cannot be undone.
    pub is_enabled_for_insights: bool,
    /// Whether marketing templates go over `marketing_messages` alone.
    pub disable_marketing_messages_on_cloud_api: bool,
}

/// What a request changes; the rest stays.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Change {
    name: Option<String>,
    timezone_id: Option<u32>,
    insights: bool,
    disable_marketing: Option<bool>,
}

impl Change {
    /// Does it.
    pub fn apply(&self, settings: &mut AccountSettings) {
        if let Some(name) = &self.name {
            settings.name.clone_from(name);
        }
        settings.timezone_id = self.timezone_id.unwrap_or(settings.timezone_id);
        settings.is_enabled_for_insights |= self.insights;
        settings.disable_marketing_messages_on_cloud_api = self.disable_marketing.unwrap_or(settings.disable_marketing_messages_on_cloud_api);
    }
}

/// `POST /W`: what is to change.
///
/// # Errors
/// 200007 for taking back insights, 100 when nothing is to change or a value is none.
pub fn change(params: &Params) -> Result<Change, ApiError> {
    let root = params.root();
    let known = ["name", "timezone_id", "is_enabled_for_insights", "disable_marketing_messages_on_cloud_api"];
    if !known.iter().any(|name| root.has(name)) {
        return Err(ApiError::invalid_parameter(format!("one of {} is needed", known.join(", "))));
    }
    let insights = root.boolean("is_enabled_for_insights")?;
    if insights == Some(false) {
        return Err(ApiError::new(Code::InsightsCannotDisable, "Insights stay on once they are; leave is_enabled_for_insights out"));
    }
    let name = root.text("name")?.map(str::trim);
    if name.is_some_and(|name| name.is_empty() || name.chars().count() > NAME_CHARS || name.chars().any(char::is_control)) {
        return Err(ApiError::invalid_parameter(format!("name has 1 to {NAME_CHARS} characters")));
    }
    let zone = root.integer("timezone_id")?.map(|zone| u32::try_from(zone).ok().filter(|zone| *zone <= LAST_TIMEZONE));
    if zone == Some(None) {
        return Err(ApiError::invalid_parameter(format!("timezone_id is one of Meta's numbers for time zones, 0 to {LAST_TIMEZONE}")));
    }
    Ok(Change {
        name: name.map(str::to_owned),
        timezone_id: zone.flatten(),
        insights: insights.unwrap_or(false),
        disable_marketing: root.boolean("disable_marketing_messages_on_cloud_api")?,
    })
}

/// What there is to know of an account.
pub struct Account<'a> {
    /// Its id.
    pub id: ObjectId,
    /// The business that owns it.
    pub owner: ObjectId,
    /// Its number's id.
    pub number: ObjectId,
    /// The business's account at the network.
    pub business: AccountId,
    /// The business's name.
    pub business_name: &'a str,
    /// What was set.
    pub settings: &'a AccountSettings,
    /// Where the confirmation of the business stands.
    pub official: Official,
    /// How the business stands with the platform.
    pub standing: &'a Standing,
    /// The country of its number.
    pub country: Country,
}

impl Account<'_> {
    fn name(&self) -> &str {
        if self.settings.name.is_empty() { self.business_name } else { &self.settings.name }
    }

    /// Everything, for a selection of fields. What this platform has not, such as a credit line, is absent.
    pub fn node(&self) -> Value {
        let Self { settings, standing, .. } = self;
        let mut node = json!({
            "id": self.id,
            "name": self.name(),
            "timezone_id": settings.timezone_id.to_string(),
            "message_template_namespace": namespace(self.business),
            "status": if standing.is_banned { "DISABLED" } else { "ACTIVE" },
            // An account that is there passed the rules when it registered; what was taken from it later stands in its standing.
            "account_review_status": "APPROVED",
            "business_verification_status": verification(self.official),
            "is_enabled_for_insights": settings.is_enabled_for_insights,
            "disable_marketing_messages_on_cloud_api": settings.disable_marketing_messages_on_cloud_api,
            "marketing_messages_lite_api_status": "ONBOARDED",
            "marketing_messages_onboarding_status": "ONBOARDED",
            "ownership_type": "SELF",
            "owner_business_info": {"id": self.owner, "name": self.business_name},
            "health_status": standing.health(self.number, self.id),
            "is_shared_with_partners": false,
        });
        if self.country != Country::UNKNOWN {
            node["country"] = self.country.code().into();
            node["primary_business_location"] = self.country.code().into();
        }
        node
    }
}

fn verification(official: Official) -> &'static str {
    match official {
        Official::Approved => "VERIFIED",
        Official::UnderReview => "PENDING",
        Official::Rejected => "REJECTED",
        Official::None | Official::Cancelled => "NOT_VERIFIED",
    }
}

/// What the account's templates are told apart by: 32 digits in five groups, always the same for one business.
fn namespace(business: AccountId) -> String {
    let digits: String = business.as_bytes().iter().map(|byte| format!("{byte:02x}")).collect();
    let (a, rest) = digits.split_at(8.min(digits.len()));
    let groups: Vec<String> = rest.as_bytes().chunks(4).map(|group| String::from_utf8_lossy(group).into_owned()).collect();
    match groups.as_slice() {
        [b, c, d, e @ ..] => format!("{a}_{b}_{c}_{d}_{}", e.concat()),
        _ => digits,
    }
}

/// The fields of an account without `fields`.
pub const ACCOUNT_DEFAULT: [&str; 4] = ["id", "name", "timezone_id", "message_template_namespace"];

/// What there is to know of a business: the portfolio that owns an account.
pub struct Portfolio<'a> {
    /// Its id.
    pub id: ObjectId,
    /// Its name.
    pub name: &'a str,
    /// Where its confirmation stands.
    pub official: Official,
    /// When it came.
    pub created_at: Timestamp,
}

/// The answer of `GET /BUSINESS`.
///
/// # Errors
/// 100 when `fields` cannot be read.
pub fn portfolio(portfolio: &Portfolio<'_>, params: &Params) -> Result<Value, ApiError> {
    let verified = if portfolio.official == Official::Approved { "verified" } else { "not_verified" };
    let node = json!({
        "id": portfolio.id,
        "name": portfolio.name,
        "timezone_id": 0,
        "verification_status": verified,
        "created_time": graph_time(portfolio.created_at),
    });
    fields::select(params.text("fields").as_deref(), &["id", "name"], &node)
}

/// A time as nodes write it: `2026-01-01T00:00:00+0000`.
pub fn graph_time(at: Timestamp) -> String {
    let utc = at.utc();
    format!("{}+0000", utc.split('.').next().unwrap_or_default())
}

#[cfg(test)]
mod tests {
    use super::*;
    use suki_types::Env;

    fn query(text: &str) -> Params {
        Params::from_query(text).expect("a query")
    }

    #[test]
    fn an_account_says_what_is_known_of_it() {
        let mut settings = AccountSettings::default();
        change(&query("name=Branches&timezone_id=42&is_enabled_for_insights=true")).expect("it is one").apply(&mut settings);
        change(&query("disable_marketing_messages_on_cloud_api=true")).expect("it is one").apply(&mut settings);
        let id = |text: &str| text.parse().expect("an id");
        let standing = Standing::default();
        let account = Account {
            id: id("1"),
            owner: id("2"),
            number: id("3"),
            business: AccountId::new(&Env::for_tests(1)),
            business_name: "Kape",
            settings: &settings,
            official: Official::UnderReview,
            standing: &standing,
            country: "PH".parse().expect("a country"),
        };
        let node = account.node();
        assert_eq!((&node["name"], &node["timezone_id"], &node["country"]), (&json!("Branches"), &json!("42"), &json!("PH")));
        assert_eq!((&node["business_verification_status"], &node["is_enabled_for_insights"]), (&json!("PENDING"), &json!(true)));
        assert_eq!(node["owner_business_info"], json!({"id": "2", "name": "Kape"}));
        let groups: Vec<usize> = node["message_template_namespace"].as_str().expect("text").split('_').map(str::len).collect();
        assert_eq!(groups, [8, 4, 4, 4, 12]);
    }

    #[test]
    fn what_cannot_be_set_is_refused() {
        let long = format!("name={}", "x".repeat(101));
        for (asked, code, says) in [
            ("", 100, "one of name"),
            ("is_enabled_for_insights=false", 200_007, "stay on"),
            ("timezone_id=1000", 100, "0 to 999"),
            ("timezone_id=Manila", 100, "a whole number"),
            (long.as_str(), 100, "1 to 100"),
            ("disable_marketing_messages_on_cloud_api=7", 100, "true or false"),
        ] {
            let error = change(&query(asked)).expect_err(says);
            assert_eq!(error.code.number(), code);
            assert!(error.details.contains(says), "{}", error.details);
        }
    }

    #[test]
    fn a_business_says_when_it_came() {
        let portfolio_of =
            Portfolio { id: "7".parse().expect("an id"), name: "Kape", official: Official::Approved, created_at: Timestamp::from_millis(5) };
        assert_eq!(portfolio(&portfolio_of, &query("")), Ok(json!({"id": "7", "name": "Kape"})));
        assert_eq!(
            portfolio(&portfolio_of, &query("fields=verification_status,created_time")),
            Ok(json!({"id": "7", "verification_status": "verified", "created_time": "1970-01-01T00:00:00+0000"}))
        );
    }
}
