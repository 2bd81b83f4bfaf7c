//! Emoji on messages: each side has one on each message, the newest it chose, until it is taken back.
use crate::{
    messages::{self, Side},
    statistics,
};
use serde::Serialize;
use suki_store::{Row, StoreError, Tx};
use suki_types::{AccountId, ConversationId, MessageId, Timestamp};

/// An emoji on a message.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Reaction {
    /// Whose it is.
    pub from: Side,
    /// The emoji.
    pub emoji: String,
    /// When.
    pub at: Timestamp,
    /// The message it came with.
    #[serde(skip)]
    pub id: MessageId,
}

/// A reaction that is to be stored.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewReaction {
    /// The message it comes with.
    pub id: MessageId,
    /// The message it is on.
    pub target: MessageId,
    /// Whose it is.
    pub from: Side,
    /// The emoji; "" takes the former one back.
    pub emoji: String,
    /// When.
    pub at: Timestamp,
}

/// The reactions on a message, out of emoji, id and time of the customer's and of the business's: six columns that begin at this place.
pub(crate) fn from_row(row: &Row<'_>, first: usize) -> Result<Vec<Reaction>, StoreError> {
    let mut found = Vec::new();
    for (from, first) in [(Side::Customer, first), (Side::Business, first + 3)] {
        let Some(emoji) = row.get::<Option<String>>(first)?.filter(|emoji| !emoji.is_empty()) else { continue };
        found.push(Reaction { from, emoji, id: row.get(first + 1)?, at: row.get(first + 2)? });
    }
    Ok(found)
}

/// Stores a reaction in the place of the side's former one, and counts the customer's for the mood statistic. False when there is nothing to tell: the
/// message is none of this chat, or the side said the same or something newer before.
///
/// # Errors
/// When the store fails.
pub fn store(tx: &mut Tx<'_>, business: AccountId, chat: ConversationId, new: &NewReaction) -> Result<bool, StoreError> {
    if messages::ord_of(tx, business, chat, new.target)?.is_none() {
        return Ok(false);
    }
    let of_business = new.from == Side::Business;
    let before = tx.query_opt(
        "SELECT emoji, at FROM message_reaction WHERE business = ?1 AND message = ?2 AND from_business = ?3",
        &[(&business).into(), (&new.target).into(), of_business.into()],
        |row| Ok((row.get::<String>(0)?, row.get::<Timestamp>(1)?)),
    )?;
    let said = before.as_ref().map_or("", |(emoji, _)| emoji.as_str());
    if said == new.emoji || before.as_ref().is_some_and(|(_, at)| *at > new.at) {
        return Ok(false);
    }
    tx.execute(
        "INSERT INTO message_reaction (business, message, from_business, emoji, id, at) VALUES (?1, ?2, ?3, ?4, ?5, ?6)
         ON CONFLICT (business, message, from_business) DO UPDATE SET emoji = excluded.emoji, id = excluded.id, at = excluded.at",
        &[(&business).into(), (&new.target).into(), of_business.into(), new.emoji.as_str().into(), (&new.id).into(), new.at.into()],
    )?;
    if !of_business {
        let former = before.as_ref().filter(|(emoji, _)| !emoji.is_empty()).map(|(emoji, at)| (emoji.as_str(), *at));
        statistics::reacted(tx, business, former, &new.emoji, new.at)?;
    }
    Ok(true)
}
