//! What the platform's people see of a standing, and do to it.
use super::{call, measures};
use crate::{
    console::{Console, ConsoleError, Operator, operators::Duty},
    review::checked_reason,
};
use suki_protocol::calls::standing::Standing;
use suki_types::AccountId;

pub use super::measures::{Action, MeasureKind};

impl Console {
    /// A business's standing with its history, as the business sees it.
    ///
    /// # Errors
    /// [`ConsoleError::Refused`] when there is no such business; when the store fails.
    pub async fn standing(&self, by: &Operator, business: AccountId) -> Result<Standing, ConsoleError> {
        by.must(Duty::Look)?;
        let (own, now) = (self.clone(), self.now());
        self.read(move |tx| Ok(call::get(own.policy(), tx, business, now)?)).await
    }

    /// Warns, restricts, bans, or takes a measure back. The business is shown the reason (R44).
    ///
    /// # Errors
    /// [`ConsoleError::Forbidden`] when his role does not sanction; [`ConsoleError::Invalid`] for a reason that is none; [`ConsoleError::Refused`] when
    /// there is no such business or measure, or it is taken back already.
    pub async fn sanction(&self, by: &Operator, business: AccountId, action: Action, reason: &str) -> Result<(), ConsoleError> {
        by.must(Duty::Sanction)?;
        let (own, now, by, reason) = (self.clone(), self.now(), by.id, checked_reason(reason)?);
        let unit = move |tx: &mut suki_store::Tx<'_>| Ok(measures::act(own.network(), tx, by, business, action, &reason, now)?);
        let wakes = self.write(unit).await?;
        self.network().wake(wakes);
        Ok(())
    }
}
