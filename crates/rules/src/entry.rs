//! The free entry window: who came through an advertisement or a page, and was answered soon, is written to for free for a while. It says what a
//! message costs, never whether it may pass.
use crate::{Length, admit::Chat, policy::section::section};
use suki_types::Timestamp;

section! {
    /// The free entry window: a customer who comes through an advertisement or a page is written to for free for a while, if he is answered soon.
    pub struct Entry in "entry" {
        /// What opens it: the entry points that a customer's message may name. Nothing does when the list is empty.
        pub opened_by: Vec<String> = in (0, 16),
        /// How soon the business has to answer.
        pub answer_within: Length = in ("1m", "30d"),
        /// For how long it is open from that answer on.
        pub length: Length = in ("1m", "30d"),
    }
    check points;
}

fn points(entry: &Entry) -> Result<(), (&'static str, String)> {
    let right = |point: &String| (1..=32).contains(&point.len()) && point.bytes().all(|byte| byte.is_ascii_lowercase() || byte == b'_');
    if entry.opened_by.iter().all(right) {
        return Ok(());
    }
    Err(("opened_by", "an entry point has 1 to 32 characters out of a to z and _".into()))
}

impl Entry {
    /// Whether a message that names this entry point opens it once it is answered.
    pub fn is_opened_by(&self, point: &str) -> bool {
        self.opened_by.iter().any(|known| known == point)
    }
    /// Where a conversation stands once the business has written at `now`: an answer in time opens the window, and is in it already.
    pub fn after_answer(&self, mut chat: Chat, now: Timestamp) -> Chat {
        answered(self, &mut chat, now);
        chat
    }
}

/// The business has written: its first answer in time opens the window, a later one leaves it shut.
pub(crate) fn answered(entry: &Entry, chat: &mut Chat, now: Timestamp) {
    let Some(came_at) = chat.entry_at.take() else { return };
    if now.since(came_at) <= entry.answer_within.millis() {
        chat.entry_until = chat.entry_until.max(Some(now.plus_millis(entry.length.millis())));
    }
}

/// Open until, and no longer at, the moment it ends.
pub(crate) fn is_open(until: Option<Timestamp>, now: Timestamp) -> bool {
    until.is_some_and(|until| now < until)
}
