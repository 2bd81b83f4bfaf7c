//! The safety number: a short text of who is in a conversation with which keys.
use aws_lc_rs::digest::{SHA512, digest};
use suki_protocol::certificate::Identity;
use suki_types::ConversationId;

const CONTEXT: &[u8] = b"suki/safety-number/1";

/// Twelve groups of five digits: SHA-512 over the context, the conversation and each member's device id and signature key, by
/// ascending device id; each group is five bytes of it, big-endian, modulo 100,000.
pub(crate) fn number(conversation: ConversationId, members: &[Identity]) -> String {
    let mut parts: Vec<_> = members.iter().map(|member| (member.device, &member.signature_key)).collect();
    parts.sort_unstable();
    let mut input = CONTEXT.to_vec();
    input.extend(conversation.as_bytes());
    for (device, key) in parts {
        input.extend(device.as_bytes());
        input.extend(key);
    }
    let hash = digest(&SHA512, &input);
    let groups = hash.as_ref().chunks_exact(5).take(12).map(|bytes| {
        let value = bytes.iter().fold(0u64, |sum, byte| sum << 8 | u64::from(*byte));
        format!("{:05}", value % 100_000)
    });
    groups.collect::<Vec<_>>().join(" ")
}

#[cfg(test)]
mod tests {
    use super::*;
    use suki_protocol::pb::AccountKind;
    use suki_types::{AccountId, DeviceId};

    #[test]
    fn the_order_of_members_does_not_matter_and_their_keys_do() {
        let member = |n: u8| Identity {
            account: AccountId::from_bytes([n; 16]),
            device: DeviceId::from_bytes([n; 16]),
            kind: AccountKind::Person,
            signature_key: vec![n; 32],
        };
        let conversation = ConversationId::from_bytes([9; 16]);
        let both = number(conversation, &[member(1), member(2)]);
        assert_eq!(both, number(conversation, &[member(2), member(1)]));
        assert_ne!(both, number(conversation, &[member(1), member(3)]));
        assert_ne!(both, number(ConversationId::from_bytes([8; 16]), &[member(1), member(2)]));
        assert_eq!(both.split(' ').map(str::len).collect::<Vec<_>>(), [5; 12]);
    }
}
