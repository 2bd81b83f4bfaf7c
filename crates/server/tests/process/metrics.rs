//! What Prometheus reads of a busy server: figures under names that are written down, and nothing that anybody wrote or is called by.
use crate::{
    busy::Busy,
    server::{fixed_address, word},
};
use std::collections::{HashMap, HashSet};
use suki_server::{
    http::openapi,
    operate::metrics::names::{self, Values},
};

/// A line: name, labels, value.
type Line = (String, Vec<(String, String)>, f64);

fn line(text: &str) -> Line {
    let (series, value) = text.rsplit_once(' ').unwrap_or_else(|| panic!("{text}"));
    let (name, labels) = series.split_once('{').map_or((series, ""), |(name, labels)| (name, labels.trim_end_matches('}')));
    let labels = labels.split("\",").filter(|label| !label.is_empty());
    let labels = labels.map(|label| label.split_once("=\"").map(|(key, value)| (key.to_owned(), value.trim_end_matches('"').to_owned())));
    (name.to_owned(), labels.map(|label| label.unwrap_or_else(|| panic!("{text}"))).collect(), value.parse().expect("a number"))
}

fn lines(text: &str) -> Vec<Line> {
    text.lines().filter(|line| !line.is_empty() && !line.starts_with('#')).map(line).collect()
}

/// The value of a metric with this label, over all others.
fn sum(lines: &[Line], name: &str, label: (&str, &str)) -> f64 {
    let fits = |labels: &[(String, String)]| label.0.is_empty() || labels.iter().any(|(key, value)| (key.as_str(), value.as_str()) == label);
    lines.iter().filter(|(found, labels, _)| found == name && fits(labels)).map(|(_, _, value)| value).sum()
}

/// Whether a label may say this.
fn may_say(values: Values, value: &str, operations: &HashSet<String>) -> bool {
    match values {
        Values::Words(words) => words.contains(&value),
        Values::Operation => matches!(value, "web" | "none") || operations.contains(value),
        Values::Part => ["network store", "endpoint store", "files", "bus", "ownership"].contains(&value),
        Values::Own => !value.is_empty(),
    }
}

fn operations() -> HashSet<String> {
    let document = openapi::document();
    let paths = document["paths"].as_object().expect("paths");
    let all = paths.values().filter_map(|path| path.as_object()).flat_map(|path| path.values());
    all.filter_map(|operation| operation["operationId"].as_str().map(str::to_owned)).collect()
}

#[tokio::test]
async fn a_busy_servers_figures_are_there_and_say_nothing_of_anybody() {
    let address = fixed_address();
    let busy = Busy::start(&[&format!("SUKI_METRICS={address}")]).await;
    busy.is_heard().await;
    let Busy { env, http, customer, .. } = &busy;
    let refused = http.get(format!("{}/v23.0/{}", word(env, "SUKI_URL"), word(env, "SUKI_WABA_ID"))).send().await.expect("it answers");
    assert_eq!(refused.status(), 401);

    let text = http.get(format!("http://{address}/metrics")).send().await.expect("it answers").text().await.expect("it is text");
    let found = lines(&text);
    let (known, operations): (HashMap<&str, &names::Metric>, _) = (names::ALL.iter().map(|metric| (metric.name, metric)).collect(), operations());
    for (name, labels, _) in &found {
        let plain = ["_bucket", "_sum", "_count"].iter().find_map(|end| name.strip_suffix(end).filter(|name| known.contains_key(name)));
        let metric = known.get(plain.unwrap_or(name)).unwrap_or_else(|| panic!("{name} is not written down in operate/metrics/names.rs"));
        for (key, value) in labels.iter().filter(|(key, _)| key != "le") {
            let (_, values) = metric.labels.iter().find(|(label, _)| label == key).unwrap_or_else(|| panic!("{name} has no label {key}"));
            assert!(may_say(*values, value, &operations), "{name} says {key}={value}");
        }
    }
    for (name, label) in [
        ("suki_frames_total", ("kind", "submit")),
        ("suki_frames_total", ("kind", "log_in")),
        ("suki_requests_total", ("operation", "messages.send")),
        ("suki_requests_total", ("class", "4xx")),
        ("suki_request_seconds_count", ("face", "cloud_api")),
        ("suki_store_units_total", ("store", "network")),
        ("suki_store_group_seconds_count", ("store", "endpoint")),
        ("suki_webhook_attempts_total", ("outcome", "taken")),
        ("suki_part_state", ("part", "network store")),
        ("suki_sessions", ("", "")),
        ("suki_businesses", ("", "")),
        ("process_resident_memory_bytes", ("", "")),
    ] {
        assert!(sum(&found, name, label) > 0.0, "{name} {label:?}\n{text}");
    }
    for secret in ["marker", &customer.phone, word(env, "SUKI_TOKEN"), word(env, "SUKI_APP_SECRET"), word(env, "SUKI_PHONE_NUMBER_ID"), "aling-nena"]
    {
        assert!(!text.contains(secret), "{secret}\n{text}");
    }
    // At the public address there is nothing: everything that is no other face's is the Cloud API's, and it has no such operation.
    let public = http.get(format!("{}/metrics", word(env, "SUKI_URL"))).send().await.expect("it answers");
    assert!(public.status().is_client_error() && !public.text().await.expect("it is text").contains("suki_frames_total"));
}
