//! What the platform's people see and do about money.
use super::{
    bill,
    calls::told,
    cards::{CardSummary, ImportError},
};
use crate::{
    audit::Actor,
    console::{
        Console, ConsoleError, Operator,
        operators::{self, Duty},
    },
    period::Level,
};
use suki_protocol::calls::money::Bill;
use suki_types::{AccountId, OperatorId, Timestamp};

impl Console {
    /// Every rate card, the newest first, with the names of those who imported them; and the earliest time a new one may take effect.
    ///
    /// # Errors
    /// [`ConsoleError::Forbidden`] when his role does not look after prices; when the store fails.
    pub async fn rate_cards(&self, by: &Operator) -> Result<(Vec<CardSummary>, Timestamp), ConsoleError> {
        by.must(Duty::Money)?;
        let mut cards = self.network().rate_cards().await?;
        let known: Vec<Option<OperatorId>> = cards.iter().map(|card| card.imported_by.parse().ok()).collect();
        let names = self
            .read(move |tx| {
                let found = known.iter().map(|id| id.map_or(Ok(None), |id| operators::find(tx, id)));
                Ok(found.collect::<Result<Vec<_>, _>>()?)
            })
            .await?;
        for (card, operator) in cards.iter_mut().zip(names) {
            if let Some(operator) = operator {
                card.imported_by = operator.name;
            }
        }
        Ok((cards, self.now().plus_millis(self.policy().price.notice.millis())))
    }

    /// Imports a rate card, from the texts of its CSV files, that holds from `effective_at` on.
    ///
    /// # Errors
    /// [`ImportError`] with every place that is wrong, outside; [`ConsoleError::Forbidden`] when his role does not look after prices.
    pub async fn import_rate_card(
        &self,
        by: &Operator,
        rates: String,
        tiers: String,
        effective_at: Timestamp,
    ) -> Result<Result<(), ImportError>, ConsoleError> {
        by.must(Duty::Money)?;
        Ok(self.network().import_rate_card(rates, tiers, effective_at, Actor::Console(by.id)).await)
    }

    /// What a business owes for this month so far, as its own bill says it.
    ///
    /// # Errors
    /// [`ConsoleError::Forbidden`] when his role does not look after accounts; when the store fails.
    pub async fn bill(&self, by: &Operator, business: AccountId) -> Result<Bill, ConsoleError> {
        by.must(Duty::Money)?;
        let (month, currency) = (Level::Month.start(self.now()), self.policy().price.currency);
        self.read(move |tx| Ok(told(&bill::bill(tx, business, month, currency)?)?)).await
    }
}
