//! A customer and a business: what he lets it do, and why it may write to him (R5 to R9, R21).
use super::{Call, Told, consent::Event};
use serde::{Deserialize, Serialize};
use suki_types::{AccountId, Timestamp};

/// Which of a business's messages a customer wants.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Choice {
    /// As he chose for all businesses.
    #[default]
    Default,
    /// All.
    All,
    /// What the policy calls important.
    Important,
    /// None.
    None,
}

/// A customer asks what holds between him and a business, and why it writes to him.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct GetRelation {
    /// The business.
    pub business: AccountId,
}

impl Call for GetRelation {
    const NAME: &'static str = "relation.get";
    type Answer = Relation;
}

/// A customer changes it. What is not named stays as it is. Taking something from a business always passes; giving it back has a limit a day.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SetRelation {
    /// The business.
    pub business: AccountId,
    /// Which of its messages he wants.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub choice: Option<Choice>,
    /// Whether its marketing is stopped.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub stopped: Option<bool>,
    /// Whether it is blocked: nothing of it arrives any more, and it is not told.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub blocked: Option<bool>,
    /// Whether he keeps it among his contacts.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub saved: Option<bool>,
}

impl SetRelation {
    /// Changes nothing yet.
    pub fn of(business: AccountId) -> Self {
        Self { business, choice: None, stopped: None, blocked: None, saved: None }
    }
}

impl Call for SetRelation {
    const NAME: &'static str = "relation.set";
    type Answer = Relation;
}

/// Why a business may write to a customer.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Why {
    /// He wrote to it.
    YouWrote,
    /// He agreed on his own device.
    YouAgreed,
    /// The business says that he agreed, and keeps the evidence.
    BusinessSaysYouAgreed,
}

/// What holds between a customer and a business.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Relation {
    /// The business.
    pub business: AccountId,
    /// Which of its messages he wants.
    pub choice: Choice,
    /// What he chose for all businesses; never [`Choice::Default`].
    pub global_choice: Choice,
    /// Since when he blocks it.
    pub blocked_at: Option<Timestamp>,
    /// Since when its marketing is stopped.
    pub stopped_at: Option<Timestamp>,
    /// Whether he keeps it among his contacts.
    pub saved: bool,
    /// When the consent that holds was given.
    pub consent_at: Option<Timestamp>,
    /// Until when it holds.
    pub consent_until: Option<Timestamp>,
    /// When he first wrote.
    pub wrote_at: Option<Timestamp>,
    /// When the conversation was opened, and whether by the business.
    pub opened_at: Option<Timestamp>,
    /// Whether the business opened it.
    pub opened_by_business: bool,
    /// Why it may write to him; empty: it may not write first.
    pub why: Vec<Why>,
    /// What the ledger says of the two, the newest first, at most 50.
    pub events: Vec<Event>,
}

/// What a person wants of all businesses, and his language.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Settings {
    /// All, important or none; a choice for one business stands before it.
    pub global_choice: Choice,
    /// A language tag such as `fil`; "" if he has named none.
    pub language: String,
}

/// A person asks for his settings.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct GetSettings {}

impl Call for GetSettings {
    const NAME: &'static str = "settings.get";
    type Answer = Settings;
}

/// A person changes his settings. What is not named stays as it is.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SetSettings {
    /// All, important or none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub global_choice: Option<Choice>,
    /// A language tag of 2 to 35 letters, digits and hyphens, or "".
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub language: Option<String>,
}

impl Call for SetSettings {
    const NAME: &'static str = "settings.set";
    type Answer = Settings;
}

/// To the customer's other devices: something between him and a business changed; [`GetRelation`] has the whole.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct RelationChanged {
    /// The business.
    pub business: AccountId,
    /// Which of its messages he wants.
    pub choice: Choice,
    /// Since when he blocks it.
    pub blocked_at: Option<Timestamp>,
    /// Since when its marketing is stopped.
    pub stopped_at: Option<Timestamp>,
    /// Whether he keeps it among his contacts.
    pub saved: bool,
}

impl Told for RelationChanged {
    const KIND: &'static str = "relation.changed";
}

/// To a person's other devices: his settings changed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct SettingsChanged {
    /// The settings now.
    #[serde(flatten)]
    pub settings: Settings,
}

impl Told for SettingsChanged {
    const KIND: &'static str = "settings.changed";
}
