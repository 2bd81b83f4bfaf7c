//! What the platform allows: pure functions of (policy, facts, now). No I/O, no clock, no randomness, nothing asynchronous.
//!
//! A [`Policy`] is one TOML file, read at start. Each rule is a file of its own; [`admit`] asks them in turn, and the first that refuses
//! answers. A refusal names the rule, the figures, when it will pass, and the Cloud API code it maps to.
mod admit;
pub mod consent;
pub mod goods;
mod length;
pub mod names;
mod policy;
pub mod price;
pub mod standing;
pub mod stop_words;
pub mod template;
pub mod trust;
mod window;

pub use admit::{Decision, Direction, Facts, Kind, Refusal, admit};
pub use consent::Consent;
pub use length::{Length, LengthError};
pub use policy::{
    DEFAULT_POLICY, Entity, FieldRow, Label, Mixing, Moderation, NameReview, Names, PackFallback, Packs, Policy, PolicyError, Retention, Review,
    SHIPPED_POLICIES, TemplateParts, TemplateWords, Templates, Terms, Trust, reference,
};
pub use window::{Side, Window};
