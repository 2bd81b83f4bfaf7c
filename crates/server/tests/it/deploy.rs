//! What operators read and install fits the program: metrics, dashboard, alerts, settings.
//! `SUKI_WRITE_DOCS=1 cargo test -p suki-server --test it deploy` writes docs/METRICS.md anew.
use clap::CommandFactory as _;
use serde_json::Value;
use std::{collections::BTreeSet, fs, path::PathBuf};
use suki_server::{cli::Cli, operate::metrics::names};

fn path(name: &str) -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../..").join(name)
}

fn read(name: &str) -> String {
    fs::read_to_string(path(name)).unwrap_or_else(|error| panic!("{name}: {error}"))
}

#[test]
fn the_page_of_metrics_is_not_stale() {
    if std::env::var_os("SUKI_WRITE_DOCS").is_some() {
        fs::write(path("docs/METRICS.md"), names::page()).expect("it can be written");
    }
    let how = "docs/METRICS.md is stale: SUKI_WRITE_DOCS=1 cargo test -p suki-server --test it deploy";
    assert!(read("docs/METRICS.md") == names::page(), "{how}");
}

/// The metrics that an expression of Prometheus names.
fn named(expression: &str) -> BTreeSet<String> {
    let words = expression.split(|c: char| !c.is_ascii_alphanumeric() && c != '_');
    let metrics = words.filter(|word| word.starts_with("suki_") || word.starts_with("process_"));
    let plain = |word: &str| {
        let is = |name: &str| names::ALL.iter().any(|metric| metric.name == name);
        let end = ["_bucket", "_sum", "_count"].iter().find_map(|end| word.strip_suffix(end).filter(|name| is(name)));
        end.unwrap_or(word).to_owned()
    };
    metrics.map(plain).collect()
}

fn check(place: &str, metrics: &BTreeSet<String>) {
    for name in metrics {
        assert!(names::ALL.iter().any(|metric| metric.name == name), "{place} names {name}, which is no metric");
    }
}

#[test]
fn the_dashboard_shows_metrics_that_exist_and_leaves_none_out() {
    let dashboard: Value = serde_json::from_str(&read("deploy/grafana/suki.json")).expect("it is JSON");
    let panels = dashboard["panels"].as_array().expect("panels");
    let targets = panels.iter().filter_map(|panel| panel["targets"].as_array()).flatten();
    let shown: BTreeSet<String> = targets.filter_map(|target| target["expr"].as_str()).flat_map(named).collect();
    check("the dashboard", &shown);
    // These are looked up when something is wrong.
    let aside = ["suki_bus_waiting_bytes", "process_threads"];
    let missing: Vec<&str> = names::ALL.iter().map(|metric| metric.name).filter(|name| !shown.contains(*name) && !aside.contains(name)).collect();
    assert!(missing.is_empty(), "the dashboard does not show {missing:?}");
}

#[test]
fn every_alert_rests_on_metrics_that_exist_and_is_explained() {
    let (alerts, page) = (read("deploy/prometheus/alerts.yaml"), read("docs/OPERATING.md"));
    let expressions: Vec<&str> = alerts.lines().filter_map(|line| line.trim().strip_prefix("expr: ")).collect();
    let alerts: Vec<&str> = alerts.lines().filter_map(|line| line.trim().strip_prefix("- alert: ")).collect();
    assert!(alerts.len() >= 5 && expressions.len() == alerts.len());
    expressions.iter().for_each(|expression| check(expression, &named(expression)));
    for alert in alerts {
        assert!(page.contains(&format!("| {alert} |")), "docs/OPERATING.md does not say what to do at {alert}");
    }
}

#[test]
fn every_setting_is_in_the_table() {
    let page = read("docs/OPERATING.md");
    let command = Cli::command();
    let serve = command.find_subcommand("serve").expect("it is there");
    let settings: Vec<String> = serve.get_arguments().filter_map(|argument| Some(argument.get_env()?.to_string_lossy().into_owned())).collect();
    assert!(settings.len() > 20, "{settings:?}");
    for setting in settings {
        assert!(page.contains(&format!("`{setting}`")), "docs/OPERATING.md has no line for {setting}");
    }
}
