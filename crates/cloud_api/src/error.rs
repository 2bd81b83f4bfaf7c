//! The error body: `{"error": {message, type, code, error_subcode?, error_data: {messaging_product, details}, fbtrace_id}}`.
use crate::{Code, ObjectId};
use serde_json::{Value, json};

/// A refusal on its way to the caller.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("(#{}) {}: {details}", code.number(), code.title())]
pub struct ApiError {
    /// What kind of refusal it is.
    pub code: Code,
    /// Narrows some codes down; 0 if there is none.
    pub subcode: i32,
    /// What was wrong, what is allowed, what to do. It never repeats a token or a message's text.
    pub details: String,
    /// In how many seconds trying again may help; 0 if it is not known.
    pub retry_after: u32,
    /// Nothing was done, since another server has what the request is about by now.
    pub is_moved: bool,
    message: Option<String>,
    kind: Option<&'static str>,
}

/// The subcode of a token whose time is over.
const SUBCODE_EXPIRED: i32 = 463;
/// The subcode of a token that never was, or was revoked.
const SUBCODE_INVALID: i32 = 467;
/// With code 100: there is no such object.
const SUBCODE_NO_OBJECT: i32 = 33;
/// The exception of a call that is wrong in itself.
const METHOD: &str = "GraphMethodException";
/// Details are cut here, so that no answer echoes a large request.
const DETAILS_CHARS: usize = 1000;

impl ApiError {
    /// A refusal with its details.
    pub fn new(code: Code, details: impl Into<String>) -> Self {
        let details: String = details.into();
        let details = if details.len() > DETAILS_CHARS { details.chars().take(DETAILS_CHARS).collect() } else { details };
        Self { code, subcode: 0, details, retry_after: 0, is_moved: false, message: None, kind: None }
    }

    /// A refusal by a rule or by the network: its Cloud API code if it names one that exists, 131000 otherwise.
    pub fn from_number(code: i32, details: impl Into<String>) -> Self {
        Self::new(Code::from_number(code).filter(|_| code != 0).unwrap_or(Code::SomethingWentWrong), details)
    }

    /// 100: a parameter is unknown, of the wrong type or too long.
    pub fn invalid_parameter(details: impl Into<String>) -> Self {
        Self::new(Code::InvalidParameter, details)
    }

    /// 100 with a subcode that says more: how the codes of making templates, such as 2388040, are told (section 3d).
    pub fn with_subcode(subcode: i32, details: impl Into<String>) -> Self {
        Self { subcode, ..Self::invalid_parameter(details) }
    }

    /// 131008: a parameter of a message is missing.
    pub fn missing(path: &str) -> Self {
        Self::new(Code::MissingParameter, format!("{path} is required"))
    }

    /// 131009: a parameter has the right type and the wrong value.
    pub fn invalid_value(details: impl Into<String>) -> Self {
        Self::new(Code::ParameterValueInvalid, details)
    }

    /// 104: there is no token in the header, the query or the form.
    pub fn no_token() -> Self {
        let details = "Send the token in the header as Authorization: Bearer TOKEN, or as the parameter access_token";
        Self { message: Some(Code::TokenRequired.title().into()), ..Self::new(Code::TokenRequired, details) }
    }

    /// 190, subcode 463: the token's time is over.
    pub fn expired_token() -> Self {
        Self::token("Error validating access token: the token has expired", SUBCODE_EXPIRED)
    }

    /// 190, subcode 467: the token is unknown, malformed or revoked; which of them is not said.
    pub fn invalid_token() -> Self {
        Self::token("Error validating access token: the token is not valid, or was revoked", SUBCODE_INVALID)
    }

    fn token(message: &str, subcode: i32) -> Self {
        Self { subcode, message: Some(message.into()), ..Self::new(Code::InvalidToken, "Make a new token and send that") }
    }

    /// 100, subcode 33: the object does not exist, or belongs to somebody else; which of them is not said.
    pub fn no_object(method: &str, id: &str) -> Self {
        let method: String = method.chars().take(10).collect::<String>().to_lowercase();
        let id: String = id.chars().filter(|c| !c.is_control()).take(64).collect();
        let message = format!("Unsupported {method} request. Object with ID '{id}' does not exist, or this token may not see it");
        Self { subcode: SUBCODE_NO_OBJECT, message: Some(message.clone()), ..Self::new(Code::InvalidParameter, message) }
    }

    /// 100: the request names no object at all. Its type tells clients that try a token so, n8n's, that the token is good.
    pub fn no_request(method: &str) -> Self {
        let method = method.to_lowercase();
        Self { kind: Some(METHOD), ..Self::invalid_parameter("Name an object in the path, such as a phone number's id") }
            .saying(format!("Unsupported {method} request"))
    }

    /// 100: the object exists, and has no such edge.
    pub fn unknown_path(method: &str, path: &str) -> Self {
        let path: String = path.chars().filter(|c| !c.is_control()).take(128).collect();
        let message = format!("Unknown path: this server has no {method} {path}");
        Self { message: Some(message.clone()), ..Self::new(Code::InvalidParameter, message) }
    }

    /// 100: the object is another's: for a node of the wrong type, such as messages on a business account.
    pub fn wrong_node(id: ObjectId, edge: &str, needs: &str) -> Self {
        Self::invalid_parameter(format!("{id} has no edge {edge}: it needs the id of a {needs}"))
    }

    /// 100: `appsecret_proof` is not that of the token.
    pub fn wrong_proof() -> Self {
        let details = "appsecret_proof is the HMAC-SHA256 of the access token by the app's secret, in hexadecimal";
        Self { kind: Some(METHOD), ..Self::invalid_parameter(details) }.saying("Invalid appsecret_proof provided in the API argument")
    }

    /// 100: the app takes no request without `appsecret_proof`.
    pub fn proof_required() -> Self {
        let details = "This app is set to take no request without appsecret_proof, the HMAC-SHA256 of the access token by the app's secret";
        Self { kind: Some(METHOD), ..Self::invalid_parameter(details) }.saying("API calls from the server require an appsecret_proof argument")
    }

    /// The same with other words as its message.
    #[must_use]
    pub fn saying(self, message: impl Into<String>) -> Self {
        Self { message: Some(message.into()), ..self }
    }

    /// The same, with when trying again may help.
    #[must_use]
    pub fn retry_after(self, seconds: i64) -> Self {
        Self { retry_after: u32::try_from(seconds.max(1)).unwrap_or(u32::MAX), ..self }
    }

    /// Nothing was done, since another server has what the request is about by now.
    #[must_use]
    pub fn moved(self) -> Self {
        Self { is_moved: true, ..self }
    }

    /// The status of the HTTP response.
    pub fn http_status(&self) -> u16 {
        self.code.http_status()
    }

    /// The exception's name, as clients of the Graph API know it.
    pub fn kind(&self) -> &'static str {
        self.kind.unwrap_or(if self.subcode == SUBCODE_NO_OBJECT { METHOD } else { "OAuthException" })
    }

    /// The text that stands as `message`.
    pub fn message(&self) -> String {
        self.message.clone().unwrap_or_else(|| format!("(#{}) {}", self.code.number(), self.code.title()))
    }

    /// The response body. `trace_id` is what the server's log knows the request by.
    pub fn body(&self, trace_id: &str) -> Value {
        let mut error = json!({
            "message": self.message(),
            "type": self.kind(),
            "code": self.code.number(),
            "error_data": {"messaging_product": "whatsapp", "details": self.details},
            "fbtrace_id": trace_id,
        });
        if self.subcode != 0 {
            error["error_subcode"] = self.subcode.into();
        }
        json!({ "error": error })
    }
}

/// The title of a code as a status webhook and the inbox show it; of an unknown code, that of 131000.
pub fn title(code: i64) -> String {
    let code = i32::try_from(code).ok().and_then(Code::from_number);
    code.unwrap_or(Code::SomethingWentWrong).title().to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_body_has_what_clients_read() {
        let body = ApiError::new(Code::ReEngagement, "24 hours have passed").body("T1");
        assert_eq!(
            body,
            json!({"error": {
                "message": "(#131047) Re-engagement message",
                "type": "OAuthException",
                "code": 131047,
                "error_data": {"messaging_product": "whatsapp", "details": "24 hours have passed"},
                "fbtrace_id": "T1",
            }})
        );
    }

    #[test]
    fn an_unknown_object_is_400_and_not_404() {
        let error = ApiError::no_object("GET", "12\n3");
        assert_eq!((error.http_status(), error.code.number(), error.subcode, error.kind()), (400, 100, 33, "GraphMethodException"));
        assert!(error.message().contains("'123'"), "{error}");
        assert_eq!(error.body("")["error"]["error_subcode"], 33);
    }

    #[test]
    fn tokens_are_401() {
        for (error, code, subcode) in
            [(ApiError::no_token(), 104, Value::Null), (ApiError::expired_token(), 190, json!(463)), (ApiError::invalid_token(), 190, json!(467))]
        {
            assert_eq!(error.http_status(), 401);
            let body = error.body("");
            assert_eq!((&body["error"]["code"], &body["error"]["error_subcode"]), (&json!(code), &subcode));
        }
    }

    #[test]
    fn numbers_of_others_are_mapped_or_general() {
        assert_eq!(ApiError::from_number(131_047, "").code, Code::ReEngagement);
        assert_eq!(ApiError::from_number(0, "").code, Code::SomethingWentWrong);
        assert_eq!(ApiError::from_number(7, "").code, Code::SomethingWentWrong);
        assert_eq!(title(131_026), "Message undeliverable");
        assert_eq!(title(i64::MAX), "Something went wrong");
    }

    #[test]
    fn details_are_bounded() {
        assert_eq!(ApiError::invalid_parameter("é".repeat(5000)).details.chars().count(), DETAILS_CHARS);
    }
}
