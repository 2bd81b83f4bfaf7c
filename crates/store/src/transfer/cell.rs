//! A value of a column, held.
use crate::{error::StoreError, row::FromColumn, value::Value};

/// A value of a column.
#[derive(Clone, PartialEq, Eq)]
pub(super) enum Cell {
    Null,
    Int(i64),
    Text(String),
    Blob(Vec<u8>),
}

impl FromColumn for Cell {
    fn from_column(value: Value<'_>) -> Result<Self, StoreError> {
        Ok(match value.signed()? {
            Value::Null | Value::Unsigned(_) => Self::Null,
            Value::Int(number) => Self::Int(number),
            Value::Text(text) => Self::Text(text.to_owned()),
            Value::Blob(bytes) => Self::Blob(bytes.to_vec()),
        })
    }
}

impl Cell {
    pub(super) fn value(&self) -> Value<'_> {
        match self {
            Self::Null => Value::Null,
            Self::Int(number) => Value::Int(*number),
            Self::Text(text) => Value::Text(text),
            Self::Blob(bytes) => Value::Blob(bytes),
        }
    }

    /// How many bytes it takes, about.
    pub(super) fn weight(&self) -> usize {
        16 + match self {
            Self::Null | Self::Int(_) => 0,
            Self::Text(text) => text.len(),
            Self::Blob(bytes) => bytes.len(),
        }
    }

    /// The value as bytes: the same on both engines, and no two values, one after the other, look like two others.
    pub(super) fn write(&self, out: &mut Vec<u8>) {
        let mut long = |tag: u8, bytes: &[u8]| {
            out.push(tag);
            out.extend_from_slice(&(bytes.len() as u64).to_be_bytes());
            out.extend_from_slice(bytes);
        };
        match self {
            Self::Null => out.push(0),
            Self::Int(number) => {
                out.push(1);
                out.extend_from_slice(&number.to_be_bytes());
            }
            Self::Text(text) => long(2, text.as_bytes()),
            Self::Blob(bytes) => long(3, bytes),
        }
    }

    /// Reads one that [`Cell::write`] wrote, and moves on behind it.
    pub(super) fn read(from: &mut &[u8]) -> Option<Self> {
        let (tag, mut rest) = from.split_first()?;
        let cell = match tag {
            0 => Self::Null,
            1 => Self::Int(i64::from_be_bytes(take(&mut rest, 8)?.try_into().ok()?)),
            2 => Self::Text(String::from_utf8(long(&mut rest)?.to_vec()).ok()?),
            3 => Self::Blob(long(&mut rest)?.to_vec()),
            _ => return None,
        };
        *from = rest;
        Some(cell)
    }
}

fn take<'b>(from: &mut &'b [u8], bytes: usize) -> Option<&'b [u8]> {
    let (taken, rest) = from.split_at_checked(bytes)?;
    *from = rest;
    Some(taken)
}

fn long<'b>(from: &mut &'b [u8]) -> Option<&'b [u8]> {
    let bytes = u64::from_be_bytes(take(from, 8)?.try_into().ok()?);
    take(from, usize::try_from(bytes).ok()?)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_written_is_read() {
        let cells = [Cell::Null, Cell::Int(i64::MIN), Cell::Text("naïve".into()), Cell::Blob(vec![0, 1]), Cell::Text(String::new())];
        let mut bytes = Vec::new();
        cells.iter().for_each(|cell| cell.write(&mut bytes));
        let mut rest = &bytes[..];
        for cell in &cells {
            assert!(Cell::read(&mut rest).as_ref() == Some(cell));
        }
        assert!(rest.is_empty() && Cell::read(&mut rest).is_none());
        for end in 0..bytes.len() {
            let mut cut = &bytes[..end];
            assert!(!cells.iter().all(|cell| Cell::read(&mut cut).as_ref() == Some(cell)), "cut off after {end} bytes");
        }
    }
}
