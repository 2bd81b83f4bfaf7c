//! What the platform's people do to templates that were approved: disable one, or announce that it counts as another category (R44, R84). The business is
//! told at once and why; a category changes only after the policy's notice, so that programs can be ready for it.
use super::{
    judge,
    rows::{self, Change, Held},
    tell,
};
use crate::{
    Network,
    audit::{self, Actor},
    console::{Console, ConsoleError, Operator, operators::Duty},
    operations::call::Wakes,
    refusal::Refusal,
    review::checked_reason,
};
use suki_protocol::template::{Category, Status};
use suki_store::Tx;
use suki_types::{AccountId, OperatorId, Timestamp};

impl Console {
    /// Takes an approved or paused template out of use for good; its business may appeal.
    ///
    /// # Errors
    /// [`ConsoleError::Forbidden`] when his role does not sanction; [`ConsoleError::Invalid`] for a reason that is none; [`ConsoleError::NotFound`];
    /// [`ConsoleError::Conflict`] when the template is neither approved nor paused.
    pub async fn disable_template(&self, by: &Operator, business: AccountId, id: u64, reason: &str) -> Result<(), ConsoleError> {
        by.must(Duty::Sanction)?;
        let (own, now, by, reason) = (self.clone(), self.now(), by.id, checked_reason(reason)?);
        let unit = move |tx: &mut Tx<'_>| {
            let mut held = in_use(tx, business, id)?;
            Ok(disable(own.network(), tx, &mut held, (by, &reason), now)?)
        };
        let wakes = self.write(unit).await?;
        self.network().wake(wakes);
        Ok(())
    }

    /// Announces that an approved or paused template counts as another category once the policy's notice is over; that moment. Announcing again
    /// takes the place of what was announced before.
    ///
    /// # Errors
    /// As [`Console::disable_template`]; [`ConsoleError::Invalid`] for the category that it has, and where one of them is that of one-time codes,
    /// whose texts are the platform's own.
    pub async fn recategorise_template(
        &self,
        by: &Operator,
        business: AccountId,
        id: u64,
        category: Category,
        reason: &str,
    ) -> Result<Timestamp, ConsoleError> {
        by.must(Duty::Sanction)?;
        let (own, now, by, reason) = (self.clone(), self.now(), by.id, checked_reason(reason)?);
        let changes_at = now.plus_millis(self.policy().templates.recategorise_notice.millis());
        let unit = move |tx: &mut Tx<'_>| {
            let mut held = in_use(tx, business, id)?;
            if held.category == category || held.category == Category::Authentication || category == Category::Authentication {
                return Err(ConsoleError::Invalid(format!(
                    "it is {}: a template becomes MARKETING or UTILITY, and one-time codes stay",
                    held.category
                )));
            }
            held.announced = Some((category, changes_at));
            let subject = format!("{} {}", held.business, held.subject());
            let detail = format!("{} to {category}: {reason}", held.category);
            audit::record(tx, now, Actor::Console(by), "template.category_announced", &subject, &detail)?;
            rows::announce(tx, &held)?;
            let wakes = tell::announced(own.network(), tx, &held, (category, changes_at), now)?;
            Ok(wakes)
        };
        let wakes = self.write(unit).await?;
        self.network().wake(wakes);
        Ok(changes_at)
    }
}

/// A template that can be sent, or could be again.
fn in_use(tx: &mut Tx<'_>, business: AccountId, id: u64) -> Result<Held, ConsoleError> {
    let held = rows::load(tx, business, id)?.ok_or(ConsoleError::NotFound("template"))?;
    match held.status {
        Status::Approved | Status::Paused => Ok(held),
        status => Err(ConsoleError::Conflict(format!("the template is {status}; this concerns those that are APPROVED or PAUSED"))),
    }
}

fn disable(network: &Network, tx: &mut Tx<'_>, held: &mut Held, (by, reason): (OperatorId, &str), now: Timestamp) -> Result<Wakes, Refusal> {
    let previous = std::mem::replace(&mut held.status, Status::Disabled);
    held.paused_until = Timestamp::from_millis(0);
    held.explanation = reason.to_owned();
    held.announced = None;
    rows::announce(tx, held)?;
    rows::note(tx, held, Change::Disabled, now)?;
    audit::record(tx, now, Actor::Console(by), "template.disabled", &format!("{} {}", held.business, held.subject()), reason)?;
    judge::store(network, tx, held, previous, now)
}

/// The notice is over: the template has the category that was announced.
pub(super) fn due(network: &Network, tx: &mut Tx<'_>, (business, id): (AccountId, u64), now: Timestamp) -> Result<Wakes, Refusal> {
    let Some(mut held) = rows::load(tx, business, id)? else { return Ok(Wakes::new()) };
    let Some((category, _)) = held.announced.take() else { return Ok(Wakes::new()) };
    rows::announce(tx, &held)?;
    let mut wakes = judge::correct(network, tx, &mut held, category, now)?;
    let status = held.status;
    wakes.extend(judge::store(network, tx, &mut held, status, now)?);
    Ok(wakes)
}
