//! What the network tells a customer's device unasked.
use super::Worker;
use suki_protocol::pb;
use suki_types::ConversationId;

impl Worker {
    /// Takes a notice. A kind that this program does not know is of a newer network, and passed over.
    pub(super) fn notice(&mut self, conversation: Option<ConversationId>, notice: &pb::Notice) {
        tracing::debug!(kind = %notice.kind, ?conversation, "a notice");
    }
}
