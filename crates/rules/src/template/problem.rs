//! What is wrong with a template, with the Cloud API's codes for creating and editing (section 3d).
use std::fmt;
use suki_types::Timestamp;

/// One thing that is wrong.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Problem {
    /// The Cloud API code: 100, or 80007 for a rate.
    pub code: i32,
    /// The Cloud API subcode; 0 when there is none for it.
    pub subcode: i32,
    /// Where: `name`, `components[1].text` and the like.
    pub field: String,
    /// What is wrong, what is allowed, what to do.
    pub message: String,
    /// When the same request would pass; `None` when that is not a matter of waiting alone.
    pub retry_at: Option<Timestamp>,
}

/// What the Cloud API tells apart.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Subcode {
    /// Only "invalid parameter".
    None,
    /// Too many templates.
    Count,
    /// The name is still taken by one that was deleted.
    NameBlocked,
    /// There is one of this name and language.
    Exists,
    /// It cannot be changed as it stands.
    Locked,
    /// A text is too long.
    Length,
    /// Something that has to be there is missing, an example above all.
    Missing,
    /// The header is not in order.
    Header,
    /// The body is not in order.
    Body,
    /// The footer is not in order.
    Footer,
    /// Too many variables for so few words.
    Variables,
    /// A variable stands at the beginning or the end.
    Place,
}

impl Subcode {
    /// Its number.
    pub const fn number(self) -> i32 {
        match self {
            Self::None => 0,
            Self::Count => 2_388_019,
            Self::NameBlocked => 2_388_023,
            Self::Exists => 2_388_024,
            Self::Locked => 2_388_039,
            Self::Length => 2_388_040,
            Self::Missing => 2_388_043,
            Self::Header => 2_388_047,
            Self::Body => 2_388_072,
            Self::Footer => 2_388_073,
            Self::Variables => 2_388_293,
            Self::Place => 2_388_299,
        }
    }
}

/// "Invalid parameter".
const INVALID: i32 = 100;
/// "Too many calls to this business account".
const RATE: i32 = 80_007;

impl Problem {
    pub(crate) fn new(subcode: Subcode, field: impl Into<String>, message: impl Into<String>) -> Self {
        Self { code: INVALID, subcode: subcode.number(), field: field.into(), message: message.into(), retry_at: None }
    }
    pub(crate) fn rate(field: impl Into<String>, message: impl Into<String>) -> Self {
        Self { code: RATE, subcode: 0, field: field.into(), message: message.into(), retry_at: None }
    }

    /// It would pass then.
    pub(crate) fn until(self, retry_at: Timestamp) -> Self {
        Self { retry_at: Some(retry_at), ..self }
    }

    /// The most particular number: the subcode if it has one, else the code.
    pub const fn number(&self) -> i32 {
        if self.subcode == 0 { self.code } else { self.subcode }
    }
}

impl fmt::Display for Problem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.field, self.message)
    }
}

/// Collects what is wrong, so that a business can put all of it right at once.
#[derive(Debug, Default)]
pub(crate) struct Problems(pub Vec<Problem>);

impl Problems {
    pub fn add(&mut self, subcode: Subcode, field: impl Into<String>, message: impl Into<String>) {
        self.0.push(Problem::new(subcode, field, message));
    }

    /// A text has 1 to `most` characters.
    pub fn length(&mut self, field: &str, text: &str, most: u32) {
        match text.chars().count() {
            0 => self.add(Subcode::Missing, field, format!("it is empty; 1 to {most} characters are allowed")),
            count if count > most as usize => self.add(Subcode::Length, field, format!("it has {count} characters; at most {most} are allowed")),
            _ => {}
        }
    }
}
