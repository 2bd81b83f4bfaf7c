//! What is due for templates: pauses end, announced categories begin to count, reads are rated, and what nobody needs any more goes.
use super::{appeal::send_again, corrections, feedback::rate, rows};
use crate::{Network, operations::call::Wakes, refusal::Refusal};
use suki_protocol::{pb::RefusalCode, template::Status};
use suki_store::{StoreError, Tx};
use suki_types::{AccountId, Timestamp};

/// How many templates are looked for at once, and rows of them forgotten in one unit, so that no message waits long behind it.
const PER_UNIT: i64 = 100;
const DAY_MILLIS: i64 = 86_400_000;

impl Network {
    /// Does what is due for templates; how many things it did.
    ///
    /// # Errors
    /// When the store fails; what was done before stays done.
    pub(crate) async fn run_template_jobs(&self, now: Timestamp) -> Result<u64, StoreError> {
        let paused = "SELECT business, id FROM template WHERE status = 4 AND paused_until <= ?1 ORDER BY paused_until LIMIT ?2";
        let changed = "SELECT business, id FROM template_feedback WHERE changed = 1 AND day <= ?1 ORDER BY day LIMIT ?2";
        let today = now.millis().div_euclid(DAY_MILLIS);
        let announced =
            "SELECT business, id FROM template_life WHERE next_category_at > 0 AND next_category_at <= ?1 ORDER BY next_category_at LIMIT ?2";
        Ok(self.each((paused, now.millis()), end_pause, now).await?
            + self.each((announced, now.millis()), corrections::due, now).await?
            + self.each((changed, today), rate_again, now).await?
            + self.forget_templates(now).await?)
    }

    /// Runs `work` for each template that a statement finds, each in a unit of its business's, until it finds none.
    async fn each(&self, (find, bound): (&'static str, i64), work: Work, now: Timestamp) -> Result<u64, StoreError> {
        let mut all = 0;
        loop {
            let found = self.db().read(move |tx| tx.query(find, &[bound.into(), PER_UNIT.into()], |row| Ok((row.get(0)?, row.get(1)?))));
            let found: Vec<(AccountId, u64)> = found.await?;
            for template in &found {
                let (own, template) = (self.clone(), *template);
                match self.of(template.0).db().write(move |tx| work(&own, tx, template, now)).await {
                    Ok(wakes) => self.wake(wakes),
                    // An endpoint's log is full: its business is told at a later run, when there is room.
                    Err(refusal) if refusal.0.code() == RefusalCode::RateLimited => return Ok(all),
                    Err(refusal) => return Err(StoreError::Unavailable(refusal.0.message)),
                }
                all += 1;
            }
            if found.len() as u64 != PER_UNIT.unsigned_abs() {
                return Ok(all);
            }
        }
    }

    async fn forget_templates(&self, now: Timestamp) -> Result<u64, StoreError> {
        let policy = self.policy();
        let under_way = now.plus_millis(-policy.retention.undelivered.millis() - policy.packs.refresh.millis());
        let counted = suki_rules::template::quality::since(policy, now).millis();
        let mut forgotten = 0;
        for (sql, before) in [
            (
                "DELETE FROM template_text WHERE (business, id, version) IN \
                 (SELECT business, id, version FROM template_text WHERE superseded_at > 0 AND superseded_at < ?1 LIMIT ?2)",
                under_way.millis(),
            ),
            (
                "DELETE FROM template_name_block WHERE (business, name) IN (SELECT business, name FROM template_name_block WHERE until <= ?1 LIMIT ?2)",
                now.millis(),
            ),
            (
                "DELETE FROM template_feedback WHERE (business, id, day) IN (SELECT business, id, day FROM template_feedback WHERE day < ?1 LIMIT ?2)",
                counted.div_euclid(DAY_MILLIS),
            ),
            (
                "DELETE FROM template_against WHERE (business, id, customer) IN \
                 (SELECT business, id, customer FROM template_against WHERE at < ?1 LIMIT ?2)",
                counted,
            ),
        ] {
            loop {
                let removed = self.db().write(move |tx| tx.execute(sql, &[before.into(), PER_UNIT.into()])).await?;
                forgotten += removed;
                if removed < PER_UNIT.unsigned_abs() {
                    break;
                }
            }
        }
        Ok(forgotten)
    }
}

type Work = fn(&Network, &mut Tx<'_>, (AccountId, u64), Timestamp) -> Result<Wakes, Refusal>;

fn end_pause(network: &Network, tx: &mut Tx<'_>, (business, id): (AccountId, u64), now: Timestamp) -> Result<Wakes, Refusal> {
    // Another node may have ended it meanwhile.
    match rows::load(tx, business, id)? {
        Some(mut held) if held.status == Status::Paused && held.paused_until <= now => send_again(network, tx, &mut held, now),
        _ => Ok(Wakes::new()),
    }
}

fn rate_again(network: &Network, tx: &mut Tx<'_>, template: (AccountId, u64), now: Timestamp) -> Result<Wakes, Refusal> {
    rate(network, tx, template, now)
}
