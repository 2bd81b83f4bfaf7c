//! Messages as the inbox shows them, and how they are stored.
use crate::{
    contacts::Contact,
    customer_groups,
    reactions::{self, Reaction},
};
use prost::Message as _;
use serde::Serialize;
use suki_cloud_api::{ObjectId, wamid, webhook::Progress};
use suki_protocol::{content, pb, template::Shown};
use suki_store::{Row, StoreError, Tx, Value};
use suki_types::{AccountId, ConversationId, MessageId, OperatorId, Timestamp};

/// What became of a message of the business. It only moves forward; failed is final.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "snake_case")]
#[repr(i64)]
pub enum Status {
    /// Stored here, not yet with the network.
    Pending = 0,
    /// The network has it.
    Sent = 1,
    /// A device of the customer has it.
    Delivered = 2,
    /// The customer has seen it.
    Read = 3,
    /// The customer has listened to it: of sound alone.
    Played = 4,
    /// The network refused it.
    Failed = 9,
}

impl Status {
    /// What programs are told of it; nothing while the network does not have the message.
    pub(crate) const fn told(self) -> Option<Progress> {
        match self {
            Self::Pending => None,
            Self::Sent => Some(Progress::Sent),
            Self::Delivered => Some(Progress::Delivered),
            Self::Read => Some(Progress::Read),
            Self::Played => Some(Progress::Played),
            Self::Failed => Some(Progress::Failed),
        }
    }

    pub(crate) fn from_stored(value: i64) -> Result<Self, StoreError> {
        Ok(match value {
            0 => Self::Pending,
            1 => Self::Sent,
            2 => Self::Delivered,
            3 => Self::Read,
            4 => Self::Played,
            9 => Self::Failed,
            _ => return Err(StoreError::Corrupt("message status")),
        })
    }
}

/// Who wrote a message.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Side {
    /// The customer.
    Customer,
    /// The business.
    Business,
}

impl Side {
    fn of(from_business: bool) -> Self {
        if from_business { Self::Business } else { Self::Customer }
    }
}

/// By what a message came.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Via {
    /// The customer's device.
    Customer,
    /// An operator in the inbox.
    Inbox,
    /// A program over the Cloud API.
    Api,
}

impl Via {
    /// As it is stored.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Customer => "customer",
            Self::Inbox => "inbox",
            Self::Api => "api",
        }
    }
}

/// The message that another one answers.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Quote {
    /// Its id.
    pub id: MessageId,
    /// Its text.
    pub text: String,
    /// Who wrote it.
    pub from: Side,
}

/// The advertisement, post or link that a customer came from.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Referral {
    /// `ad`, `post` or `link`.
    pub source_type: String,
    /// Where it stands.
    pub source_url: String,
    /// Its headline.
    pub headline: String,
    /// Its words.
    pub body: String,
}

impl From<pb::Referral> for Referral {
    fn from(from: pb::Referral) -> Self {
        Self { source_type: from.source_type, source_url: from.source_url, headline: from.headline, body: from.body }
    }
}

/// Why a message failed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Failure {
    /// The Cloud API error code.
    pub code: i32,
    /// Its title.
    pub title: String,
    /// What was wrong, what is allowed, what to do.
    pub detail: String,
}

impl Failure {
    /// A failure with the title of its code.
    pub fn new(code: i32, detail: impl Into<String>) -> Self {
        Self { code, title: suki_cloud_api::error::title(code.into()), detail: detail.into() }
    }
}

/// An operator, as far as a message names him.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct OperatorName {
    /// Who.
    pub id: OperatorId,
    /// What he is called.
    pub name: String,
}

/// What a message is, with all that is needed to send it again.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub enum Sent {
    /// Words.
    #[default]
    Text,
    /// An approved template, filled in.
    Template {
        /// `<id>.<version>` of the approved text.
        template_id: String,
        /// `MARKETING`, `MARKETING_LITE`, `UTILITY` or `AUTHENTICATION`.
        category: String,
        /// The encoded [`suki_protocol::pb::Template`].
        content: Vec<u8>,
    },
    /// The customer pressed a template's button.
    Button {
        /// What the business had put behind it.
        payload: String,
    },
    /// Anything else: a file, a place, what can be pressed or was chosen; and words that came with more than words.
    Rich {
        /// As the Cloud API names it: see [`content::kind`].
        kind: &'static str,
        /// The encoded [`pb::Content`], without what it answers and the sender's name.
        content: Vec<u8>,
    },
}

impl Sent {
    pub(crate) fn kind(&self) -> &'static str {
        match self {
            Self::Text => "text",
            Self::Template { .. } => "template",
            Self::Button { .. } => "button",
            Self::Rich { kind, .. } => kind,
        }
    }

    /// Of a content, unless it is nothing that is shown, or a template.
    pub fn of(content: &pb::Content) -> Option<Self> {
        let body = content.body.as_ref()?;
        let extra = content.forwards > 0 || content.referral.is_some() || content.about_product.is_some();
        match body {
            pb::content::Body::Template(_) | pb::content::Body::Reaction(_) => None,
            pb::content::Body::Text(_) if !extra => Some(Self::Text),
            pb::content::Body::ButtonReply(reply) => Some(Self::Button { payload: reply.payload.clone() }),
            body => {
                let kind = content::kind(body)?;
                let kept = pb::Content { reply_to: Vec::new(), sender_name: String::new(), ..content.clone() };
                Some(Self::Rich { kind, content: kept.encode_to_vec() })
            }
        }
    }

    /// What a [`Sent::Rich`] says.
    pub fn rich(&self) -> Option<pb::Content> {
        let Self::Rich { content, .. } = self else { return None };
        pb::Content::decode(&content[..]).ok()
    }

    fn from_row(row: &Row<'_>, first: usize) -> Result<Self, StoreError> {
        let content = || Ok::<_, StoreError>(row.get::<Option<Vec<u8>>>(first + 3)?.unwrap_or_default());
        Ok(match row.get::<String>(first)?.as_str() {
            "text" if row.get::<Option<Vec<u8>>>(first + 3)?.is_none() => Self::Text,
            "template" => Self::Template { template_id: row.get(first + 1)?, category: row.get(first + 2)?, content: content()? },
            "button" => Self::Button { payload: String::from_utf8(content()?).map_err(|_| StoreError::Corrupt("message content"))? },
            other => {
                let kind = RICH_KINDS.into_iter().find(|kind| *kind == other).ok_or(StoreError::Corrupt("message kind"))?;
                Self::Rich { kind, content: content()? }
            }
        })
    }
}

/// The kinds of [`Sent::Rich`] as they are stored.
const RICH_KINDS: [&str; 11] =
    ["text", "image", "video", "audio", "document", "sticker", "location", "contacts", "interactive", "order", UNSUPPORTED];
/// What a customer's newer device says, and nobody here can read.
pub(crate) const UNSUPPORTED: &str = "unsupported";

/// What it holds beyond words, and where it came from.
fn shown(sent: &Sent) -> (Option<serde_json::Value>, Option<Referral>) {
    let Some(rich) = sent.rich() else { return (None, None) };
    (rich.body.as_ref().and_then(content::shown), rich.referral.map(Referral::from))
}

/// A message.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Message {
    /// Its id.
    pub id: MessageId,
    /// Its id in the Cloud API.
    pub wamid: String,
    /// The chat it belongs to.
    pub chat: ConversationId,
    /// Who wrote it.
    pub from: Side,
    /// What it is, in the Cloud API's words: `text`, `image`, `interactive` and so on.
    #[serde(rename = "type")]
    pub kind: &'static str,
    /// The text; of a template all that it says, of a button what stands on it.
    pub text: String,
    /// What the reader of a template sees.
    pub template: Option<Shown>,
    /// What it holds beyond words: see [`content::shown`].
    pub content: Option<serde_json::Value>,
    /// The advertisement, post or link that the customer came from.
    pub referral: Option<Referral>,
    /// What was sent.
    #[serde(skip)]
    pub sent: Sent,
    /// Whether its reader's device may show a preview of its first link.
    #[serde(skip)]
    pub preview_url: bool,
    /// What it answers.
    pub reply_to: Option<Quote>,
    /// When: the network's time once it has it.
    pub at: Timestamp,
    /// Its place within the chat.
    pub order: i64,
    /// What became of it; none on the customer's.
    pub status: Option<Status>,
    /// Why it failed.
    pub error: Option<Failure>,
    /// The operator who wrote it.
    pub operator: Option<OperatorName>,
    /// The participant who wrote it, in a group; none of the business's own, and where there is one customer only.
    pub author: Option<Contact>,
    /// By what it came.
    pub via: Via,
    /// The emoji on it: at most one of each side.
    pub reactions: Vec<Reaction>,
}

/// A message to be stored.
#[derive(Debug, Clone)]
pub struct NewMessage {
    /// Its id.
    pub id: MessageId,
    /// Who wrote it.
    pub from: Side,
    /// The text; of a template all that it says, of a button what stands on it.
    pub text: String,
    /// What it is.
    pub sent: Sent,
    /// What the reader of a template sees.
    pub template: Option<Shown>,
    /// Whether its reader's device may show a preview of its first link.
    pub preview_url: bool,
    /// What it answers.
    pub reply_to: Option<MessageId>,
    /// When.
    pub at: Timestamp,
    /// The operator who wrote it.
    pub operator: Option<OperatorId>,
    /// By what it came.
    pub via: Via,
    /// The app that sent it.
    pub app: Option<ObjectId>,
    /// `biz_opaque_callback_data`: comes back in its statuses.
    pub callback_data: String,
}

impl NewMessage {
    /// The message as it stands once it is stored at this place. None when it names an operator or another message: those have to be read.
    pub(crate) fn stored(&self, chat: ConversationId, order: i64) -> Option<Message> {
        let (content, referral) = shown(&self.sent);
        (self.operator.is_none() && self.reply_to.is_none()).then(|| Message {
            id: self.id,
            wamid: wamid::encode(self.id),
            chat,
            from: self.from,
            kind: self.sent.kind(),
            text: self.text.clone(),
            template: self.template.clone(),
            content,
            referral,
            sent: self.sent.clone(),
            preview_url: self.preview_url,
            reply_to: None,
            at: self.at,
            order,
            status: (self.from == Side::Business).then_some(Status::Pending),
            error: None,
            operator: None,
            author: None,
            via: self.via,
            reactions: Vec::new(),
        })
    }
}

const COLUMNS: &str = "SELECT m.id, m.chat, m.ord, m.from_business, m.text, m.at, m.status, m.error_code, m.error_detail, m.via, m.operator, o.name,
        m.reply_to, q.text, q.from_business, m.preview_url, m.kind, m.template_id, m.template_category, m.content, m.shown,
        rc.emoji, rc.id, rc.at, rb.emoji, rb.id, rb.at
    FROM message m
    LEFT JOIN operator o ON o.business = m.business AND o.id = m.operator
    LEFT JOIN message q ON q.business = m.business AND q.id = m.reply_to
    LEFT JOIN message_reaction rc ON rc.business = m.business AND rc.message = m.id AND rc.from_business = 0
    LEFT JOIN message_reaction rb ON rb.business = m.business AND rb.message = m.id AND rb.from_business = 1 ";

fn from_row(row: &Row<'_>) -> Result<Message, StoreError> {
    let id: MessageId = row.get(0)?;
    let from_business: bool = row.get(3)?;
    let status = Status::from_stored(row.get(6)?)?;
    let code: i64 = row.get(7)?;
    let via = match row.get::<String>(9)?.as_str() {
        "customer" => Via::Customer,
        "inbox" => Via::Inbox,
        "api" => Via::Api,
        _ => return Err(StoreError::Corrupt("message via")),
    };
    let operator: Option<OperatorId> = row.get(10)?;
    let name: Option<String> = row.get(11)?;
    let sent = Sent::from_row(row, 16)?;
    let template: Option<String> = row.get(20)?;
    let template = template.map(|json| serde_json::from_str(&json)).transpose().map_err(|_| StoreError::Corrupt("message shown"))?;
    let quoted: Option<MessageId> = row.get(12)?;
    let quote: Option<String> = row.get(13)?;
    let reply_to = match (quoted, quote) {
        (Some(id), Some(text)) => Some(Quote { id, text, from: Side::of(row.get(14)?) }),
        _ => None,
    };
    let (content, referral) = shown(&sent);
    Ok(Message {
        id,
        wamid: wamid::encode(id),
        chat: row.get(1)?,
        from: Side::of(from_business),
        kind: sent.kind(),
        text: row.get(4)?,
        template,
        content,
        referral,
        sent,
        preview_url: row.get(15)?,
        reply_to,
        at: row.get(5)?,
        order: row.get(2)?,
        status: from_business.then_some(status),
        error: match i32::try_from(code) {
            Ok(0) | Err(_) => None,
            Ok(code) => Some(Failure::new(code, row.get::<String>(8)?)),
        },
        operator: operator.map(|id| OperatorName { id, name: name.unwrap_or_default() }),
        author: None,
        via,
        reactions: reactions::from_row(row, 21)?,
    })
}

/// The message with this id.
///
/// # Errors
/// When the store fails.
pub fn get(tx: &mut Tx<'_>, business: AccountId, id: MessageId) -> Result<Option<Message>, StoreError> {
    let found = tx.query_opt(&format!("{COLUMNS} WHERE m.business = ?1 AND m.id = ?2"), &[(&business).into(), (&id).into()], from_row)?;
    let Some(mut message) = found else { return Ok(None) };
    customer_groups::authors(tx, business, std::slice::from_mut(&mut message))?;
    Ok(Some(message))
}

/// Whether there is a message with this id.
///
/// # Errors
/// When the store fails.
pub fn exists(tx: &mut Tx<'_>, business: AccountId, id: MessageId) -> Result<bool, StoreError> {
    let sql = "SELECT 1 FROM message WHERE business = ?1 AND id = ?2";
    Ok(tx.query_opt(sql, &[(&business).into(), (&id).into()], |_| Ok(()))?.is_some())
}

/// A page of a chat, oldest first, that ends before the message `before` (or with the newest); and whether there are older ones.
///
/// # Errors
/// When the store fails.
pub fn page(
    tx: &mut Tx<'_>,
    business: AccountId,
    chat: ConversationId,
    before: Option<MessageId>,
    limit: usize,
) -> Result<(Vec<Message>, bool), StoreError> {
    let end = match before {
        None => i64::MAX,
        Some(id) => ord_of(tx, business, chat, id)?.unwrap_or(0),
    };
    let params: [Value<'_>; 4] = [(&business).into(), (&chat).into(), end.into(), (limit as i64 + 1).into()];
    let sql = format!("{COLUMNS} WHERE m.business = ?1 AND m.chat = ?2 AND m.ord < ?3 ORDER BY m.ord DESC LIMIT ?4");
    let mut found = tx.query(&sql, &params, from_row)?;
    let more = found.len() > limit;
    found.truncate(limit);
    found.reverse();
    customer_groups::authors(tx, business, &mut found)?;
    Ok((found, more))
}

/// The place of a message within a chat; none when it does not belong to it.
///
/// # Errors
/// When the store fails.
pub fn ord_of(tx: &mut Tx<'_>, business: AccountId, chat: ConversationId, id: MessageId) -> Result<Option<i64>, StoreError> {
    tx.query_opt(
        "SELECT ord FROM message WHERE business = ?1 AND id = ?2 AND chat = ?3",
        &[(&business).into(), (&id).into(), (&chat).into()],
        |row| row.get(0),
    )
}

/// Stores a message at the end of its chat, and moves the chat to the top. Returns its place.
///
/// # Errors
/// When the store fails; [`StoreError::NotFound`] when there is no such chat.
pub fn insert(tx: &mut Tx<'_>, business: AccountId, chat: ConversationId, new: &NewMessage) -> Result<i64, StoreError> {
    let incoming = i64::from(new.from == Side::Customer);
    let (ord, incoming_no): (i64, i64) = tx.query_one(
        "UPDATE chat SET last_ord = last_ord + 1, incoming = incoming + ?3, updated_at = ?4 WHERE business = ?1 AND id = ?2
         RETURNING last_ord, incoming",
        &[(&business).into(), (&chat).into(), incoming.into(), new.at.into()],
        |row| Ok((row.get(0)?, row.get(1)?)),
    )?;
    let status = if new.from == Side::Customer { Status::Read } else { Status::Pending };
    let (template_id, category, content) = match &new.sent {
        Sent::Text => ("", "", None),
        Sent::Template { template_id, category, content } => (template_id.as_str(), category.as_str(), Some(content.as_slice())),
        Sent::Button { payload } => ("", "", Some(payload.as_bytes())),
        Sent::Rich { content, .. } => ("", "", Some(content.as_slice())),
    };
    let shown = new.template.as_ref().map(serde_json::to_string).transpose().map_err(|_| StoreError::Corrupt("message shown"))?;
    tx.execute(
        "INSERT INTO message (business, chat, ord, id, from_business, text, reply_to, at, status, error_code, error_detail, operator, via, app,
            callback_data, incoming_no, preview_url, kind, template_id, template_category, content, shown)
         VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, 0, '', ?10, ?11, ?12, ?13, ?14, ?15, ?16, ?17, ?18, ?19, ?20)",
        &[
            (&business).into(),
            (&chat).into(),
            ord.into(),
            (&new.id).into(),
            (new.from == Side::Business).into(),
            new.text.as_str().into(),
            new.reply_to.as_ref().into(),
            new.at.into(),
            (status as i64).into(),
            new.operator.as_ref().into(),
            new.via.as_str().into(),
            new.app.map(ObjectId::number).into(),
            new.callback_data.as_str().into(),
            (incoming * incoming_no).into(),
            new.preview_url.into(),
            new.sent.kind().into(),
            template_id.into(),
            category.into(),
            content.into(),
            shown.as_deref().into(),
        ],
    )?;
    Ok(ord)
}
