//! Values as PostgreSQL takes and gives them.
use crate::{error::StoreError, value::Value};
use bytes::BytesMut;
use std::error::Error;
use tokio_postgres::types::{FromSql, IsNull, ToSql, Type};

type Failure = Box<dyn Error + Sync + Send>;

impl ToSql for Value<'_> {
    fn to_sql(&self, ty: &Type, out: &mut BytesMut) -> Result<IsNull, Failure> {
        match (self.signed()?, ty) {
            (Value::Null | Value::Unsigned(_), _) => Ok(IsNull::Yes),
            (Value::Int(number), &Type::INT8) => number.to_sql(ty, out),
            (Value::Int(number), &Type::INT4) => i32::try_from(number)?.to_sql(ty, out),
            (Value::Int(number), &Type::INT2) => i16::try_from(number)?.to_sql(ty, out),
            (Value::Int(number @ 0..=1), &Type::BOOL) => (number == 1).to_sql(ty, out),
            (Value::Text(text), &Type::TEXT | &Type::VARCHAR | &Type::BPCHAR | &Type::NAME | &Type::UNKNOWN) => text.to_sql(ty, out),
            (Value::Blob(bytes), &Type::BYTEA) => bytes.to_sql(ty, out),
            (Value::Int(_) | Value::Text(_) | Value::Blob(_), _) => Err(format!("the statement takes a {ty} there").into()),
        }
    }

    fn accepts(_: &Type) -> bool {
        true
    }

    tokio_postgres::types::to_sql_checked!();
}

/// A column as it came, its type beside it.
struct Raw<'a> {
    ty: Type,
    bytes: Option<&'a [u8]>,
}

impl<'a> FromSql<'a> for Raw<'a> {
    fn from_sql(ty: &Type, bytes: &'a [u8]) -> Result<Self, Failure> {
        Ok(Self { ty: ty.clone(), bytes: Some(bytes) })
    }
    fn from_sql_null(ty: &Type) -> Result<Self, Failure> {
        Ok(Self { ty: ty.clone(), bytes: None })
    }
    fn accepts(_: &Type) -> bool {
        true
    }
}

/// The value of a column.
pub(crate) fn column(row: &tokio_postgres::Row, index: usize) -> Result<Value<'_>, StoreError> {
    let raw = row.try_get::<_, Raw<'_>>(index).map_err(|_| StoreError::Corrupt("the answer has no such column"))?;
    let Some(bytes) = raw.bytes else { return Ok(Value::Null) };
    let number = || -> Result<i64, Failure> {
        match raw.ty {
            Type::INT8 => i64::from_sql(&raw.ty, bytes),
            Type::INT4 => i32::from_sql(&raw.ty, bytes).map(i64::from),
            Type::INT2 => i16::from_sql(&raw.ty, bytes).map(i64::from),
            Type::BOOL => bool::from_sql(&raw.ty, bytes).map(i64::from),
            _ => whole_numeric(bytes).ok_or_else(|| "not a whole number".into()),
        }
    };
    match raw.ty {
        Type::INT8 | Type::INT4 | Type::INT2 | Type::BOOL | Type::NUMERIC => {
            number().map(Value::Int).map_err(|_| StoreError::Corrupt("a column does not hold a whole number of 64 bits"))
        }
        Type::TEXT | Type::VARCHAR | Type::BPCHAR | Type::NAME => {
            std::str::from_utf8(bytes).map(Value::Text).map_err(|_| StoreError::Corrupt("a text is not valid UTF-8"))
        }
        Type::BYTEA => Ok(Value::Blob(bytes)),
        _ => Err(StoreError::Corrupt("a column is of a type that the store does not know; cast it to BIGINT, TEXT or BYTEA")),
    }
}

/// A NUMERIC that is whole, as `sum` answers: counts of digits, weight, sign and scale, then digits to the base of 10,000, all of 16 bits.
fn whole_numeric(bytes: &[u8]) -> Option<i64> {
    let words: Vec<u16> = bytes.chunks_exact(2).map(|pair| u16::from_be_bytes([pair[0], pair[1]])).collect();
    let [digits, weight, sign, _scale, ..] = words[..] else { return None };
    let weight = i32::from(i16::from_be_bytes(weight.to_be_bytes()));
    let mut number = 0_i64;
    for place in 0..=weight.max(-1) {
        let digit = words.get(4 + usize::try_from(place).ok()?).copied().unwrap_or(0);
        number = number.checked_mul(10_000)?.checked_sub(i64::from(digit))?;
    }
    let no_fraction = words[4..].iter().skip(usize::try_from(weight + 1).unwrap_or(0)).all(|digit| *digit == 0);
    match sign {
        _ if !no_fraction || words.len() != 4 + usize::from(digits) => None,
        0x4000 => Some(number),
        0 => number.checked_neg(),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn numeric(words: &[u16]) -> Option<i64> {
        whole_numeric(&words.iter().flat_map(|word| word.to_be_bytes()).collect::<Vec<_>>())
    }

    #[test]
    fn whole_numbers_of_a_sum() {
        assert_eq!(numeric(&[0, 0, 0, 0]), Some(0));
        assert_eq!(numeric(&[1, 0, 0, 0, 42]), Some(42));
        assert_eq!(numeric(&[2, 1, 0x4000, 0, 1, 5]), Some(-10_005));
        assert_eq!(numeric(&[1, 1, 0, 0, 3]), Some(30_000));
        assert_eq!(numeric(&[5, 4, 0x4000, 0, 922, 3372, 368, 5477, 5808]), Some(i64::MIN));
    }

    #[test]
    fn what_is_no_whole_number_is_refused() {
        assert_eq!(numeric(&[1, 0xFFFF, 0, 1, 5000]), None, "one half");
        assert_eq!(numeric(&[2, 0, 0, 1, 1, 5000]), None, "one and a half");
        assert_eq!(numeric(&[0, 0, 0xC000, 0]), None, "not a number");
        assert_eq!(numeric(&[5, 4, 0, 0, 922, 3372, 368, 5477, 5808]), None, "one too many");
        assert_eq!(numeric(&[1, 0]), None);
    }
}
