//! Analytics of an account (section 3f): what is asked by a field with modifiers, `analytics.start(..).end(..).granularity(DAY)`, or by an edge with
//! parameters, and how it is answered. Times are seconds since 1970; periods are of UTC.
pub mod conversations;
pub mod messages;
pub mod pricing;
pub mod templates;

use crate::{ApiError, Params, fields::Field};
use serde_json::{Value, json};
use std::collections::BTreeMap;
use suki_types::{Amount, Country, Timestamp, limits};

const HALF_HOUR: i64 = 30 * 60_000;
const DAY: i64 = 24 * 3_600_000;
/// The most items of a filter.
const MOST_ITEMS: usize = 300;

/// How long a point's period is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Granularity {
    /// Half an hour.
    HalfHour,
    /// A day; fields write `DAY` or `DAILY`.
    Day,
    /// A month; fields write `MONTH` or `MONTHLY`.
    Month,
}

impl Granularity {
    /// The end of the period that begins at `start`.
    fn end(self, start: Timestamp) -> Timestamp {
        match self {
            Self::HalfHour => start.plus_millis(HALF_HOUR),
            Self::Day => start.plus_millis(DAY),
            Self::Month => {
                let month = |at: Timestamp| at.utc().get(..7).map(str::to_owned);
                let next = (28..=31).map(|days| start.plus_millis(days * DAY)).find(|at| month(*at) != month(start));
                next.unwrap_or_else(|| start.plus_millis(31 * DAY))
            }
        }
    }
}

/// The time that is asked for, and how it is cut.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Span {
    /// From the period of this moment on.
    pub from: Timestamp,
    /// Before the period of this moment.
    pub to: Timestamp,
    /// How long a point's period is.
    pub granularity: Granularity,
}

/// Messages that were delivered in a period, with what they cost.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Charge {
    /// The period's beginning.
    pub at: Timestamp,
    /// ISO 3166; `ZZ` for an unknown one.
    pub country: String,
    /// As the webhook's price has it, such as `marketing`.
    pub category: String,
    /// As the webhook's price has it, such as `regular`; and the kinds that only this platform has.
    pub kind: String,
    /// The slice of the month's volume; "" where the price does not depend on it.
    pub tier: String,
    /// How many.
    pub count: u64,
    /// What they cost together.
    pub amount: Amount,
}

/// A field's modifiers as parameters, so that a field and an edge of the same name are read alike.
///
/// # Errors
/// 100 when there are more modifiers than a request may have parameters.
pub fn arguments(field: &Field) -> Result<Params, ApiError> {
    let mut params = Params::default();
    params.merge_pairs(field.modifiers.iter().map(|(name, argument)| (name, argument.trim())))?;
    Ok(params)
}

/// The time that is asked for. `days`: how far back it may begin.
fn span(params: &Params, now: Timestamp, days: i64) -> Result<Span, ApiError> {
    let moment = |name: &str| {
        let given = params.root().integer(name)?.filter(|seconds| (0..=limits::LAST_SECOND).contains(seconds));
        given.map(|seconds| Timestamp::from_millis(seconds * 1000)).ok_or_else(|| required(name, "a time in seconds since 1970"))
    };
    let (from, to) = (moment("start")?, moment("end")?);
    let words = "HALF_HOUR, DAY (or DAILY) or MONTH (or MONTHLY)";
    let granularity = match params.text("granularity").unwrap_or_default().to_ascii_uppercase().as_str() {
        "HALF_HOUR" => Granularity::HalfHour,
        "DAY" | "DAILY" => Granularity::Day,
        "MONTH" | "MONTHLY" => Granularity::Month,
        _ => return Err(required("granularity", words)),
    };
    if to <= from {
        return Err(ApiError::invalid_parameter("end must be later than start"));
    }
    let days = if granularity == Granularity::HalfHour { days.min(limits::HALF_HOURS_DAYS) } else { days };
    // Whoever asks for so many whole days back asks from the beginning of the first.
    if from < now.plus_millis(-(days + 1) * DAY) {
        let what = if granularity == Granularity::HalfHour { "half hours are kept" } else { "figures reach back" };
        return Err(ApiError::invalid_parameter(format!("start lies too far back: {what} {days} days")));
    }
    Ok(Span { from, to, granularity })
}

fn required(name: &str, what: &str) -> ApiError {
    ApiError::invalid_parameter(format!("{name} must be {what}"))
}

/// A list: a JSON array, words with commas between them, or such words in square brackets. Absent and empty are the same.
fn items(params: &Params, name: &str) -> Result<Vec<String>, ApiError> {
    let text = |value: &Value| match value {
        Value::String(text) => Some(text.clone()),
        Value::Number(number) => Some(number.to_string()),
        _ => None,
    };
    let words = |text: &str| {
        let inner = text.trim().trim_start_matches('[').trim_end_matches(']');
        inner.split(',').map(|word| word.trim().trim_matches(['"', '\'']).to_owned()).filter(|word| !word.is_empty()).collect()
    };
    let given: Option<Vec<String>> = match params.root().json(name) {
        None => Some(Vec::new()),
        Some(Value::Array(items)) => items.iter().map(text).collect(),
        Some(Value::String(text)) => Some(words(&text)),
        Some(value) => text(&value).map(|one| vec![one]),
    };
    let given = given.ok_or_else(|| required(name, "a list of words, such as [\"A\",\"B\"]"))?;
    if given.len() > MOST_ITEMS {
        return Err(ApiError::invalid_parameter(format!("{name} has {} items; at most {MOST_ITEMS} are allowed", given.len())));
    }
    Ok(given)
}

/// A list of words that are all known; in capitals.
fn known(params: &Params, name: &str, words: &[&'static str]) -> Result<Vec<&'static str>, ApiError> {
    let read = |given: String| {
        let found = words.iter().copied().find(|word| word.eq_ignore_ascii_case(&given));
        found.ok_or_else(|| required(name, &format!("among {}", words.join(", "))))
    };
    items(params, name)?.into_iter().map(read).collect()
}

fn countries(params: &Params) -> Result<Vec<Country>, ApiError> {
    let read = |given: String| given.to_ascii_uppercase().parse().map_err(|error| ApiError::invalid_parameter(format!("country_codes: {error}")));
    items(params, "country_codes")?.into_iter().map(read).collect()
}

/// Whether the account's one number is asked for; it is when none is named. `own` is its digits.
fn number(params: &Params, own: &str) -> Result<(), ApiError> {
    let digits = |text: &str| text.chars().filter(char::is_ascii_digit).collect::<String>();
    if items(params, "phone_numbers")?.iter().all(|given| digits(given) == own) {
        return Ok(());
    }
    Err(ApiError::invalid_parameter("phone_numbers: the account has one number; name that, or leave this out"))
}

/// What a charge is to programs: what is free because a customer came through an entry point is of a category of its own.
fn category(charge: &Charge) -> String {
    if charge.kind == "free_entry_point" { "REFERRAL_CONVERSION".into() } else { charge.category.to_ascii_uppercase().replace('-', "_") }
}

/// What points are told apart by: the name in the answer, and what of a charge stands there.
type Column = (&'static str, fn(&Charge) -> String);

/// Points of an answer: charges that are alike in all columns are one, with their number under `count` and their price under `cost`.
fn points<'a>(
    granularity: Granularity,
    charges: impl Iterator<Item = &'a Charge>,
    columns: &[Column],
    (count, cost): (Option<&str>, bool),
) -> Vec<Value> {
    let mut sums: BTreeMap<(Timestamp, Vec<String>), (u64, i64)> = BTreeMap::new();
    for charge in charges {
        let key = (charge.at, columns.iter().map(|(_, of)| of(charge)).collect());
        let (sum, spent) = sums.entry(key).or_default();
        *sum += charge.count;
        *spent = spent.saturating_add(charge.amount.millionths());
    }
    let point = |((at, cells), (sum, spent)): ((Timestamp, Vec<String>), (u64, i64))| {
        let mut point = json!({"start": at.seconds(), "end": granularity.end(at).seconds()});
        for ((name, _), cell) in columns.iter().zip(cells) {
            point[*name] = cell.into();
        }
        if let Some(count) = count {
            point[count] = sum.into();
        }
        if cost {
            point["cost"] = money(spent);
        }
        point
    };
    sums.into_iter().map(point).collect()
}

/// An amount in units of its currency; the millionths of a double are exact far beyond every bill.
fn money(millionths: i64) -> Value {
    (millionths as f64 / 1e6).into()
}

/// Adds the account's one number to every point.
fn with_number(points: &mut [Value], number: &str) {
    points.iter_mut().for_each(|point| point["phone_number"] = number.into());
}

/// A list of one item, as edges and fields write them.
fn list(item: Value) -> Value {
    json!({"data": [item]})
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fields::Selector;

    const NOW: i64 = 1_767_225_600_000;

    fn read(field: &str) -> Result<Span, ApiError> {
        let selector = Selector::parse(field).expect("a selector");
        span(&arguments(&selector.0[0]).expect("arguments"), Timestamp::from_millis(NOW), 365)
    }

    #[test]
    fn a_time_is_read_from_modifiers() {
        let seconds = NOW / 1000;
        let asked = format!("analytics.start({}).end({seconds}).granularity(Daily)", seconds - 86_400);
        let (from, to) = (Timestamp::from_millis(NOW - DAY), Timestamp::from_millis(NOW));
        assert_eq!(read(&asked), Ok(Span { from, to, granularity: Granularity::Day }));
        for (asked, says) in [
            ("a.end(5).granularity(DAY)", "start must be a time"),
            ("a.start(x).end(5).granularity(DAY)", "start must be a whole number"),
            ("a.start(-5).end(5).granularity(DAY)", "start must be a time"),
            ("a.start(1).end(99999999999999).granularity(DAY)", "end must be a time"),
            ("a.start(1).end(5)", "HALF_HOUR, DAY"),
            ("a.start(1).end(5).granularity(WEEK)", "HALF_HOUR, DAY"),
            ("a.start(5).end(5).granularity(DAY)", "later than start"),
            ("a.start(1700000000).end(1767225600).granularity(DAY)", "figures reach back 365 days"),
            ("a.start(1750000000).end(1767225600).granularity(HALF_HOUR)", "half hours are kept 90 days"),
        ] {
            let error = read(asked).expect_err(asked);
            assert!(error.code.number() == 100 && error.details.contains(says), "{asked}: {}", error.details);
        }
    }

    #[test]
    fn lists_are_read_as_programs_write_them() {
        for text in ["[\"a\",\"b\"]", "a, b", "[a,b]", "['a','b']"] {
            let mut params = Params::default();
            params.merge_pairs([("x", text)]).expect("it is one");
            assert_eq!(items(&params, "x"), Ok(vec!["a".to_owned(), "b".to_owned()]), "{text}");
        }
        let mut params = Params::default();
        params.merge_pairs([("x", "[[1]]"), ("y", "[0,2]"), ("country_codes", "us"), ("phone_numbers", "[\"+63 917\"]")]).expect("they are");
        assert!(items(&params, "x").is_err());
        assert_eq!((items(&params, "y"), items(&params, "z")), (Ok(vec!["0".to_owned(), "2".to_owned()]), Ok(Vec::new())));
        assert_eq!(countries(&params), Ok(vec!["US".parse().expect("a country")]));
        assert!(number(&params, "63917").is_ok() && number(&params, "63918").is_err() && known(&params, "y", &["A"]).is_err());
    }

    #[test]
    fn a_month_ends_where_the_next_begins() {
        let start = Timestamp::from_millis(NOW);
        assert_eq!(Granularity::Month.end(start).utc().get(..10), Some("2026-02-01"));
        assert_eq!(Granularity::Month.end(Granularity::Month.end(start)).utc().get(..10), Some("2026-03-01"));
        assert_eq!(Granularity::HalfHour.end(start).since(start), HALF_HOUR);
    }
}
