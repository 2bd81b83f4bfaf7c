//! The rules this business is held to, as the network last told them: kept, so that they are known while the network is away.
use crate::{Business, Error};
use parking_lot::RwLock;
use std::sync::Arc;
use suki_protocol::calls::rules::{GetRules, ProgramRules, Rules};
use suki_store::{Db, StoreError};
use suki_types::{AccountId, Timestamp};

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

/// Whether free text may go into a chat at `now`, whose customer waits for an answer or does not: inside its window, or as the late reply that the policy lets pass at a penalty (R98). The network
/// decides; this is for telling a person at once.
pub fn takes_free_text(rules: Option<&Rules>, window_until: Option<Timestamp>, waits: bool, now: Timestamp) -> bool {
    let Some(until) = window_until else { return false };
    let window = rules.map(|rules| rules.window).unwrap_or_default();
    let late = window.late_replies && waits && now < until.plus_millis(window.late_within_millis);
    now < until || late
}

impl Business {
    /// The rules in force for this business; none before it was first connected.
    pub fn rules(&self) -> Option<Arc<Rules>> {
        self.rules.0.read().clone()
    }

    /// How often programs may call, and for how long what they are given holds.
    pub fn program_rules(&self) -> ProgramRules {
        self.rules().map(|rules| rules.programs).unwrap_or_default()
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

#[cfg(test)]
mod tests {
    use super::*;
    use suki_protocol::calls::rules::WindowRules;

    /// R94, R98: one second before each end, and at it.
    #[test]
    fn free_text_goes_inside_the_window_and_as_a_late_reply() {
        let (second, day) = (1_000, 86_400_000);
        let late = Rules { window: WindowRules { late_replies: true, late_within_millis: 30 * day, ..WindowRules::default() }, ..Rules::default() };
        let strict = Rules::default();
        let end = Timestamp::from_millis(day);
        let takes = |rules, waits, millis| takes_free_text(rules, Some(end), waits, Timestamp::from_millis(millis));
        for rules in [None, Some(&strict), Some(&late)] {
            assert!(takes(rules, false, day - second));
            assert!(!takes(rules, false, day));
            assert_eq!(takes(rules, true, day), rules == Some(&late));
            assert!(!takes_free_text(rules, None, true, end));
        }
        assert!(takes(Some(&late), true, 31 * day - second));
        assert!(!takes(Some(&late), true, 31 * day));
    }
}
