//! The ledger of what programs written for the Cloud API can do here: every scenario of `compat/scenarios` is played against the whole server, and
//! what came of it stands in `compat/results.jsonl`. The test fails when that file is stale; `SUKI_WRITE_DOCS=1 cargo test -p suki-server --test it
//! ledger` writes it anew, so that what got better or worse shows as a diff.
mod asking;
mod known;
mod samples;
mod scenario;
mod stage;

use scenario::Scenario;
use serde::Serialize;
use serde_json::Value;
use stage::{Done, Stage};
use std::{collections::HashSet, fs};
use suki_testkit::World;

/// What this platform refuses since it has none of it: partners' business with others' accounts, and calls.
const NOT_HERE: [i64; 2] = [10, 138_000];

/// A line of the ledger.
#[derive(Debug, Serialize)]
struct Line {
    id: String,
    operation: String,
    outcome: &'static str,
    status: u16,
    code: i64,
}

/// What became of a scenario.
fn line(scenario: &Scenario<Value>, done: Done, passed: bool) -> Line {
    let on_purpose = scenario.not_here.is_some() || NOT_HERE.contains(&done.code) || done.operation.is_empty();
    let outcome = match passed {
        true => "pass",
        false if on_purpose && done.code != 0 && done.status < 500 => "unsupported",
        false => "fail",
    };
    Line { id: scenario.id.clone(), operation: done.operation, outcome, status: done.status, code: done.code }
}

#[tokio::test]
#[expect(clippy::print_stdout, reason = "whoever plays the ledger sees why something does not pass")]
async fn the_ledger_says_what_became_of_every_scenario() {
    let world = World::new(2301).await;
    let fixtures = scenario::fixtures();
    let mut lines = Vec::new();
    for (number, scenario) in scenario::all().into_iter().enumerate() {
        let mut stage = Stage::new(&world, &format!("shop-{number}"), &fixtures).await;
        let broken = stage.play(&scenario.steps).await.err();
        if let Some(why) = &broken {
            println!("{}: {why}", scenario.id);
        }
        lines.push(line(&scenario, stage.done, broken.is_none()));
    }
    let names: HashSet<&str> = lines.iter().map(|line| line.id.as_str()).collect();
    assert_eq!(names.len(), lines.len(), "two scenarios have the same name");
    let text: String = lines.iter().map(|line| serde_json::to_string(line).expect("JSON") + "\n").collect();
    let path = scenario::folder().join("results.jsonl");
    if std::env::var_os("SUKI_WRITE_DOCS").is_some() {
        fs::write(&path, &text).expect("it is written");
    }
    let kept = fs::read_to_string(&path).unwrap_or_default();
    let changed: Vec<&str> = text.lines().filter(|line| !kept.lines().any(|one| one == *line)).collect();
    assert!(kept == text, "compat/results.jsonl is stale: SUKI_WRITE_DOCS=1 cargo test -p suki-server --test it ledger writes it anew; {changed:#?}");
}
