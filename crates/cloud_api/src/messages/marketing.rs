//! `POST /P/marketing_messages`: a marketing template with what the marketing interface knows beside (section 3a, priority 3).
use super::{Outbound, Recipient, Request, What, parse};
use crate::{ApiError, Code, Params};

/// What becomes of a message that the interface cannot send.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ProductPolicy {
    /// It goes as any template does.
    CloudApiFallback,
    /// It does not go.
    Strict,
}

/// A message over this interface.
#[derive(Debug, Clone, PartialEq)]
pub struct MarketingMessage {
    /// The message; always a template.
    pub message: Outbound,
    /// What becomes of it when the interface cannot send it. Every account has the interface here, so that nothing falls back.
    pub policy: ProductPolicy,
}

/// Reads a request.
///
/// # Errors
/// 131055 for anything but a template, and for a group; 100 and 131008 as for any message.
pub fn read(params: &Params) -> Result<MarketingMessage, ApiError> {
    let root = params.root();
    let policy = match root.text("product_policy")?.map(str::to_ascii_uppercase).as_deref() {
        None | Some("CLOUD_API_FALLBACK") => ProductPolicy::CloudApiFallback,
        Some("STRICT") => ProductPolicy::Strict,
        Some(_) => return Err(ApiError::invalid_parameter("product_policy must be CLOUD_API_FALLBACK or STRICT")),
    };
    // Whether the platform may learn from what customers do with it: here nobody does.
    root.boolean("message_activity_sharing")?;
    match parse(params)? {
        Request::Send(message) if matches!((&message.what, &message.to), (What::Template(_), Recipient::Phone(_) | Recipient::User(_))) => {
            Ok(MarketingMessage { message: *message, policy })
        }
        _ => {
            let details = "Marketing templates to one customer go this way; send everything else over POST /{phone_number_id}/messages";
            Err(ApiError::new(Code::MethodNotAllowed, details))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn asked(more: &str) -> Result<MarketingMessage, ApiError> {
        let mut params = Params::default();
        let body = format!(r#"{{"messaging_product": "whatsapp", "to": "+63 917 555 0101", {more}}}"#);
        params.merge_body(None, body.as_bytes())?;
        read(&params)
    }

    #[test]
    fn a_template_goes_and_nothing_else() {
        let template = r#""type": "template", "template": {"name": "sale", "language": {"code": "en"}}"#;
        assert_eq!(asked(template).map(|message| message.policy), Ok(ProductPolicy::CloudApiFallback));
        let strict = format!(r#"{template}, "product_policy": "strict", "message_activity_sharing": true"#);
        assert_eq!(asked(&strict).map(|message| message.policy), Ok(ProductPolicy::Strict));
        for (wrong, code) in [
            (r#""type": "text", "text": {"body": "Sale"}"#.to_owned(), 131_055),
            (r#""status": "read", "message_id": "wamid.AAAA""#.to_owned(), 131_009),
            (format!(r#"{template}, "product_policy": "MAYBE""#), 100),
            (format!(r#"{template}, "message_activity_sharing": "maybe""#), 100),
            (r#""type": "template""#.to_owned(), 131_008),
        ] {
            assert_eq!(asked(&wrong).map_err(|error| error.code.number()), Err(code), "{wrong}");
        }
    }
}
