//! Ids, phone numbers, countries, money, time, randomness and limits: what every other crate speaks of. No I/O.
pub mod id;
pub mod limits;
pub mod market;
pub mod money;
pub mod phone;
pub mod time;
pub mod words;

pub use id::{AccountId, CaseId, CommitId, ConversationId, DeviceId, JoinRequestId, MessageId, NodeId, OperatorId, ReportId};
pub use market::{Country, Market};
pub use money::{Amount, Currency};
pub use phone::Phone;
pub use time::{Clock, Entropy, Env, ManualClock, SeededEntropy, Timestamp, Wait};
