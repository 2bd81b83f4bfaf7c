//! Meta's Cloud API on the wire: requests, responses, webhooks, error codes. No I/O.
//!
//! A request comes in as a path ([`path`]), a credential ([`token`]) and parameters ([`params`]); the operation's own file reads them
//! ([`messages`], [`templates`], [`subscriptions`], [`oauth`], [`nodes`]) or refuses with an [`error::ApiError`]. Answers are made by [`responses`] and
//! [`fields`]; what happens later goes out as a [`webhook`]. Everything is bounded, total and deterministic.
pub mod account;
pub mod analytics;
pub mod batch;
pub mod block_users;
pub mod codes;
pub mod commerce;
pub mod debug_token;
pub mod error;
pub mod fields;
pub mod flows;
pub mod groups;
pub mod id;
pub mod identity;
pub mod listing;
pub mod media;
pub mod messages;
pub mod nodes;
pub mod number;
pub mod oauth;
pub mod paging;
pub mod params;
pub mod path;
pub mod permission;
pub mod pricing;
pub mod responses;
pub mod signature;
pub mod standing;
pub mod subscriptions;
pub mod templates;
pub mod token;
pub mod verification;
pub mod wamid;
pub mod webhook;
pub mod webhook_account;
pub mod webhook_message;
pub mod webhook_samples;

pub use codes::Code;
pub use error::ApiError;
pub use id::ObjectId;
pub use params::Params;
