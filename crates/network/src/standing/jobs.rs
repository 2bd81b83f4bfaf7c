//! Reviews that are due: each business in a unit of its own, and as often as asked with the same result.
use super::{
    facts::{self, DAYS_KEPT},
    moves::{self, Moved},
};
use crate::{Network, audit::Actor, operations::call::Wakes, refusal::Refusal};
use suki_rules::{
    Policy,
    standing::{self, FOR_EVER, InForce, day_of},
};
use suki_store::{StoreError, Tx, Value};
use suki_types::{AccountId, Timestamp};

/// How many businesses one run of the query takes.
const AT_ONCE: i64 = 100;
/// How many customers whose last trace is old one review forgets.
const CUSTOMERS_FORGOTTEN: i64 = 1000;
/// What moves may move something more once, such as a step of another policy that a verification raises; it never goes on.
const ROUNDS: usize = 4;

impl Network {
    /// Reviews every business that is due at `now`; how many there were.
    ///
    /// # Errors
    /// When the store fails; what was done before stays done.
    pub(crate) async fn review_standings(&self, now: Timestamp) -> Result<usize, StoreError> {
        let own = self.clone();
        self.db().write(move |tx| note_policy(own.policy(), tx)).await?;
        let mut all = 0;
        loop {
            let due = self.db().read(move |tx| {
                let sql = "SELECT business FROM standing WHERE review_at > 0 AND review_at <= ?1 ORDER BY review_at LIMIT ?2";
                tx.query(sql, &[now.into(), Value::Int(AT_ONCE)], |row| row.get::<AccountId>(0))
            });
            let due: Vec<AccountId> = due.await?;
            if due.is_empty() {
                return Ok(all);
            }
            for business in due {
                let own = self.clone();
                let wakes = self.of(business).db().write(move |tx| review(&own, tx, business, now)).await.map_err(store_error)?;
                self.wake(wakes);
                all += 1;
            }
        }
    }
}

/// Has everybody looked at when the figures are others than at the last run: the owner has chosen another policy.
fn note_policy(policy: &Policy, tx: &mut Tx<'_>) -> Result<(), StoreError> {
    let figures = format!("{:?} {:?} {:?}", policy.tiers, policy.quality, policy.bans);
    let name = Value::Text("standing_figures");
    let known = tx.query_opt("SELECT value FROM setting WHERE name = ?1", &[name], |row| row.get::<Vec<u8>>(0))?;
    if known.as_deref() == Some(figures.as_bytes()) {
        return Ok(());
    }
    tx.execute("INSERT INTO setting (name, value) VALUES (?1, ?2) ON CONFLICT (name) DO UPDATE SET value = ?2", &[name, figures.as_bytes().into()])?;
    if known.is_some() {
        // Who is active is looked at soon anyway.
        tx.execute("UPDATE standing SET review_at = 1 WHERE review_at = 0", &[])?;
    }
    Ok(())
}

fn store_error(refusal: Refusal) -> StoreError {
    StoreError::Unavailable(refusal.0.message)
}

/// Looks at one business, does what moves, and says when it is to be looked at again.
fn review(network: &Network, tx: &mut Tx<'_>, business: AccountId, now: Timestamp) -> Result<Wakes, Refusal> {
    let policy = network.policy();
    let mut wakes = Wakes::new();
    for _ in 0..ROUNDS {
        let Some(facts) = facts::load(policy, tx, business, now)? else { return Ok(wakes) };
        let review = standing::review(policy, &facts, now);
        if review.moves.is_empty() {
            break;
        }
        for moved in review.moves {
            let reason = standing::explain(policy, moved.what, moved.cause, &review.judged);
            let moved = Moved { what: moved.what, cause: moved.cause, reason, by: Actor::System };
            wakes.extend(moves::apply(network, tx, business, &moved, now)?);
        }
    }
    let force = moves::refold(tx, business, now)?;
    forget(tx, business, now)?;
    schedule(network, tx, business, force, now)?;
    Ok(wakes)
}

/// The next review: when something in force ends, and as long as there are days to judge by.
fn schedule(network: &Network, tx: &mut Tx<'_>, business: AccountId, force: InForce, now: Timestamp) -> Result<(), StoreError> {
    let sql = "SELECT COUNT(*) FROM standing_day WHERE business = ?1";
    let days: i64 = tx.query_one(sql, &[(&business).into()], |row| row.get(0))?;
    let again = (days > 0).then(|| now.plus_millis(network.policy().tiers.review_every.millis()));
    let restricted = force.restriction.map(|(_, until)| until);
    let banned = force.ban.map(|(until, _)| until).filter(|until| *until != FOR_EVER);
    let next = [again, restricted, banned].into_iter().flatten().min().unwrap_or_default();
    tx.execute("UPDATE standing SET review_at = ?2 WHERE business = ?1", &[(&business).into(), next.into()])?;
    Ok(())
}

/// Takes out what is too old for any figure of the policy.
fn forget(tx: &mut Tx<'_>, business: AccountId, now: Timestamp) -> Result<(), StoreError> {
    let last = Value::Int(day_of(now) - DAYS_KEPT);
    tx.execute("DELETE FROM standing_day WHERE business = ?1 AND day <= ?2", &[(&business).into(), last])?;
    tx.execute(
        "DELETE FROM standing_customer WHERE business = ?1 AND customer IN \
         (SELECT customer FROM standing_customer WHERE business = ?1 AND touched_day <= ?2 LIMIT ?3)",
        &[(&business).into(), last, Value::Int(CUSTOMERS_FORGOTTEN)],
    )?;
    Ok(())
}
