//! What is looked up by the hour and not with each message: which businesses are small (R99), and whose authentication templates count as coming from
//! abroad.
use super::admit::country_of;
use crate::{Network, period, statistics};
use parking_lot::RwLock;
use std::collections::HashSet;
use suki_rules::price::Category;
use suki_store::{StoreError, Tx, Value};
use suki_types::{AccountId, Country, Timestamp};

/// How many businesses one unit looks at.
const BUSINESSES_PER_UNIT: i64 = 50;
/// A business is looked at so often, in milliseconds.
const EVERY: i64 = 3_600_000;
/// What is looked at: so many milliseconds back.
const LOOK_BACK: i64 = 30 * period::DAY;

/// The businesses and countries where authentication templates are priced as international.
#[derive(Debug, Default)]
pub(crate) struct International(RwLock<Found>);

#[derive(Debug, Default)]
struct Found {
    pairs: HashSet<(AccountId, Country)>,
    looked_at: Timestamp,
}

impl International {
    /// Whether the price from abroad holds.
    pub fn holds(&self, business: AccountId, country: Country) -> bool {
        self.0.read().pairs.contains(&(business, country))
    }
}

impl Network {
    /// Looks at every business, once an hour and on each node: what counts as coming from abroad is kept in memory. Does nothing where the policy has no such prices.
    pub(crate) async fn look_at_volumes(&self, now: Timestamp) -> Result<(), StoreError> {
        let price = &self.policy().price;
        if price.small_messages == 0 && price.international.is_empty() || now.since(self.international().0.read().looked_at) < EVERY {
            return Ok(());
        }
        let mut pairs = HashSet::new();
        let mut after = Vec::new();
        loop {
            let own = self.clone();
            let page = std::mem::take(&mut after);
            let Page { last, abroad, changed } = self.db().read(move |tx| look(&own, tx, &page, now)).await?;
            pairs.extend(abroad);
            for (business, is_small) in changed {
                let sql = "UPDATE standing SET small = ?2 WHERE business = ?1";
                let noted: Result<u64, StoreError> =
                    self.of(business).db().write(move |tx| tx.execute(sql, &[(&business).into(), is_small.into()])).await;
                noted?;
            }
            match last {
                Some(last) => after = last.to_vec(),
                None => break,
            }
        }
        *self.international().0.write() = Found { pairs, looked_at: now };
        Ok(())
    }
}

/// What was found in a page of businesses.
struct Page {
    /// The last one's id, unless there are no more.
    last: Option<AccountId>,
    abroad: Vec<(AccountId, Country)>,
    /// Those that are small now and were not, or the other way round.
    changed: Vec<(AccountId, bool)>,
}

/// Looks at a page of businesses.
fn look(network: &Network, tx: &mut Tx<'_>, after: &[u8], now: Timestamp) -> Result<Page, StoreError> {
    let page = tx.query(
        "SELECT business, small FROM standing WHERE business > ?1 ORDER BY business LIMIT ?2",
        &[after.into(), Value::Int(BUSINESSES_PER_UNIT)],
        |row| Ok((row.get::<AccountId>(0)?, row.get::<bool>(1)?)),
    )?;
    let price = &network.policy().price;
    let (mut found, mut changed) = (Vec::new(), Vec::new());
    for (business, was_small) in &page {
        let sent = statistics::sent_since(tx, *business, now.plus_millis(-LOOK_BACK))?;
        let is_small = price.small_messages > 0 && sent.iter().map(|sent| sent.count).sum::<u64>() <= price.small_messages;
        if is_small != *was_small {
            changed.push((*business, is_small));
        }
        let own = country_of(tx, *business)?;
        let abroad = sent.iter().filter(|sent| sent.category == Category::Authentication.number() && sent.count > price.international_from);
        let abroad = abroad.map(|sent| sent.country).filter(|country| *country != own && price.international.contains(country));
        found.extend(abroad.map(|country| (*business, country)));
    }
    let full = page.len() as i64 == BUSINESSES_PER_UNIT;
    Ok(Page { last: page.last().filter(|_| full).map(|(business, _)| *business), abroad: found, changed })
}
