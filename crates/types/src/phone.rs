//! Phone numbers in international form, as the Cloud API writes them: digits alone (`wa_id`), a plus on input optional.
use std::{fmt, str::FromStr};

/// A phone number: 7 to 15 digits with the country code, none of them formatting (E.164 without the plus).
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash, serde::Serialize, serde::Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Phone(String);

/// Why a text is no phone number.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("a phone number is 7 to 15 digits with its country code; spaces, brackets, dots, hyphens and one leading + are allowed")]
pub struct PhoneError;

impl Phone {
    /// The digits, without a plus.
    pub fn digits(&self) -> &str {
        &self.0
    }
    /// With a plus, for people.
    pub fn display(&self) -> String {
        format!("+{}", self.0)
    }
    /// The `n`-th number of the range for tests: +999 is assigned to no country (ITU-T E.164, spare code).
    pub fn test(n: u32) -> Self {
        Self(format!("99900{n:07}"))
    }
    /// Whether it belongs to the range for tests.
    pub fn is_test(&self) -> bool {
        self.0.starts_with("99900")
    }
}

impl FromStr for Phone {
    type Err = PhoneError;
    fn from_str(text: &str) -> Result<Self, PhoneError> {
        let text = text.trim();
        let rest = text.strip_prefix('+').unwrap_or(text);
        if rest.len() > 40 || !rest.chars().all(|c| c.is_ascii_digit() || " ()-.\u{a0}".contains(c)) {
            return Err(PhoneError);
        }
        let digits: String = rest.chars().filter(char::is_ascii_digit).collect();
        if !(7..=15).contains(&digits.len()) || digits.starts_with('0') {
            return Err(PhoneError);
        }
        Ok(Self(digits))
    }
}

impl TryFrom<String> for Phone {
    type Error = PhoneError;
    fn try_from(text: String) -> Result<Self, PhoneError> {
        text.parse()
    }
}

impl From<Phone> for String {
    fn from(phone: Phone) -> Self {
        phone.0
    }
}

/// Never the whole number, so that none reaches a log by accident.
impl fmt::Debug for Phone {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Phone(…{})", &self.0[self.0.len() - 2..])
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn formatting_is_dropped() {
        for text in ["+63 917 123 4567", "63-917-123-4567", "63(917)123.4567", " 639171234567 "] {
            assert_eq!(text.parse::<Phone>().map(|p| p.digits().to_owned()), Ok("639171234567".into()), "{text}");
        }
    }

    #[test]
    fn what_is_no_number_is_refused() {
        for text in ["", "+", "123456", "1234567890123456", "0917 123 4567", "63917x234567", "++639171234567", "٦٣٩١٧١٢٣٤٥٦٧"] {
            assert_eq!(text.parse::<Phone>(), Err(PhoneError), "{text}");
        }
    }

    #[test]
    fn test_numbers_are_valid_and_never_logged_whole() {
        let phone = Phone::test(1);
        assert_eq!(phone.digits(), "999000000001");
        assert_eq!(phone.display().parse(), Ok(phone.clone()));
        assert_eq!(format!("{phone:?}"), "Phone(…01)");
        assert!(phone.is_test());
    }
}
