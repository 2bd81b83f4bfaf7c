//! What the network says of a business's confirmation and name, in the Cloud API's words.
use suki_cloud_api::{identity::Official, nodes::NameStatus};
use suki_protocol::calls::trust::{Stage, Subject, TrustStatus};

/// Where the confirmation stands, and why.
pub fn official(status: &TrustStatus) -> (Official, &str) {
    let Some(stage) = stage(status, Subject::Verification) else { return (Official::None, "") };
    let official = match stage.state.as_str() {
        "waiting" | "appealed" => Official::UnderReview,
        "approved" => Official::Approved,
        "refused" | "final" => Official::Rejected,
        "withdrawn" => Official::Cancelled,
        _ => Official::None,
    };
    (official, &stage.reason)
}

fn stage(status: &TrustStatus, subject: Subject) -> Option<&Stage> {
    status.stages.iter().find(|stage| stage.subject == subject)
}

/// Where the name in use stands, and another one that was asked for.
pub fn names(status: &TrustStatus) -> (NameStatus, Option<(&str, NameStatus)>) {
    let asked = stage(status, Subject::Name).and_then(|stage| match stage.state.as_str() {
        "waiting" | "appealed" => Some((stage.asked.as_str(), NameStatus::Pending)),
        "refused" | "final" => Some((stage.asked.as_str(), NameStatus::Declined)),
        _ => None,
    });
    if status.name_passed {
        return (NameStatus::Approved, asked);
    }
    (asked.map_or(NameStatus::Declined, |(_, status)| status), None)
}
