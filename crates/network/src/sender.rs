//! How six-digit codes travel: printed on the console in the demo and the sandbox, or handed to a gateway over HTTP.
//!
//! A gateway of one's own takes `POST URL` with `Content-Type: application/json`, `Authorization: Bearer TOKEN` when one is configured, and
//! `{"to": "+639171234567", "channel": "sms" | "voice", "code": "123456", "text": "123456 is your Suki code. …"}`; any answer of 200 to 299 means that the code is under way.
//! The preset `twilio` speaks the form-encoded shape of Twilio and of the many gateways that copy it.
use base64::{Engine as _, engine::general_purpose::STANDARD};
use std::{fmt, future::Future, pin::Pin, sync::Arc};
use suki_protocol::http::CodeChannel;
use suki_types::Phone;

/// A result that comes later.
pub type Later<T> = Pin<Box<dyn Future<Output = T> + Send>>;

/// The code could not be handed over. The text says why, without the number or the code.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("the code could not be sent: {0}")]
pub struct SendError(pub String);

/// Sends codes.
pub trait CodeSender: Send + Sync + fmt::Debug {
    /// Hands a code over.
    fn send(&self, phone: Phone, code: String, channel: CodeChannel) -> Later<Result<(), SendError>>;
}

fn text(code: &str) -> String {
    format!("{code} is your Suki code. It holds for 10 minutes. Tell it to nobody.")
}

/// Prints codes. For the demo and the sandbox alone: whoever reads the console can register any number.
pub struct Console(Box<dyn Fn(&str) + Send + Sync>);

impl Console {
    /// `print` gets one line for each code.
    pub fn new(print: impl Fn(&str) + Send + Sync + 'static) -> Self {
        Self(Box::new(print))
    }
}

impl fmt::Debug for Console {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Console")
    }
}

impl CodeSender for Console {
    fn send(&self, phone: Phone, code: String, channel: CodeChannel) -> Later<Result<(), SendError>> {
        let how = match channel {
            CodeChannel::Sms => "text message",
            CodeChannel::Voice => "call",
        };
        (self.0)(&format!("{how} to {}: {}", phone.display(), text(&code)));
        Box::pin(std::future::ready(Ok(())))
    }
}

/// A request for the server's HTTP client.
#[derive(Clone, PartialEq, Eq)]
pub struct HttpPost {
    /// Where to.
    pub url: String,
    /// Names and values.
    pub headers: Vec<(&'static str, String)>,
    /// The body, as the content type says.
    pub body: String,
}

/// Nothing of it is printed: it holds a number, a code and credentials.
impl fmt::Debug for HttpPost {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("HttpPost")
    }
}

/// Posts over HTTP; the server brings an implementation.
pub trait HttpClient: Send + Sync + fmt::Debug {
    /// The status of the answer, or in one sentence why there is none.
    fn post(&self, request: HttpPost) -> Later<Result<u16, String>>;
}

/// What a gateway understands.
#[derive(Clone)]
pub enum Shape {
    /// The JSON described above.
    Json {
        /// Where to post.
        url: String,
        /// Sent as a bearer token, if there is one.
        token: Option<String>,
    },
    /// Twilio's: form-encoded `To`, `From` and `Body` to `/Messages.json`, or `Twiml` to `/Calls.json`, with basic authentication.
    Twilio {
        /// `https://api.twilio.com/2010-04-01/Accounts/SID` or another gateway's address of that kind.
        base_url: String,
        /// The account, as user name.
        account: String,
        /// The password.
        token: String,
        /// The number or name that sends.
        from: String,
    },
}

/// Sends codes through a gateway.
#[derive(Clone)]
pub struct Gateway {
    shape: Shape,
    client: Arc<dyn HttpClient>,
}

impl Gateway {
    /// A gateway of this shape, reached with this client.
    pub fn new(shape: Shape, client: Arc<dyn HttpClient>) -> Self {
        Self { shape, client }
    }
}

impl fmt::Debug for Gateway {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self.shape {
            Shape::Json { .. } => "Gateway(json)",
            Shape::Twilio { .. } => "Gateway(twilio)",
        })
    }
}

impl CodeSender for Gateway {
    fn send(&self, phone: Phone, code: String, channel: CodeChannel) -> Later<Result<(), SendError>> {
        let sending = self.client.post(request(&self.shape, &phone, &code, channel));
        Box::pin(async move {
            match sending.await {
                Ok(200..=299) => Ok(()),
                Ok(status) => Err(SendError(format!("the gateway answered with status {status}"))),
                Err(reason) => Err(SendError(reason)),
            }
        })
    }
}

fn request(shape: &Shape, phone: &Phone, code: &str, channel: CodeChannel) -> HttpPost {
    match shape {
        Shape::Json { url, token } => {
            let body = serde_json::json!({ "to": phone.display(), "channel": channel, "code": code, "text": text(code) });
            let mut headers = vec![("content-type", "application/json".to_owned())];
            headers.extend(token.iter().map(|token| ("authorization", format!("Bearer {token}"))));
            HttpPost { url: url.clone(), headers, body: body.to_string() }
        }
        Shape::Twilio { base_url, account, token, from } => {
            let spoken = code.chars().map(String::from).collect::<Vec<_>>().join(", ");
            let (path, what, value) = match channel {
                CodeChannel::Sms => ("Messages.json", "Body", text(code)),
                CodeChannel::Voice => ("Calls.json", "Twiml", format!("<Response><Say loop=\"3\">Your Suki code is {spoken}.</Say></Response>")),
            };
            let body = [("To", phone.display().as_str()), ("From", from), (what, &value)].map(|(name, value)| format!("{name}={}", escape(value)));
            let basic = STANDARD.encode(format!("{account}:{token}"));
            HttpPost {
                url: format!("{}/{path}", base_url.trim_end_matches('/')),
                headers: vec![("content-type", "application/x-www-form-urlencoded".to_owned()), ("authorization", format!("Basic {basic}"))],
                body: body.join("&"),
            }
        }
    }
}

/// Percent-encoding for a form: letters, digits and `-._` stay.
fn escape(value: &str) -> String {
    value.bytes().fold(String::with_capacity(value.len()), |mut escaped, byte| {
        if byte.is_ascii_alphanumeric() || b"-._".contains(&byte) {
            escaped.push(char::from(byte));
        } else {
            escaped.push_str(&format!("%{byte:02X}"));
        }
        escaped
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_gateway_of_ones_own_gets_json() {
        let shape = Shape::Json { url: "https://sms.example/send".into(), token: Some("secret".into()) };
        let request = request(&shape, &Phone::test(1), "012345", CodeChannel::Voice);
        assert_eq!(request.headers[1], ("authorization", "Bearer secret".into()));
        let body: serde_json::Value = serde_json::from_str(&request.body).expect("it is JSON");
        assert_eq!((&body["to"], &body["channel"], &body["code"]), (&"+999000000001".into(), &"voice".into(), &"012345".into()));
        assert_eq!(format!("{request:?}"), "HttpPost");
    }

    #[test]
    fn twilios_shape_is_form_encoded() {
        let shape = Shape::Twilio {
            base_url: "https://api.twilio.com/2010-04-01/Accounts/AC1/".into(),
            account: "AC1".into(),
            token: "t".into(),
            from: "+15550100".into(),
        };
        let sms = request(&shape, &Phone::test(1), "012345", CodeChannel::Sms);
        assert_eq!(sms.url, "https://api.twilio.com/2010-04-01/Accounts/AC1/Messages.json");
        assert!(sms.body.starts_with("To=%2B999000000001&From=%2B15550100&Body=012345%20is%20your"), "{}", sms.body);
        assert_eq!(sms.headers[1].1, "Basic QUMxOnQ=");
        let call = request(&shape, &Phone::test(1), "012345", CodeChannel::Voice);
        assert!(call.url.ends_with("/Calls.json") && call.body.contains("Twiml=%3CResponse%3E"), "{call:?}");
    }
}
