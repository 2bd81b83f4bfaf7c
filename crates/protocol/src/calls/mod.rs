//! Operations that are not hot, by name and as JSON, over one pair of frames. A file for each subject.
//!
//! A request is a type that implements [`Call`]; its name begins with its subject and a dot, and the network dispatches by that subject. What the
//! network tells a device unasked is a type that implements [`Told`], in a `Notice` of the device's log.
pub mod announcement;
pub mod blob;
pub mod block_list;
pub mod consent;
pub mod conversation;
pub mod directory;
pub mod groups;
pub mod money;
pub mod phone;
pub mod profile;
pub mod relation;
pub mod report;
pub mod rules;
pub mod standing;
pub mod statistics;
pub mod templates;
pub mod trust;
pub mod username;

use serde::{Serialize, de::DeserializeOwned};

/// The most bytes of a call's JSON, and of its answer's.
pub const JSON_BYTES: usize = 200 * 1024;

/// A request by a device to the network.
pub trait Call: Serialize + DeserializeOwned + Send + 'static {
    /// Subject and verb, such as `template.create`.
    const NAME: &'static str;
    /// What the network answers.
    type Answer: Serialize + DeserializeOwned + Send + 'static;
}

/// What the network tells a device unasked.
pub trait Told: Serialize + DeserializeOwned + Send + 'static {
    /// Subject and what happened, such as `template.status`.
    const KIND: &'static str;
}

/// The answer of a call that has nothing to say.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Done {}
