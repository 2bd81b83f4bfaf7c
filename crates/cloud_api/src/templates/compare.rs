//! `GET /T/compare`: how often templates were sent, and how often customers blocked or reported the business after them (section 3a).
use crate::{ApiError, Params};
use serde_json::{Value, json};
use suki_types::{Timestamp, limits};

const DAY: i64 = 24 * 3_600_000;

/// What is asked.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Asked {
    /// The templates: first the one that is compared, then the others, 1 to 9.
    pub templates: Vec<u64>,
    /// From the day of this moment on.
    pub from: Timestamp,
    /// Before the day of this moment.
    pub to: Timestamp,
}

/// What became of a template's messages.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Figures {
    /// The template.
    pub template: u64,
    /// How many were sent.
    pub sent: u64,
    /// How many customers blocked or reported the business after one.
    pub against: u64,
}

/// Reads it; `template` is the one it is asked of.
///
/// # Errors
/// 100 when no other template is named, or more than nine; when a time is none, or lies more than 90 days back.
pub fn read(template: u64, params: &Params, now: Timestamp) -> Result<Asked, ApiError> {
    let ids: Vec<String> = match params.root().json("template_ids") {
        Some(Value::Array(items)) => items.iter().map(|item| item.as_str().map_or_else(|| item.to_string(), str::to_owned)).collect(),
        Some(Value::String(text)) => text.split(',').map(|id| id.trim().to_owned()).collect(),
        Some(Value::Number(id)) => vec![id.to_string()],
        _ => Vec::new(),
    };
    let wrong = || ApiError::invalid_parameter("template_ids must be ids of other templates, such as 1234567890");
    let others: Vec<u64> = ids.iter().map(|id| id.parse().ok().filter(|id| *id > 0).ok_or_else(wrong)).collect::<Result<_, _>>()?;
    let most = limits::ANALYTICS_TEMPLATES - 1;
    if others.is_empty() || others.len() > most || others.contains(&template) {
        return Err(ApiError::invalid_parameter(format!("template_ids names 1 to {most} other templates")));
    }
    let moment = |name: &str| {
        let given = params.root().integer(name)?.filter(|seconds| (0..=limits::LAST_SECOND).contains(seconds));
        given
            .map(|seconds| Timestamp::from_millis(seconds * 1000))
            .ok_or_else(|| ApiError::invalid_parameter(format!("{name} must be a time in seconds since 1970")))
    };
    let (from, to) = (moment("start")?, moment("end")?);
    if to <= from {
        return Err(ApiError::invalid_parameter("end must be later than start"));
    }
    let days = limits::TEMPLATE_ANALYTICS_DAYS;
    if from < now.plus_millis(-(days + 1) * DAY) {
        return Err(ApiError::invalid_parameter(format!("start lies too far back: templates are compared over at most {days} days")));
    }
    Ok(Asked { templates: std::iter::once(template).chain(others).collect(), from, to })
}

/// Answers it. Why customers blocked is known to nobody but them.
pub fn answer(figures: &[Figures]) -> Value {
    let rate = |one: &Figures| if one.sent == 0 { 0.0 } else { one.against as f64 / one.sent as f64 };
    let mut order: Vec<&Figures> = figures.iter().collect();
    order.sort_by(|a, b| rate(a).total_cmp(&rate(b)));
    let order: Vec<String> = order.iter().map(|one| one.template.to_string()).collect();
    let sends: Vec<Value> = figures.iter().map(|one| json!({"key": one.template.to_string(), "value": one.sent})).collect();
    let blocked = figures.iter().filter(|one| one.against > 0);
    let reasons: Vec<Value> = blocked.map(|one| json!({"key": one.template.to_string(), "value": "UNKNOWN_BLOCK_REASON"})).collect();
    json!({"data": [
        {"metric": "BLOCK_RATE", "type": "RELATIVE", "order_by_relative_metric": order},
        {"metric": "MESSAGE_SENDS", "type": "NUMBER_VALUES", "number_values": sends},
        {"metric": "TOP_BLOCK_REASON", "type": "STRING_VALUES", "string_values": reasons},
    ]})
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOW: Timestamp = Timestamp::from_millis(1_767_225_600_000);

    fn asked(query: &str) -> Result<Asked, ApiError> {
        read(7, &Params::from_query(query).expect("a query"), NOW)
    }

    #[test]
    fn the_one_that_fewer_block_comes_first() {
        let read = asked("template_ids=8,9&start=1766620800&end=1767225600").expect("it is one");
        assert_eq!((read.templates, read.to), (vec![7, 8, 9], NOW));
        let figures = [(7, 100, 5), (8, 10, 1), (9, 0, 0)].map(|(template, sent, against)| Figures { template, sent, against });
        let told = answer(&figures);
        assert_eq!(told["data"][0]["order_by_relative_metric"], json!(["9", "7", "8"]));
        assert_eq!(told["data"][1]["number_values"][0], json!({"key": "7", "value": 100}));
        assert_eq!(told["data"][2]["string_values"].as_array().map(Vec::len), Some(2));
    }

    #[test]
    fn what_cannot_be_compared_is_refused() {
        for (query, says) in [
            ("start=1766620800&end=1767225600", "1 to 9"),
            ("template_ids=7&start=1766620800&end=1767225600", "1 to 9"),
            ("template_ids=x&start=1766620800&end=1767225600", "ids of other templates"),
            ("template_ids=1,2,3,4,5,6,8,9,10,11&start=1&end=2", "1 to 9"),
            ("template_ids=8&end=1767225600", "start must be a time"),
            ("template_ids=8&start=1767225600&end=1766620800", "later than start"),
            ("template_ids=8&start=1700000000&end=1767225600", "at most 90 days"),
        ] {
            let error = asked(query).expect_err(query);
            assert!(error.code.number() == 100 && error.details.contains(says), "{}", error.details);
        }
    }
}
