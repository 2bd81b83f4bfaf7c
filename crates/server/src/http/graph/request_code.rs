//! `POST /P/request_code`: a code is sent to the number, by which its owner proves that it is his.
use super::{BodyKind, Call, Described, Handle, On, Operation, Reply, Scope, Verb, api_error, schema};
use suki_cloud_api::{
    ApiError, Code,
    identity::{self, CodeMethod},
    responses,
};
use suki_protocol::{calls::trust::RequestNumberCode, http::CodeChannel};

/// `POST /P/request_code`.
pub const OPERATION: Operation = Operation {
    name: "request_code.send",
    method: Verb::Post,
    on: On::PhoneNumber,
    edge: "request_code",
    scope: Scope::Management,
    body: BodyKind::Params,
    describe,
    handle: Handle::Caller(|call| Box::pin(answer(call))),
};

fn describe() -> Described {
    Described {
        summary: "Send a code to the number",
        description: "The code has six digits and comes by text message or call; verify_code takes it back.",
        query: Vec::new(),
        request: Some(schema::object(
            &["code_method"],
            [("code_method", schema::word(&["SMS", "VOICE"], "How it comes")), ("language", schema::text("Has no effect: codes are digits"))],
        )),
        response: schema::success(),
        errors: &[Code::InvalidParameter],
    }
}

async fn answer(call: &Call) -> Result<Reply, ApiError> {
    let channel = match identity::request_code(&call.params)? {
        CodeMethod::Sms => CodeChannel::Sms,
        CodeMethod::Voice => CodeChannel::Voice,
    };
    let request = RequestNumberCode { phone: call.business.record().phone.clone(), channel };
    call.business.request_number_code(&request).await.map_err(|error| api_error(&error))?;
    Ok(responses::success().into())
}
