//! An account's figures: fields of `GET /W` with modifiers, and edges of the same names with parameters (Cloud API, section 3f).
use super::{
    BodyKind, Call, Described, Handle, On, Operation, Reply, Scope, Verb, api_error,
    operation::Parameter,
    schema::{self, parameter, required},
};
use serde_json::{Value, json};
use suki_cloud_api::{
    ApiError, Code, Params,
    account::AccountSettings,
    analytics::{self, conversations, messages, pricing, templates},
    fields::Field,
};
use suki_protocol::calls::money::ChargeDimension;

/// The fields of an account that are figures.
pub const FIELDS: [&str; 4] = ["analytics", "conversation_analytics", "pricing_analytics", "template_analytics"];

/// `GET /W/conversation_analytics`.
pub const CONVERSATIONS: Operation = Operation {
    name: "analytics.conversations",
    method: Verb::Get,
    on: On::Account,
    edge: "conversation_analytics",
    scope: Scope::Management,
    body: BodyKind::Params,
    describe: describe_conversations,
    handle: Handle::Caller(|call| Box::pin(edge(call, "conversation_analytics"))),
};

/// `GET /W/pricing_analytics`.
pub const PRICING: Operation = Operation {
    name: "analytics.pricing",
    edge: "pricing_analytics",
    describe: describe_pricing,
    handle: Handle::Caller(|call| Box::pin(edge(call, "pricing_analytics"))),
    ..CONVERSATIONS
};

/// `GET /W/template_analytics`.
pub const TEMPLATES: Operation = Operation {
    name: "analytics.templates",
    edge: "template_analytics",
    describe: describe_templates,
    handle: Handle::Caller(|call| Box::pin(edge(call, "template_analytics"))),
    ..CONVERSATIONS
};

/// The value of one of [`FIELDS`].
///
/// # Errors
/// 100 when its modifiers cannot be read; 200005 for templates' figures while insights are off.
pub async fn field(call: &Call, field: &Field) -> Result<Value, ApiError> {
    figures(call, &field.name, &analytics::arguments(field)?).await
}

async fn edge(call: &Call, name: &str) -> Result<Reply, ApiError> {
    Ok(figures(call, name, &call.params).await?.into())
}

async fn figures(call: &Call, name: &str, params: &Params) -> Result<Value, ApiError> {
    let record = call.business.record();
    let (own, now) = (record.phone.digits(), call.business.env().now());
    match name {
        "conversation_analytics" => {
            let asked = conversations::read(params, own, now)?;
            let more = asked.by_country().then_some(ChargeDimension::Country);
            let charges = call.business.charges(asked.span, Vec::new(), more.as_slice()).await.map_err(|error| api_error(&error))?;
            Ok(conversations::answer(&asked, own, &charges))
        }
        "pricing_analytics" => {
            let asked = pricing::read(params, own, now)?;
            let more = [asked.by_country().then_some(ChargeDimension::Country), asked.by_tier().then_some(ChargeDimension::Tier)];
            let more: Vec<ChargeDimension> = more.into_iter().flatten().collect();
            let charges = call.business.charges(asked.span, asked.countries.clone(), &more).await.map_err(|error| api_error(&error))?;
            Ok(pricing::answer(&asked, own, &charges))
        }
        "template_analytics" => {
            let settings: AccountSettings = call.business.setting().await.map_err(|error| api_error(&error))?;
            let asked = templates::read(params, settings.is_enabled_for_insights, now)?;
            for id in &asked.templates {
                let none = |_| ApiError::invalid_parameter(format!("template_ids: this account has no template {id}"));
                call.business.template(*id).await.map_err(none)?;
            }
            let found = call.business.template_figures(&asked).await.map_err(|error| api_error(&error))?;
            Ok(templates::answer(&asked, &found))
        }
        _ => {
            let asked = messages::read(params, own, now)?;
            let points = call.business.message_points(&asked).await.map_err(|error| api_error(&error))?;
            Ok(messages::answer(&asked, own, &points))
        }
    }
}

fn time(granularity: &[&str], description: &'static str) -> Vec<Parameter> {
    let moment = || json!({"type": "integer", "minimum": 0});
    vec![
        required("start", moment(), "From the period of this moment on, in seconds since 1970"),
        required("end", moment(), "Before the period of this moment, in seconds since 1970"),
        required("granularity", schema::word(granularity, "How long a period is, of UTC"), description),
    ]
}

fn words(name: &'static str, words: &[&str], description: &'static str) -> Parameter {
    parameter(name, schema::word(words, "Several with commas between them, or a JSON array"), description)
}

/// Points of this shape beside their time, as an answer.
fn points<const N: usize>(fields: [(&str, Value); N]) -> Value {
    let mut point = schema::object(&["start", "end"], fields);
    point["properties"]["start"] = schema::integer("The period's first second");
    point["properties"]["end"] = schema::integer("The next period's first second");
    let one = schema::object(&["data_points"], [("data_points", schema::array(point))]);
    schema::object(&["data"], [("data", schema::array(one))])
}

fn amount() -> Value {
    json!({"type": "number", "description": "In units of the account's currency"})
}

const KEPT: &str = "Figures reach back a year, half hours 90 days; they are counted as it happens";

fn describe_conversations() -> Described {
    let mut query = time(&["HALF_HOUR", "DAILY", "MONTHLY"], KEPT);
    query.extend([
        parameter("phone_numbers", schema::text("Digits"), "The account's one number, or nothing"),
        words("metric_types", &conversations::METRICS, "What to tell; both without"),
        words("conversation_categories", &conversations::CATEGORIES, "Only these"),
        words("conversation_types", &conversations::TYPES, "Only these"),
        words("conversation_directions", &conversations::DIRECTIONS, "Only these"),
        words("dimensions", &conversations::DIMENSIONS, "What to tell apart"),
    ]);
    Described {
        summary: "Count conversations by what opened them",
        description: "Where each message has its price, each is a conversation of its own. A period without any has no point.",
        query,
        request: None,
        response: points([
            ("conversation", schema::integer("How many")),
            ("cost", amount()),
            ("phone_number", schema::text("The account's number, when told apart")),
            ("country", schema::text("The customers', ISO 3166, when told apart")),
            ("conversation_type", schema::text("When told apart")),
            ("conversation_direction", schema::text("When told apart")),
            ("conversation_category", schema::text("When told apart")),
        ]),
        errors: &[Code::InvalidParameter],
    }
}

fn describe_pricing() -> Described {
    let mut query = time(&["HALF_HOUR", "DAILY", "MONTHLY"], KEPT);
    query.extend([
        parameter("phone_numbers", schema::text("Digits"), "The account's one number, or nothing"),
        parameter("country_codes", schema::text("ISO 3166; several with commas between them, or a JSON array"), "Only to these"),
        words("metric_types", &pricing::METRICS, "What to tell; both without"),
        words("pricing_types", &pricing::TYPES, "Only these"),
        words("pricing_categories", &pricing::CATEGORIES, "Only these"),
        words("dimensions", &pricing::DIMENSIONS, "What to tell apart"),
    ]);
    Described {
        summary: "Count delivered messages and what they cost",
        description: "Free messages count, too. A period without any has no point.",
        query,
        request: None,
        response: points([
            ("volume", schema::integer("How many were delivered")),
            ("cost", amount()),
            ("phone_number", schema::text("The account's number, when told apart")),
            ("country", schema::text("The customers', ISO 3166, when told apart")),
            ("tier", schema::text("The slice of the month's volume, such as 0:25000, when told apart")),
            ("pricing_type", schema::text("When told apart")),
            ("pricing_category", schema::text("When told apart")),
        ]),
        errors: &[Code::InvalidParameter],
    }
}

fn describe_templates() -> Described {
    let mut query = time(&["DAILY"], "DAILY; figures of templates reach back 90 days");
    query.extend([
        required("template_ids", schema::text("Several with commas between them, or a JSON array"), "1 to 10 ids of templates"),
        words("metric_types", &templates::METRICS, "What to tell; all without"),
        words("product_type", &["CLOUD_API"], "By which interface they were sent"),
        parameter("use_waba_timezone", json!({"type": "boolean"}), "Without effect: days are of UTC"),
    ]);
    let some = || schema::array(json!({"type": "object"}));
    let mut response = points([
        ("template_id", schema::id("The template")),
        ("sent", schema::integer("How many were sent")),
        ("delivered", schema::integer("How many reached a device")),
        ("read", schema::integer("How many were shown to a person")),
        ("clicked", some()),
        ("cost", some()),
    ]);
    response["properties"]["paging"] = json!({"type": "object"});
    let one = &mut response["properties"]["data"]["items"]["properties"];
    one["granularity"] = schema::word(&["DAILY"], "How long a period is");
    one["product_type"] = schema::word(&["cloud_api"], "By which interface they were sent");
    Described {
        summary: "Read templates' figures",
        description: "Insights have to be on. Of buttons, quick replies are counted as they are pressed; nobody learns who opens a link.",
        query,
        request: None,
        response,
        errors: &[Code::InvalidParameter, Code::InsightsNotEnabled],
    }
}
