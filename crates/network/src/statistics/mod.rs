//! Counters of what the network relays (R64, R65, R93): half hours as it happens, days and months summed up once they are over.
mod calls;
mod read;
mod roll;
mod visits;

pub(crate) use calls::call;
pub(crate) use read::sent_since;
pub(crate) use visits::Visits;

use crate::{int, period::Level};
use suki_protocol::calls::statistics as wire;
use suki_store::{StoreError, Tx};
use suki_types::{AccountId, Country, Timestamp};

pub(crate) use wire::Counts;

/// What counters are told apart by, beside the business and the time.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Subject {
    /// As the message's row has it; 0 of what customers write.
    pub category: i64,
    /// 0 of what is no template.
    pub template: u64,
    /// The customer's country.
    pub country: String,
}

/// Adds to the counters of now, in the unit of what is counted.
///
/// # Errors
/// When the store refuses.
pub(crate) fn count(tx: &mut Tx<'_>, business: AccountId, subject: &Subject, counts: Counts, now: Timestamp) -> Result<(), StoreError> {
    tx.execute(
        "INSERT INTO statistic (business, level, at, category, template, country, sent, delivered, read, received, replied, visited, against) \
         VALUES (?1, 0, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12) ON CONFLICT (business, level, at, category, template, country) DO UPDATE SET \
           sent = statistic.sent + ?6, delivered = statistic.delivered + ?7, read = statistic.read + ?8, \
           received = statistic.received + ?9, replied = statistic.replied + ?10, visited = statistic.visited + ?11, \
           against = statistic.against + ?12",
        &[
            (&business).into(),
            Level::HalfHour.start(now).into(),
            subject.category.into(),
            int(subject.template),
            (&subject.country).into(),
            int(counts.sent),
            int(counts.delivered),
            int(counts.read),
            int(counts.received),
            int(counts.replied),
            int(counts.visited),
            int(counts.against),
        ],
    )?;
    Ok(())
}

/// Counts a message of a business that was accepted.
///
/// # Errors
/// When the store refuses.
pub(crate) fn sent(tx: &mut Tx<'_>, business: AccountId, subject: &Subject, now: Timestamp) -> Result<(), StoreError> {
    count(tx, business, subject, Counts { sent: 1, ..Counts::default() }, now)
}

/// Counts a message of a customer. `answers`: whether the business had written since his last.
///
/// # Errors
/// When the store refuses.
pub(crate) fn received(tx: &mut Tx<'_>, business: AccountId, country: Option<Country>, answers: bool, now: Timestamp) -> Result<(), StoreError> {
    let subject = Subject { category: 0, template: 0, country: country.unwrap_or(Country::UNKNOWN).code().into() };
    count(tx, business, &subject, Counts { received: 1, replied: u64::from(answers), ..Counts::default() }, now)
}
