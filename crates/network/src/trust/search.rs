//! Finding a business by the words of its name, or by its number (R22).
use super::{card, status::wire_level};
use crate::{Network, buckets::Bucket, operations::call, refusal::Refusal, rows::Caller, session::Answer};
use parking_lot::Mutex;
use std::collections::HashMap;
use suki_protocol::calls::directory::{FoundBusiness, FoundBusinesses, SearchBusinesses};
use suki_rules::{names, trust::Level};
use suki_store::{Row, StoreError, Tx};
use suki_types::{AccountId, Phone, Timestamp};

const MINUTE_MILLIS: i64 = 60_000;
/// The most businesses of an answer.
const MOST: u32 = 50;
/// The most characters that are looked for.
const TEXT_CHARS: usize = 100;

/// How fast each person may search. What is full again is forgotten.
#[derive(Debug, Default)]
pub(crate) struct Searches(Mutex<HashMap<AccountId, (Bucket, Timestamp)>>);

impl Searches {
    fn take(&self, who: AccountId, a_minute: u32, now: Timestamp) -> Result<(), Timestamp> {
        let mut all = self.0.lock();
        let (bucket, used_at) = all.entry(who).or_insert_with(|| (Bucket::full(a_minute, now), now));
        *used_at = now;
        bucket.take(a_minute, MINUTE_MILLIS, now)
    }

    /// Forgets who has not searched for a minute.
    pub fn forget_full(&self, now: Timestamp) {
        let mut all = self.0.lock();
        all.retain(|_, (_, used_at)| now.since(*used_at) < MINUTE_MILLIS);
        all.shrink_to_fit();
    }
}

pub(super) fn search(network: &Network, caller: Caller, json: &[u8]) -> Answer {
    let own = network.clone();
    call::reads::<SearchBusinesses>(network, json, move |tx, asked| {
        call::person_only(&caller)?;
        if !(1..=MOST).contains(&asked.limit) {
            return Err(Refusal::malformed(format!("limit is {}; 1 to {MOST} are allowed", asked.limit)));
        }
        let (policy, now) = (&own.policy().trust, own.now());
        let text = asked.text.trim();
        if text.chars().count() > TEXT_CHARS {
            return Err(Refusal::malformed(format!("text has more than {TEXT_CHARS} characters: a word of the name is enough")));
        }
        own.0.searches.take(caller.account, policy.searches_a_minute, now).map_err(|retry_at| {
            Refusal::rate_limited(format!("{} searches a minute are allowed: wait a moment", policy.searches_a_minute), retry_at)
        })?;
        let word = names::folded(text);
        let data = match text.parse::<Phone>() {
            Ok(phone) => by_number(&own, tx, caller.account, &phone, now)?,
            Err(_) if word.chars().count() < policy.search_shortest as usize => {
                return Err(Refusal::malformed(format!("text has fewer than {} letters: type more of the name", policy.search_shortest)));
            }
            Err(_) => by_name(&own, tx, caller.account, (&word, asked.limit), now)?,
        };
        Ok(FoundBusinesses { data })
    })
}

/// Names that passed, of businesses that are neither banned nor blocked by him, and that wish to be found; and those alone whose name is shown.
fn by_name(network: &Network, tx: &mut Tx<'_>, who: AccountId, (word, limit): (&str, u32), now: Timestamp) -> Result<Vec<FoundBusiness>, StoreError> {
    // No text in UTF-8 has a byte above this one.
    let end = [word.as_bytes(), &[0xff]].concat();
    let sql = "SELECT b.account, b.name, b.about, b.trust, b.slug, b.phone, b.pending FROM search_key k \
         JOIN business b ON b.account = k.business JOIN standing s ON s.business = k.business \
         LEFT JOIN relation r ON r.business = k.business AND r.customer = ?3 LEFT JOIN business_profile f ON f.account = k.business \
         WHERE k.word >= ?1 AND k.word < ?2 AND s.name_state = 1 AND s.banned_until <= ?4 AND COALESCE(r.blocked_at, 0) = 0 \
           AND COALESCE(f.hidden, 0) = 0 \
         ORDER BY k.word, k.business LIMIT ?5";
    // The same business may stand under several words.
    let rows = i64::from(limit) * 4;
    let found = tx.query(sql, &[word.as_bytes().into(), (&end).into(), (&who).into(), now.into(), rows.into()], |row| found(network, row))?;
    let mut once: Vec<(FoundBusiness, bool)> = Vec::new();
    for one in found {
        if !once.iter().any(|(known, _)| known.business == one.0.business) {
            once.push(one);
        }
    }
    let mut data: Vec<FoundBusiness> = once.into_iter().filter(|(_, named)| *named).map(|(one, _)| one).collect();
    data.sort_by_key(|one| std::cmp::Reverse(one.level));
    data.truncate(limit as usize);
    Ok(data)
}

fn by_number(network: &Network, tx: &mut Tx<'_>, who: AccountId, phone: &Phone, now: Timestamp) -> Result<Vec<FoundBusiness>, StoreError> {
    let sql = "SELECT b.account, b.name, b.about, b.trust, b.slug, b.phone, b.pending FROM phone p \
         JOIN business b ON b.account = p.account JOIN standing s ON s.business = p.account \
         LEFT JOIN relation r ON r.business = p.account AND r.customer = ?2 \
         WHERE p.phone = ?1 AND s.banned_until <= ?3 AND COALESCE(r.blocked_at, 0) = 0";
    let found = tx.query_opt(sql, &[phone.into(), (&who).into(), now.into()], |row| found(network, row))?;
    Ok(found.into_iter().map(|(one, _)| one).collect())
}

/// A business, and whether its name is shown.
fn found(network: &Network, row: &Row<'_>) -> Result<(FoundBusiness, bool), StoreError> {
    let (name, phone): (String, String) = (row.get(1)?, row.get(5)?);
    let level = Level::from_number(row.get(3)?);
    let shown = card::shown(network.policy(), (level, true, row.get::<i64>(6)? > 0), &phone);
    let one = FoundBusiness {
        business: row.get(0)?,
        title: card::title(&shown, name, &phone),
        about: row.get(2)?,
        level: wire_level(level),
        labels: shown.labels.iter().map(|label| label.word().to_owned()).collect(),
        slug: row.get(4)?,
    };
    Ok((one, shown.name))
}
