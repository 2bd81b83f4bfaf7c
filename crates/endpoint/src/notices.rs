//! What the network tells the business unasked: each kind is stored where its subject keeps it, in the unit of the stretch it came with.
use crate::{Business, Error, agent::Told, consent, contacts, customer_groups, money, phones, standing, templates, trust, welcome};
use suki_store::Tx;
use suki_types::{ConversationId, Timestamp};

/// A notice as it came.
pub(crate) struct Notice {
    /// What its JSON is; `suki_protocol::calls` has the kinds.
    pub kind: String,
    /// The JSON.
    pub json: Vec<u8>,
    /// The chat it is about, if any.
    pub chat: Option<ConversationId>,
    /// When the network said it.
    pub at: Timestamp,
}

/// Stores what a notice does. A kind that this program does not know is of a newer network, and passed over.
///
/// # Errors
/// When the store fails.
pub(crate) fn apply(business: &Business, tx: &mut Tx<'_>, notice: &Notice, told: &mut Told) -> Result<(), Error> {
    let subject = notice.kind.split_once('.').map_or(notice.kind.as_str(), |(subject, _)| subject);
    match subject {
        "conversation" => welcome::entered(business, tx, notice, told)?,
        "consent" => consent::changed(business, tx, &notice.json, notice.chat, told)?,
        "template" => templates::notice(business, tx, notice, told)?,
        "group" => customer_groups::apply(business, tx, notice, told)?,
        "bill" => money::told(business, tx, notice, told)?,
        "standing" => {
            standing::changed(business, tx, notice, told)?;
            told.rules = true;
        }
        "trust" => trust::apply(business, tx, notice, told)?,
        "phone" => phones::moved(business, tx, notice, told)?,
        "username" => contacts::username_changed(business, tx, notice, told)?,
        "announcement" => trust::announced(business, notice, told),
        _ => {
            tracing::info!(business = %business.id(), kind = %notice.kind, bytes = notice.json.len(), chat = ?notice.chat, "a notice of a kind that is not known");
        }
    }
    Ok(())
}
