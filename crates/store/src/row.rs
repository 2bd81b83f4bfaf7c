//! Values on their way out of a row.
use crate::{error::StoreError, value::Value};
use suki_types::{AccountId, CaseId, CommitId, ConversationId, DeviceId, JoinRequestId, MessageId, NodeId, OperatorId, Phone, ReportId, Timestamp};

/// One row of an answer.
pub struct Row<'a>(pub(crate) Source<'a>);

pub(crate) enum Source<'a> {
    Sqlite(&'a rusqlite::Row<'a>),
    Postgres(&'a tokio_postgres::Row),
}

impl Row<'_> {
    /// The column at `index`, counted from 0.
    ///
    /// # Errors
    /// [`StoreError::Corrupt`] when there is no such column, or its value is not a `T`.
    pub fn get<T: FromColumn>(&self, index: usize) -> Result<T, StoreError> {
        T::from_column(self.value(index)?)
    }

    fn value(&self, index: usize) -> Result<Value<'_>, StoreError> {
        match &self.0 {
            Source::Sqlite(row) => crate::sqlite::column(row, index),
            Source::Postgres(row) => crate::postgres::column(row, index),
        }
    }
}

/// What a column can be read as.
pub trait FromColumn: Sized {
    /// The value as this type.
    ///
    /// # Errors
    /// [`StoreError::Corrupt`] when it is none.
    fn from_column(value: Value<'_>) -> Result<Self, StoreError>;
}

impl FromColumn for i64 {
    fn from_column(value: Value<'_>) -> Result<Self, StoreError> {
        match value {
            Value::Int(number) => Ok(number),
            Value::Null => Err(StoreError::Corrupt("a number is missing")),
            _ => Err(StoreError::Corrupt("a column does not hold a number")),
        }
    }
}

macro_rules! narrow_ints {
    ($($type:ty),*) => {$(
        impl FromColumn for $type {
            fn from_column(value: Value<'_>) -> Result<Self, StoreError> {
                Self::try_from(i64::from_column(value)?).map_err(|_| StoreError::Corrupt("a number is out of its range"))
            }
        }
    )*};
}
narrow_ints!(u64, usize, u32, i32, u16, i16, u8);

impl FromColumn for bool {
    fn from_column(value: Value<'_>) -> Result<Self, StoreError> {
        match i64::from_column(value)? {
            0 => Ok(false),
            1 => Ok(true),
            _ => Err(StoreError::Corrupt("a boolean is neither 0 nor 1")),
        }
    }
}

impl FromColumn for Timestamp {
    fn from_column(value: Value<'_>) -> Result<Self, StoreError> {
        i64::from_column(value).map(Self::from_millis)
    }
}

impl FromColumn for String {
    fn from_column(value: Value<'_>) -> Result<Self, StoreError> {
        match value {
            Value::Text(text) => Ok(text.to_owned()),
            Value::Null => Err(StoreError::Corrupt("a text is missing")),
            _ => Err(StoreError::Corrupt("a column does not hold text")),
        }
    }
}

impl FromColumn for Phone {
    fn from_column(value: Value<'_>) -> Result<Self, StoreError> {
        String::from_column(value)?.parse().map_err(|_| StoreError::Corrupt("a column does not hold a phone number"))
    }
}

fn bytes<'a>(value: Value<'a>) -> Result<&'a [u8], StoreError> {
    match value {
        Value::Blob(bytes) => Ok(bytes),
        Value::Null => Err(StoreError::Corrupt("bytes are missing")),
        _ => Err(StoreError::Corrupt("a column does not hold bytes")),
    }
}

impl FromColumn for Vec<u8> {
    fn from_column(value: Value<'_>) -> Result<Self, StoreError> {
        bytes(value).map(<[u8]>::to_vec)
    }
}

impl<const N: usize> FromColumn for [u8; N] {
    fn from_column(value: Value<'_>) -> Result<Self, StoreError> {
        bytes(value)?.try_into().map_err(|_| StoreError::Corrupt("bytes are not of their length"))
    }
}

impl<T: FromColumn> FromColumn for Option<T> {
    fn from_column(value: Value<'_>) -> Result<Self, StoreError> {
        if value == Value::Null { Ok(None) } else { T::from_column(value).map(Some) }
    }
}

macro_rules! id_columns {
    ($($id:ty),*) => {$(
        impl FromColumn for $id {
            fn from_column(value: Value<'_>) -> Result<Self, StoreError> {
                Self::try_from(bytes(value)?).map_err(|_| StoreError::Corrupt("an id has not 16 bytes"))
            }
        }
    )*};
}
id_columns!(AccountId, DeviceId, ConversationId, MessageId, CommitId, OperatorId, CaseId, ReportId, JoinRequestId, NodeId);
