//! How fast this business writes, held against the network's figures, so that who writes too fast is told at once (Cloud API, section 3d: 130429 and
//! 131056 are answers, not statuses). The network counts too and decides; this count begins anew with the process.
use crate::Error;
use parking_lot::Mutex;
use std::collections::HashMap;
use suki_protocol::calls::rules::{Rates, Rules};
use suki_types::{ConversationId, Timestamp};

/// Too many messages in all.
const THROUGHPUT: i32 = 130_429;
/// Too many messages to one customer.
const PAIR: i32 = 131_056;
/// How many customers are remembered before those are forgotten who are owed nothing.
const REMEMBERED: usize = 10_000;

/// How far the future is spent: in all, and for each chat (the generic cell rate algorithm).
#[derive(Debug, Default)]
pub(crate) struct Pace(Mutex<Spent>);

#[derive(Debug, Default)]
struct Spent {
    all_micros: i64,
    chats: HashMap<ConversationId, Timestamp>,
}

impl Pace {
    /// Counts a message of now.
    ///
    /// # Errors
    /// [`Error::TooFast`] with the figure and when the next one may go; nothing is counted then.
    pub fn take(&self, rules: &Rules, chat: ConversationId, now: Timestamp) -> Result<(), Error> {
        let mut spent = self.0.lock();
        let all_micros = in_all(&rules.rates, spent.all_micros, now).map_err(|retry_at| Error::TooFast {
            cloud_api_code: THROUGHPUT,
            text: format!("{} messages a second are allowed in all (policy {}); send the rest later", rules.rates.per_second, rules.policy),
            retry_at,
        })?;
        let to_one = to_one(&rules.rates, spent.chats.get(&chat).copied(), now).map_err(|retry_at| Error::TooFast {
            cloud_api_code: PAIR,
            text: format!(
                "to one customer a message is allowed every {} s, and {} at once if the next ones wait (policy {}); send the rest later",
                rules.rates.pair_interval_millis / 1000,
                rules.rates.pair_burst,
                rules.policy
            ),
            retry_at,
        })?;
        if spent.chats.len() >= REMEMBERED && !spent.chats.contains_key(&chat) {
            spent.chats.retain(|_, tat| *tat > now);
        }
        spent.all_micros = all_micros;
        spent.chats.insert(chat, to_one);
        Ok(())
    }
}

fn in_all(rates: &Rates, tat_micros: i64, now: Timestamp) -> Result<i64, Timestamp> {
    let rate = i64::from(rates.per_second.clamp(1, 1_000_000));
    let (interval, now_micros) = (1_000_000 / rate, now.millis().saturating_mul(1000));
    let from = tat_micros.max(now_micros);
    let wait = (from - now_micros) - interval * (rate - 1);
    if wait > 0 { Err(now.plus_millis((wait + 999) / 1000)) } else { Ok(from + interval) }
}

fn to_one(rates: &Rates, tat: Option<Timestamp>, now: Timestamp) -> Result<Timestamp, Timestamp> {
    let from = tat.map_or(now, |tat| tat.max(now));
    let borrowed = rates.pair_interval_millis.saturating_mul(i64::from(rates.pair_burst) - 1);
    if from.since(now) > borrowed { Err(from.plus_millis(-borrowed)) } else { Ok(from.plus_millis(rates.pair_interval_millis)) }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn rules() -> Rules {
        Rules { rates: Rates { pair_interval_millis: 6_000, pair_burst: 45, per_second: 80 }, ..Rules::default() }
    }

    fn refused(pace: &Pace, chat: ConversationId, now: Timestamp) -> (i32, i64) {
        match pace.take(&rules(), chat, now) {
            Err(Error::TooFast { cloud_api_code, retry_at, .. }) => (cloud_api_code, retry_at.since(now)),
            other => panic!("not too fast: {other:?}"),
        }
    }

    /// R106.
    #[test]
    fn the_46th_to_one_and_the_81st_in_all_wait() {
        let (pace, now) = (Pace::default(), Timestamp::from_millis(1_000_000));
        let chat = |number| ConversationId::from_bytes([number; 16]);
        assert!((0..45).all(|_| pace.take(&rules(), chat(1), now).is_ok()));
        assert_eq!(refused(&pace, chat(1), now), (PAIR, 6_000));
        assert!((0..35).all(|_| pace.take(&rules(), chat(2), now).is_ok()), "what was refused does not count");
        assert_eq!(refused(&pace, chat(3), now), (THROUGHPUT, 13));
        assert!(pace.take(&rules(), chat(3), now.plus_millis(13)).is_ok());
        assert_eq!(refused(&pace, chat(1), now.plus_millis(5_999)), (PAIR, 1));
        assert!(pace.take(&rules(), chat(1), now.plus_millis(6_000)).is_ok());
    }
}
