//! Lengths of time in policy files: a whole number and one unit.
use serde::{Deserialize, Deserializer};
use std::{fmt, str::FromStr};

/// A length of time of at least a millisecond and at most 100 years.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Length(i64);

/// Why a text is no length of time.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{0:?} is not a length of time: write a whole number and one unit, s, m, h or d, such as \"90s\", \"24h\" or \"30d\"")]
pub struct LengthError(String);

const UNITS: [(&str, &str, i64); 4] = [("d", "day", 86_400_000), ("h", "hour", 3_600_000), ("m", "minute", 60_000), ("s", "second", 1_000)];
const MAX_MILLIS: i64 = 36_525 * 86_400_000;

impl Length {
    /// So many milliseconds; 0 and less become 1, more than 100 years become 100 years.
    pub const fn from_millis(millis: i64) -> Self {
        Self(if millis < 1 {
            1
        } else if millis > MAX_MILLIS {
            MAX_MILLIS
        } else {
            millis
        })
    }
    /// In milliseconds.
    pub const fn millis(self) -> i64 {
        self.0
    }
    /// In days; a part of one counts as a whole.
    pub const fn days(self) -> i64 {
        (self.0 + 86_399_999) / 86_400_000
    }
    /// As a policy file writes it, in the largest unit that gives a whole number; parts of a second are dropped.
    pub fn short(self) -> String {
        let (unit, _, millis) = self.unit();
        format!("{}{unit}", self.0 / millis)
    }
    fn unit(self) -> (&'static str, &'static str, i64) {
        // Up to two days people say hours ("24 hours"), and so do the platform's own texts.
        let skip = usize::from(self.0 <= 2 * 86_400_000);
        UNITS.into_iter().skip(skip).find(|(_, _, millis)| self.0 % millis == 0).unwrap_or(UNITS[3])
    }
}

/// For people: `24 hours`.
impl fmt::Display for Length {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (_, name, millis) = self.unit();
        let count = self.0 / millis;
        write!(f, "{count} {name}{}", if count == 1 { "" } else { "s" })
    }
}

impl FromStr for Length {
    type Err = LengthError;
    fn from_str(text: &str) -> Result<Self, LengthError> {
        let wrong = || LengthError(text.chars().take(40).collect());
        let digits = text.bytes().take_while(u8::is_ascii_digit).count();
        let (count, unit) = text.split_at(digits);
        let count: i64 = count.parse().map_err(|_| wrong())?;
        let (_, _, millis) = UNITS.into_iter().find(|(short, ..)| *short == unit).ok_or_else(wrong)?;
        let total = count.checked_mul(millis).filter(|total| (1..=MAX_MILLIS).contains(total)).ok_or_else(wrong)?;
        Ok(Self(total))
    }
}

impl<'de> Deserialize<'de> for Length {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Visitor;
        impl serde::de::Visitor<'_> for Visitor {
            type Value = Length;
            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a length of time in quotes, such as \"24h\"")
            }
            fn visit_str<E: serde::de::Error>(self, text: &str) -> Result<Length, E> {
                text.parse().map_err(E::custom)
            }
        }
        deserializer.deserialize_str(Visitor)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_unit_is_read() {
        for (text, millis) in [("1s", 1_000), ("90s", 90_000), ("5m", 300_000), ("24h", 86_400_000), ("30d", 2_592_000_000), ("36525d", MAX_MILLIS)] {
            assert_eq!(text.parse(), Ok(Length(millis)), "{text}");
        }
    }

    #[test]
    fn anything_else_is_refused() {
        for text in ["", "24", "h", "24 h", "24H", "24hours", "1w", "-1h", "+1h", "1.5h", "0s", "36526d", "99999999999999999999d", "٣h", "1h30m"] {
            let error = text.parse::<Length>().expect_err(text);
            assert!(error.to_string().contains("s, m, h or d"), "{error}");
        }
    }

    #[test]
    fn it_is_shown_as_people_say_it() {
        for (text, shown, short) in [
            ("24h", "24 hours", "24h"),
            ("1d", "24 hours", "24h"),
            ("30d", "30 days", "30d"),
            ("1h", "1 hour", "1h"),
            ("61m", "61 minutes", "61m"),
            ("90s", "90 seconds", "90s"),
        ] {
            let length: Length = text.parse().expect("a length");
            assert_eq!((length.to_string(), length.short()), (shown.to_owned(), short.to_owned()));
        }
        assert_eq!(Length::from_millis(i64::MIN).millis(), 1);
        assert_eq!(Length::from_millis(i64::MAX).millis(), MAX_MILLIS);
    }
}
