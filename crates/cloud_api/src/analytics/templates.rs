//! `template_analytics`: what became of each template's messages, day by day.
use super::{Charge, Granularity, Span, items, known, money, span};
use crate::{ApiError, Code, Params};
use serde_json::{Value, json};
use std::collections::BTreeMap;
use suki_types::{Timestamp, limits};

/// What may be told of them.
pub const METRICS: [&str; 5] = ["CLICKED", "COST", "DELIVERED", "READ", "SENT"];

/// What is asked.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Asked {
    /// Which time; by days.
    pub span: Span,
    /// The templates' ids: 1 to 10.
    pub templates: Vec<u64>,
    metrics: Vec<&'static str>,
}

/// What became of a template's messages on a day.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Counts {
    /// Sent on that day.
    pub sent: u64,
    /// Delivered on that day.
    pub delivered: u64,
    /// Read on that day.
    pub read: u64,
}

/// What is known of the templates: by template and day.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Found {
    /// What became of the messages.
    pub counts: Vec<(u64, Timestamp, Counts)>,
    /// What those cost that were delivered.
    pub charges: Vec<(u64, Charge)>,
    /// How often which quick reply was pressed.
    pub clicks: Vec<(u64, Timestamp, String, u64)>,
}

/// Reads it. `is_enabled`: whether the account's insights are on.
///
/// # Errors
/// 200005 when insights are off; 100 when the time is absent or lies too far back, days are not what is asked for, or a list cannot be read.
pub fn read(params: &Params, is_enabled: bool, now: Timestamp) -> Result<Asked, ApiError> {
    if !is_enabled {
        let details = "Templates' figures are told once POST /{waba_id} has set is_enabled_for_insights=true; that cannot be undone";
        return Err(ApiError::new(Code::InsightsNotEnabled, details));
    }
    let asked = span(params, now, limits::TEMPLATE_ANALYTICS_DAYS)?;
    if asked.granularity != Granularity::Day {
        return Err(ApiError::invalid_parameter("granularity must be DAILY: templates' figures are told by days"));
    }
    let templates: Option<Vec<u64>> = items(params, "template_ids")?.iter().map(|id| id.parse().ok().filter(|id| *id > 0)).collect();
    let templates = templates.ok_or_else(|| ApiError::invalid_parameter("template_ids must be ids of templates, such as [\"1234567890\"]"))?;
    if templates.is_empty() || templates.len() > limits::ANALYTICS_TEMPLATES {
        let most = limits::ANALYTICS_TEMPLATES;
        return Err(ApiError::invalid_parameter(format!("template_ids has {} ids; 1 to {most} are allowed", templates.len())));
    }
    known(params, "product_type", &["CLOUD_API"])?;
    Ok(Asked { span: asked, templates, metrics: known(params, "metric_types", &METRICS)? })
}

/// What one point is made of.
#[derive(Default)]
struct Day<'a> {
    counts: Counts,
    spent: i64,
    clicks: Vec<(&'a str, u64)>,
}

/// Answers it.
pub fn answer(asked: &Asked, found: &Found) -> Value {
    let mut days: BTreeMap<(u64, Timestamp), Day<'_>> = BTreeMap::new();
    for (template, at, counts) in &found.counts {
        days.entry((*template, *at)).or_default().counts = *counts;
    }
    for (template, charge) in &found.charges {
        let day = days.entry((*template, charge.at)).or_default();
        day.spent = day.spent.saturating_add(charge.amount.millionths());
    }
    for (template, at, button, count) in &found.clicks {
        days.entry((*template, *at)).or_default().clicks.push((button, *count));
    }
    let points: Vec<Value> = days.iter().map(|((template, at), day)| point(asked, *template, *at, day)).collect();
    let data = json!([{"granularity": "DAILY", "product_type": "cloud_api", "data_points": points}]);
    json!({"data": data, "paging": {"cursors": {"before": "MAZDZD", "after": "MAZDZD"}}})
}

fn point(asked: &Asked, template: u64, at: Timestamp, day: &Day<'_>) -> Value {
    let tells = |metric: &str| asked.metrics.is_empty() || asked.metrics.contains(&metric);
    let mut point = json!({"template_id": template.to_string(), "start": at.seconds(), "end": Granularity::Day.end(at).seconds()});
    let Counts { sent, delivered, read } = day.counts;
    for (metric, name, count) in [("SENT", "sent", sent), ("DELIVERED", "delivered", delivered), ("READ", "read", read)] {
        if tells(metric) {
            point[name] = count.into();
        }
    }
    if tells("CLICKED") && !day.clicks.is_empty() {
        let click = |(button, count): &(&str, u64)| json!({"type": "quick_reply_button", "button_content": button, "count": count});
        point["clicked"] = day.clicks.iter().map(click).collect();
    }
    if tells("COST") {
        let mut cost = vec![json!({"type": "amount_spent", "value": money(day.spent)})];
        if delivered > 0 {
            let each = day.spent as f64 / 1e6 / delivered as f64;
            cost.push(json!({"type": "cost_per_delivered", "value": each}));
        }
        point["cost"] = cost.into();
    }
    point
}

#[cfg(test)]
mod tests {
    use super::*;
    use suki_types::Amount;

    const NOW: Timestamp = Timestamp::from_millis(1_767_225_600_000);

    fn asked(text: &str) -> Result<Asked, ApiError> {
        let query = format!("start=1767139200&end=1767225600&granularity=daily{text}");
        read(&Params::from_query(&query).expect("a query"), true, NOW)
    }

    #[test]
    fn each_template_has_a_point_a_day() {
        let at = Timestamp::from_millis(1_767_139_200_000);
        let found = Found {
            counts: vec![(7, at, Counts { sent: 4, delivered: 2, read: 1 })],
            charges: vec![(7, Charge { at, count: 2, amount: Amount::from_millionths(500_000), ..Charge::default() })],
            clicks: vec![(8, at, "Thanks".into(), 3)],
        };
        let told = answer(&asked("&template_ids=[7,\"8\"]").expect("it is asked"), &found);
        let expected = json!([
            {"template_id": "7", "start": 1_767_139_200, "end": 1_767_225_600, "sent": 4, "delivered": 2, "read": 1,
             "cost": [{"type": "amount_spent", "value": 0.5}, {"type": "cost_per_delivered", "value": 0.25}]},
            {"template_id": "8", "start": 1_767_139_200, "end": 1_767_225_600, "sent": 0, "delivered": 0, "read": 0,
             "clicked": [{"type": "quick_reply_button", "button_content": "Thanks", "count": 3}],
             "cost": [{"type": "amount_spent", "value": 0.0}]},
        ]);
        assert_eq!(told["data"][0]["data_points"], expected);
        let some = answer(&asked("&template_ids=7,8&metric_types=[\"SENT\",\"CLICKED\"]").expect("it is asked"), &found);
        assert_eq!(some["data"][0]["data_points"][0], json!({"template_id": "7", "start": 1_767_139_200, "end": 1_767_225_600, "sent": 4}));
    }

    #[test]
    fn what_cannot_be_told_is_refused() {
        let many: String = (1..=11).map(|id| format!("{id},")).collect();
        for (wrong, says) in [
            ("", "1 to 10"),
            (format!("&template_ids={many}").as_str(), "has 11 ids"),
            ("&template_ids=order_news", "ids of templates"),
            ("&template_ids=7&metric_types=BLOCKED", "DELIVERED"),
            ("&template_ids=7&granularity=MONTHLY", "DAILY"),
            ("&template_ids=7&start=1750000000", "reach back 90 days"),
        ] {
            let error = asked(wrong).expect_err(wrong);
            assert!(error.code.number() == 100 && error.details.contains(says), "{}", error.details);
        }
        let error = read(&Params::default(), false, NOW).expect_err("insights are off");
        assert_eq!(error.code, Code::InsightsNotEnabled);
    }
}
