//! Typed ids of 16 bytes: 48 bits of milliseconds, then 80 random bits, so that ids made later sort later.
//!
//! As text an id is its prefix and 32 hexadecimal digits: `acc_018f…`.
use crate::time::Env;
use std::{fmt, str::FromStr};

/// Why bytes or text are not an id.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum IdError {
    /// An id on the wire has exactly 16 bytes.
    #[error("an id has 16 bytes, not {0}")]
    Length(usize),
    /// As text it is a prefix and 32 hexadecimal digits.
    #[error("an id of this type is written {0}… with 32 hexadecimal digits")]
    Text(&'static str),
}

/// 16 bytes that sort by the time they were made.
fn fresh(env: &Env) -> [u8; 16] {
    let mut bytes = [0; 16];
    env.entropy.fill(&mut bytes[6..]);
    let millis = env.clock.now().millis().max(0).to_be_bytes();
    bytes[..6].copy_from_slice(&millis[2..]);
    bytes
}

fn parse_hex(text: &str) -> Option<[u8; 16]> {
    if text.len() != 32 || !text.is_ascii() {
        return None;
    }
    let mut bytes = [0; 16];
    for (i, byte) in bytes.iter_mut().enumerate() {
        *byte = u8::from_str_radix(&text[2 * i..2 * i + 2], 16).ok()?;
    }
    Some(bytes)
}

macro_rules! ids {
    ($($(#[$doc:meta])* $name:ident $prefix:literal;)*) => {$(
        $(#[$doc])*
        #[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub struct $name([u8; 16]);

        impl $name {
            /// What its text form begins with.
            pub const PREFIX: &'static str = $prefix;
            /// A new id, of the time that `env` says.
            pub fn new(env: &Env) -> Self { Self(fresh(env)) }
            /// The id with these bytes.
            pub const fn from_bytes(bytes: [u8; 16]) -> Self { Self(bytes) }
            /// Its bytes, as on the wire and in the store.
            pub const fn as_bytes(&self) -> &[u8; 16] { &self.0 }
            /// Its bytes as a vector, as protobuf fields take them.
            pub fn to_vec(self) -> Vec<u8> { self.0.to_vec() }
        }
        impl TryFrom<&[u8]> for $name {
            type Error = IdError;
            fn try_from(bytes: &[u8]) -> Result<Self, IdError> {
                bytes.try_into().map(Self).map_err(|_| IdError::Length(bytes.len()))
            }
        }
        impl FromStr for $name {
            type Err = IdError;
            fn from_str(text: &str) -> Result<Self, IdError> {
                text.strip_prefix($prefix).and_then(parse_hex).map(Self).ok_or(IdError::Text($prefix))
            }
        }
        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str($prefix)?;
                self.0.iter().try_for_each(|byte| write!(f, "{byte:02x}"))
            }
        }
        impl fmt::Debug for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result { fmt::Display::fmt(self, f) }
        }
        impl serde::Serialize for $name {
            fn serialize<S: serde::Serializer>(&self, s: S) -> Result<S::Ok, S::Error> { s.collect_str(self) }
        }
        impl<'de> serde::Deserialize<'de> for $name {
            fn deserialize<D: serde::Deserializer<'de>>(d: D) -> Result<Self, D::Error> {
                let text = <std::borrow::Cow<'de, str>>::deserialize(d)?;
                text.parse().map_err(serde::de::Error::custom)
            }
        }
    )*};
}

ids! {
    /// A person, a business or the platform itself.
    AccountId "acc_";
    /// One device of an account, or a business's endpoint.
    DeviceId "dev_";
    /// One customer with one business, or a business's group of several; also the MLS group's id.
    ConversationId "cnv_";
    /// A message, named by its sender.
    MessageId "msg_";
    /// A change of a conversation's group, named by its sender.
    CommitId "cmt_";
    /// A colleague who answers in a business's name, or who decides in the platform's console.
    OperatorId "opr_";
    /// Something about a business that a person has to decide.
    CaseId "cas_";
    /// A report by a customer.
    ReportId "rep_";
    /// A customer's request to be let into a group.
    JoinRequestId "jrq_";
    /// A process that serves a cluster; a new one with each start, so that nobody takes it for the one before.
    NodeId "node_";
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn text_and_bytes_give_the_id_back() {
        let id = MessageId::new(&Env::for_tests(7));
        assert_eq!(id.to_string().parse::<MessageId>(), Ok(id));
        assert_eq!(MessageId::try_from(&id.to_vec()[..]), Ok(id));
    }

    #[test]
    fn wrong_text_is_refused() {
        let id = MessageId::new(&Env::for_tests(7)).to_string();
        for wrong in ["", "msg_", "acc_0", &id[4..], &id.replace("msg_", "acc_"), &format!("{id}0"), "msg_é123456789012345678901234567890"] {
            assert_eq!(wrong.parse::<MessageId>(), Err(IdError::Text("msg_")), "{wrong}");
        }
    }

    #[test]
    fn later_ids_sort_later() {
        let env = Env::for_tests(7);
        let first = DeviceId::new(&env);
        env.manual_clock().advance(1);
        assert!(first < DeviceId::new(&env));
    }
}
