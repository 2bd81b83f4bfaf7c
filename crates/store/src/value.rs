//! Values on their way into a statement.
use crate::error::StoreError;
use suki_types::{AccountId, CaseId, CommitId, ConversationId, DeviceId, JoinRequestId, MessageId, NodeId, OperatorId, Phone, ReportId, Timestamp};

/// A parameter of a statement.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Value<'a> {
    /// No value.
    Null,
    /// A whole number; also a boolean (0 or 1) and a time in milliseconds.
    Int(i64),
    /// A whole number that was never negative. Above 2^63 - 1 its statement fails with [`StoreError::OutOfRange`].
    Unsigned(u64),
    /// Text without the character U+0000, which PostgreSQL cannot keep: its statement fails with [`StoreError::Constraint`].
    Text(&'a str),
    /// Bytes.
    Blob(&'a [u8]),
}

impl Value<'_> {
    /// The same value with `Unsigned` made an `Int`.
    ///
    /// # Errors
    /// [`StoreError::OutOfRange`] above 2^63 - 1, [`StoreError::Constraint`] for a text that no engine can keep.
    pub(crate) fn signed(self) -> Result<Self, StoreError> {
        match self {
            Self::Unsigned(number) => i64::try_from(number).map(Self::Int).map_err(|_| StoreError::OutOfRange),
            Self::Text(text) if text.as_bytes().contains(&0) => Err(StoreError::Constraint("a text may not hold the character U+0000".into())),
            other => Ok(other),
        }
    }
}

/// Never the value itself, so that none reaches a log by accident.
impl std::fmt::Debug for Value<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Null => f.write_str("Null"),
            Self::Int(_) | Self::Unsigned(_) => f.write_str("Int(…)"),
            Self::Text(text) => write!(f, "Text({} bytes)", text.len()),
            Self::Blob(bytes) => write!(f, "Blob({} bytes)", bytes.len()),
        }
    }
}

macro_rules! int_values {
    ($($type:ty),*) => {$(
        impl From<$type> for Value<'_> {
            fn from(number: $type) -> Self { Self::Int(i64::from(number)) }
        }
    )*};
}
int_values!(i64, i32, i16, u32, u16, u8, bool);

impl From<u64> for Value<'_> {
    fn from(number: u64) -> Self {
        Self::Unsigned(number)
    }
}
impl From<usize> for Value<'_> {
    fn from(number: usize) -> Self {
        Self::Unsigned(number as u64)
    }
}
impl From<Timestamp> for Value<'_> {
    fn from(at: Timestamp) -> Self {
        Self::Int(at.millis())
    }
}
impl<'a> From<&'a str> for Value<'a> {
    fn from(text: &'a str) -> Self {
        Self::Text(text)
    }
}
impl<'a> From<&'a String> for Value<'a> {
    fn from(text: &'a String) -> Self {
        Self::Text(text)
    }
}
impl<'a> From<&'a Phone> for Value<'a> {
    fn from(phone: &'a Phone) -> Self {
        Self::Text(phone.digits())
    }
}
impl<'a> From<&'a [u8]> for Value<'a> {
    fn from(bytes: &'a [u8]) -> Self {
        Self::Blob(bytes)
    }
}
impl<'a> From<&'a Vec<u8>> for Value<'a> {
    fn from(bytes: &'a Vec<u8>) -> Self {
        Self::Blob(bytes)
    }
}
impl<'a, const N: usize> From<&'a [u8; N]> for Value<'a> {
    fn from(bytes: &'a [u8; N]) -> Self {
        Self::Blob(bytes)
    }
}
impl<'a, T: Into<Value<'a>>> From<Option<T>> for Value<'a> {
    fn from(value: Option<T>) -> Self {
        value.map_or(Self::Null, Into::into)
    }
}

macro_rules! id_values {
    ($($id:ty),*) => {$(
        impl<'a> From<&'a $id> for Value<'a> {
            fn from(id: &'a $id) -> Self { Self::Blob(id.as_bytes()) }
        }
    )*};
}
id_values!(AccountId, DeviceId, ConversationId, MessageId, CommitId, OperatorId, CaseId, ReportId, JoinRequestId, NodeId);

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_value_is_never_shown() {
        let values = [Value::from("secret"), Value::from(&b"secret"[..]), Value::from(4711_i64), Value::from(4711_u64)];
        let shown = format!("{values:?}");
        assert!(!shown.contains("secret") && !shown.contains("4711"), "{shown}");
    }

    #[test]
    fn a_number_that_fits_no_column_is_refused() {
        assert_eq!(Value::from(u64::MAX).signed(), Err(StoreError::OutOfRange));
        assert_eq!(Value::from(i64::MAX as u64).signed(), Ok(Value::Int(i64::MAX)));
    }
}
