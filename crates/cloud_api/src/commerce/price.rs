//! Prices as programs write them: a whole number counts the currency's smallest unit, a number with a point its units, a text has the units and perhaps
//! the currency: `12000`, `120.0`, `"120.00 PHP"`, `"₱1,200.50"`.
use crate::ApiError;
use serde_json::Value;
use suki_types::money::{Amount, Currency};

/// The highest price, in thousandths of a unit: a hundred pieces of each of a hundred products still fit into 64 bits.
pub const MOST: i64 = 10_000_000_000_000;
/// Millionths in a thousandth.
const MILLIONTHS: i64 = 1000;

/// A price before its currency is known.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Price {
    /// In the currency's smallest unit, such as centavos.
    Minor(i64),
    /// In thousandths of the currency's unit.
    Thousandths(i64),
}

impl Price {
    /// In thousandths of the unit.
    pub fn thousandths(self, currency: Currency) -> i64 {
        match self {
            Self::Thousandths(thousandths) => thousandths,
            Self::Minor(minor) => {
                let digits = u32::try_from(currency.decimals()).unwrap_or(0).min(3);
                minor.saturating_mul(10_i64.pow(3 - digits)).min(MOST)
            }
        }
    }
}

/// A price, and the currency that stood beside it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Said {
    /// How much.
    pub price: Price,
    /// Of what, where the text says it.
    pub currency: Option<Currency>,
}

/// Reads a price.
///
/// # Errors
/// 100 when it is none, negative, or more than ten thousand million units; `path` names it.
pub fn read(path: &str, value: &Value) -> Result<Said, ApiError> {
    let said = match value {
        Value::Number(number) => match number.as_i64() {
            Some(minor) => Some(Said { price: Price::Minor(minor), currency: None }),
            None => number.as_f64().map(|units| Said { price: Price::Thousandths((units * 1000.0).round() as i64), currency: None }),
        },
        Value::String(text) => written_down(text),
        _ => None,
    };
    let within = |said: &Said| {
        let (Price::Minor(number) | Price::Thousandths(number)) = said.price;
        (0..=MOST).contains(&number)
    };
    said.filter(within).ok_or_else(|| {
        let forms = "a whole number of the currency's smallest unit such as 12000, or a text such as \"120.00 PHP\"";
        ApiError::invalid_parameter(format!("{path} must be a price: {forms}, at most {}", MOST / 1000))
    })
}

fn written_down(text: &str) -> Option<Said> {
    let text = text.trim();
    let is_part = |c: char| c.is_ascii_digit() || matches!(c, '.' | ',');
    let (from, to) = (text.find(|c: char| c.is_ascii_digit())?, text.rfind(|c: char| c.is_ascii_digit())? + 1);
    let (before, digits, after) = (text[..from].trim(), &text[from..to], text[to..].trim());
    if !digits.chars().all(is_part) || before.contains('-') {
        return None;
    }
    let currency = [before, after].into_iter().find_map(|beside| beside.parse::<Currency>().ok());
    // What stands beside the digits is a code or a sign, and no word.
    let is_sign = |beside: &str| beside.parse::<Currency>().is_ok() || beside.chars().count() <= 4 && !beside.chars().any(char::is_whitespace);
    if !is_sign(before) || !is_sign(after) {
        return None;
    }
    if digits == text && !digits.contains(['.', ',']) {
        return Some(Said { price: Price::Minor(digits.parse().ok()?), currency });
    }
    let amount: Amount = digits.replace(',', "").parse().ok()?;
    Some(Said { price: Price::Thousandths(amount.millionths() / MILLIONTHS), currency })
}

/// A price with its currency, such as `120.00 PHP`.
pub fn with_currency(thousandths: i64, currency: Currency) -> String {
    amount(thousandths).display(currency)
}

/// A price without it, such as `120.00`.
pub fn plain(thousandths: i64, currency: Currency) -> String {
    amount(thousandths).plain(currency.decimals())
}

fn amount(thousandths: i64) -> Amount {
    Amount::from_millionths(thousandths.saturating_mul(MILLIONTHS))
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn code(text: &str) -> Currency {
        text.parse().expect("a currency")
    }

    #[test]
    fn every_form_that_programs_write_is_read() {
        for (value, currency, thousandths) in [
            (json!(12_000), "PHP", 120_000),
            (json!("12000"), "PHP", 120_000),
            (json!(500), "JPY", 500_000),
            (json!(1_500), "KWD", 1_500),
            (json!(39.99), "USD", 39_990),
            (json!(30.0), "USD", 30_000),
            (json!("39.99 USD"), "USD", 39_990),
            (json!("USD 39.99"), "USD", 39_990),
            (json!("₱1,200.50"), "PHP", 1_200_500),
            (json!("$10.00"), "USD", 10_000),
            (json!("9 EUR"), "EUR", 9_000),
            (json!(" 120.005 KWD "), "KWD", 120_005),
            (json!(0), "USD", 0),
        ] {
            let said = read("price", &value).unwrap_or_else(|error| panic!("{value}: {error}"));
            assert_eq!(said.price.thousandths(code(currency)), thousandths, "{value}");
        }
        assert_eq!(read("price", &json!("9 EUR")).map(|said| said.currency), Ok(Some(code("EUR"))));
        assert_eq!(read("price", &json!("₱9.00")).map(|said| said.currency), Ok(None));
    }

    #[test]
    fn what_is_no_price_is_refused() {
        for value in [
            json!(-1),
            json!("-5.00 USD"),
            json!("cheap"),
            json!(""),
            json!("5.00 pieces of eight"),
            json!([1]),
            json!(true),
            json!(1e15),
            json!("1.2.3"),
        ] {
            let error = read("price", &value).expect_err("it is none");
            assert!(error.code.number() == 100 && error.details.starts_with("price must be a price"), "{value}: {}", error.details);
        }
    }

    #[test]
    fn a_price_is_written_with_the_currencys_decimals() {
        assert_eq!((with_currency(120_000, code("PHP")), plain(99_500, code("PHP"))), ("120.00 PHP".into(), "99.50".into()));
        assert_eq!((with_currency(500_000, code("JPY")), with_currency(1_500, code("KWD"))), ("500 JPY".into(), "1.500 KWD".into()));
    }
}
