//! `GET /T/compare`: two or more templates side by side.
use super::{BodyKind, Call, Described, Handle, On, Operation, Reply, Scope, Verb, api_error, schema};
use serde_json::json;
use suki_cloud_api::{ApiError, Code, templates::compare};

/// `GET /T/compare`.
pub const OPERATION: Operation = Operation {
    name: "template.compare",
    method: Verb::Get,
    on: On::Template,
    edge: "compare",
    scope: Scope::Management,
    body: BodyKind::Params,
    describe,
    handle: Handle::Caller(|call| Box::pin(answer(call))),
};

fn describe() -> Described {
    let moment = || json!({"type": "integer", "minimum": 0});
    let metric = schema::object(
        &["metric", "type"],
        [
            ("metric", schema::word(&["BLOCK_RATE", "MESSAGE_SENDS", "TOP_BLOCK_REASON"], "What is told")),
            ("type", schema::word(&["RELATIVE", "NUMBER_VALUES", "STRING_VALUES"], "In which of the fields")),
            ("order_by_relative_metric", schema::array(schema::id("The template that fewer block after comes first"))),
            ("number_values", schema::array(json!({"type": "object"}))),
            ("string_values", schema::array(json!({"type": "object"}))),
        ],
    );
    Described {
        summary: "Compare templates",
        description: "How often each was sent, and after which of them fewer customers blocked or reported the business, each counted once. Why they did \
                      it is known to nobody but them.",
        query: vec![
            schema::required("template_ids", schema::text("Several with commas between them"), "1 to 9 other templates"),
            schema::required("start", moment(), "From the day of this moment on, in seconds since 1970; at most 90 days back"),
            schema::required("end", moment(), "Before the day of this moment, in seconds since 1970"),
        ],
        request: None,
        response: schema::object(&["data"], [("data", schema::array(metric))]),
        errors: &[Code::InvalidParameter],
    }
}

async fn answer(call: &Call) -> Result<Reply, ApiError> {
    let asked = compare::read(call.template()?.id, &call.params, call.business.env().now())?;
    for id in &asked.templates {
        let none = |_| ApiError::invalid_parameter(format!("template_ids: this account has no template {id}"));
        call.business.template(*id).await.map_err(none)?;
    }
    let figures = call.business.compare_templates(&asked).await.map_err(|error| api_error(&error))?;
    Ok(compare::answer(&figures).into())
}
