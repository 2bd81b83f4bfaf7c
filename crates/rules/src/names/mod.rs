//! Business names (R27 to R29): whether a name may be used, and if not, which rules it breaks and what to change.
//!
//! [`check`] looks at the name alone and gives every breach, so that a person can put all of them right at once. Whether it looks like the name of a
//! confirmed business needs a fact: the caller finds who is confirmed under [`skeleton`] and asks [`look_alike`].
mod characters;
mod fold;
mod words;

pub use fold::{folded, normal, search_keys, skeleton};

use crate::policy::Names;
use std::fmt;

/// The rules a name may break, in the order in which they are told.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum NameRule {
    /// Too short or too long (R27).
    Length,
    /// A character that no name may have (R29).
    Characters,
    /// A picture character.
    Emoji,
    /// Letters of a script that the profile does not list.
    Script,
    /// Letters of several scripts where only one may stand.
    MixedScripts,
    /// All in capitals.
    Capitals,
    /// Signs in a row, or at the beginning.
    Punctuation,
    /// A word that says what only the platform may say.
    ForbiddenWord,
    /// The name of a person (R29).
    PersonalName,
    /// It looks like the name of a confirmed business.
    LookAlike,
}

impl NameRule {
    /// How programs and the generated reference call it.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Length => "length",
            Self::Characters => "characters",
            Self::Emoji => "emoji",
            Self::Script => "script",
            Self::MixedScripts => "mixed_scripts",
            Self::Capitals => "capitals",
            Self::Punctuation => "punctuation",
            Self::ForbiddenWord => "forbidden_word",
            Self::PersonalName => "personal_name",
            Self::LookAlike => "look_alike",
        }
    }

    /// The reason that the Cloud API's webhook `phone_number_name_update` gives (section 3c).
    pub const fn cloud_api_reason(self) -> &'static str {
        match self {
            Self::PersonalName => "NAME_INDIVIDUAL_ISSUE",
            Self::ForbiddenWord | Self::LookAlike => "NAME_NOT_CONSISTENT",
            _ => "NAME_FORMAT_UNACCEPTABLE",
        }
    }
}

impl fmt::Display for NameRule {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// A rule that a name breaks.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NameBreach {
    /// Which.
    pub rule: NameRule,
    /// What is wrong, what is allowed, what to change.
    pub message: String,
}

impl NameBreach {
    fn new(rule: NameRule, message: impl Into<String>) -> Self {
        Self { rule, message: message.into() }
    }
}

/// The most characters that are looked at; whatever is longer is too long under every policy.
pub const LOOKED_AT: usize = 256;

/// The name as it would be stored, or every rule it breaks; never an empty list.
///
/// # Errors
/// When the name breaks a rule.
pub fn check(policy: &Names, name: &str) -> Result<String, Vec<NameBreach>> {
    let name = normal(name.get(..name.char_indices().nth(LOOKED_AT).map_or(name.len(), |(at, _)| at)).unwrap_or(name));
    let mut breaches = Vec::new();
    breaches.extend(characters::length(policy, &name));
    breaches.extend(characters::letters(policy, &name));
    breaches.extend(characters::mixing(policy, &name));
    breaches.extend(characters::capitals(policy, &name));
    breaches.extend(characters::punctuation(policy, &name));
    breaches.extend(words::forbidden(policy, &name));
    breaches.extend(words::personal(policy, &name));
    if breaches.is_empty() { Ok(name) } else { Err(breaches) }
}

/// The breach of a name that has the same [`skeleton`] as the name of another business that is confirmed.
pub fn look_alike(confirmed: &str) -> NameBreach {
    NameBreach::new(
        NameRule::LookAlike,
        format!(
            "To the eye it is the name of {confirmed:?}, a confirmed business; choose one that nobody takes for another, such as with your town or trade"
        ),
    )
}
