//! What the rules decide by, read from the rows: by the business, in one query.
use super::{Claim, effects};
use crate::{Network, int, money::Payer, rows::Room};
use suki_rules::{Category, Choice, Direction, Facts, Kind, NameState, Relation, Standing, TemplateFacts, TemplateStatus, tier};
use suki_store::{Row, StoreError, Tx};
use suki_types::Timestamp;

/// The row of a customer among those the business reached outside their windows, before this message.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct OutreachRow {
    /// When he was reached; `None`: he has no row.
    pub at: Option<Timestamp>,
    /// The first of all rows of the business.
    pub first_at: Option<Timestamp>,
}

/// All that one query finds.
struct Found {
    relation: Relation,
    standing: Standing,
    high_throughput: bool,
    reached_at: Option<Timestamp>,
    template: Option<(String, Category, TemplateStatus, u64)>,
    payer: Payer,
}

/// What is known without the business: enough for what customers write, and for control messages.
pub(super) fn of_conversation(room: &Room, direction: Direction, claim: &Claim, through_entry: bool) -> Facts {
    Facts {
        direction,
        kind: claim.kind,
        chat: room.chat,
        through_entry,
        relation: Relation::STRANGERS,
        standing: Standing::GOOD,
        template: None,
        reached_at: None,
    }
}

/// What is known when a business writes. Customers who no longer count are taken out on the way when the message begins, so that the count is right.
pub(super) fn of_business(
    network: &Network,
    tx: &mut Tx<'_>,
    room: &Room,
    claim: &Claim,
    now: Timestamp,
) -> Result<(Facts, Option<(OutreachRow, Payer)>), StoreError> {
    let mut found = read(tx, room, claim)?;
    network.pace().is_high(room.business, found.high_throughput);
    let policy = network.policy();
    if claim.kind == Kind::Template && room.chat.window_until.is_none_or(|until| until <= now) {
        effects::forget_uncounted(policy, tx, room, &mut found.standing, now)?;
        if found.reached_at.is_some_and(|at| !tier::counts(policy, at, now)) {
            // His own row is still there and still counted, but it is as if he were new.
            found.standing.reached = found.standing.reached.saturating_sub(1);
        }
    }
    let template = claim.template.as_ref().zip(found.template).map(|(said, (language, category, status, version))| TemplateFacts {
        status,
        category,
        version,
        said_category: said.category,
        said_version: said.version,
        same_language: said.language == language,
    });
    let facts = Facts {
        direction: Direction::ToCustomer,
        kind: claim.kind,
        chat: room.chat,
        through_entry: false,
        relation: found.relation,
        standing: found.standing,
        template,
        reached_at: found.reached_at,
    };
    Ok((facts, Some((OutreachRow { at: found.reached_at, first_at: found.standing.reached_first_at }, found.payer))))
}

fn read(tx: &mut Tx<'_>, room: &Room, claim: &Claim) -> Result<Found, StoreError> {
    tx.query_one(
        "SELECT s.tier_limit, s.unique_count, s.unique_oldest, s.restricted_until, s.restricted_kind, s.banned_until, s.terms_due, s.name_state, \
           s.high_throughput, r.choice, r.global_choice, r.blocked_at, r.stopped_at, r.consent_at, r.consent_until, r.wrote_at, r.saved, o.at, \
           t.language, t.category, t.status, t.version, t.paused_until, s.small, b.trust \
         FROM business b LEFT JOIN standing s ON s.business = b.account \
           LEFT JOIN relation r ON r.business = b.account AND r.customer = ?2 \
           LEFT JOIN outreach o ON o.business = b.account AND o.customer = ?2 \
           LEFT JOIN template t ON t.business = b.account AND t.id = ?3 \
         WHERE b.account = ?1",
        &[(&room.business).into(), (&room.customer).into(), int(claim.template_id())],
        |row| {
            Ok(Found {
                relation: relation(row)?,
                standing: standing(row)?,
                high_throughput: row.get::<Option<bool>>(8)?.unwrap_or_default(),
                reached_at: row.get(17)?,
                template: template(row)?,
                payer: Payer { small: row.get::<Option<bool>>(23)?.unwrap_or_default(), trust: row.get(24)? },
            })
        },
    )
}

/// A time of a column that has 0 for never, and nothing where there is no row.
fn time(row: &Row<'_>, column: usize) -> Result<Option<Timestamp>, StoreError> {
    Ok(row.get::<Option<i64>>(column)?.filter(|millis| *millis != 0).map(Timestamp::from_millis))
}

/// A business without a standing reaches nobody first.
fn standing(row: &Row<'_>) -> Result<Standing, StoreError> {
    let limit = row.get::<Option<i64>>(0)?.unwrap_or(0);
    let name = NameState::from_number(row.get::<Option<i64>>(7)?.unwrap_or(1));
    Ok(Standing {
        tier_limit: u64::try_from(limit).ok(),
        reached: row.get::<Option<u64>>(1)?.unwrap_or(0),
        reached_first_at: time(row, 2)?,
        restricted_until: time(row, 3)?,
        restricted_wholly: row.get::<Option<String>>(4)?.is_some_and(|kind| kind != "outreach"),
        banned_until: time(row, 5)?,
        terms_due: time(row, 6)?,
        name: name.ok_or(StoreError::Corrupt("a name's state is out of range"))?,
    })
}

fn relation(row: &Row<'_>) -> Result<Relation, StoreError> {
    let Some(choice) = row.get::<Option<i64>>(9)? else { return Ok(Relation::STRANGERS) };
    let wrong = || StoreError::Corrupt("a choice is out of range");
    let global: i64 = row.get(10)?;
    Ok(Relation {
        choice: if choice == 0 { None } else { Some(Choice::from_number(choice).ok_or_else(wrong)?) },
        global_choice: Choice::from_number(global).ok_or_else(wrong)?,
        blocked: time(row, 11)?.is_some(),
        stopped_at: time(row, 12)?,
        consent_at: time(row, 13)?,
        consent_until: time(row, 14)?,
        wrote: time(row, 15)?.is_some(),
        saved: row.get(16)?,
    })
}

fn template(row: &Row<'_>) -> Result<Option<(String, Category, TemplateStatus, u64)>, StoreError> {
    let Some(language) = row.get::<Option<String>>(18)? else { return Ok(None) };
    let wrong = || StoreError::Corrupt("a template's category or status is out of range");
    let category = Category::from_number(row.get(19)?).ok_or_else(wrong)?;
    let status = TemplateStatus::from_number(row.get(20)?, time(row, 22)?).ok_or_else(wrong)?;
    Ok(Some((language, category, status, row.get(21)?)))
}
