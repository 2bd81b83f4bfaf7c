//! What customers make of a template: blocks and reports after it, against how many read it (R105, R107).
use crate::Policy;
use suki_template::Quality;
use suki_types::Timestamp;

/// What was counted within the policy's time.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Feedback {
    /// Messages of it that were read.
    pub reads: u64,
    /// Customers who blocked or reported the business after one.
    pub against: u64,
}

/// Since when feedback counts at `now`.
pub fn since(policy: &Policy, now: Timestamp) -> Timestamp {
    now.plus_millis(-policy.templates.quality_window.millis())
}

/// What it adds up to.
pub fn quality(policy: &Policy, feedback: Feedback) -> Quality {
    let templates = &policy.templates;
    if feedback.reads < u64::from(templates.quality_least_reads) && feedback.against < u64::from(templates.quality_least_against) {
        return Quality::Unknown;
    }
    let has = |per_mille: u32| feedback.against.saturating_mul(1000) >= feedback.reads.max(1).saturating_mul(u64::from(per_mille));
    if feedback.against > 0 && has(templates.quality_red) {
        Quality::Red
    } else if feedback.against > 0 && has(templates.quality_yellow) {
        Quality::Yellow
    } else {
        Quality::Green
    }
}
