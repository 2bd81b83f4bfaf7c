//! What the platform's people see and do about who a business is.
use super::{AnnounceError, Announced, NewAnnouncement, decision, documents::StoredDocument, status};
use crate::{
    audit::{self, Actor},
    console::{Console, ConsoleError, Operator, operators::Duty},
    review::checked_reason,
};
use suki_protocol::calls::trust::TrustStatus;
use suki_rules::trust::Level;
use suki_store::Tx;
use suki_types::AccountId;

impl Console {
    /// Where a business stands on its way, as it sees that itself (R109).
    ///
    /// # Errors
    /// [`ConsoleError::Refused`] when there is no such business; when the store fails.
    pub async fn trust_status(&self, by: &Operator, business: AccountId) -> Result<TrustStatus, ConsoleError> {
        by.must(Duty::Look)?;
        let own = self.network().clone();
        self.read(move |tx| Ok(status::read(&own, tx, business)?)).await
    }

    /// Sets how far a business is checked, such as when a mark was given wrongly. The business is shown the reason (R44).
    ///
    /// # Errors
    /// [`ConsoleError::Invalid`] for a reason that is none; [`ConsoleError::Refused`] when there is no such business, or its name stands in the way.
    pub async fn set_level(&self, by: &Operator, business: AccountId, level: Level, reason: &str) -> Result<(), ConsoleError> {
        by.must(Duty::Sanction)?;
        let (own, now, by, reason) = (self.network().clone(), self.now(), Actor::Console(by.id), checked_reason(reason)?);
        let unit = move |tx: &mut Tx<'_>| Ok(decision::set_level(&own, tx, (business, level), (by, &reason), now)?);
        let wakes = self.write(unit).await?;
        self.network().wake(wakes);
        Ok(())
    }

    /// A document of a verification. Who looked at it is recorded.
    ///
    /// # Errors
    /// [`ConsoleError::NotFound`] when there is none, or it was deleted after its time; [`ConsoleError::Forbidden`] when his role decides nothing.
    pub async fn document(&self, by: &Operator, business: AccountId, id: u64) -> Result<StoredDocument, ConsoleError> {
        by.must(Duty::Decide)?;
        let found = self.network().document(business, id).await?.ok_or(ConsoleError::NotFound("document"))?;
        let (now, by) = (self.now(), Actor::Console(by.id));
        let subject = format!("{business} document {id}");
        self.write(move |tx| Ok(audit::record(tx, now, by, "document.seen", &subject, "")?)).await?;
        Ok(found)
    }

    /// Announces something in the platform's name (R46).
    ///
    /// # Errors
    /// [`ConsoleError::Invalid`] when title or text are out of range; [`ConsoleError::Forbidden`] when his role does not announce.
    pub async fn announce(&self, by: &Operator, new: NewAnnouncement) -> Result<u64, ConsoleError> {
        by.must(Duty::Announce)?;
        self.network().announce(by.id, new).await.map_err(|error| match error {
            AnnounceError::Invalid(text) => ConsoleError::Invalid(text),
            AnnounceError::Store(error) => ConsoleError::Store(error),
        })
    }

    /// What was announced before `before`, the newest first.
    ///
    /// # Errors
    /// When the store fails.
    pub async fn announcements(&self, by: &Operator, before: Option<u64>, limit: u32) -> Result<Vec<Announced>, ConsoleError> {
        by.must(Duty::Look)?;
        Ok(self.network().announcements(before, limit).await?)
    }
}
