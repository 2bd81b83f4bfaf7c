//! `GET` and `POST /W`: what a business account says of itself, and what can be set of it.
use super::{BodyKind, Call, Described, Handle, On, Operation, Reply, Scope, Verb, analytics, api_error, number, schema, subscribed_apps, trust};
use serde_json::{Value, json};
use suki_cloud_api::{
    ApiError, Code,
    account::{self, ACCOUNT_DEFAULT, AccountSettings},
    fields::{self, Selector},
    identity::Official,
    responses,
};
use suki_types::Country;

/// `GET /W`.
pub const GET: Operation = Operation {
    name: "account.get",
    method: Verb::Get,
    on: On::Account,
    edge: "",
    scope: Scope::Management,
    body: BodyKind::Params,
    describe: describe_get,
    handle: Handle::Caller(|call| Box::pin(get(call))),
};

/// `POST /W`.
pub const CHANGE: Operation =
    Operation { name: "account.change", method: Verb::Post, describe: describe_change, handle: Handle::Caller(|call| Box::pin(change(call))), ..GET };

/// An account as it is described wherever one is answered with.
pub fn described() -> Value {
    let owner = schema::object(&["id", "name"], [("id", schema::id("The business")), ("name", schema::text("Its name"))]);
    schema::node([
        ("name", schema::text("What it is called")),
        ("timezone_id", schema::text("Meta's number of its time zone")),
        ("message_template_namespace", schema::text("What its templates are told apart by")),
        ("status", schema::word(&["ACTIVE", "DISABLED"], "Whether it is banned")),
        ("account_review_status", schema::word(&["APPROVED"], "Whether the account was let in")),
        ("business_verification_status", schema::word(&["VERIFIED", "PENDING", "REJECTED", "NOT_VERIFIED"], "Where its confirmation stands")),
        ("is_enabled_for_insights", json!({"type": "boolean"})),
        ("disable_marketing_messages_on_cloud_api", json!({"type": "boolean"})),
        ("marketing_messages_lite_api_status", schema::word(&["ONBOARDED"], "Whether marketing_messages takes its messages")),
        ("marketing_messages_onboarding_status", schema::word(&["ONBOARDED"], "The same")),
        ("ownership_type", schema::word(&["SELF"], "Whose it is")),
        ("owner_business_info", owner),
        ("health_status", json!({"type": "object"})),
        ("country", schema::text("ISO 3166; absent where its number is of no country")),
        ("primary_business_location", schema::text("The same")),
        ("currency", schema::text("What it is charged in, ISO 4217; absent while the network cannot be asked")),
        ("analytics", json!({"type": "object"})),
        ("conversation_analytics", json!({"type": "object"})),
        ("pricing_analytics", json!({"type": "object"})),
        ("template_analytics", json!({"type": "object"})),
        ("subscribed_apps", json!({"type": "object"})),
        ("phone_numbers", json!({"type": "object"})),
    ])
}

fn describe_get() -> Described {
    Described {
        summary: "Read a business account",
        description: "Without fields the answer has id, name, timezone_id and message_template_namespace. The fields analytics, conversation_analytics, \
                      pricing_analytics and template_analytics take modifiers, such as analytics.start(1700000000).end(1700086400).granularity(DAY).",
        query: vec![schema::fields()],
        request: None,
        response: described(),
        errors: &[Code::InvalidParameter, Code::InsightsNotEnabled],
    }
}

fn describe_change() -> Described {
    Described {
        summary: "Change a business account",
        description: "What is absent stays. Insights cannot be switched off again.",
        query: Vec::new(),
        request: Some(schema::object(
            &[],
            [
                ("name", json!({"type": "string", "minLength": 1, "maxLength": 100})),
                ("timezone_id", json!({"type": ["string", "integer"], "description": "Meta's number of a time zone, 0 to 999"})),
                ("is_enabled_for_insights", schema::boolean("true: templates' figures are counted")),
                ("disable_marketing_messages_on_cloud_api", schema::boolean("Whether marketing goes over marketing_messages alone")),
            ],
        )),
        response: schema::success(),
        errors: &[Code::InvalidParameter, Code::InsightsCannotDisable],
    }
}

/// The node of the business's account; what costs a question of its own only when it is asked for.
///
/// # Errors
/// When the store fails, or the selector cannot be read.
pub async fn node(call: &Call) -> Result<Value, ApiError> {
    let record = call.business.record();
    let settings: AccountSettings = call.business.setting().await.map_err(|error| api_error(&error))?;
    let standing = call.business.standing_for_programs().await;
    let mut node = account::Account {
        id: record.waba_id,
        owner: call.business.portfolio(),
        number: record.phone_number_id,
        business: record.id,
        business_name: &record.name,
        settings: &settings,
        official: official(call),
        standing: &standing,
        country: Country::of(&record.phone),
    }
    .node();
    let asked = Selector::parse(&call.params.text("fields").unwrap_or_default())?;
    let asks = |name: &str| asked.0.iter().any(|field| field.name == name);
    if asks("currency")
        && let Ok(cards) = call.business.rate_card().await
    {
        node["currency"] = cards.current.currency.into();
    }
    if asks("subscribed_apps") {
        node["subscribed_apps"] = subscribed_apps::all(call).await?;
    }
    for field in asked.0.iter().filter(|field| analytics::FIELDS.contains(&field.name.as_str())) {
        node[field.name.as_str()] = analytics::field(call, field).await?;
    }
    if asks("phone_numbers") {
        node["phone_numbers"] = json!({"data": [number::node(call).await?]});
    }
    Ok(node)
}

/// Where the confirmation of the business stands, as far as it is known.
pub fn official(call: &Call) -> Official {
    call.business.trust().as_deref().map_or(Official::None, |status| trust::official(status).0)
}

async fn get(call: &Call) -> Result<Reply, ApiError> {
    Ok(fields::select(call.params.text("fields").as_deref(), &ACCOUNT_DEFAULT, &node(call).await?)?.into())
}

async fn change(call: &Call) -> Result<Reply, ApiError> {
    let change = account::change(&call.params)?;
    call.business.change_setting(move |settings: &mut AccountSettings| change.apply(settings)).await.map_err(|error| api_error(&error))?;
    Ok(responses::success().into())
}
