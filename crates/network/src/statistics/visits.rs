//! Openings of businesses' links (R66), by half hours. They are counted in memory and written with the minute's jobs: whoever opens a page, as often as
//! he likes, writes nothing to the store. What was opened in the minute before a crash is not counted.
use super::{Counts, Subject};
use crate::{Network, period::Level};
use parking_lot::Mutex;
use std::collections::BTreeMap;
use suki_store::StoreError;
use suki_types::{AccountId, Timestamp};

/// The openings that are not written yet. There are at most as many as there are businesses, for each half hour since the last run of the jobs.
#[derive(Debug, Default)]
pub(crate) struct Visits(Mutex<BTreeMap<(AccountId, Timestamp), u64>>);

impl Visits {
    /// Counts one.
    pub fn note(&self, business: AccountId, now: Timestamp) {
        *self.0.lock().entry((business, Level::HalfHour.start(now))).or_default() += 1;
    }
}

impl Network {
    /// Writes the openings that were counted.
    pub(crate) async fn write_visits(&self) -> Result<(), StoreError> {
        loop {
            let Some(((business, at), visited)) = self.visits().0.lock().pop_first() else { return Ok(()) };
            let subject = Subject { category: 0, template: 0, country: String::new() };
            let counts = Counts { visited, ..Counts::default() };
            let written = self.of(business).db().write(move |tx| super::count(tx, business, &subject, counts, at)).await;
            if let Err(error) = written {
                *self.visits().0.lock().entry((business, at)).or_default() += visited;
                return Err(error);
            }
        }
    }
}
