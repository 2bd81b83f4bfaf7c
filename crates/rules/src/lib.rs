//! What the platform allows: pure functions of (policy, facts, now). No I/O, no clock, no randomness, nothing asynchronous.
//!
//! A [`Policy`] is one TOML file, read at start. Each rule is a file of its own; [`admit`] asks them in turn, and the first that refuses
//! answers. A refusal names the rule, the figures, when it will pass, and the Cloud API code it maps to.
mod admit;
mod approved;
pub mod broadcast;
mod commerce;
pub mod consent;
mod entry;
mod flows;
pub mod frequency;
pub mod goods;
pub mod groups;
mod length;
pub mod media;
pub mod names;
mod number;
mod policy;
pub mod price;
pub mod profile;
mod programs;
pub mod rates;
mod relation;
mod rights;
pub mod staff;
pub mod standing;
pub mod stop_words;
pub mod template;
pub mod tier;
pub mod trust;
pub mod usernames;
mod window;

pub use admit::{
    Category, Chat, Choice, Decision, Direction, Effects, Facts, Kind, NameState, Reach, Refusal, Relation, Standing, TemplateFacts, TemplateStatus,
    admit,
};
pub use broadcast::Broadcast;
pub use commerce::CommerceFigures;
pub use consent::Consent;
pub use entry::Entry;
pub use flows::Flows;
pub use frequency::Frequency;
pub use groups::Groups;
pub use length::{Length, LengthError};
pub use media::Media;
pub use number::NumberFigures;
pub use policy::{
    DEFAULT_POLICY, Entity, FieldRow, Label, Mixing, Moderation, NameReview, Names, PackFallback, Packs, Policy, PolicyError, Retention, Review,
    SHIPPED_POLICIES, TemplateParts, TemplateWords, Templates, Terms, Trust, reference,
};
pub use programs::Programs;
pub use rates::Rates;
pub use relation::{Choices, Sort};
pub use rights::Rights;
pub use staff::Staff;
pub use window::{LateReplies, Side, Window};
