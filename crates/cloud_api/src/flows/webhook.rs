//! What programs are told of flows: the field `flows` (section 3c).
use super::Status;
use crate::ObjectId;
use serde_json::{Value, json};

/// The field.
pub const FIELD: &str = "flows";

/// A flow is in another state.
pub fn status_change(id: ObjectId, name: &str, old: Status, new: Status) -> Value {
    json!({
        "event": "FLOW_STATUS_CHANGE",
        "message": format!("The flow {name:?} changed its status from {} to {}.", old.word(), new.word()),
        "flow_id": id,
        "old_status": old.word(),
        "new_status": new.word(),
    })
}

/// An alert begins or ends.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Alert {
    /// The figure went past its threshold.
    Activated,
    /// It came back.
    Deactivated,
}

impl Alert {
    const fn word(self) -> &'static str {
        match self {
            Self::Activated => "ACTIVATED",
            Self::Deactivated => "DEACTIVATED",
        }
    }

    const fn verb(self) -> &'static str {
        match self {
            Self::Activated => "has gone past",
            Self::Deactivated => "is back within",
        }
    }
}

/// How often the flow's server failed: percentages.
pub fn error_rate(id: ObjectId, name: &str, alert: Alert, rate: f64, threshold: u32, errors: &[(&str, u64, f64)]) -> Value {
    let errors: Vec<Value> =
        errors.iter().map(|(kind, count, rate)| json!({"error_type": kind, "error_count": count, "error_rate": rounded(*rate)})).collect();
    json!({
        "event": "ENDPOINT_ERROR_RATE",
        "message": format!("The error rate of the endpoint of the flow {name:?} {} {threshold} %.", alert.verb()),
        "flow_id": id, "alert_state": alert.word(), "error_rate": rounded(rate), "threshold": threshold, "errors": errors,
    })
}

/// How slowly the flow's server answered: milliseconds, of half the requests and of nine in ten.
pub fn latency(id: ObjectId, name: &str, alert: Alert, (p50, p90): (u64, u64), requests: u64, threshold: i64) -> Value {
    json!({
        "event": "ENDPOINT_LATENCY",
        "message": format!("The latency of the endpoint of the flow {name:?} {} {threshold} ms.", alert.verb()),
        "flow_id": id, "alert_state": alert.word(), "p50_latency": p50, "p90_latency": p90, "requests_count": requests, "threshold": threshold,
    })
}

/// How often the flow's server could be reached: percentages.
pub fn availability(id: ObjectId, name: &str, alert: Alert, availability: f64, threshold: u32) -> Value {
    json!({
        "event": "ENDPOINT_AVAILABILITY",
        "message": format!("The availability of the endpoint of the flow {name:?} {} {threshold} %.", alert.verb()),
        "flow_id": id, "alert_state": alert.word(), "availability": rounded(availability), "threshold": threshold,
    })
}

fn rounded(percentage: f64) -> f64 {
    (percentage * 100.0).round() / 100.0
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_have_what_programs_read() {
        let id = "7".parse().expect("an id");
        let change = status_change(id, "Cake", Status::Draft, Status::Published);
        assert_eq!((&change["event"], &change["new_status"], &change["flow_id"]), (&json!("FLOW_STATUS_CHANGE"), &json!("PUBLISHED"), &json!("7")));
        let told = error_rate(id, "Cake", Alert::Activated, 100.0 / 7.0, 10, &[("TIMEOUT", 1, 100.0 / 7.0)]);
        assert_eq!(
            (&told["error_rate"], &told["alert_state"], &told["errors"][0]["error_type"]),
            (&json!(14.29), &json!("ACTIVATED"), &json!("TIMEOUT"))
        );
        assert_eq!(latency(id, "Cake", Alert::Activated, (5, 9000), 3, 5000)["p90_latency"], 9000);
        assert_eq!(availability(id, "Cake", Alert::Deactivated, 95.0, 90)["alert_state"], "DEACTIVATED");
    }
}
