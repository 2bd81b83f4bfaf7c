//! What the network tells a customer's device unasked.
use super::Worker;
use suki_protocol::{
    calls::{Told as _, groups::GroupLeft},
    pb,
};
use suki_types::ConversationId;

impl Worker {
    /// Takes a notice. A kind that this program does not know is of a newer network, and passed over.
    pub(super) fn notice(&mut self, conversation: Option<ConversationId>, notice: &pb::Notice) {
        match (notice.kind.as_str(), conversation) {
            (GroupLeft::KIND, Some(group)) => self.leave(group),
            _ => tracing::debug!(kind = %notice.kind, ?conversation, "a notice"),
        }
    }
}
