//! What is counted of webhooks, for whoever collects it. Labels are words of the program: never a receiver's address or a business.
use super::queue::Tried;
use metrics::{counter, histogram};

/// So many deliveries were stored.
pub(super) fn queued(count: usize) {
    counter!("suki_webhooks_queued_total").increment(count as u64);
}

/// A try was made.
pub(super) fn tried(tried: &Tried) {
    let outcome = if tried.http_status == 200 { "taken" } else { "not_taken" };
    let again = if tried.attempt > 1 { "yes" } else { "no" };
    counter!("suki_webhook_attempts_total", "outcome" => outcome, "again" => again).increment(1);
    histogram!("suki_webhook_seconds", "outcome" => outcome).record(tried.took_millis as f64 / 1000.0);
}

/// A delivery's time was over.
pub(super) fn given_up() {
    counter!("suki_webhooks_given_up_total").increment(1);
}
