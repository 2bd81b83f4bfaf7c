//! `analytics`: messages sent and delivered.
use super::{Granularity, Span, countries, items, number, required, span};
use crate::{ApiError, Params};
use serde_json::{Value, json};
use suki_types::{Country, Timestamp, limits};

/// What messages are counted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// Templates: product type 0.
    Template,
    /// What else the business writes: product type 2.
    Other,
    /// What customers write: product type 100.
    Received,
}

/// What is asked.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Asked {
    /// Which time.
    pub span: Span,
    /// Which messages; never none.
    pub kinds: Vec<Kind>,
    /// To which countries; all when there is none.
    pub countries: Vec<Country>,
}

/// What happened in a period.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Point {
    /// The period's beginning.
    pub at: Timestamp,
    /// How many messages the business sent.
    pub sent: u64,
    /// How many of its messages reached a device.
    pub delivered: u64,
    /// How many it received.
    pub received: u64,
}

/// Reads it. `own`: the digits of the account's number.
///
/// # Errors
/// 100 when the time is absent or lies too far back, a filter cannot be read, or another number is named.
pub fn read(params: &Params, own: &str, now: Timestamp) -> Result<Asked, ApiError> {
    let asked = span(params, now, limits::ANALYTICS_DAYS)?;
    number(params, own)?;
    let kind = |given: String| match given.as_str() {
        "0" => Ok(Kind::Template),
        "2" => Ok(Kind::Other),
        "100" => Ok(Kind::Received),
        _ => Err(required("product_types", "among 0 (templates), 2 (all else that is sent) and 100 (what is received)")),
    };
    let kinds: Vec<Kind> = items(params, "product_types")?.into_iter().map(kind).collect::<Result<_, _>>()?;
    let kinds = if kinds.is_empty() { vec![Kind::Template, Kind::Other] } else { kinds };
    Ok(Asked { span: asked, kinds, countries: countries(params)? })
}

/// Answers it; what was received counts as sent and as delivered, since it did reach the business.
pub fn answer(asked: &Asked, own: &str, found: &[Point]) -> Value {
    let granularity = match asked.span.granularity {
        Granularity::HalfHour => "HALF_HOUR",
        Granularity::Day => "DAY",
        Granularity::Month => "MONTH",
    };
    let point = |point: &Point| {
        let (start, end) = (point.at.seconds(), asked.span.granularity.end(point.at).seconds());
        json!({"start": start, "end": end, "sent": point.sent + point.received, "delivered": point.delivered + point.received})
    };
    json!({
        "phone_numbers": [own],
        "country_codes": asked.countries.iter().map(|country| country.code()).collect::<Vec<_>>(),
        "granularity": granularity,
        "data_points": found.iter().map(point).collect::<Vec<_>>(),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_asked_is_answered() {
        let now = Timestamp::from_millis(1_767_225_600_000);
        let query = |text: &str| Params::from_query(&format!("start=1767139200&end=1767225600&granularity=DAY{text}")).expect("a query");
        let asked = read(&query("&country_codes=[\"PH\"]"), "63917", now).expect("it is one");
        assert_eq!(asked.kinds, [Kind::Template, Kind::Other]);
        let point = Point { at: asked.span.from, sent: 3, delivered: 2, received: 0 };
        let told = answer(&asked, "63917", &[point]);
        assert_eq!(told["data_points"], json!([{"start": 1_767_139_200, "end": 1_767_225_600, "sent": 3, "delivered": 2}]));
        assert_eq!((&told["phone_numbers"], &told["country_codes"], &told["granularity"]), (&json!(["63917"]), &json!(["PH"]), &json!("DAY")));
        assert_eq!(read(&query("&product_types=[100]"), "63917", now).map(|asked| asked.kinds), Ok(vec![Kind::Received]));
        for (wrong, says) in [("&product_types=1", "among 0"), ("&phone_numbers=1", "one number"), ("&country_codes=x", "ISO 3166")] {
            let error = read(&query(wrong), "63917", now).expect_err(wrong);
            assert!(error.details.contains(says), "{}", error.details);
        }
    }
}
