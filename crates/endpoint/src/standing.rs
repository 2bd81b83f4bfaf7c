//! How the business stands with the platform: asked of the network, kept, told to programs and operators when it changes (R104 to R107).
use crate::{
    Business, Error,
    agent::Told,
    customer_groups,
    live::LiveEvent,
    notices::Notice,
    settings::{self, Document},
    webhooks,
};
use parking_lot::RwLock;
use serde_json::Value;
use std::sync::atomic::{AtomicU64, Ordering};
use suki_cloud_api::{
    ApiError, Code,
    standing::{self as wire, NumberEvent},
};
use suki_link::CallError;
use suki_protocol::{
    calls::standing::{Appeal, Entry, GetStanding, Standing, StandingChanged, Summary},
    pb::RefusalCode,
};
use suki_store::Tx;
use suki_types::Timestamp;

impl Document for Summary {
    const SUBJECT: &'static str = "standing";
}

/// What the network said last, and how often it told of a change unasked.
#[derive(Debug)]
pub(crate) struct Known(RwLock<Option<Summary>>, AtomicU64);

impl Known {
    /// As it was told before this process began.
    pub fn new(told: Option<Summary>) -> Self {
        Self(RwLock::new(told), AtomicU64::new(0))
    }
}

impl Business {
    /// The business's standing, with its history.
    ///
    /// # Errors
    /// When the network cannot be asked.
    pub async fn standing(&self) -> Result<Standing, Error> {
        let changes = self.standing.1.load(Ordering::Acquire);
        let standing = self.link.call(&GetStanding {}).await.map_err(refused)?;
        // A change that was told meanwhile is newer.
        if self.standing.1.load(Ordering::Acquire) == changes {
            let before = self.standing.0.write().replace(standing.now.clone());
            if before.as_ref() != Some(&standing.now)
                && let Err(error) = settings::keep(self, standing.now.clone()).await
            {
                tracing::error!(business = %self.id(), %error, "cannot keep the standing that the network told");
            }
        }
        Ok(standing)
    }

    /// Asks whenever a connection is there: a notice may have been lost, as in a log that was full.
    pub(crate) async fn learn_standing(&self) {
        if let Err(error) = self.standing().await {
            tracing::warn!(business = %self.id(), %error, "the standing is asked for at the next connection");
        }
    }

    /// What is in force, in the Cloud API's words: what the network said last when it cannot be asked, and nothing known before it ever was.
    pub async fn standing_for_programs(&self) -> wire::Standing {
        if self.standing.0.read().is_none()
            && let Err(error) = self.standing().await
        {
            tracing::warn!(business = %self.id(), %error, "the standing is not known yet");
        }
        let now = self.env().now();
        self.standing.0.read().as_ref().map(|known| in_words(known, now)).unwrap_or_default()
    }

    /// Why nothing can be sent at this moment, as far as the network told: 368 while the business is banned (Cloud API, section 3d: told at once).
    pub fn ban(&self) -> Option<ApiError> {
        let now = self.env().now();
        let ban = self.standing.0.read().as_ref()?.ban.clone().filter(|ban| ban.until.is_none_or(|until| now < until))?;
        let how_long = if ban.until.is_some() { "for a time" } else { "for good" };
        let details = format!("This business is banned {how_long}: it may read and export, not write. Its standing says why, and takes an appeal");
        Some(ApiError::new(Code::PolicyViolation, details))
    }

    /// Appeals a measure: a person of the platform decides.
    ///
    /// # Errors
    /// When the network refuses or cannot be asked.
    pub async fn appeal(&self, what: i64, text: String) -> Result<(), Error> {
        self.link.call(&Appeal { what, text }).await.map_err(refused)?;
        Ok(())
    }
}

fn refused(error: CallError) -> Error {
    match error {
        CallError::Refused(refused) if refused.code() == RefusalCode::Unknown => Error::NotFound("measure"),
        CallError::Refused(refused) if refused.code() == RefusalCode::Malformed => Error::Invalid(refused.message),
        other => other.into(),
    }
}

fn in_words(known: &Summary, now: Timestamp) -> wire::Standing {
    wire::Standing {
        limit: known.limit,
        quality: known.quality.clone(),
        high_throughput: known.high_throughput,
        is_restricted: known.restriction.as_ref().is_some_and(|restriction| now < restriction.until),
        is_banned: known.ban.as_ref().is_some_and(|ban| ban.until.is_none_or(|until| now < until)),
    }
}

/// The standing has changed: webhooks for whoever subscribed, and every open inbox is told.
///
/// # Errors
/// When the store fails.
pub(crate) fn changed(business: &Business, tx: &mut Tx<'_>, notice: &Notice, told: &mut Told) -> Result<(), Error> {
    let Ok(changed) = serde_json::from_slice::<StandingChanged>(&notice.json) else {
        tracing::warn!(business = %business.id(), "a change of the standing cannot be read: the network is of another version");
        return Ok(());
    };
    let display = business.record().phone.digits().to_owned();
    for (field, value) in webhook_values(business, &display, &changed) {
        told.queued.extend(webhooks::account(business, tx, field, &value, changed.what.at)?);
    }
    let is_banned = changed.now.ban.is_some();
    if changed.what.kind == "ban" || changed.what.kind == "ban_ended" && !is_banned {
        told.queued.extend(customer_groups::suspended(business, tx, is_banned, changed.what.at)?);
    }
    settings::store(tx, business.id(), &changed.now)?;
    business.standing.1.fetch_add(1, Ordering::AcqRel);
    *business.standing.0.write() = Some(changed.now.clone());
    told.live.push(LiveEvent::Standing(Box::new(changed)));
    Ok(())
}

/// What programs are told of an entry: webhook fields and their values.
fn webhook_values(business: &Business, display: &str, changed: &StandingChanged) -> Vec<(&'static str, Value)> {
    let StandingChanged { what, now } = changed;
    let number = |event, old| (wire::QUALITY_FIELD, wire::number(display, event, old, now.limit));
    match what.kind.as_str() {
        "warning" => vec![(wire::ACCOUNT_FIELD, wire::violation(violation_type(&what.cause)))],
        "restriction" => {
            let until = what.until.unwrap_or(what.at);
            vec![(wire::ACCOUNT_FIELD, wire::restriction(what.to == "messages", until))]
        }
        "ban" => vec![(wire::ACCOUNT_FIELD, wire::ban(true, what.at))],
        "ban_ended" if now.ban.is_none() => vec![(wire::ACCOUNT_FIELD, wire::ban(false, what.at))],
        "tier" => tier(business, what, now, number),
        "quality" if what.to == "red" => vec![number(NumberEvent::Flagged, None)],
        "quality" if what.from == "red" => vec![number(NumberEvent::Unflagged, None)],
        "throughput" if what.to == "high" => vec![number(NumberEvent::ThroughputUpgrade, None)],
        _ => Vec::new(),
    }
}

fn tier(
    business: &Business,
    what: &Entry,
    now: &Summary,
    number: impl Fn(NumberEvent, Option<Option<u32>>) -> (&'static str, Value),
) -> Vec<(&'static str, Value)> {
    // -1 is unlimited, above all.
    let old: Option<u32> = what.from.parse::<i64>().ok().and_then(|limit| u32::try_from(limit).ok());
    let above = |limit: Option<u32>| limit.map_or(u64::MAX, u64::from);
    let fell = above(now.limit) < above(old);
    let event = if fell { NumberEvent::Downgrade } else { NumberEvent::Upgrade };
    let mut values = vec![(wire::CAPABILITY_FIELD, wire::capability(now.limit)), number(event, Some(old))];
    if fell && what.cause == "red_quality" {
        values.push((wire::ALERTS_FIELD, wire::alert(business.record().waba_id, &what.reason)));
    }
    values
}

/// What was broken, in Meta's words.
fn violation_type(cause: &str) -> &'static str {
    match cause {
        "prohibited_goods" => "RESTRICTED_GOODS",
        "red_quality" | "unread_bulk" | "report_upheld" => "SPAM",
        _ => "POLICY",
    }
}
