//! What keeps a server from doing its work, found before it does: the machine, its store, its neighbours, its address. Every finding says what to do.
//!
//! | module | subject |
//! |---|---|
//! | [`machine`] | folders, room, keys, open files |
//! | [`store`] | the databases: version, clock, keys, how long a commit takes |
//! | [`reach`] | addresses, the bus, the certificate |
mod machine;
mod reach;
mod store;

pub use store::is_key_of;

use crate::{
    cli::{Failure, Serve},
    world,
};
use serde::Serialize;
use std::fmt::Display;
use suki_types::{Env, limits};

/// How a check came out.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum State {
    /// As it should be.
    Ok,
    /// The server works, and not as well as it could.
    Warning,
    /// The server cannot do its work.
    Failed,
    /// There is nothing to check with this configuration.
    Skipped,
}

impl State {
    const fn word(self) -> &'static str {
        match self {
            Self::Ok => "ok",
            Self::Warning => "warning",
            Self::Failed => "FAILED",
            Self::Skipped => "skipped",
        }
    }
}

/// What a check has found.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Finding {
    /// What was looked at.
    pub check: &'static str,
    /// How it came out.
    pub state: State,
    /// What was found. It names no secret.
    pub found: String,
    /// What to do; empty when there is nothing to do.
    pub advice: String,
}

impl Finding {
    fn new(check: &'static str, state: State, found: impl Into<String>, advice: impl Into<String>) -> Self {
        Self { check, state, found: found.into(), advice: advice.into() }
    }

    fn ok(check: &'static str, found: impl Into<String>) -> Self {
        Self::new(check, State::Ok, found, "")
    }

    fn warning(check: &'static str, found: impl Into<String>, advice: impl Into<String>) -> Self {
        Self::new(check, State::Warning, found, advice)
    }

    fn failed(check: &'static str, found: impl Into<String>, advice: impl Into<String>) -> Self {
        Self::new(check, State::Failed, found, advice)
    }

    fn skipped(check: &'static str, why: impl Into<String>) -> Self {
        Self::new(check, State::Skipped, why, "")
    }

    fn is_failed(&self) -> bool {
        self.state == State::Failed
    }
}

/// A step that must not take for ever; what came of it, or that it took too long.
async fn in_time<T>(env: &Env, step: impl Future<Output = Result<T, Failure>>) -> Result<T, Failure> {
    let end = env.now().plus_millis(limits::DOCTOR_PATIENCE_MILLIS);
    tokio::select! {
        done = step => done,
        () = env.clock.wait_until(end) => Err(format!("no answer within {} seconds", limits::DOCTOR_PATIENCE_MILLIS / 1000).into()),
    }
}

/// Looks at everything that `suki serve` with these options would need.
pub async fn examine(serve: &Serve) -> Vec<Finding> {
    let env = world::env();
    let mut findings = machine::examine(serve, &env);
    // A store is opened where a server has one: looking makes nothing.
    findings.extend(store::examine(serve, &env).await);
    findings.extend(reach::examine(serve, &env).await);
    findings
}

/// The findings as a table for people.
pub fn table(findings: &[Finding]) -> String {
    let width = findings.iter().map(|finding| finding.check.len()).max().unwrap_or(0);
    let mut table = String::new();
    for finding in findings {
        table.push_str(&format!("{:<8} {:<width$}  {}\n", finding.state.word(), finding.check, finding.found));
        if !finding.advice.is_empty() {
            table.push_str(&format!("{:<8} {:<width$}  → {}\n", "", "", finding.advice));
        }
    }
    table
}

/// An error when something failed.
///
/// # Errors
/// With how much.
pub fn verdict(findings: &[Finding]) -> Result<(), Failure> {
    match findings.iter().filter(|finding| finding.is_failed()).count() {
        0 => Ok(()),
        1 => Err("one check failed; what to do stands beside it".into()),
        count => Err(format!("{count} checks failed; what to do stands beside each").into()),
    }
}

/// Milliseconds for people: with a digit behind the point below ten.
fn millis(took: std::time::Duration) -> impl Display {
    let millis = took.as_secs_f64() * 1000.0;
    if millis < 10.0 { format!("{millis:.1} ms") } else { format!("{millis:.0} ms") }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_table_has_a_line_for_each_check_and_one_for_what_to_do() {
        let findings = [Finding::ok("disk", "2 GiB are free"), Finding::failed("open files", "256", "raise the limit")];
        assert_eq!(table(&findings), "ok       disk        2 GiB are free\nFAILED   open files  256\n                     → raise the limit\n");
        assert_eq!(verdict(&findings).expect_err("one failed").to_string(), "one check failed; what to do stands beside it");
        assert!(verdict(&findings[..1]).is_ok());
        let told = serde_json::to_value(&findings[1]).expect("it is JSON");
        assert_eq!(told["state"], "failed");
    }

    #[tokio::test]
    async fn a_step_that_hangs_is_given_up() {
        let env = Env::for_tests(1);
        let waiting = tokio::spawn({
            let env = env.clone();
            async move { in_time::<()>(&env, std::future::pending()).await.map_err(|error| error.to_string()) }
        });
        for _ in 0..20 {
            tokio::task::yield_now().await;
        }
        env.manual_clock().advance(limits::DOCTOR_PATIENCE_MILLIS);
        assert_eq!(waiting.await.expect("no panic"), Err("no answer within 10 seconds".to_owned()));
    }
}
