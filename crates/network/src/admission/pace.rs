//! How fast businesses write in all (R106): one time for each, in memory. A business has one connection, so that this process sees all of its messages;
//! after a restart a second's worth is forgiven.
use parking_lot::Mutex;
use std::collections::HashMap;
use suki_rules::{Policy, Refusal, rates};
use suki_types::{AccountId, Timestamp};

/// The businesses that have written of late.
#[derive(Debug, Default)]
pub(crate) struct Pace(Mutex<HashMap<AccountId, Spent>>);

#[derive(Debug, Clone, Copy, Default)]
struct Spent {
    tat_micros: i64,
    /// Whether its standing gave it high throughput when it was last looked at.
    high: bool,
}

impl Pace {
    /// Counts a message of now.
    ///
    /// # Errors
    /// When the business has to wait.
    pub fn take(&self, policy: &Policy, business: AccountId, now: Timestamp) -> Result<(), Refusal> {
        let mut all = self.0.lock();
        let spent = all.entry(business).or_default();
        spent.tat_micros = rates::throughput(policy, spent.high, spent.tat_micros, now)?;
        Ok(())
    }

    /// Notes what its standing says.
    pub fn is_high(&self, business: AccountId, high: bool) {
        self.0.lock().entry(business).or_default().high = high;
    }

    /// Forgets who has nothing spent any more.
    pub fn forget_idle(&self, now: Timestamp) {
        let now_micros = now.millis().saturating_mul(1000);
        let mut all = self.0.lock();
        all.retain(|_, spent| spent.tat_micros > now_micros);
        all.shrink_to_fit();
    }
}
