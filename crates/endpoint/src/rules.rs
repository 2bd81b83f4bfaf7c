//! The rules this business is held to, as the network last told them: kept, so that they are known while the network is away.
use crate::{Business, Error};
use parking_lot::RwLock;
use std::sync::Arc;
use suki_protocol::calls::rules::{GetRules, Rules};
use suki_store::{Db, StoreError};
use suki_types::AccountId;

/// What is known of them; nothing before the first log-in.
#[derive(Debug, Default)]
pub(crate) struct Known(RwLock<Option<Arc<Rules>>>);

impl Known {
    /// What was told before this process began.
    ///
    /// # Errors
    /// When the store fails.
    pub async fn load(db: &Db, business: AccountId) -> Result<Self, Error> {
        let sql = "SELECT json FROM rules WHERE business = ?1";
        let json = db.read(move |tx| Ok::<_, Error>(tx.query_opt(sql, &[(&business).into()], |row| row.get::<String>(0))?)).await?;
        let rules = json.map(|json| serde_json::from_str(&json).map_err(|_| StoreError::Corrupt("rules"))).transpose()?;
        Ok(Self(RwLock::new(rules.map(Arc::new))))
    }
}

impl Business {
    /// The rules in force for this business; none before it was first connected.
    pub fn rules(&self) -> Option<Arc<Rules>> {
        self.rules.0.read().clone()
    }

    /// Asks the network for the rules, and keeps them. What was known stays when the network cannot be asked.
    pub(crate) async fn learn_rules(&self) {
        let told = match self.link.call(&GetRules {}).await {
            Ok(told) => told,
            Err(error) => {
                tracing::warn!(business = %self.id(), %error, "the network does not say which rules are in force");
                return;
            }
        };
        if self.rules().is_some_and(|known| *known == told) {
            return;
        }
        let (id, json) = (self.id(), serde_json::to_string(&told).unwrap_or_default());
        *self.rules.0.write() = Some(Arc::new(told));
        let stored = self.db().write(move |tx| {
            let sql = "INSERT INTO rules (business, json) VALUES (?1, ?2) ON CONFLICT (business) DO UPDATE SET json = ?2";
            Ok::<_, Error>(tx.execute(sql, &[(&id).into(), json.as_str().into()])?)
        });
        if let Err(error) = stored.await {
            tracing::error!(business = %self.id(), %error, "cannot keep the rules that the network told");
        }
    }
}
