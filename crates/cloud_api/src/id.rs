//! Ids of objects of the Graph API: decimal digits, small enough for a JSON number.
use std::{fmt, str::FromStr};
use suki_types::Env;

/// The id of a phone number, a business account, an app: 1 to 2^53, so that programs that read it as a number keep every digit.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ObjectId(u64);

/// A text is no id of an object.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("an object's id is 1 to 16 decimal digits, without leading zeros and at most 9007199254740992")]
pub struct ObjectIdError;

const MAX: u64 = 1 << 53;

impl ObjectId {
    /// A new one of 15 digits, as Meta's have; the caller makes sure that it is not taken.
    pub fn new(env: &Env) -> Self {
        Self::folded(u64::from_be_bytes(env.random()))
    }

    /// One of 15 digits for a number; the same every time.
    pub const fn folded(number: u64) -> Self {
        Self(100_000_000_000_000 + number % 900_000_000_000_000)
    }

    /// The id with this number, if it is in range.
    pub fn from_number(number: u64) -> Result<Self, ObjectIdError> {
        if (1..=MAX).contains(&number) { Ok(Self(number)) } else { Err(ObjectIdError) }
    }

    /// Its number, at most 2^53.
    pub const fn number(self) -> u64 {
        self.0
    }
}

impl FromStr for ObjectId {
    type Err = ObjectIdError;
    fn from_str(text: &str) -> Result<Self, ObjectIdError> {
        if !(1..=16).contains(&text.len()) || text.starts_with('0') || !text.bytes().all(|byte| byte.is_ascii_digit()) {
            return Err(ObjectIdError);
        }
        Self::from_number(text.parse().map_err(|_| ObjectIdError)?)
    }
}

impl fmt::Display for ObjectId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(&self.0, f)
    }
}

/// As a string, as the Cloud API writes it.
impl serde::Serialize for ObjectId {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> serde::Deserialize<'de> for ObjectId {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = std::borrow::Cow::<'de, str>::deserialize(deserializer)?;
        text.parse().map_err(serde::de::Error::custom)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn digits_come_back() {
        for text in ["1", "106540352242922", "9007199254740992"] {
            assert_eq!(text.parse::<ObjectId>().map(|id| id.to_string()), Ok(text.to_owned()));
        }
        assert_eq!(ObjectId::new(&Env::for_tests(1)).to_string().len(), 15);
    }

    #[test]
    fn anything_else_is_refused() {
        for text in ["", "0", "01", "-1", "+1", "1e3", "12a", "9007199254740993", "99999999999999999", "١٢"] {
            assert_eq!(text.parse::<ObjectId>(), Err(ObjectIdError), "{text}");
        }
        assert!(ObjectId::from_number(0).is_err());
    }
}
