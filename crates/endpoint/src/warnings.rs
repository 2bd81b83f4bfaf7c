//! Chats whose window is about to end while the customer waits (R97): operators are told, so that they can at least announce a delay.
use crate::{
    Business, Error,
    live::{LiveEvent, SharedChat},
};
use std::sync::Arc;
use suki_store::Tx;
use suki_types::{ConversationId, Timestamp};

/// Time between two looks at the chats, in milliseconds.
const EVERY_MILLIS: i64 = 30_000;
/// How many chats one unit marks.
const CHATS_PER_UNIT: i64 = 200;

/// Looks at the chats for as long as the business runs.
pub(crate) async fn run(business: Arc<Business>) {
    loop {
        let now = business.env().now();
        if let Err(error) = business.warn_of_windows(now).await {
            tracing::error!(business = %business.id(), %error, "the chats whose windows end soon cannot be read; trying again");
        }
        business.env().clock.wait_until(now.plus_millis(EVERY_MILLIS)).await;
    }
}

impl Business {
    /// Marks the chats whose window ends soon and whose last word is the customer's, each once for a window, and tells open inboxes. Returns how many.
    ///
    /// # Errors
    /// When the store fails; what was marked before stays marked.
    pub async fn warn_of_windows(self: &Arc<Self>, now: Timestamp) -> Result<usize, Error> {
        let Some(rules) = self.rules() else { return Ok(0) };
        let until = now.plus_millis(rules.window.warn_before_millis);
        let mut all = 0;
        loop {
            let own = self.clone();
            let (count, events) = self.db().write(move |tx| mark(&own, tx, now, until)).await?;
            events.into_iter().for_each(|event| self.live().tell(event));
            all += count;
            if count < usize::try_from(CHATS_PER_UNIT).unwrap_or_default() {
                return Ok(all);
            }
        }
    }
}

/// A message of the business that failed is no answer.
fn mark(business: &Business, tx: &mut Tx<'_>, now: Timestamp, until: Timestamp) -> Result<(usize, Vec<LiveEvent>), Error> {
    let id = business.id();
    let chats = tx.query(
        "SELECT c.id FROM chat c JOIN message m ON m.business = c.business AND m.chat = c.id AND m.ord = c.last_ord
         WHERE c.business = ?1 AND c.window_until > ?2 AND c.window_until <= ?3 AND c.warned_until <> c.window_until
           AND (m.from_business = 0 OR m.status = 9)
         ORDER BY c.window_until LIMIT ?4",
        &[(&id).into(), now.into(), until.into(), CHATS_PER_UNIT.into()],
        |row| row.get::<ConversationId>(0),
    )?;
    let mut events = Vec::new();
    for chat in &chats {
        tx.execute("UPDATE chat SET warned_until = window_until WHERE business = ?1 AND id = ?2", &[(&id).into(), chat.into()])?;
        if business.live().is_watched() {
            events.push(LiveEvent::WindowWarning(Box::new(SharedChat::read(tx, id, *chat)?)));
        }
    }
    Ok((chats.len(), events))
}
