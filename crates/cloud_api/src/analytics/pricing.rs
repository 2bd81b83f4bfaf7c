//! `pricing_analytics`: messages delivered, and what they cost.
use super::{Charge, Column, Span, category, countries, known, list, number, points, span, with_number};
use crate::{ApiError, Params};
use serde_json::{Value, json};
use suki_types::{Country, Timestamp, limits};

/// What messages may be to the bill, as fields and webhooks write it.
pub const CATEGORIES: [&str; 7] =
    ["AUTHENTICATION", "AUTHENTICATION_INTERNATIONAL", "MARKETING", "MARKETING_LITE", "REFERRAL_CONVERSION", "SERVICE", "UTILITY"];
/// Why messages cost what they cost.
pub const TYPES: [&str; 3] = ["FREE_CUSTOMER_SERVICE", "FREE_ENTRY_POINT", "REGULAR"];
/// What points may be told apart by.
pub const DIMENSIONS: [&str; 5] = ["COUNTRY", "PHONE", "PRICING_CATEGORY", "PRICING_TYPE", "TIER"];
/// What may be told of them.
pub const METRICS: [&str; 2] = ["COST", "VOLUME"];

/// What is asked.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Asked {
    /// Which time.
    pub span: Span,
    /// To which countries; all when there is none.
    pub countries: Vec<Country>,
    metrics: Vec<&'static str>,
    types: Vec<&'static str>,
    categories: Vec<&'static str>,
    dimensions: Vec<&'static str>,
}

impl Asked {
    /// Whether charges have to be told apart by country.
    pub fn by_country(&self) -> bool {
        self.dimensions.contains(&"COUNTRY")
    }

    /// Whether charges have to be told apart by their slice of the month's volume.
    pub fn by_tier(&self) -> bool {
        self.dimensions.contains(&"TIER")
    }
}

/// Reads it. `own`: the digits of the account's number.
///
/// # Errors
/// 100 when the time is absent or lies too far back, a filter cannot be read, or another number is named.
pub fn read(params: &Params, own: &str, now: Timestamp) -> Result<Asked, ApiError> {
    let asked = span(params, now, limits::ANALYTICS_DAYS)?;
    number(params, own)?;
    Ok(Asked {
        span: asked,
        countries: countries(params)?,
        metrics: known(params, "metric_types", &METRICS)?,
        types: known(params, "pricing_types", &TYPES)?,
        categories: known(params, "pricing_categories", &CATEGORIES)?,
        dimensions: known(params, "dimensions", &DIMENSIONS)?,
    })
}

/// What is free for a reason that only this platform has is free service to programs.
fn kind(charge: &Charge) -> String {
    let kind = charge.kind.to_ascii_uppercase();
    if TYPES.contains(&kind.as_str()) { kind } else { "FREE_CUSTOMER_SERVICE".into() }
}

/// Answers it from charges that are told apart by category and type, and by what [`Asked::by_country`] and [`Asked::by_tier`] say.
pub fn answer(asked: &Asked, own: &str, charges: &[Charge]) -> Value {
    let columns: [(&str, Column); 4] = [
        ("COUNTRY", ("country", |charge| charge.country.clone())),
        ("TIER", ("tier", |charge| charge.tier.clone())),
        ("PRICING_TYPE", ("pricing_type", kind)),
        ("PRICING_CATEGORY", ("pricing_category", category)),
    ];
    let columns: Vec<Column> = columns.into_iter().filter(|(name, _)| asked.dimensions.contains(name)).map(|(_, column)| column).collect();
    let among = |words: &[&str], word: &str| words.is_empty() || words.contains(&word);
    let counted = charges.iter().filter(|charge| among(&asked.types, &kind(charge)) && among(&asked.categories, &category(charge)));
    let metrics = (among(&asked.metrics, "VOLUME").then_some("volume"), among(&asked.metrics, "COST"));
    let mut found = points(asked.span.granularity, counted, &columns, metrics);
    if asked.dimensions.contains(&"PHONE") {
        with_number(&mut found, own);
    }
    list(json!({ "data_points": found }))
}

#[cfg(test)]
mod tests {
    use super::*;
    use suki_types::Amount;

    fn charge(kind: &str, category: &str, country: &str, count: u64, millionths: i64) -> Charge {
        Charge {
            at: Timestamp::from_millis(1_767_139_200_000),
            country: country.into(),
            category: category.into(),
            kind: kind.into(),
            tier: String::new(),
            count,
            amount: Amount::from_millionths(millionths),
        }
    }

    fn asked(text: &str) -> Result<Asked, ApiError> {
        let query = format!("start=1767139200&end=1767225600&granularity=DAILY{text}");
        read(&Params::from_query(&query).expect("a query"), "63917", Timestamp::from_millis(1_767_225_600_000))
    }

    #[test]
    fn charges_are_told_as_they_are_asked() {
        let charges = [
            charge("regular", "marketing", "PH", 2, 15_800),
            charge("regular", "authentication-international", "IN", 1, 20_000),
            charge("small_business", "utility", "PH", 3, 0),
            charge("free_entry_point", "service", "PH", 4, 0),
        ];
        let told = |text: &str| answer(&asked(text).expect("it is asked"), "63917", &charges)["data"][0]["data_points"].clone();
        let point = |more: Value| {
            let mut point = json!({"start": 1_767_139_200, "end": 1_767_225_600});
            point.as_object_mut().expect("an object").extend(more.as_object().cloned().unwrap_or_default());
            point
        };
        assert_eq!(told(""), json!([point(json!({"volume": 10, "cost": 0.0358}))]));
        assert_eq!(told("&metric_types=[\"COST\"]&pricing_types=REGULAR"), json!([point(json!({"cost": 0.0358}))]));
        let by_type = told("&dimensions=[\"PRICING_TYPE\",\"PHONE\"]&metric_types=VOLUME");
        let row = |kind: &str, volume: u64| point(json!({"pricing_type": kind, "phone_number": "63917", "volume": volume}));
        assert_eq!(by_type, json!([row("FREE_CUSTOMER_SERVICE", 3), row("FREE_ENTRY_POINT", 4), row("REGULAR", 3)]));
        let one = told("&pricing_categories=AUTHENTICATION_INTERNATIONAL&dimensions=COUNTRY,PRICING_CATEGORY,TIER");
        let row = json!({"country": "IN", "tier": "", "pricing_category": "AUTHENTICATION_INTERNATIONAL", "volume": 1, "cost": 0.02});
        assert_eq!(one, json!([point(row)]));
    }

    #[test]
    fn unknown_words_are_refused_with_the_known_ones() {
        for (wrong, says) in [
            ("&metric_types=SENT", "COST, VOLUME"),
            ("&pricing_types=CHEAP", "REGULAR"),
            ("&pricing_categories=NEWS", "UTILITY"),
            ("&dimensions=COLOUR", "PRICING_CATEGORY"),
        ] {
            let error = asked(wrong).expect_err(wrong);
            assert!(error.code.number() == 100 && error.details.contains(says), "{}", error.details);
        }
    }
}
