//! `GET /W/message_template_previews`: how templates of one-time codes look in each language.
use super::{BodyKind, Call, Described, Handle, On, Operation, Reply, Scope, Verb, schema};
use serde_json::json;
use suki_cloud_api::{ApiError, Code, templates::previews};

/// `GET /W/message_template_previews`.
pub const OPERATION: Operation = Operation {
    name: "message_template_previews.list",
    method: Verb::Get,
    on: On::Account,
    edge: "message_template_previews",
    scope: Scope::Management,
    body: BodyKind::Params,
    describe,
    handle: Handle::Caller(|call| Box::pin(answer(call))),
};

fn describe() -> Described {
    let preview = schema::object(
        &["language", "body", "buttons"],
        [
            ("language", schema::text("As it was asked for")),
            ("body", schema::text("The text, with the code as {{1}}")),
            ("footer", schema::text("For how long the code holds; absent when that is not said")),
            ("buttons", schema::array(json!({"type": "object"}))),
        ],
    );
    Described {
        summary: "Preview templates of one-time codes",
        description: "Their texts are the platform's own, in twelve languages.",
        query: vec![
            schema::required("category", schema::word(&["AUTHENTICATION"], "Which templates"), "Only these have fixed texts"),
            schema::parameter("languages", schema::text("Codes with commas between them"), "Which languages; all without"),
            schema::parameter("add_security_recommendation", json!({"type": "boolean"}), "Whether the text warns against telling the code"),
            schema::parameter("code_expiration_minutes", json!({"type": "integer", "minimum": 1, "maximum": 90}), "For how long the code holds"),
            schema::parameter("button_types", schema::word(&["OTP"], "Which buttons"), "Which buttons"),
        ],
        request: None,
        response: schema::object(&["data"], [("data", schema::array(preview))]),
        errors: &[Code::InvalidParameter],
    }
}

async fn answer(call: &Call) -> Result<Reply, ApiError> {
    Ok(previews::previews(&call.params)?.into())
}
