//! `POST /P/verify_code`: the code that was sent to the number.
use super::{BodyKind, Call, Described, Handle, On, Operation, Reply, Scope, Verb, api_error, schema};
use serde_json::json;
use suki_cloud_api::{ApiError, Code, identity};
use suki_protocol::calls::trust::VerifyNumber;

/// `POST /P/verify_code`.
pub const OPERATION: Operation = Operation {
    name: "verify_code.check",
    method: Verb::Post,
    on: On::PhoneNumber,
    edge: "verify_code",
    scope: Scope::Management,
    body: BodyKind::Params,
    describe,
    handle: Handle::Caller(|call| Box::pin(answer(call))),
};

fn describe() -> Described {
    let response = schema::object(&["success", "id"], [("success", json!({"type": "boolean"})), ("id", schema::id("The number's id"))]);
    Described {
        summary: "Prove that the number is the business's",
        description: "Takes the code that request_code has sent.",
        query: Vec::new(),
        request: Some(schema::object(&["code"], [("code", json!({"type": "string", "pattern": "^[0-9]{3}-?[0-9]{3}$"}))])),
        response,
        errors: &[Code::InvalidParameter],
    }
}

async fn answer(call: &Call) -> Result<Reply, ApiError> {
    let request = VerifyNumber { phone: call.business.record().phone.clone(), code: identity::verify_code(&call.params)? };
    call.business.verify_number(&request).await.map_err(|error| api_error(&error))?;
    Ok(json!({ "success": true, "id": call.id }).into())
}
