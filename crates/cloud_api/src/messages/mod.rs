//! `POST /P/messages`: a message of any type, or that one was read, with or without a typing signal (sections 3a and 3b). Each type has its file.
mod bounds;
mod contacts;
pub(crate) mod file;
mod interactive;
pub mod marketing;
pub(crate) mod place;
mod reaction;

pub use contacts::{Address, Entry, Person, PersonPhone};
pub use file::{File, FileKind};
pub use interactive::{
    Action, AddressRequest, Card, CardHeader, FlowCall, FlowName, Header, Interactive, Link, List, Payment, ProductList, ProductSection, Reply, Row,
    Section, TYPES as INTERACTIVE_TYPES,
};
pub use place::Place;
pub use reaction::{Reaction, is_emoji};

use crate::{
    ApiError, Code, Params,
    groups::GroupId,
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
    /// A file.
    File(File),
    /// A place on the map.
    Location(Place),
    /// People.
    Contacts(Vec<Person>),
    /// An emoji on a message.
    Reaction(Reaction),
    /// What can be pressed, chosen, filled in or bought.
    Interactive(Box<Interactive>),
}

/// Whom a message goes to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Recipient {
    /// A phone number.
    Phone(Phone),
    /// A business-scoped user id, such as `PH.1A2B`.
    User(String),
    /// A group.
    Group(GroupId),
}

/// The types of messages, each with an object of its name.
const TYPES: [&str; 11] = ["text", "image", "video", "audio", "document", "sticker", "location", "contacts", "reaction", "interactive", "template"];
/// What the Cloud API has on its other faces, or only customers send.
const NOT_SENT: [&str; 6] = ["button", "order", "system", "unsupported", "ephemeral", "hsm"];
/// What may stand beside the message's own object. Some programs put `preview_url` here instead of into `text`, to no effect.
const TOP_LEVEL: [&str; 18] = [
    "messaging_product",
    "recipient_type",
    "to",
    "recipient",
    "type",
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
/// 131008 for what is missing, 131009 for what has the wrong value, 131051 for a type that nobody sends, 100 for all else; the details name the field.
pub fn parse(params: &Params) -> Result<Request, ApiError> {
    let root = params.root();
    root.only(&[&TOP_LEVEL[..], &TYPES, &NOT_SENT].concat())?;
    let product = root.required_text("messaging_product")?;
    if !product.eq_ignore_ascii_case("whatsapp") {
        return Err(ApiError::invalid_parameter("messaging_product must be whatsapp"));
    }
    if root.has("status") || root.has("typing_indicator") {
        return read_receipt(&root);
    }
    let what = what(&root, kind(&root)?)?;
    outbound(&root, what)
}

/// What `type` says; where it is missing, the one object that is there says it.
fn kind(root: &Object<'_>) -> Result<&'static str, ApiError> {
    match root.text("type")? {
        Some(given) => TYPES.into_iter().find(|kind| kind.eq_ignore_ascii_case(given.trim())).ok_or_else(|| wrong_type(given)),
        None => TYPES.into_iter().find(|kind| root.has(kind)).ok_or_else(|| ApiError::missing("type")),
    }
}

fn wrong_type(kind: &str) -> ApiError {
    let types = TYPES.join(", ");
    match NOT_SENT.iter().find(|known| known.eq_ignore_ascii_case(kind)) {
        Some(known) => ApiError::new(Code::UnsupportedType, format!("messages of type {known} cannot be sent; supported are {types}")),
        None => {
            let kind: String = kind.chars().filter(|c| !c.is_control()).take(40).collect();
            ApiError::invalid_parameter(format!("type {kind:?} is unknown; supported are {types}"))
        }
    }
}

fn what(root: &Object<'_>, kind: &'static str) -> Result<What, ApiError> {
    if let Some(file) = FileKind::of(kind) {
        return file::file(&bounds::object(root, kind)?, file).map(What::File);
    }
    match kind {
        "text" => text(root),
        "location" => place::place(&bounds::object(root, kind)?).map(What::Location),
        "contacts" => contacts::contacts(root).map(What::Contacts),
        "reaction" => reaction::reaction(&bounds::object(root, kind)?).map(What::Reaction),
        "interactive" => interactive::interactive(&bounds::object(root, kind)?).map(|one| What::Interactive(Box::new(one))),
        _ => sent::parse(&bounds::object(root, kind)?).map(What::Template),
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

fn outbound(root: &Object<'_>, what: What) -> Result<Request, ApiError> {
    let kind = root.text("recipient_type")?.unwrap_or("individual");
    let (to, input) = match kind {
        kind if kind.eq_ignore_ascii_case("individual") => recipient(root)?,
        kind if kind.eq_ignore_ascii_case("group") => group(root)?,
        _ => return Err(ApiError::invalid_value("recipient_type must be individual or group")),
    };
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

/// The group that `to` names.
fn group(root: &Object<'_>) -> Result<(Recipient, String), ApiError> {
    let input = root.required_text("to")?;
    let unknown = |_| ApiError::new(Code::GroupUnknown, "to: this is no group's id; GET /{phone_number_id}/groups lists them");
    Ok((Recipient::Group(input.parse().map_err(unknown)?), input.to_owned()))
}

/// `to` wins over `recipient`; each takes what the other does.
fn recipient(root: &Object<'_>) -> Result<(Recipient, String), ApiError> {
    let name = if root.has("to") { "to" } else { "recipient" };
    if !root.has(name) {
        return Err(ApiError::missing("to"));
    }
    let input = root.scalar(name)?.filter(|input| !input.trim().is_empty()).ok_or_else(|| ApiError::missing(name))?.into_owned();
    let recipient = if is_user_id(&input) {
        Recipient::User(input.clone())
    } else {
        // The refusal never repeats the number.
        Recipient::Phone(input.parse().map_err(|error| ApiError::invalid_value(format!("{name}: {error}")))?)
    };
    Ok((recipient, input))
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
