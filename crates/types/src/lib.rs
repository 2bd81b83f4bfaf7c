//! Ids, phone numbers, time, randomness and limits: what every other crate speaks of. No I/O.
pub mod id;
pub mod limits;
pub mod phone;
pub mod time;

pub use id::{AccountId, CommitId, ConversationId, DeviceId, MessageId, OperatorId};
pub use phone::Phone;
pub use time::{Clock, Entropy, Env, ManualClock, SeededEntropy, Timestamp, Wait};
