//! `POST /P/messages`: a text, a template, or that a message was read, with or without a typing signal (sections 3a and 3b).
use crate::{
    ApiError, Code, Params,
    params::Object,
    templates::sent::{self, SentTemplate},
    wamid,
};
use suki_types::{MessageId, Phone, limits};

/// What the request asks for.
#[derive(Debug, Clone, PartialEq)]
pub enum Request {
    /// Send a message.
    Send(Box<Outbound>),
    /// Mark a customer's message, and all before it, as read.
    Read {
        /// The message.
        message: MessageId,
        /// Whether the customer shall see that an answer is being typed.
        typing: bool,
    },
}

/// A message to a customer.
#[derive(Debug, Clone, PartialEq)]
pub struct Outbound {
    /// To whom.
    pub to: Recipient,
    /// The recipient exactly as written, for the answer.
    pub input: String,
    /// What is sent.
    pub what: What,
    /// The message it answers.
    pub reply_to: Option<MessageId>,
    /// Comes back with every status: up to 512 characters.
    pub callback_data: Option<String>,
    /// Send only if the customer's identity key still has this hash: up to 256 characters.
    pub identity_key_hash: Option<String>,
}

/// What is sent.
#[derive(Debug, Clone, PartialEq)]
pub enum What {
    /// A text.
    Text {
        /// 1 to 4,096 characters.
        body: String,
        /// Whether the customer's device may show a preview of the first link.
        preview_url: bool,
    },
    /// An approved template and what fills it.
    Template(SentTemplate),
}

/// Whom a message goes to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Recipient {
    /// A phone number.
    Phone(Phone),
    /// A business-scoped user id, such as `PH.1A2B`.
    User(String),
}

/// What this server can send; named in refusals.
const SUPPORTED: &str = "text, template";
/// Types the Cloud API has and this server does not send.
const OTHER_TYPES: [&str; 9] = ["image", "video", "audio", "document", "sticker", "location", "contacts", "reaction", "interactive"];
/// What may stand beside the message's own object. Some programs put `preview_url` here instead of into `text`, to no effect.
const TOP_LEVEL: [&str; 20] = [
    "messaging_product",
    "recipient_type",
    "to",
    "recipient",
    "type",
    "text",
    "template",
    "status",
    "message_id",
    "typing_indicator",
    "context",
    "biz_opaque_callback_data",
    "recipient_identity_key_hash",
    "preview_url",
    "message_activity_sharing",
    "product_policy",
    "access_token",
    "appsecret_proof",
    "fields",
    "format",
];
/// The most characters of `biz_opaque_callback_data`.
const CALLBACK_DATA_CHARS: usize = 512;
/// The most characters of `recipient_identity_key_hash`.
const KEY_HASH_CHARS: usize = 256;

/// Reads a request.
///
/// # Errors
/// 131008 for what is missing, 131009 for what has the wrong value, 131051 for a type that this server cannot send, 100 for all else; the
/// details name the field.
pub fn parse(params: &Params) -> Result<Request, ApiError> {
    let root = params.root();
    root.only(&[&TOP_LEVEL[..], &OTHER_TYPES].concat())?;
    let product = root.required_text("messaging_product")?;
    if !product.eq_ignore_ascii_case("whatsapp") {
        return Err(ApiError::invalid_parameter("messaging_product must be whatsapp"));
    }
    if root.has("status") || root.has("typing_indicator") {
        return read_receipt(&root);
    }
    match root.text("type")? {
        Some(kind) if kind.eq_ignore_ascii_case("text") => outbound(&root, text(&root)?),
        Some(kind) if kind.eq_ignore_ascii_case("template") => outbound(&root, template(&root)?),
        Some(kind) => Err(wrong_type(kind)),
        None if root.has("text") => outbound(&root, text(&root)?),
        None if root.has("template") => outbound(&root, template(&root)?),
        None => Err(OTHER_TYPES.iter().find(|kind| root.has(kind)).map_or_else(|| ApiError::missing("type"), |kind| wrong_type(kind))),
    }
}

fn wrong_type(kind: &str) -> ApiError {
    match OTHER_TYPES.iter().find(|known| known.eq_ignore_ascii_case(kind)) {
        Some(known) => ApiError::new(Code::UnsupportedType, format!("this server cannot send messages of type {known}; supported are {SUPPORTED}")),
        None => {
            let kind: String = kind.chars().filter(|c| !c.is_control()).take(40).collect();
            ApiError::invalid_parameter(format!("type {kind:?} is unknown; supported are {SUPPORTED}"))
        }
    }
}

fn read_receipt(root: &Object<'_>) -> Result<Request, ApiError> {
    if !root.required_text("status")?.eq_ignore_ascii_case("read") {
        return Err(ApiError::invalid_parameter("status must be read"));
    }
    let message = id("message_id", root.required_text("message_id")?)?;
    let typing = match root.object("typing_indicator")? {
        None => false,
        Some(indicator) => {
            indicator.only(&["type"])?;
            if !indicator.required_text("type")?.eq_ignore_ascii_case("text") {
                return Err(ApiError::invalid_parameter("typing_indicator.type must be text"));
            }
            true
        }
    };
    Ok(Request::Read { message, typing })
}

fn text(root: &Object<'_>) -> Result<What, ApiError> {
    let text = root.object("text")?.ok_or_else(|| ApiError::missing("text"))?;
    text.only(&["body", "preview_url"])?;
    let body = text.required_text("body")?;
    at_most(&text.path("body"), body, limits::TEXT_CHARS)?;
    Ok(What::Text { body: body.to_owned(), preview_url: text.boolean("preview_url")?.unwrap_or(false) })
}

fn template(root: &Object<'_>) -> Result<What, ApiError> {
    let template = root.object("template")?.ok_or_else(|| ApiError::missing("template"))?;
    Ok(What::Template(sent::parse(&template)?))
}

fn outbound(root: &Object<'_>, what: What) -> Result<Request, ApiError> {
    let kind = root.text("recipient_type")?.unwrap_or("individual");
    if !kind.eq_ignore_ascii_case("individual") {
        return Err(ApiError::invalid_value("recipient_type must be individual: this server has no groups"));
    }
    let (to, input) = recipient(root)?;
    let reply_to = match root.object("context")? {
        None => None,
        Some(context) => {
            context.only(&["message_id"])?;
            Some(id("context.message_id", context.required_text("message_id")?)?)
        }
    };
    Ok(Request::Send(Box::new(Outbound {
        to,
        input,
        what,
        reply_to,
        callback_data: optional(root, "biz_opaque_callback_data", CALLBACK_DATA_CHARS)?,
        identity_key_hash: optional(root, "recipient_identity_key_hash", KEY_HASH_CHARS)?,
    })))
}

/// `to` wins over `recipient`; each takes what the other does.
fn recipient(root: &Object<'_>) -> Result<(Recipient, String), ApiError> {
    let name = if root.has("to") { "to" } else { "recipient" };
    if !root.has(name) {
        return Err(ApiError::missing("to"));
    }
    let input = root.required_text(name)?;
    let recipient = if is_user_id(input) {
        Recipient::User(input.to_owned())
    } else {
        // The refusal never repeats the number.
        Recipient::Phone(input.parse().map_err(|error| ApiError::invalid_value(format!("{name}: {error}")))?)
    };
    Ok((recipient, input.to_owned()))
}

/// Two capital letters, a dot (and `ENT.` in the form of a parent business), then 1 to 128 letters and digits.
fn is_user_id(text: &str) -> bool {
    let Some((country, id)) = text.split_once('.') else { return false };
    let id = id.strip_prefix("ENT.").unwrap_or(id);
    country.len() == 2
        && country.bytes().all(|byte| byte.is_ascii_uppercase())
        && (1..=128).contains(&id.len())
        && id.bytes().all(|byte| byte.is_ascii_alphanumeric())
}

fn id(path: &str, text: &str) -> Result<MessageId, ApiError> {
    wamid::decode(text).map_err(|error| ApiError::invalid_value(format!("{path}: {error}")))
}

fn optional(root: &Object<'_>, name: &str, chars: usize) -> Result<Option<String>, ApiError> {
    let Some(text) = root.text(name)? else { return Ok(None) };
    at_most(name, text, chars)?;
    Ok(Some(text.to_owned()))
}

fn at_most(path: &str, text: &str, chars: usize) -> Result<(), ApiError> {
    match text.chars().count() {
        count if count > chars => Err(ApiError::invalid_parameter(format!("{path} has {count} characters; at most {chars} are allowed"))),
        _ => Ok(()),
    }
}
