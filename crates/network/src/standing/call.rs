//! What a business asks about its standing.
use super::{facts, measures, moves};
use crate::{
    Network,
    audit::{self, Actor},
    operations::call::{Wakes, business_only, reads, writes},
    refusal::Refusal,
    review::{self, CaseKind, NewCase},
    rows::Caller,
    session::Answer,
};
use suki_protocol::{
    calls::{
        Call as _, Done,
        standing::{Appeal, Entry, Figures, GetStanding, Next, Standing},
    },
    pb::RefusalCode,
};
use suki_rules::{
    Policy,
    standing::{Judgement, NoAppeal, Penalty, Way, ban, quality, tier},
};
use suki_store::{StoreError, Tx, Value};
use suki_types::{AccountId, Timestamp, limits};

/// How many entries of the history an answer has.
const HISTORY: i64 = 100;

pub(crate) fn call(network: &Network, caller: Caller, name: &str, json: &[u8]) -> Option<Answer> {
    let own = network.clone();
    Some(match name {
        GetStanding::NAME => reads::<GetStanding>(network, json, move |tx, _| {
            business_only(&caller)?;
            get(own.policy(), tx, caller.account, own.now())
        }),
        Appeal::NAME => writes::<Appeal>(network, json, move |tx, request| {
            business_only(&caller)?;
            appeal(own.policy(), tx, caller.account, request, own.now())?;
            Ok((Done {}, Wakes::new()))
        }),
        _ => return None,
    })
}

/// A business's standing, as it and the console see it.
pub(crate) fn get(policy: &Policy, tx: &mut Tx<'_>, business: AccountId, now: Timestamp) -> Result<Standing, Refusal> {
    let facts = facts::load(policy, tx, business, now)?.ok_or_else(|| Refusal::unknown("There is no business of this id"))?;
    let judged = quality::judge(&policy.quality, &facts.days, facts.grade, now);
    Ok(Standing {
        now: moves::summary(&facts, now),
        limit_since: facts.limit_since,
        used: facts.unique_now,
        period_millis: policy.tiers.period.millis(),
        figures: figures(policy, &judged),
        next: tier::next(&policy.tiers, &facts, now).map(|next| wire_next(&next)),
        history: history(policy, tx, business)?,
    })
}

fn figures(policy: &Policy, judged: &Judgement) -> Figures {
    Figures {
        points: judged.points,
        yellow_points: policy.quality.yellow_points,
        red_points: policy.quality.red_points,
        delivered: judged.delivered,
        minimum_sample: policy.quality.minimum_sample,
        read: judged.read,
        blocked: judged.blocked,
        reported: judged.reported,
        within_millis: policy.quality.within.millis(),
    }
}

fn wire_next(next: &tier::Next) -> Next {
    let mut wire = Next {
        limit: next.to.customers(),
        by_verification: next.ways.contains(&Way::Verification),
        customers: 0,
        have: 0,
        within_millis: 0,
        quality: next.quality.word().to_owned(),
    };
    for way in &next.ways {
        if let Way::Customers { need, have, within } = *way {
            (wire.customers, wire.have, wire.within_millis) = (need, have, within.millis());
        }
    }
    wire
}

fn history(policy: &Policy, tx: &mut Tx<'_>, business: AccountId) -> Result<Vec<Entry>, StoreError> {
    tx.query(
        "SELECT id, at, kind, cause, from_word, to_word, until, reason, lifted_at, appeal FROM standing_entry WHERE business = ?1 \
         ORDER BY id DESC LIMIT ?2",
        &[(&business).into(), Value::Int(HISTORY)],
        |row| moves::entry_of(policy, row),
    )
}

fn appeal(policy: &Policy, tx: &mut Tx<'_>, business: AccountId, request: &Appeal, now: Timestamp) -> Result<(), Refusal> {
    let text = request.text.trim();
    let length = text.chars().count();
    if !(1..=limits::APPEAL_CHARS).contains(&length) {
        let most = limits::APPEAL_CHARS;
        return Err(Refusal::malformed(format!("The appeal has {length} characters; 1 to {most} are allowed: say why the measure is wrong")));
    }
    let known = facts::measure_of(tx, business, request.what)?;
    let known = known.ok_or_else(|| Refusal::unknown("No warning, restriction or ban has this number; the history of the standing has them"))?;
    ban::may_appeal(&policy.bans, &known.measure, now).map_err(|why| match why {
        NoAppeal::Lifted => Refusal::new(RefusalCode::Conflict, "The measure is taken back already; there is nothing to appeal"),
        NoAppeal::TooLate(_) => {
            let within = policy.bans.appeal_within;
            Refusal::forbidden(format!("A measure can be appealed within {within}, and this one is older (bans.appeal_within)"))
        }
    })?;
    let first = tx
        .execute("UPDATE standing_entry SET appeal = 1 WHERE business = ?1 AND id = ?2 AND appeal = 0", &[(&business).into(), request.what.into()])?;
    if first == 0 {
        return Err(Refusal::new(RefusalCode::Conflict, "This measure was appealed before; each can be once"));
    }
    let (kind, until) = match known.measure.what {
        Penalty::Warning => ("warning", None),
        Penalty::Restriction(kind, until) => (kind.word(), Some(until)),
        Penalty::Ban(until) => ("ban", until),
    };
    let detail = serde_json::json!({
        "text": text, "measure": kind, "cause": known.measure.cause.word(), "at": known.measure.at, "until": until,
    });
    let subject = measures::subject(request.what);
    review::open(tx, now, NewCase { kind: CaseKind::Appeal, business, subject: &subject, detail: &detail })?;
    audit::record(tx, now, Actor::Business(business), "standing.appealed", &format!("{business} {subject}"), "")?;
    Ok(())
}
