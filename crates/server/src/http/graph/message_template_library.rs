//! `GET /message_template_library`: templates that are ready to be taken over.
use super::{BodyKind, Call, Described, Handle, On, Operation, Reply, Scope, Verb, schema};
use serde_json::json;
use suki_cloud_api::{ApiError, Code, listing, templates::library};

/// `GET /message_template_library`.
pub const OPERATION: Operation = Operation {
    name: "message_template_library.list",
    method: Verb::Get,
    on: On::Root,
    edge: "message_template_library",
    scope: Scope::Management,
    body: BodyKind::Params,
    describe,
    handle: Handle::Caller(|call| Box::pin(answer(call))),
};

/// What is told of each without `fields`.
const DEFAULT: [&str; 13] =
    ["id", "name", "language", "category", "topic", "usecase", "industry", "header", "body", "body_params", "body_param_types", "footer", "buttons"];

fn describe() -> Described {
    let words = || schema::array(json!({"type": "string"}));
    let entry = schema::node([
        ("name", schema::text("What library_template_name says")),
        ("language", schema::text("Of its text")),
        ("category", schema::word(&["UTILITY", "AUTHENTICATION"], "What it is for")),
        ("topic", schema::text("Such as ORDER_MANAGEMENT")),
        ("usecase", schema::text("Such as ORDER_CONFIRMATION")),
        ("industry", words()),
        ("header", schema::text("Its header")),
        ("body", schema::text("Its text")),
        ("body_params", words()),
        ("body_param_types", words()),
        ("footer", schema::text("Its footer")),
        ("buttons", schema::array(json!({"type": "object"}))),
    ]);
    let word = || json!({"type": "string"});
    let mut query = vec![
        schema::fields(),
        schema::parameter("search", word(), "Words of its name or text"),
        schema::parameter("name", word(), "Its name"),
        schema::parameter("category", word(), "UTILITY or AUTHENTICATION"),
        schema::parameter("topic", word(), "Such as PAYMENTS"),
        schema::parameter("usecase", word(), "Such as REFUND"),
        schema::parameter("industry", word(), "Such as E_COMMERCE"),
        schema::parameter("language", word(), "The texts are in English"),
    ];
    query.extend(schema::paging());
    Described {
        summary: "List ready-made templates",
        description: "One is taken over by POST /{waba_id}/message_templates with library_template_name and the inputs that its buttons need.",
        query,
        request: None,
        response: schema::page(entry),
        errors: &[Code::InvalidParameter],
    }
}

async fn answer(call: &Call) -> Result<Reply, ApiError> {
    let address = format!("{}/{}/message_template_library", call.origin.api(&call.faces), call.version);
    let keeps = ["search", "name", "category", "topic", "usecase", "industry", "language"];
    Ok(listing::page_keeping(&library::found(&call.params)?, &DEFAULT, &[], &address, &call.params, &keeps)?.into())
}
