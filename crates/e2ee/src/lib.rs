//! End-to-end encryption: the MLS group (RFC 9420) of a conversation, as a state machine. No I/O, no clock, no async.
//!
//! A conversation is one group of the customer's devices and the business's endpoint. Who a member is stands in its credential: a
//! certificate by the network ([`suki_protocol::certificate`]). The endpoint makes the group and changes it; devices join by welcome, or
//! come back by an external commit after they lost their state. [`CommitPolicy`] says so, and every member enforces it.
//!
//! ```text
//! endpoint                                    network                     device
//! Group::create, Group::add(key packages) ──► Commit ──► Welcome ───────► Group::join(welcome)
//! Group::confirm  (or discard, receive the winner, try again)
//! content::seal, Group::encrypt ────────────► Submit ──► MESSAGE ───────► Group::receive, content::open
//! Group::receive ◄──────────────── COMMIT ◄── Commit ◄─────────────────── Group::rejoin(group info), state lost
//! ```
//!
//! After every operation [`Group::export`] gives what to store: always the small hot part, and the cold part when it changed. Store it
//! in the same transaction as the outgoing message or the incoming text, *before* anything leaves: a state that goes back in time uses keys
//! twice. After an error the group is as it was before the call.
//!
//! Keys come from the operating system's randomness inside the cipher libraries; they are the one thing no test world can foresee.
mod configuration;
mod crypto;
mod device;
mod error;
mod group;
mod policy;
mod receive;
mod safety;
mod state;
mod storage;
mod suite;

pub mod blob;
pub mod content;
pub mod sealed;

pub use device::{Device, NewKeyPackage};
pub use error::Error;
pub use group::{Change, Group};
pub use policy::CommitPolicy;
pub use receive::Received;
pub use state::State;
pub use suite::Suite;
pub use suki_protocol::certificate::Identity;
