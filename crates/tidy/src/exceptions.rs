//! What may stay as it is, with the reason. The list may only shrink.
use crate::Finding;

/// A finding that is known and stays.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Exception {
    /// The check.
    pub check: &'static str,
    /// The finding's place.
    pub place: &'static str,
    /// Why it stays.
    pub why: &'static str,
}

/// All of them.
pub const EXCEPTIONS: &[Exception] = &[Exception {
    check: "migrations",
    place: "crates/endpoint/migrations/0008_webhook_memory.sql",
    why: "it is older than the first program that ran on many nodes",
}];

/// Takes out what the exceptions cover, and adds a finding for each exception that covers nothing.
pub fn apply(findings: Vec<Finding>, exceptions: &[Exception]) -> Vec<Finding> {
    let covers = |exception: &Exception, finding: &Finding| exception.check == finding.check && exception.place == finding.place;
    let unused = exceptions.iter().filter(|exception| !findings.iter().any(|finding| covers(exception, finding)));
    let unused: Vec<Finding> = unused
        .map(|exception| Finding::new("exceptions", exception.place, format!("nothing needs the exception from {}: remove it", exception.check)))
        .collect();
    let open = findings.into_iter().filter(|finding| !exceptions.iter().any(|exception| covers(exception, finding)));
    open.chain(unused).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_exception_covers_one_place_and_must_be_needed() {
        let exception = Exception { check: "words", place: "a.rs", why: "the test says so" };
        let found = |place: &str| Finding::new("words", place, "x");
        assert_eq!(apply(vec![found("a.rs"), found("b.rs")], &[exception]), [found("b.rs")]);
        let unused = apply(vec![], &[exception]);
        assert!(unused.len() == 1 && unused[0].problem.contains("remove it"), "{unused:?}");
    }
}
