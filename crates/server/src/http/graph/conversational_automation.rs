//! `POST /P/conversational_automation`: what stands in a customer's chat before anybody wrote. It is read as a field of the number.
use super::{BodyKind, Call, Described, Handle, On, Operation, Reply, Scope, Verb, api_error, schema};
use serde_json::json;
use suki_cloud_api::{ApiError, Code, number::automation, responses};

/// `POST /P/conversational_automation`.
pub const OPERATION: Operation = Operation {
    name: "conversational_automation.change",
    method: Verb::Post,
    on: On::PhoneNumber,
    edge: "conversational_automation",
    scope: Scope::Management,
    body: BodyKind::Params,
    describe,
    handle: Handle::Caller(|call| Box::pin(change(call))),
};

fn describe() -> Described {
    let command = schema::object(
        &["command_name", "command_description"],
        [("command_name", json!({"type": "string", "maxLength": 32})), ("command_description", json!({"type": "string", "maxLength": 256}))],
    );
    Described {
        summary: "Say what stands in a chat before anybody wrote",
        description: "What is absent stays. GET /{phone_number_id}?fields=conversational_automation reads it.",
        query: Vec::new(),
        request: Some(schema::object(
            &[],
            [
                (
                    "enable_welcome_message",
                    schema::boolean("Whether programs hear request_welcome when a customer opens the chat for the first time"),
                ),
                ("prompts", json!({"type": "array", "maxItems": 4, "items": {"type": "string", "maxLength": 80}})),
                ("commands", json!({"type": "array", "maxItems": 30, "items": command})),
            ],
        )),
        response: schema::success(),
        errors: &[Code::InvalidParameter, Code::MissingParameter, Code::ServiceDown],
    }
}

async fn change(call: &Call) -> Result<Reply, ApiError> {
    let change = automation::change(&call.params)?;
    call.business.change_automation(change).await.map_err(|error| api_error(&error))?;
    Ok(responses::success().into())
}
