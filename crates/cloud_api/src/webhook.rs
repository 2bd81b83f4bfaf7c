//! Events on their way to a program's webhook: messages, statuses and errors (sections 3c, 3f and 3g).
//!
//! One change a delivery, because many receivers read only the first. Times are strings of seconds. Everything that is not ASCII is escaped, and
//! the bytes that are signed are the bytes that are sent.
pub use crate::webhook_message::{Context, Message, Text};
use crate::{ApiError, Code, ObjectId};
use serde::{Deserialize, Serialize};
pub use serde_json::Value;
use serde_json::json;
use suki_types::{Phone, Timestamp};

/// The most bytes of a delivery (section 3e).
pub const MAX_BYTES: usize = 3 * 1024 * 1024;

/// A delivery.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Notification {
    /// `whatsapp_business_account`.
    pub object: String,
    /// What happened, account by account.
    pub entry: Vec<Entry>,
}

/// What happened to one business account.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Entry {
    /// The account.
    pub id: ObjectId,
    /// What happened.
    pub changes: Vec<Change>,
}

/// One thing that happened.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Change {
    /// What it is about, field by field.
    pub value: ChangeValue,
    /// The webhook field: `messages`.
    pub field: String,
}

/// The value of the field `messages`.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct ChangeValue {
    /// `whatsapp`.
    #[serde(default)]
    pub messaging_product: String,
    /// Which of the business's numbers.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub metadata: Option<Metadata>,
    /// Who wrote, or whom it was sent to.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub contacts: Vec<Contact>,
    /// Messages of customers.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub messages: Vec<Message>,
    /// What became of the business's messages.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub statuses: Vec<Status>,
    /// Errors that belong to no message.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub errors: Vec<ErrorItem>,
}

/// A business's number.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Metadata {
    /// Its digits.
    pub display_phone_number: String,
    /// Its id.
    pub phone_number_id: ObjectId,
}

/// A customer.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Contact {
    /// How he calls himself.
    #[serde(default)]
    pub profile: Profile,
    /// His number's digits; absent when he has none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub wa_id: Option<String>,
    /// His business-scoped user id.
    #[serde(default)]
    pub user_id: String,
    /// A hash of his keys, for those who wish to be told of others.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub identity_key_hash: Option<String>,
}

/// How a customer calls himself.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Profile {
    /// His name.
    #[serde(default)]
    pub name: String,
    /// His username.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub username: Option<String>,
}

/// What became of a business's message.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Status {
    /// The message.
    pub id: String,
    /// How far it came.
    pub status: Progress,
    /// When.
    #[serde(with = "seconds")]
    pub timestamp: Timestamp,
    /// The customer's digits; absent when he has no number.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub recipient_id: Option<String>,
    /// The customer's business-scoped user id.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub recipient_user_id: String,
    /// `group`, of a message to one; then `recipient_id` is the group's.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub recipient_type: Option<String>,
    /// The participant's digits; absent when he has no number.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub recipient_participant_id: Option<String>,
    /// The participant's business-scoped user id.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub recipient_participant_user_id: Option<String>,
    /// For which keys of the customer the request said that it is.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub recipient_identity_key_hash: Option<String>,
    /// What the request said.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub biz_opaque_callback_data: Option<String>,
    /// The conversation it was counted in.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub conversation: Option<Conversation>,
    /// What it costs; with `sent`, and with one of `delivered` and `read`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub pricing: Option<Pricing>,
    /// Why it failed.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub errors: Vec<ErrorItem>,
}

/// How far a message came.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Progress {
    /// The network has it.
    Sent,
    /// A device of the customer has it.
    Delivered,
    /// The customer saw it.
    Read,
    /// The customer played it.
    Played,
    /// It will not arrive.
    Failed,
}

impl Progress {
    /// As deliveries write it.
    pub fn word(self) -> &'static str {
        match self {
            Self::Sent => "sent",
            Self::Delivered => "delivered",
            Self::Read => "read",
            Self::Played => "played",
            Self::Failed => "failed",
        }
    }
}

/// The conversation a message was counted in.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Conversation {
    /// Its id.
    pub id: String,
    /// When it ends; with `sent` only.
    #[serde(default, with = "optional_seconds", skip_serializing_if = "Option::is_none")]
    pub expiration_timestamp: Option<Timestamp>,
    /// What opened it.
    pub origin: Origin,
}

/// What opened a conversation.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Origin {
    /// The category: `service` when the customer did.
    #[serde(rename = "type")]
    pub kind: String,
}

/// What a message costs.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Pricing {
    /// Whether it is on the bill.
    #[serde(default)]
    pub billable: bool,
    /// `PMP`: by message.
    pub pricing_model: String,
    /// Why it costs what it costs: `regular`, `free_customer_service` or `free_entry_point`.
    #[serde(rename = "type", default)]
    pub kind: String,
    /// The category the rate is of.
    pub category: String,
}

impl Pricing {
    /// Free text in the customer's window: free.
    pub fn free_service() -> Self {
        Self { billable: false, pricing_model: "PMP".into(), kind: "free_customer_service".into(), category: "service".into() }
    }
}

/// An error within a delivery.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ErrorItem {
    /// The Cloud API code.
    pub code: i32,
    /// Its title.
    #[serde(default)]
    pub title: String,
    /// The same as the title.
    #[serde(default)]
    pub message: String,
    /// More about it.
    #[serde(default)]
    pub error_data: ErrorData,
}

/// More about an error.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct ErrorData {
    /// What was wrong, what is allowed, what to do.
    #[serde(default)]
    pub details: String,
}

impl ErrorItem {
    /// The error with its details; an unknown code becomes 131000.
    pub fn new(code: i32, details: impl Into<String>) -> Self {
        let code = Code::from_number(code).unwrap_or(Code::SomethingWentWrong);
        let title = code.title().to_owned();
        Self { code: code.number(), message: title.clone(), title, error_data: ErrorData { details: details.into() } }
    }
}

/// Whose webhook it is: the account and its number.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Source {
    /// The business account.
    pub account: ObjectId,
    /// The id of its phone number.
    pub phone_number: ObjectId,
    /// The phone number.
    pub phone: Phone,
}

impl Source {
    fn notification(&self, value: ChangeValue) -> Notification {
        let metadata = Metadata { display_phone_number: self.phone.digits().to_owned(), phone_number_id: self.phone_number };
        let value = ChangeValue { messaging_product: "whatsapp".into(), metadata: Some(metadata), ..value };
        let change = Change { value, field: "messages".into() };
        Notification { object: crate::subscriptions::OBJECT.into(), entry: vec![Entry { id: self.account, changes: vec![change] }] }
    }

    /// A customer wrote.
    pub fn message(&self, contact: Contact, message: Message) -> Notification {
        self.notification(ChangeValue { contacts: vec![contact], messages: vec![message], ..ChangeValue::default() })
    }

    /// Something has changed about a customer himself: a message without contacts.
    pub fn system(&self, message: Message) -> Notification {
        self.notification(ChangeValue { messages: vec![message], ..ChangeValue::default() })
    }

    /// How far a message to a group came with some of its participants.
    pub fn statuses(&self, contacts: Vec<Contact>, statuses: Vec<Status>) -> Notification {
        self.notification(ChangeValue { contacts, statuses, ..ChangeValue::default() })
    }

    /// A message of the business came further, or failed.
    pub fn status(&self, contact: Contact, status: Status) -> Notification {
        self.notification(ChangeValue { contacts: vec![contact], statuses: vec![status], ..ChangeValue::default() })
    }

    /// Something of the messages' family that has a field of its own, such as `user_preferences`: the bytes to sign and send. `value` is the object
    /// without what every such value has.
    pub fn event(&self, field: &str, mut value: Value) -> Vec<u8> {
        value["messaging_product"] = "whatsapp".into();
        value["metadata"] = json!({"display_phone_number": self.phone.digits(), "phone_number_id": self.phone_number});
        let entry = json!({"id": self.account, "changes": [{"value": value, "field": field}]});
        ascii(&json!({"object": crate::subscriptions::OBJECT, "entry": [entry]}))
    }

    /// Something of the account itself, such as a template's status: the bytes to sign and send. Such entries carry the time, and their values name
    /// no number (section 3c).
    pub fn account_event(&self, field: &str, value: &Value, at: Timestamp) -> Vec<u8> {
        let entry = json!({"id": self.account, "time": at.seconds(), "changes": [{"value": value, "field": field}]});
        ascii(&json!({"object": crate::subscriptions::OBJECT, "entry": [entry]}))
    }

    /// Something went wrong that belongs to no message.
    pub fn error(&self, error: ErrorItem) -> Notification {
        self.notification(ChangeValue { errors: vec![error], ..ChangeValue::default() })
    }
}

impl Status {
    /// How far the message to this customer came. `sent` and `delivered` tell the price; the caller adds it to a `read` that no `delivered` precedes.
    pub fn new(contact: &Contact, id: String, status: Progress, at: Timestamp) -> Self {
        Self {
            id,
            status,
            timestamp: at,
            recipient_id: contact.wa_id.clone(),
            recipient_user_id: contact.user_id.clone(),
            recipient_type: None,
            recipient_participant_id: None,
            recipient_participant_user_id: None,
            recipient_identity_key_hash: None,
            biz_opaque_callback_data: None,
            conversation: None,
            pricing: matches!(status, Progress::Sent | Progress::Delivered).then(Pricing::free_service),
            errors: Vec::new(),
        }
    }

    /// The same of a message to a group: how far it came with this participant.
    pub fn of_group(self, group: String, participant: &Contact) -> Self {
        Self {
            recipient_id: Some(group),
            recipient_user_id: String::new(),
            recipient_type: Some("group".into()),
            recipient_participant_id: participant.wa_id.clone(),
            recipient_participant_user_id: (!participant.user_id.is_empty()).then(|| participant.user_id.clone()),
            ..self
        }
    }
}

impl Notification {
    /// The bytes to sign and send.
    pub fn to_bytes(&self) -> Vec<u8> {
        ascii(self)
    }

    /// Reads a delivery. Fields that are not known here are ignored.
    ///
    /// # Errors
    /// 100 when it has more than 3 MiB, is no JSON or has another shape.
    pub fn from_bytes(bytes: &[u8]) -> Result<Self, ApiError> {
        if bytes.len() > MAX_BYTES {
            return Err(ApiError::invalid_parameter(format!("the delivery has {} bytes; at most {MAX_BYTES} are read", bytes.len())));
        }
        serde_json::from_slice(bytes).map_err(|error| {
            let (line, column) = (error.line(), error.column());
            ApiError::invalid_parameter(format!("the delivery is no notification: the mistake is at line {line}, column {column}"))
        })
    }
}

fn ascii(value: &impl Serialize) -> Vec<u8> {
    let mut bytes = Vec::new();
    let mut serializer = serde_json::Serializer::with_formatter(&mut bytes, Ascii);
    value.serialize(&mut serializer).expect("strings, numbers and lists go into memory without fail");
    bytes
}

/// Writes JSON with everything escaped that is not ASCII, as `\uXXXX` in UTF-16.
struct Ascii;

impl serde_json::ser::Formatter for Ascii {
    fn write_string_fragment<W: std::io::Write + ?Sized>(&mut self, writer: &mut W, fragment: &str) -> std::io::Result<()> {
        for part in fragment.split_inclusive(|c: char| !c.is_ascii()) {
            let plain = part.trim_end_matches(|c: char| !c.is_ascii());
            writer.write_all(plain.as_bytes())?;
            for unit in part[plain.len()..].encode_utf16() {
                write!(writer, "\\u{unit:04x}")?;
            }
        }
        Ok(())
    }
}

pub(crate) mod seconds {
    use super::Timestamp;
    use serde::{Deserialize, Deserializer, Serializer, de::Error};

    pub fn serialize<S: Serializer>(at: &Timestamp, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(&at.seconds())
    }

    pub fn deserialize<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Timestamp, D::Error> {
        let text = std::borrow::Cow::<'de, str>::deserialize(deserializer)?;
        let seconds: i64 = text.parse().map_err(|_| D::Error::custom("a time is a string of seconds"))?;
        Ok(Timestamp::from_millis(0).plus_seconds(seconds))
    }
}

mod optional_seconds {
    use super::Timestamp;
    use serde::{Deserializer, Serializer};

    pub fn serialize<S: Serializer>(at: &Option<Timestamp>, serializer: S) -> Result<S::Ok, S::Error> {
        match at {
            Some(at) => super::seconds::serialize(at, serializer),
            None => serializer.serialize_none(),
        }
    }

    pub fn deserialize<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<Timestamp>, D::Error> {
        super::seconds::deserialize(deserializer).map(Some)
    }
}
