//! How fast a business may write: to one customer, and in all (R106). Both are the generic cell rate algorithm: one time says how far the future is
//! spent.
use crate::{Length, Policy, Refusal, policy::section::section};
use suki_types::Timestamp;

section! {
    /// How fast a business may write (R106).
    pub struct Rates in "rates" {
        /// Between two messages to the same customer, on average.
        pub pair_interval: Length = in ("1s", "1h"),
        /// How many messages to the same customer may go at once, borrowed from the future.
        pub pair_burst: u32 = in (1, 1_000_000_000),
        /// How many messages a second one business may send to all its customers.
        pub per_second: u32 = in (1, 1_000_000),
        /// The same for a business with high throughput.
        pub high_per_second: u32 = in (1, 1_000_000),
    }
    check ascending;
}

fn ascending(rates: &Rates) -> Result<(), (&'static str, String)> {
    if rates.per_second <= rates.high_per_second {
        return Ok(());
    }
    Err(("high_per_second", format!("it is less than per_second: at least {} is allowed", rates.per_second)))
}

/// The Cloud API code of too many messages to one customer.
const PAIR: i32 = 131_056;
/// The Cloud API code of too many messages in all.
const THROUGHPUT: i32 = 130_429;

/// The pair rate's theoretical arrival time after a message of now.
///
/// # Errors
/// When the burst is used up; it says when the next message may go.
pub fn pair(policy: &Policy, tat: Option<Timestamp>, now: Timestamp) -> Result<Timestamp, Refusal> {
    let (interval, burst) = (policy.rates.pair_interval, policy.rates.pair_burst);
    let from = tat.map_or(now, |tat| tat.max(now));
    let borrowed = interval.millis().saturating_mul(i64::from(burst) - 1);
    if from.since(now) > borrowed {
        let message = format!(
            "Too many messages to one customer: one in {interval} is allowed, and {burst} at once if the next ones wait (policy {}, rates.pair_interval and rates.pair_burst).",
            policy.name
        );
        return Err(Refusal { rule: "pair_rate", cloud_api_code: PAIR, message, retry_at: Some(from.plus_millis(-borrowed)) });
    }
    Ok(from.plus_millis(interval.millis()))
}

/// The theoretical arrival time, in microseconds since 1970, of a business's next message after one of now. A second's worth may go at once.
///
/// # Errors
/// When that is used up; it says when the next message may go.
pub fn throughput(policy: &Policy, high: bool, tat_micros: i64, now: Timestamp) -> Result<i64, Refusal> {
    let rate = i64::from(if high { policy.rates.high_per_second } else { policy.rates.per_second });
    let (now_micros, interval) = (now.millis().saturating_mul(1000), 1_000_000 / rate.clamp(1, 1_000_000));
    let from = tat_micros.max(now_micros);
    let borrowed = interval.saturating_mul(rate - 1);
    if from.saturating_sub(now_micros) > borrowed {
        let field = if high { "rates.high_per_second" } else { "rates.per_second" };
        let message = format!("Too many messages in all: {rate} a second are allowed (policy {}, {field}). Send the rest later.", policy.name);
        let wait = from.saturating_sub(now_micros) - borrowed;
        let retry_at = now.plus_millis(wait.saturating_add(999) / 1000);
        return Err(Refusal { rule: "throughput", cloud_api_code: THROUGHPUT, message, retry_at: Some(retry_at) });
    }
    Ok(from.saturating_add(interval))
}
