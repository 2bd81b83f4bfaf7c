//! Who a number is: `POST /P/request_code`, `POST /P/verify_code`, `POST /P {new_display_name}`, `GET` and `POST /P/official_business_account`.
use super::{Call, api_error};
use axum::http::Method;
use serde_json::{Value, json};
use suki_cloud_api::{
    ApiError,
    identity::{self, CodeMethod, Official},
    nodes::NameStatus,
    responses,
};
use suki_protocol::{
    calls::trust::{RequestNumberCode, Stage, Subject, TrustStatus, VerifyNumber},
    http::CodeChannel,
};

pub async fn request_code(call: &Call<'_>) -> Result<Value, ApiError> {
    must_post(call, "request_code")?;
    let channel = match identity::request_code(&call.params)? {
        CodeMethod::Sms => CodeChannel::Sms,
        CodeMethod::Voice => CodeChannel::Voice,
    };
    let request = RequestNumberCode { phone: call.business.record().phone.clone(), channel };
    call.business.request_number_code(&request).await.map_err(|error| api_error(&error))?;
    Ok(responses::success())
}

pub async fn verify_code(call: &Call<'_>) -> Result<Value, ApiError> {
    must_post(call, "verify_code")?;
    let record = call.business.record();
    let request = VerifyNumber { phone: record.phone.clone(), code: identity::verify_code(&call.params)? };
    call.business.verify_number(&request).await.map_err(|error| api_error(&error))?;
    Ok(json!({ "success": true, "id": record.phone_number_id }))
}

/// `POST /P`: the name is asked for; a decision comes by webhook where a person looks at it.
pub async fn rename(call: &Call<'_>) -> Result<Value, ApiError> {
    let name = identity::new_display_name(&call.params)
        .ok_or_else(|| ApiError::invalid_parameter("of a phone number new_display_name can be changed, and nothing else here"))?;
    call.business.request_name_by_program(name).await.map_err(|error| api_error(&error))?;
    Ok(responses::success())
}

/// The application itself needs documents, which programs do not have: an owner makes it.
pub async fn official_business_account(call: &Call<'_>) -> Result<Value, ApiError> {
    match call.method {
        Method::GET => {
            let status = call.business.ask_trust().await.map_err(|error| api_error(&error))?;
            let id = call.business.record().phone_number_id;
            let (official, reason) = official(&status);
            Ok(identity::official_business_account(id, official, reason))
        }
        Method::POST => Err(ApiError::invalid_parameter(
            "an application comes with documents: an owner makes it in the business app, under Trust; GET tells where it stands",
        )),
        _ => Err(call.unknown("/PHONE_NUMBER_ID/official_business_account")),
    }
}

/// Where the confirmation stands, and why.
pub fn official(status: &TrustStatus) -> (Official, &str) {
    let Some(stage) = stage(status, Subject::Verification) else { return (Official::None, "") };
    let official = match stage.state.as_str() {
        "waiting" | "appealed" => Official::UnderReview,
        "approved" => Official::Approved,
        "refused" | "final" => Official::Rejected,
        "withdrawn" => Official::Cancelled,
        _ => Official::None,
    };
    (official, &stage.reason)
}

fn must_post(call: &Call<'_>, edge: &str) -> Result<(), ApiError> {
    if call.method == Method::POST { Ok(()) } else { Err(call.unknown(&format!("/PHONE_NUMBER_ID/{edge}"))) }
}

fn stage(status: &TrustStatus, subject: Subject) -> Option<&Stage> {
    status.stages.iter().find(|stage| stage.subject == subject)
}

/// Where the name in use stands, and another one that was asked for.
pub fn names(status: &TrustStatus) -> (NameStatus, Option<(&str, NameStatus)>) {
    let asked = stage(status, Subject::Name).and_then(|stage| match stage.state.as_str() {
        "waiting" | "appealed" => Some((stage.asked.as_str(), NameStatus::Pending)),
        "refused" | "final" => Some((stage.asked.as_str(), NameStatus::Declined)),
        _ => None,
    });
    if status.name_passed {
        return (NameStatus::Approved, asked);
    }
    (asked.map_or(NameStatus::Declined, |(_, status)| status), None)
}
