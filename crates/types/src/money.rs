//! Money: whole millionths of a currency's unit.
//!
//! Rates are fractions of a cent (0.0079 dollars), and a bill is the sum of hundreds of thousands of them. In whole cents every message would be
//! rounded; in floating point sums depend on their order. Millionths hold every published rate exactly, and 64 bits hold nine million million units.
use iso_currency::Currency as Iso;
use std::{cmp::Ordering, fmt, iter::Sum, str::FromStr};

/// So many of these make one unit of a currency.
pub const MILLIONTHS: i64 = 1_000_000;

/// An amount in millionths of a currency's unit. What currency it is stands beside it; a debt is negative.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default, serde::Serialize, serde::Deserialize)]
#[serde(transparent)]
pub struct Amount(i64);

/// Why a text is no amount.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("an amount is a number such as 0.0079: digits, and at most six more after a point")]
pub struct AmountError;

impl Amount {
    /// Nothing.
    pub const ZERO: Self = Self(0);
    /// So many millionths of a unit.
    pub const fn from_millionths(millionths: i64) -> Self {
        Self(millionths)
    }
    /// In millionths of a unit.
    pub const fn millionths(self) -> i64 {
        self.0
    }
    /// Whether it is nothing.
    pub const fn is_zero(self) -> bool {
        self.0 == 0
    }
    /// The sum; `None` beyond what 64 bits hold.
    pub const fn checked_add(self, other: Self) -> Option<Self> {
        match self.0.checked_add(other.0) {
            Some(sum) => Some(Self(sum)),
            None => None,
        }
    }
    /// The difference; `None` beyond what 64 bits hold.
    pub const fn checked_sub(self, other: Self) -> Option<Self> {
        match self.0.checked_sub(other.0) {
            Some(difference) => Some(Self(difference)),
            None => None,
        }
    }
    /// So many times as much; `None` beyond what 64 bits hold.
    pub const fn checked_mul(self, times: i64) -> Option<Self> {
        match self.0.checked_mul(times) {
            Some(product) => Some(Self(product)),
            None => None,
        }
    }
    /// So many hundredths of it, rounded to the nearest millionth, halves away from zero; `None` beyond what 64 bits hold.
    pub const fn percent(self, percent: u32) -> Option<Self> {
        let product = self.0 as i128 * percent as i128;
        let half = if product < 0 { -50 } else { 50 };
        let rounded = (product + half) / 100;
        if rounded < i64::MIN as i128 || rounded > i64::MAX as i128 { None } else { Some(Self(rounded as i64)) }
    }
    /// As a plain number with at least `digits` digits after the point (at most six), and as many more as it needs to be exact.
    pub fn plain(self, digits: usize) -> String {
        let whole = self.0.unsigned_abs() / MILLIONTHS.unsigned_abs();
        let fraction = format!("{:06}", self.0.unsigned_abs() % MILLIONTHS.unsigned_abs());
        let exact = fraction.trim_end_matches('0').len();
        let sign = if self.0 < 0 { "-" } else { "" };
        match &fraction[..exact.max(digits.min(6))] {
            "" => format!("{sign}{whole}"),
            shown => format!("{sign}{whole}.{shown}"),
        }
    }
    /// For people: the exact number with at least the currency's own decimals, and its code, such as `1.50 USD` or `0.0079 USD`.
    pub fn display(self, currency: Currency) -> String {
        format!("{} {currency}", self.plain(currency.decimals()))
    }
}

impl FromStr for Amount {
    type Err = AmountError;
    fn from_str(text: &str) -> Result<Self, AmountError> {
        let (negative, digits) = text.strip_prefix('-').map_or((false, text), |rest| (true, rest));
        let (whole, fraction) = digits.split_once('.').map_or((digits, None), |(whole, fraction)| (whole, Some(fraction)));
        let fraction = fraction.map_or(Ok(""), |fraction| if fraction.is_empty() { Err(AmountError) } else { Ok(fraction) })?;
        let all = |text: &str| text.bytes().all(|byte| byte.is_ascii_digit());
        if whole.is_empty() || whole.len() > 13 || fraction.len() > 6 || !all(whole) || !all(fraction) {
            return Err(AmountError);
        }
        let millionths: i64 = format!("{whole}{fraction:0<6}").parse().map_err(|_| AmountError)?;
        Ok(Self(if negative { -millionths } else { millionths }))
    }
}

/// Sums end at the largest amount there is rather than wrap; a ledger adds with [`Amount::checked_add`].
impl Sum for Amount {
    fn sum<I: Iterator<Item = Self>>(amounts: I) -> Self {
        Self(amounts.fold(0, |sum, amount| sum.saturating_add(amount.0)))
    }
}

/// A currency by its ISO 4217 code.
#[derive(Clone, Copy, PartialEq, Eq, Hash, serde::Serialize, serde::Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Currency(Iso);

/// Why a text is no currency.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("a currency is written as its ISO 4217 code in capitals, such as USD, EUR or RUB")]
pub struct CurrencyError;

impl Currency {
    /// The three letters of its code.
    pub fn code(self) -> &'static str {
        self.0.code()
    }
    /// How many decimals people write: 2 of dollars, 0 of yen.
    pub fn decimals(self) -> usize {
        usize::from(self.0.exponent().unwrap_or(0))
    }
}

/// In the order of the codes.
impl Ord for Currency {
    fn cmp(&self, other: &Self) -> Ordering {
        self.code().cmp(other.code())
    }
}

impl PartialOrd for Currency {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl FromStr for Currency {
    type Err = CurrencyError;
    fn from_str(text: &str) -> Result<Self, CurrencyError> {
        Iso::from_code(text).map(Self).ok_or(CurrencyError)
    }
}

impl TryFrom<String> for Currency {
    type Error = CurrencyError;
    fn try_from(text: String) -> Result<Self, CurrencyError> {
        text.parse()
    }
}

impl From<Currency> for String {
    fn from(currency: Currency) -> Self {
        currency.code().to_owned()
    }
}

impl fmt::Display for Currency {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.code())
    }
}

impl fmt::Debug for Currency {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.code())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn amount(text: &str) -> Amount {
        text.parse().expect(text)
    }

    fn currency(code: &str) -> Currency {
        code.parse().expect(code)
    }

    #[test]
    fn an_amount_is_read_and_written_exactly() {
        for (text, millionths, shown) in [
            ("0", 0, "0.00 USD"),
            ("1", 1_000_000, "1.00 USD"),
            ("0.0079", 7_900, "0.0079 USD"),
            ("0.000001", 1, "0.000001 USD"),
            ("-2.5", -2_500_000, "-2.50 USD"),
            ("-0.5", -500_000, "-0.50 USD"),
            ("9223372036854.775807", i64::MAX, "9223372036854.775807 USD"),
        ] {
            assert_eq!(amount(text).millionths(), millionths);
            assert_eq!(amount(text).display(currency("USD")), shown);
            assert_eq!(amount(&amount(text).plain(0)), amount(text));
        }
        assert_eq!(Amount::from_millionths(5_000_000).display(currency("JPY")), "5 JPY");
        for text in ["", "-", ".5", "1.", "1,5", "0.0000001", "1e3", "+1", "12345678901234", "9223372036854.775808", "٣", " 1", "1.-5"] {
            assert_eq!(text.parse::<Amount>(), Err(AmountError), "{text}");
        }
    }

    #[test]
    fn arithmetic_is_exact_or_refused() {
        let most = Amount::from_millionths(i64::MAX);
        assert_eq!(most.checked_add(Amount::from_millionths(1)), None);
        assert_eq!(amount("0.1").checked_add(amount("0.2")), Some(amount("0.3")));
        assert_eq!(amount("0.1").checked_sub(amount("0.2")), Some(amount("-0.1")));
        assert_eq!((amount("0.0079").checked_mul(750_000), most.checked_mul(2)), (Some(amount("5925")), None));
        assert_eq!((amount("0.000001").percent(150), amount("0.000001").percent(149)), (Some(amount("0.000002")), Some(amount("0.000001"))));
        assert_eq!(
            (amount("-0.000001").percent(150), amount("3").percent(200), most.percent(101)),
            (Some(amount("-0.000002")), Some(amount("6")), None)
        );
        assert_eq!([amount("1"), amount("0.5")].into_iter().sum::<Amount>(), amount("1.5"));
    }

    #[test]
    fn a_currency_is_its_iso_code() {
        assert_eq!((currency("RUB").code(), currency("USD").decimals(), currency("JPY").decimals(), currency("KWD").decimals()), ("RUB", 2, 0, 3));
        for text in ["", "usd", "$US", "US", "USDX", "ZZZ"] {
            assert_eq!(text.parse::<Currency>(), Err(CurrencyError), "{text}");
        }
    }
}
