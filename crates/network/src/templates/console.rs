//! What the platform's people see of a business's templates.
use super::rows;
use crate::console::{Console, ConsoleError, Operator, operators::Duty};
use suki_protocol::calls::templates::Template;
use suki_types::AccountId;

/// The most templates that a business's page shows.
const MOST: u64 = 500;

impl Console {
    /// The templates of a business, the oldest first, at most 500.
    ///
    /// # Errors
    /// When the store fails.
    pub async fn templates(&self, by: &Operator, business: AccountId) -> Result<Vec<Template>, ConsoleError> {
        by.must(Duty::Look)?;
        self.read(move |tx| Ok(rows::after(tx, business, 0, MOST)?.iter().map(rows::Held::shown).collect())).await
    }
}
