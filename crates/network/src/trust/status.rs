//! Everything about a business's trust, as it is shown to the business itself: each stage is visible (R109).
use super::{
    card, documents,
    request::{Request, SUBJECTS},
    terms,
};
use crate::{
    Network,
    operations::call::{self, Wakes},
    refusal::Refusal,
    rows::{self, Caller},
    session::Answer,
};
use suki_protocol::{
    calls::trust::{Decision, GetTrust, Shown, Stage as WireStage, Subject, TermsSummary, TrustChanged, TrustStatus},
    http::Trust as WireLevel,
};
use suki_rules::trust::{self, Level, Mark, Stage};
use suki_store::Tx;
use suki_types::{AccountId, Phone, Timestamp};

/// What is stored of a business's identity.
#[derive(Debug, Clone)]
pub(super) struct Known {
    pub name: String,
    pub name_passed: bool,
    pub level: Level,
    pub phone: String,
    pub phone_proven_at: Timestamp,
    pub phone_approved: bool,
    pub pending: bool,
}

/// # Errors
/// When there is no such business, or the store fails.
pub(super) fn business(tx: &mut Tx<'_>, business: AccountId) -> Result<Known, Refusal> {
    let sql = "SELECT b.name, COALESCE(s.name_state, 1), b.trust, b.phone, b.phone_proven_at, b.phone_approved, b.pending \
         FROM business b LEFT JOIN standing s ON s.business = b.account WHERE b.account = ?1";
    let found = tx.query_opt(sql, &[(&business).into()], |row| {
        Ok(Known {
            name: row.get(0)?,
            name_passed: row.get::<i64>(1)? == 1,
            level: Level::from_number(row.get(2)?),
            phone: row.get(3)?,
            phone_proven_at: row.get(4)?,
            phone_approved: row.get(5)?,
            pending: row.get::<i64>(6)? > 0,
        })
    })?;
    found.ok_or_else(|| Refusal::unknown("No business has this id"))
}

pub(super) fn get(network: &Network, caller: Caller, json: &[u8]) -> Answer {
    let own = network.clone();
    call::reads::<GetTrust>(network, json, move |tx, _| {
        call::business_only(&caller)?;
        read(&own, tx, caller.account)
    })
}

/// The whole status.
pub(super) fn read(network: &Network, tx: &mut Tx<'_>, id: AccountId) -> Result<TrustStatus, Refusal> {
    let known = business(tx, id)?;
    let (accepted, due) = terms::accepted(tx, id)?;
    let in_force = network.policy().terms.version;
    let documents = documents::list(tx, id)?;
    let mut stages = Vec::with_capacity(SUBJECTS.len());
    for subject in SUBJECTS {
        let request = Request::load(tx, id, subject)?;
        stages.push(stage(network, &known, &request, documents.iter().filter(|document| document.complete).count()));
    }
    let shown = card::shown(network.policy(), (known.level, known.name_passed, known.pending), &known.phone);
    Ok(TrustStatus {
        shown: Shown {
            mark: mark(shown.mark).into(),
            title: card::title(&shown, known.name.clone(), &known.phone),
            labels: shown.labels.iter().map(|label| label.word().to_owned()).collect(),
            verification_pending: shown.pending,
        },
        name: known.name,
        name_passed: known.name_passed,
        level: wire_level(known.level),
        phone_proven_at: (!known.phone.is_empty()).then_some(known.phone_proven_at),
        phone: known.phone.parse::<Phone>().ok(),
        terms: TermsSummary { accepted, in_force, due: (accepted < in_force).then_some(due) },
        stages,
        documents,
    })
}

fn stage(network: &Network, known: &Known, request: &Request, documents: usize) -> WireStage {
    let policy = &network.policy().trust;
    let level = level_of(request.subject);
    let is_refused = matches!(request.stage, Stage::Refused | Stage::Final);
    WireStage {
        subject: request.subject,
        state: request.stage.word().into(),
        since: (request.stage != Stage::Open).then_some(request.since),
        asked: request.asked.clone(),
        criteria: trust::criteria(policy, level),
        needed: needed(network, known, request, documents),
        expected_at: request.stage.is_pending().then(|| request.since.plus_millis(trust::expected(policy).millis())),
        reason: request.reason.clone(),
        code: request.code.clone(),
        appeal_until: (request.stage == Stage::Refused).then(|| request.since.plus_millis(policy.appeal_within.millis())),
        again_at: is_refused.then(|| request.since.plus_millis(policy.again_after.millis())),
    }
}

/// The level that a request is for; a name is none's.
pub(super) fn level_of(subject: Subject) -> Level {
    match subject {
        Subject::Name => Level::Plain,
        Subject::Number => Level::Checked,
        Subject::Verification => Level::Confirmed,
    }
}

fn needed(network: &Network, known: &Known, request: &Request, documents: usize) -> Vec<String> {
    let policy = &network.policy().trust;
    let mut needed = Vec::new();
    if request.stage.is_pending() || request.stage == Stage::Approved {
        return needed;
    }
    match request.subject {
        Subject::Name => {}
        Subject::Number if known.phone.is_empty() => needed.push("A number of the business that was proven with a code".to_owned()),
        Subject::Number => {}
        Subject::Verification => {
            if policy.number_first && !known.phone_approved {
                needed.push("The approval of the number".to_owned());
            }
            if documents < policy.documents as usize {
                needed.push(format!("{} document(s), of which {documents} are uploaded", policy.documents));
            }
        }
    }
    needed
}

/// Tells the business's devices what has changed.
pub(super) fn tell(network: &Network, tx: &mut Tx<'_>, business: AccountId, decision: Option<Decision>) -> Result<Wakes, Refusal> {
    let changed = TrustChanged { status: read(network, tx, business)?, decision };
    let devices = rows::devices_of(tx, business)?;
    network.append_notice(tx, devices, None, &changed)
}

/// The level as the wire writes it.
pub(super) fn wire_level(level: Level) -> WireLevel {
    match level {
        Level::Plain => WireLevel::Plain,
        Level::Checked => WireLevel::Checked,
        Level::Confirmed => WireLevel::Confirmed,
    }
}

fn mark(mark: Mark) -> &'static str {
    match mark {
        Mark::GreyQuestion => "grey_question",
        Mark::GreyTick => "grey_tick",
        Mark::GreenTick => "green_tick",
    }
}

/// A level that a business asks for.
pub(super) fn asked_level(level: WireLevel) -> Level {
    match level {
        WireLevel::Plain => Level::Plain,
        WireLevel::Checked => Level::Checked,
        WireLevel::Confirmed => Level::Confirmed,
    }
}

/// Whether a text is neither too long nor too short, and shows as it is.
pub(super) fn check_text(field: &str, text: &str, least: usize, most: usize) -> Result<(), Refusal> {
    let count = text.trim().chars().count();
    if (least..=most).contains(&count) && !text.chars().any(char::is_control) {
        return Ok(());
    }
    Err(Refusal::malformed(format!("{field} has {count} characters; {least} to {most} are allowed, and no control characters")))
}
