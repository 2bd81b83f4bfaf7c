//! What the Cloud API is asked to send: a text, a template with a parameter, a picture with a caption. Each says when it was sent.
use crate::{Outcome, http::Connection, server::Server};
use serde_json::{Value, json};

/// A photo of a cake is rarely smaller.
const PICTURE_BYTES: usize = 60_000;

/// What is sent.
#[derive(Clone)]
pub enum Letter {
    /// About 190 bytes.
    Text,
    /// Approved, with one parameter.
    Template,
    /// A picture that was uploaded once, by its id.
    Media(String),
}

impl Letter {
    /// Makes the template and uploads the picture: a letter of each kind.
    pub async fn each(server: &Server) -> Outcome<[Self; 3]> {
        let mut connection = Connection::open(&server.address).await?;
        let body = json!({"type": "BODY", "text": "Your order {{1}} is ready and waits for you.", "example": {"body_text": [["17"]]}});
        let template = json!({"name": "bench_order", "language": "en_US", "category": "UTILITY", "components": [body]}).to_string();
        let path = format!("/v23.0/{}/message_templates", server.waba_id);
        let made = answer(connection.post(&path, &server.token, &template).await?)?;
        if made["status"] != "APPROVED" {
            return Err(format!("the template was not approved: {made}").into());
        }
        let uploaded = answer(connection.post_file(&format!("/v23.0/{}/media", server.phone_number_id), &server.token, &picture()).await?)?;
        let id = uploaded["id"].as_str().ok_or("an upload without an id")?.to_owned();
        Ok([Self::Text, Self::Template, Self::Media(id)])
    }

    /// As the report names it.
    pub const fn name(&self) -> &'static str {
        match self {
            Self::Text => "text",
            Self::Template => "template",
            Self::Media(_) => "picture",
        }
    }

    /// The body of a request.
    pub fn body(&self, phone: &str, micros: u128) -> String {
        let head = format!(r#"{{"messaging_product":"whatsapp","to":"{phone}","type":"#);
        match self {
            Self::Text => format!(r#"{head}"text","text":{{"body":"{micros} {}"}}}}"#, "Your cake is ready. ".repeat(9)),
            Self::Template => {
                let parameters = format!(r#"[{{"type":"body","parameters":[{{"type":"text","text":"{micros}"}}]}}]"#);
                format!(r#"{head}"template","template":{{"name":"bench_order","language":{{"code":"en_US"}},"components":{parameters}}}}}"#)
            }
            Self::Media(id) => format!(r#"{head}"image","image":{{"id":"{id}","caption":"{micros} is your cake"}}}}"#),
        }
    }

    /// When a message was sent, in microseconds: the first number in it.
    pub fn sent_at(text: &str) -> Outcome<u64> {
        let digits = text.split(|c: char| !c.is_ascii_digit()).find(|digits| !digits.is_empty());
        Ok(digits.ok_or("a message without its time")?.parse()?)
    }
}

fn answer((status, body): (u16, Vec<u8>)) -> Outcome<Value> {
    let value: Value = serde_json::from_slice(&body)?;
    if status == 200 { Ok(value) } else { Err(format!("refused with {status}: {value}").into()) }
}

/// A PNG of the usual size: its pixels are not looked at, but that it begins as one.
fn picture() -> Vec<u8> {
    let mut bytes = b"\x89PNG\r\n\x1a\n".to_vec();
    bytes.resize(PICTURE_BYTES, 7);
    bytes
}
