//! The rows that the rules of standing decide by.
use suki_rules::{
    Policy,
    standing::{Cause, Day, FOR_EVER, Facts, Grade, InForce, Limit, Measure, Penalty, Restriction, day_of},
};
use suki_store::{Row, StoreError, Tx, Value};
use suki_types::{AccountId, Timestamp};

/// The longest length that any figure of the policy looks back, in days.
pub(super) const DAYS_KEPT: i64 = 31;
/// How many measures are looked at: the ladder has far fewer rungs.
const MEASURES: i64 = 256;

/// A measure with its number.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Known {
    pub id: i64,
    pub measure: Measure,
}

/// All that is known of a business's standing; `None` when there is no such business.
pub(super) fn load(policy: &Policy, tx: &mut Tx<'_>, business: AccountId, now: Timestamp) -> Result<Option<Facts>, StoreError> {
    let found = tx.query_opt(
        "SELECT s.tier_limit, s.limit_since, s.reached_since, s.quality, s.grade_since, s.high_throughput, s.restricted_until, s.restricted_kind, \
         s.banned_until, s.ban_code, COALESCE(b.trust, 1) FROM standing s LEFT JOIN business b ON b.account = s.business WHERE s.business = ?1",
        &[(&business).into()],
        head,
    )?;
    let Some(mut facts) = found else { return Ok(None) };
    let since = now.plus_millis(-policy.tiers.period.millis());
    let sql = "SELECT COUNT(*) FROM outreach WHERE business = ?1 AND at > ?2";
    facts.unique_now = tx.query_one(sql, &[(&business).into(), since.into()], |row| row.get(0))?;
    facts.days = tx.query(
        "SELECT day, delivered, read, blocked, reported, reached FROM standing_day WHERE business = ?1 AND day > ?2",
        &[(&business).into(), Value::Int(day_of(now) - DAYS_KEPT)],
        |row| {
            Ok(Day { day: row.get(0)?, delivered: row.get(1)?, read: row.get(2)?, blocked: row.get(3)?, reported: row.get(4)?, reached: row.get(5)? })
        },
    )?;
    facts.measures = measures(tx, business)?.into_iter().map(|known| known.measure).collect();
    Ok(Some(facts))
}

fn head(row: &Row<'_>) -> Result<Facts, StoreError> {
    let restricted: Timestamp = row.get(6)?;
    let kind: String = row.get(7)?;
    let banned: Timestamp = row.get(8)?;
    let code: String = row.get(9)?;
    let ban = (banned != Timestamp::default()).then(|| (banned, Cause::from_word(&code).unwrap_or(Cause::Operator)));
    Ok(Facts {
        limit: Limit::from_code(row.get(0)?),
        limit_since: row.get(1)?,
        reached_since_move: row.get(2)?,
        grade: Grade::from_code(row.get(3)?),
        grade_since: row.get(4)?,
        high_throughput: row.get(5)?,
        force: InForce { restriction: Restriction::from_word(&kind).map(|kind| (kind, restricted)), ban },
        verified: row.get::<i64>(10)? >= 2,
        unique_now: 0,
        days: Vec::new(),
        measures: Vec::new(),
    })
}

/// The newest measures against a business.
pub(super) fn measures(tx: &mut Tx<'_>, business: AccountId) -> Result<Vec<Known>, StoreError> {
    tx.query(
        "SELECT id, at, kind, cause, to_word, until, lifted_at FROM standing_entry \
         WHERE business = ?1 AND kind IN ('warning', 'restriction', 'ban') ORDER BY id DESC LIMIT ?2",
        &[(&business).into(), Value::Int(MEASURES)],
        measure,
    )
}

/// The measure with this number, if there is one.
pub(super) fn measure_of(tx: &mut Tx<'_>, business: AccountId, id: i64) -> Result<Option<Known>, StoreError> {
    tx.query_opt(
        "SELECT id, at, kind, cause, to_word, until, lifted_at FROM standing_entry \
         WHERE business = ?1 AND id = ?2 AND kind IN ('warning', 'restriction', 'ban')",
        &[(&business).into(), id.into()],
        measure,
    )
}

fn measure(row: &Row<'_>) -> Result<Known, StoreError> {
    let until: Timestamp = row.get(5)?;
    let what = match row.get::<String>(2)?.as_str() {
        "restriction" => {
            let kind = Restriction::from_word(&row.get::<String>(4)?).ok_or(StoreError::Corrupt("what a restriction forbids"))?;
            Penalty::Restriction(kind, until)
        }
        "ban" => Penalty::Ban((until != FOR_EVER).then_some(until)),
        _ => Penalty::Warning,
    };
    let cause = Cause::from_word(&row.get::<String>(3)?).ok_or(StoreError::Corrupt("the cause of a measure"))?;
    let lifted = row.get::<Timestamp>(6)? != Timestamp::default();
    Ok(Known { id: row.get(0)?, measure: Measure { at: row.get(1)?, cause, what, lifted } })
}
