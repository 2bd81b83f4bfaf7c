//! What the network counts, for whoever collects it. Labels are words of the program: never an id, a number or a text of anybody.
use crate::refusal::{Outcome, Refusal};
use metrics::counter;
use suki_protocol::pb::{RefusalCode, client_frame::Body};

/// What a frame asks for, as a label.
pub(crate) const fn kind(body: &Body) -> &'static str {
    match body {
        Body::LogIn(_) => "log_in",
        Body::Ack(_) => "ack",
        Body::Submit(_) => "submit",
        Body::Read(_) => "read",
        Body::Typing(_) => "typing",
        Body::PublishKeyPackages(_) => "publish_key_packages",
        Body::ClaimKeyPackages(_) => "claim_key_packages",
        Body::OpenConversation(_) => "open_conversation",
        Body::ListConversations(_) => "list_conversations",
        Body::Commit(_) => "commit",
        Body::GetGroupInfo(_) => "get_group_info",
        Body::PublishGroupInfo(_) => "publish_group_info",
        Body::MakeLinkCode(_) => "make_link_code",
        Body::ListDevices(_) => "list_devices",
        Body::RemoveDevice(_) => "remove_device",
        Body::Call(_) => "call",
        Body::Ping(_) => "ping",
    }
}

/// Counts a frame with what became of it.
pub(crate) fn answered(kind: &'static str, outcome: &Result<Outcome, Refusal>) {
    match outcome {
        Ok(_) => done(kind),
        Err(refusal) => refused(kind, refusal),
    }
}

/// Counts a frame that was done.
pub(crate) fn done(kind: &'static str) {
    counter!("suki_frames_total", "kind" => kind, "outcome" => "done").increment(1);
}

/// Counts a frame that was refused.
pub(crate) fn refused(kind: &'static str, refusal: &Refusal) {
    counter!("suki_frames_total", "kind" => kind, "outcome" => outcome(refusal.0.code())).increment(1);
}

const fn outcome(code: RefusalCode) -> &'static str {
    match code {
        RefusalCode::Unspecified => "refused",
        RefusalCode::Malformed => "malformed",
        RefusalCode::NotLoggedIn => "not_logged_in",
        RefusalCode::Forbidden => "forbidden",
        RefusalCode::Unknown => "unknown",
        RefusalCode::EpochConflict => "epoch_conflict",
        RefusalCode::StaleEpoch => "stale_epoch",
        RefusalCode::Rule => "rule",
        RefusalCode::TooLarge => "too_large",
        RefusalCode::RateLimited => "rate_limited",
        RefusalCode::Unavailable => "unavailable",
        RefusalCode::Conflict => "conflict",
    }
}
