//! What becomes of a proposed text: the automatic checks approve it, reject it, or put it before a person.
use super::{
    feedback::start_anew,
    rows::{self, Change, Held},
    tell,
};
use crate::{
    Network,
    audit::{self, Actor},
    operations::call::Wakes,
    refusal::Refusal,
    review::{self, CaseKind, NewCase},
};
use serde_json::json;
use suki_protocol::template::{Category, Quality, Reason, Status};
use suki_rules::template::{Opinion, Verdict, moderate};
use suki_store::{StoreError, Tx};
use suki_types::Timestamp;

/// Judges what stands in `held` and stores it; the row exists. `previous` is the status the business knows.
pub(super) fn judge(network: &Network, tx: &mut Tx<'_>, held: &mut Held, previous: Status, now: Timestamp) -> Result<Wakes, Refusal> {
    let opinion = moderate(network.policy(), &held.draft());
    let mut wakes = correct(network, tx, held, opinion.category, now)?;
    wakes.extend(match opinion.verdict {
        Verdict::Approve => approve(network, tx, held, previous, now)?,
        Verdict::Queue => queue(network, tx, held, &opinion, (previous, now))?,
        Verdict::Reject(reason) => {
            let explanation = opinion.findings.join(" ");
            let subject = format!("{} {}", held.business, held.subject());
            audit::record(tx, now, Actor::System, "template.rejected", &subject, &format!("{reason}: {explanation}"))?;
            reject(network, tx, held, (reason, explanation), (previous, now))?
        }
    });
    Ok(wakes)
}

/// The category that counts, and the business's word of it when it is another.
pub(super) fn correct(network: &Network, tx: &mut Tx<'_>, held: &mut Held, category: Category, now: Timestamp) -> Result<Wakes, Refusal> {
    if category == held.category {
        return Ok(Wakes::new());
    }
    let previous = held.category;
    held.previous_category = Some(previous);
    held.category = category;
    held.ttl_millis = suki_rules::template::lifecycle::life_millis(network.policy(), category, held.ttl_seconds);
    rows::note(tx, held, Change::Recategorised, now)?;
    if held.version > 0 {
        rows::recategorise(tx, held)?;
        rows::touch_pack(tx, held.business, &held.name)?;
    }
    let subject = format!("{} {}", held.business, held.subject());
    audit::record(tx, now, Actor::System, "template.recategorised", &subject, &format!("{previous} to {category}"))?;
    tell::category(network, tx, held, previous, now)
}

/// What was proposed is the approved text from now on.
pub(super) fn approve(network: &Network, tx: &mut Tx<'_>, held: &mut Held, previous: Status, now: Timestamp) -> Result<Wakes, Refusal> {
    let is_first = held.version == 0;
    rows::publish(tx, held, now)?;
    held.status = Status::Approved;
    (held.reason, held.explanation) = (Reason::None, String::new());
    (held.paused_until, held.before) = (Timestamp::from_millis(0), None);
    rows::note(tx, held, Change::Approved, now)?;
    rows::touch_pack(tx, held.business, &held.name)?;
    let mut wakes = store(network, tx, held, previous, now)?;
    if !is_first {
        wakes.extend(tell::components(network, tx, held, now)?);
        wakes.extend(start_anew(network, tx, held, Quality::Unknown, now)?);
    }
    Ok(wakes)
}

/// What was proposed cannot be sent.
pub(super) fn reject(
    network: &Network,
    tx: &mut Tx<'_>,
    held: &mut Held,
    (reason, explanation): (Reason, String),
    (previous, now): (Status, Timestamp),
) -> Result<Wakes, Refusal> {
    held.status = Status::Rejected;
    (held.reason, held.explanation) = (reason, explanation);
    (held.paused_until, held.before) = (Timestamp::from_millis(0), None);
    rows::note(tx, held, Change::Rejected, now)?;
    store(network, tx, held, previous, now)
}

fn queue(network: &Network, tx: &mut Tx<'_>, held: &mut Held, opinion: &Opinion, (previous, now): (Status, Timestamp)) -> Result<Wakes, Refusal> {
    held.status = Status::Pending;
    (held.reason, held.explanation) = (Reason::None, String::new());
    (held.paused_until, held.before) = (Timestamp::from_millis(0), None);
    held.case = Some(open_case(tx, held, &opinion.findings, None, now)?);
    store(network, tx, held, previous, now)
}

/// Puts a template before a person; an appeal brings the business's `plea`, and goes to another person than the one who decided before.
pub(super) fn open_case(
    tx: &mut Tx<'_>,
    held: &Held,
    findings: &[String],
    plea: Option<&str>,
    now: Timestamp,
) -> Result<suki_types::CaseId, StoreError> {
    let detail = json!({
        "name": held.name,
        "language": held.language,
        "category": held.category,
        "previous_category": held.previous_category,
        "greeting": held.greeting,
        "components": held.components,
        "findings": findings,
        "status": held.status,
        "explanation": held.explanation,
        "appeal": plea,
    });
    let new = NewCase { kind: CaseKind::Template, business: held.business, subject: &held.subject(), detail: &detail };
    match (plea, held.case) {
        (Some(_), Some(against)) => review::open_appeal(tx, now, new, against),
        _ => review::open(tx, now, new),
    }
}

/// Stores the template and tells the business when its status is another.
pub(super) fn store(network: &Network, tx: &mut Tx<'_>, held: &mut Held, previous: Status, now: Timestamp) -> Result<Wakes, Refusal> {
    held.updated_at = now;
    rows::update(tx, held)?;
    if held.status == previous { Ok(Wakes::new()) } else { tell::status(network, tx, held, previous, now) }
}
