//! Chats as the inbox shows them.
use crate::{
    Error,
    contacts::{self, Contact},
    messages::{Side, Status},
};
use serde::Serialize;
use suki_store::{Row, StoreError, Tx};
use suki_types::{AccountId, ConversationId, MessageId, OperatorId, Timestamp};

/// The newest message of a chat.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Last {
    /// Its id.
    pub id: MessageId,
    /// Its text.
    pub text: String,
    /// What it is, as with messages.
    #[serde(rename = "type")]
    pub kind: String,
    /// Who wrote it.
    pub from: Side,
    /// When.
    pub at: Timestamp,
    /// What became of it; none on the customer's.
    pub status: Option<Status>,
}

/// A chat with one customer, as one operator sees it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Chat {
    /// Its id: the conversation's.
    pub id: ConversationId,
    /// With whom.
    pub contact: Contact,
    /// Its newest message.
    pub last: Option<Last>,
    /// How many messages this operator has not seen.
    pub unread: i64,
    /// Until when free text may be sent.
    pub window_until: Option<Timestamp>,
    /// Whether that is soon, and the customer waits for an answer (R97).
    pub window_warning: bool,
    /// When something was last written.
    pub updated_at: Timestamp,
    /// How many messages the customer has written.
    #[serde(skip)]
    pub incoming: i64,
}

impl Chat {
    /// Whether the last word is the customer's. A message of the business that failed is none.
    pub fn waits(&self) -> bool {
        self.last.as_ref().is_some_and(Last::waits)
    }
}

impl Last {
    fn waits(&self) -> bool {
        self.from == Side::Customer || self.status == Some(Status::Failed)
    }
}

/// Where a page of chats goes on: after the chat that was changed then and has this id.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Cursor(Timestamp, ConversationId);

impl Cursor {
    /// As text for a URL.
    pub fn encode(self) -> String {
        format!("{}-{}", self.0.millis(), self.1)
    }

    /// From the text of a URL.
    ///
    /// # Errors
    /// When it is none that this server gave out.
    pub fn decode(text: &str) -> Result<Self, Error> {
        let wrong = || Error::Invalid("before: take the value of next from the page before".into());
        let (millis, chat) = text.split_once('-').ok_or_else(wrong)?;
        Ok(Self(Timestamp::from_millis(millis.parse().map_err(|_| wrong())?), chat.parse().map_err(|_| wrong())?))
    }
}

const COLUMNS: &str = "SELECT c.id, c.contact, c.window_until, c.incoming, c.updated_at, s.incoming, m.id, m.text, m.from_business, m.at, m.status,
    c.warned_until, m.kind
    FROM chat c
    LEFT JOIN chat_seen s ON s.business = c.business AND s.chat = c.id AND s.operator = ?2
    LEFT JOIN message m ON m.business = c.business AND m.chat = c.id AND m.ord = c.last_ord ";

struct Found {
    chat: ConversationId,
    contact: AccountId,
    window_until: Option<Timestamp>,
    warned_until: Timestamp,
    incoming: i64,
    updated_at: Timestamp,
    seen: i64,
    last: Option<Last>,
}

fn from_row(row: &Row<'_>) -> Result<Found, StoreError> {
    let last = match row.get::<Option<MessageId>>(6)? {
        None => None,
        Some(id) => {
            let from_business: bool = row.get(8)?;
            let status = Status::from_stored(row.get(10)?)?;
            let from = if from_business { Side::Business } else { Side::Customer };
            Some(Last { id, text: row.get(7)?, kind: row.get(12)?, from, at: row.get(9)?, status: from_business.then_some(status) })
        }
    };
    Ok(Found {
        chat: row.get(0)?,
        contact: row.get(1)?,
        window_until: row.get(2)?,
        warned_until: row.get(11)?,
        incoming: row.get(3)?,
        updated_at: row.get(4)?,
        seen: row.get::<Option<i64>>(5)?.unwrap_or(0),
        last,
    })
}

fn complete(tx: &mut Tx<'_>, business: AccountId, found: Found) -> Result<Chat, StoreError> {
    let waits = found.last.as_ref().is_some_and(Last::waits);
    Ok(Chat {
        id: found.chat,
        contact: contacts::get(tx, business, found.contact)?,
        last: found.last,
        unread: (found.incoming - found.seen).max(0),
        window_until: found.window_until,
        window_warning: waits && found.window_until == Some(found.warned_until),
        updated_at: found.updated_at,
        incoming: found.incoming,
    })
}

/// A chat as this operator sees it.
///
/// # Errors
/// [`Error::NotFound`] when the business has none with this id.
pub fn get(tx: &mut Tx<'_>, business: AccountId, chat: ConversationId, operator: OperatorId) -> Result<Chat, Error> {
    let sql = format!("{COLUMNS} WHERE c.business = ?1 AND c.id = ?3");
    let found = tx.query_opt(&sql, &[(&business).into(), (&operator).into(), (&chat).into()], from_row)?;
    Ok(complete(tx, business, found.ok_or(Error::NotFound("chat"))?)?)
}

/// A page of chats, the newest first, and where the next one begins. `search` looks into names, usernames and numbers; "" for all.
///
/// # Errors
/// When the store fails.
pub fn page(
    tx: &mut Tx<'_>,
    business: AccountId,
    operator: OperatorId,
    before: Option<Cursor>,
    search: &str,
    limit: usize,
) -> Result<(Vec<Chat>, Option<Cursor>), StoreError> {
    let before = before.unwrap_or(Cursor(Timestamp::from_millis(i64::MAX), ConversationId::from_bytes([0xff; 16])));
    let name = like(&search.to_lowercase());
    let digits: String = search.chars().filter(char::is_ascii_digit).collect();
    let number = if digits.len() < 3 { String::new() } else { like(&digits) };
    let sql = format!(
        "{COLUMNS} WHERE c.business = ?1 AND (c.updated_at, c.id) < (?3, ?4)
           AND (?5 = '' OR EXISTS (SELECT 1 FROM contact t WHERE t.business = c.business AND t.id = c.contact AND t.name_folded LIKE ?5 ESCAPE '!')
             OR (?6 <> '' AND EXISTS (SELECT 1 FROM contact_alias a JOIN contact p ON p.business = a.business AND p.id = a.contact AND p.phone_hidden = 0
               WHERE a.business = c.business AND a.contact = c.contact AND a.kind = 'phone'
               AND a.value LIKE ?6 ESCAPE '!'))
             OR EXISTS (SELECT 1 FROM contact_alias u WHERE u.business = c.business AND u.contact = c.contact AND u.kind = 'username'
               AND u.value LIKE ?5 ESCAPE '!'))
         ORDER BY c.updated_at DESC, c.id DESC LIMIT ?7"
    );
    let params = [
        (&business).into(),
        (&operator).into(),
        before.0.into(),
        (&before.1).into(),
        name.as_str().into(),
        number.as_str().into(),
        (limit as i64 + 1).into(),
    ];
    let mut found = tx.query(&sql, &params, from_row)?;
    let more = found.len() > limit;
    found.truncate(limit);
    let next = if more { found.last().map(|last| Cursor(last.updated_at, last.chat)) } else { None };
    let chats = found.into_iter().map(|one| complete(tx, business, one)).collect::<Result<_, _>>()?;
    Ok((chats, next))
}

/// A pattern for LIKE that finds the text anywhere; "" for "".
fn like(text: &str) -> String {
    if text.is_empty() {
        return String::new();
    }
    let escaped: String = text.chars().flat_map(|c| if "%_!".contains(c) { vec!['!', c] } else { vec![c] }).collect();
    format!("%{escaped}%")
}

/// Notes that an operator has seen a chat up to a message. Returns how many are still unread, and the newest of the customer's messages up to there,
/// so that the customer can be told. Never goes back.
///
/// # Errors
/// [`Error::NotFound`] when the chat has no such message.
pub fn mark_seen(
    tx: &mut Tx<'_>,
    business: AccountId,
    chat: ConversationId,
    operator: Option<OperatorId>,
    up_to: MessageId,
) -> Result<(i64, Option<MessageId>), Error> {
    let found = tx.query_opt(
        "SELECT c.incoming, t.id, t.incoming_no FROM message m
         JOIN chat c ON c.business = m.business AND c.id = m.chat
         LEFT JOIN message t ON t.business = m.business AND t.chat = m.chat
           AND t.ord = (SELECT max(x.ord) FROM message x WHERE x.business = m.business AND x.chat = m.chat AND x.ord <= m.ord AND x.from_business = 0)
         WHERE m.business = ?1 AND m.id = ?2 AND m.chat = ?3",
        &[(&business).into(), (&up_to).into(), (&chat).into()],
        |row| Ok((row.get::<i64>(0)?, row.get::<Option<MessageId>>(1)?, row.get::<Option<i64>>(2)?.unwrap_or(0))),
    )?;
    let (incoming, newest, seen) = found.ok_or(Error::NotFound("message"))?;
    let Some(operator) = operator else { return Ok((incoming - seen, newest)) };
    let seen = tx.query_one(
        "INSERT INTO chat_seen (business, chat, operator, incoming) VALUES (?1, ?2, ?3, ?4)
         ON CONFLICT (business, chat, operator) DO UPDATE
           SET incoming = CASE WHEN excluded.incoming > chat_seen.incoming THEN excluded.incoming ELSE chat_seen.incoming END
         RETURNING incoming",
        &[(&business).into(), (&chat).into(), (&operator).into(), seen.into()],
        |row| row.get::<i64>(0),
    )?;
    Ok(((incoming - seen).max(0), newest))
}

/// How much of a chat each operator has seen, counted in the customer's messages.
///
/// # Errors
/// When the store fails.
pub fn seen_by(tx: &mut Tx<'_>, business: AccountId, chat: ConversationId) -> Result<Vec<(OperatorId, i64)>, StoreError> {
    tx.query("SELECT operator, incoming FROM chat_seen WHERE business = ?1 AND chat = ?2", &[(&business).into(), (&chat).into()], |row| {
        Ok((row.get(0)?, row.get(1)?))
    })
}
