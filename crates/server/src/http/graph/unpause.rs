//! `POST /T/unpause`: a template that was paused may be sent again.
use super::{BodyKind, Call, Described, Handle, On, Operation, Reply, Scope, Verb, api_error, schema};
use serde_json::json;
use suki_cloud_api::ApiError;
use suki_endpoint::Error;

/// `POST /T/unpause`.
pub const OPERATION: Operation = Operation {
    name: "template.unpause",
    method: Verb::Post,
    on: On::Template,
    edge: "unpause",
    scope: Scope::Management,
    body: BodyKind::Params,
    describe,
    handle: Handle::Caller(|call| Box::pin(answer(call))),
};

fn describe() -> Described {
    Described {
        summary: "Take a template out of its pause",
        description: "If that is not possible, success is false and reason says why.",
        query: Vec::new(),
        request: None,
        response: schema::object(&["success"], [("success", json!({"type": "boolean"})), ("reason", schema::text("Why not"))]),
        errors: &[],
    }
}

async fn answer(call: &Call) -> Result<Reply, ApiError> {
    match call.business.unpause_template(call.template()?.id).await {
        Ok(_) => Ok(json!({"success": true}).into()),
        // Not an error of the call: programs look at `success` and `reason`.
        Err(Error::Refused(refused)) => Ok(json!({"success": false, "reason": refused.details}).into()),
        Err(error) => Err(api_error(&error)),
    }
}
