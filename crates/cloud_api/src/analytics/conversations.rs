//! `conversation_analytics`: conversations by what opened them. Where each message has its price, each is a conversation of its own, as webhooks say it
//! to programs of version 23 and older; what belongs to a conversation that was opened before is none.
use super::{Charge, Column, Span, category, known, list, number, points, span, with_number};
use crate::{ApiError, Params};
use serde_json::{Value, json};
use suki_types::{Timestamp, limits};

/// What conversations may be about.
pub const CATEGORIES: [&str; 7] =
    ["AUTHENTICATION", "AUTHENTICATION_INTERNATIONAL", "MARKETING", "MARKETING_LITE", "REFERRAL_CONVERSION", "SERVICE", "UTILITY"];
/// Why they cost what they cost.
pub const TYPES: [&str; 3] = ["FREE_ENTRY", "FREE_TIER", "REGULAR"];
/// Who began them.
pub const DIRECTIONS: [&str; 2] = ["BUSINESS_INITIATED", "USER_INITIATED"];
/// What points may be told apart by.
pub const DIMENSIONS: [&str; 5] = ["CONVERSATION_CATEGORY", "CONVERSATION_DIRECTION", "CONVERSATION_TYPE", "COUNTRY", "PHONE"];
/// What may be told of them.
pub const METRICS: [&str; 2] = ["CONVERSATION", "COST"];

/// What is asked.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Asked {
    /// Which time.
    pub span: Span,
    metrics: Vec<&'static str>,
    categories: Vec<&'static str>,
    types: Vec<&'static str>,
    directions: Vec<&'static str>,
    dimensions: Vec<&'static str>,
}

impl Asked {
    /// Whether charges have to be told apart by country.
    pub fn by_country(&self) -> bool {
        self.dimensions.contains(&"COUNTRY")
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
        metrics: known(params, "metric_types", &METRICS)?,
        categories: known(params, "conversation_categories", &CATEGORIES)?,
        types: known(params, "conversation_types", &TYPES)?,
        directions: known(params, "conversation_directions", &DIRECTIONS)?,
        dimensions: known(params, "dimensions", &DIMENSIONS)?,
    })
}

fn kind(charge: &Charge) -> String {
    let kind = match charge.kind.as_str() {
        "regular" => "REGULAR",
        "free_entry_point" => "FREE_ENTRY",
        _ => "FREE_TIER",
    };
    kind.into()
}

fn direction(charge: &Charge) -> String {
    let by_user = charge.category == "service" || charge.kind == "free_entry_point";
    if by_user { "USER_INITIATED".into() } else { "BUSINESS_INITIATED".into() }
}

/// Answers it from charges that are told apart by category and type, and by country where [`Asked::by_country`] says so.
pub fn answer(asked: &Asked, own: &str, charges: &[Charge]) -> Value {
    let columns: [(&str, Column); 4] = [
        ("COUNTRY", ("country", |charge| charge.country.clone())),
        ("CONVERSATION_TYPE", ("conversation_type", kind)),
        ("CONVERSATION_DIRECTION", ("conversation_direction", direction)),
        ("CONVERSATION_CATEGORY", ("conversation_category", category)),
    ];
    let columns: Vec<Column> = columns.into_iter().filter(|(name, _)| asked.dimensions.contains(name)).map(|(_, column)| column).collect();
    let among = |words: &[&str], word: &str| words.is_empty() || words.contains(&word);
    let counted = charges.iter().filter(|charge| {
        charge.kind != "open_conversation"
            && among(&asked.categories, &category(charge))
            && among(&asked.types, &kind(charge))
            && among(&asked.directions, &direction(charge))
    });
    let metrics = (among(&asked.metrics, "CONVERSATION").then_some("conversation"), among(&asked.metrics, "COST"));
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

    #[test]
    fn conversations_are_told_by_what_opened_them() {
        let charge = |kind: &str, category: &str, count, millionths| Charge {
            at: Timestamp::from_millis(1_767_139_200_000),
            kind: kind.into(),
            category: category.into(),
            count,
            amount: Amount::from_millionths(millionths),
            ..Charge::default()
        };
        let charges = [
            charge("regular", "utility", 2, 500_000),
            charge("open_conversation", "utility", 9, 0),
            charge("free_customer_service", "service", 3, 0),
            charge("free_entry_point", "marketing", 1, 0),
        ];
        let read = |text: &str| {
            let query = format!("start=1767139200&end=1767225600&granularity=MONTHLY{text}");
            read(&Params::from_query(&query).expect("a query"), "63917", Timestamp::from_millis(1_767_225_600_000))
        };
        let told = |text: &str| answer(&read(text).expect("it is asked"), "63917", &charges)["data"][0]["data_points"].clone();
        assert_eq!((&told("")[0]["conversation"], &told("")[0]["cost"]), (&json!(6), &json!(0.5)));
        let rows = told("&dimensions=CONVERSATION_TYPE,CONVERSATION_DIRECTION,CONVERSATION_CATEGORY&metric_types=CONVERSATION");
        let cells = |row: &Value| {
            let cell = |name: &str| row[name].as_str().unwrap_or_default().to_owned();
            (cell("conversation_type"), cell("conversation_direction"), cell("conversation_category"), row["conversation"].as_u64())
        };
        let expected = [
            ("FREE_ENTRY", "USER_INITIATED", "REFERRAL_CONVERSION", 1),
            ("FREE_TIER", "USER_INITIATED", "SERVICE", 3),
            ("REGULAR", "BUSINESS_INITIATED", "UTILITY", 2),
        ];
        let expected: Vec<_> = expected.map(|(kind, by, what, count)| (kind.to_owned(), by.to_owned(), what.to_owned(), Some(count))).into();
        assert_eq!(rows.as_array().expect("points").iter().map(cells).collect::<Vec<_>>(), expected);
        assert_eq!(told("&conversation_directions=BUSINESS_INITIATED")[0]["conversation"], 2);
        assert_eq!(told("&conversation_types=FREE_TIER&conversation_categories=[\"UTILITY\"]"), json!([]));
        let error = read("&dimensions=TIER").expect_err("pricing has tiers");
        assert!(error.details.contains("CONVERSATION_TYPE"), "{}", error.details);
    }
}
