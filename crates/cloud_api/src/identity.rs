//! Who a number is: its code, its name, its confirmation (section 3a: `request_code`, `verify_code`, `new_display_name`, `official_business_account`).
use crate::{ApiError, ObjectId, Params};
use serde_json::{Value, json};

/// How a code reaches a number.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum CodeMethod {
    /// A text message.
    Sms,
    /// A call that reads it.
    Voice,
}

/// `POST /P/request_code`: `code_method` and `language`. The language is taken and has no effect: codes are digits.
///
/// # Errors
/// 100 when the method is neither `SMS` nor `VOICE`.
pub fn request_code(params: &Params) -> Result<CodeMethod, ApiError> {
    let method = params.text("code_method").unwrap_or_default().to_ascii_uppercase();
    match method.as_str() {
        "SMS" => Ok(CodeMethod::Sms),
        "VOICE" => Ok(CodeMethod::Voice),
        _ => Err(ApiError::invalid_parameter("code_method is SMS or VOICE; a landline takes VOICE")),
    }
}

/// `POST /P/verify_code`: six digits.
///
/// # Errors
/// 100 when it is anything else.
pub fn verify_code(params: &Params) -> Result<String, ApiError> {
    let code = params.text("code").unwrap_or_default().replace('-', "");
    if code.len() == 6 && code.bytes().all(|byte| byte.is_ascii_digit()) {
        return Ok(code);
    }
    Err(ApiError::invalid_parameter("code has six digits, as they came by text message or call"))
}

/// `POST /P` with `new_display_name`; none when the request does not ask for a name.
pub fn new_display_name(params: &Params) -> Option<String> {
    params.text("new_display_name").map(|name| name.into_owned())
}

/// Where a confirmation stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Official {
    /// Nothing was asked.
    None,
    /// A person looks at it.
    UnderReview,
    /// It is confirmed.
    Approved,
    /// It was refused.
    Rejected,
    /// It was taken back.
    Cancelled,
}

/// The answer of `GET /P/official_business_account`.
pub fn official_business_account(id: ObjectId, official: Official, reason: &str) -> Value {
    let (status, message) = match official {
        Official::None => ("EXPIRED", "No application was made; an owner makes it in the business app, with documents"),
        Official::UnderReview => ("UNDER_REVIEW", "The application is looked at by a person"),
        Official::Approved => ("APPROVED", "The account is confirmed"),
        Official::Rejected => ("REJECTED", "The application was refused"),
        Official::Cancelled => ("CANCELLED", "The application was withdrawn"),
    };
    let message = if reason.is_empty() { message.to_owned() } else { format!("{message}: {reason}") };
    json!({ "id": id, "oba_status": status, "status_message": message })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn params(query: &str) -> Params {
        Params::from_query(query).expect("a query")
    }

    #[test]
    fn codes_are_asked_for_in_two_ways_and_have_six_digits() {
        assert_eq!(request_code(&params("code_method=sms&language=en_US")), Ok(CodeMethod::Sms));
        assert_eq!(request_code(&params("code_method=VOICE")), Ok(CodeMethod::Voice));
        assert!(request_code(&params("code_method=PIGEON")).is_err() && request_code(&params("")).is_err());
        assert_eq!(verify_code(&params("code=123-456")), Ok("123456".into()));
        for wrong in ["code=12345", "code=1234567", "code=12345a", ""] {
            assert!(verify_code(&params(wrong)).is_err(), "{wrong}");
        }
    }

    #[test]
    fn a_confirmation_says_where_it_stands_and_why() {
        let id = "7".parse().expect("an id");
        assert_eq!(
            official_business_account(id, Official::Rejected, "Expired paper")["status_message"],
            "The application was refused: Expired paper"
        );
        assert_eq!(official_business_account(id, Official::UnderReview, "")["oba_status"], "UNDER_REVIEW");
        assert_eq!(new_display_name(&params("new_display_name=Kape%20ni%20Ana")).as_deref(), Some("Kape ni Ana"));
        assert_eq!(new_display_name(&params("pin=123456")), None);
    }
}
