//! A slow walk over all businesses, some with each look: it finds those that nobody has ever run, and what has come apart although nothing else told of it.
use super::key;
use crate::{Endpoint, Error, business};
use std::collections::{HashMap, HashSet};
use suki_store::{
    Key,
    ownership::{self, Owned},
};
use suki_types::AccountId;

/// How many businesses are looked at with each look.
const PAGE: usize = 500;

/// Where the walk is.
#[derive(Debug, Default)]
pub(super) struct Sweep {
    after: Option<AccountId>,
    /// Whether it has come round once.
    went_round: bool,
}

/// What was seen.
#[derive(Debug, Default)]
pub(super) struct Seen {
    /// Businesses that nobody has ever run.
    pub unclaimed: HashSet<AccountId>,
    /// Who owns the others.
    pub owned: Vec<Owned>,
}

impl Sweep {
    /// Goes on; the first time through to the end.
    pub async fn go_on(&mut self, endpoint: &Endpoint) -> Result<Seen, Error> {
        let mut seen = Seen::default();
        loop {
            let ids = business::ids_after(endpoint.db(), self.after, PAGE).await?;
            let owned = ownership::of_keys(endpoint.db(), ids.iter().map(|id| key(*id)).collect()).await?;
            let known: HashMap<Key, &Owned> = owned.iter().map(|owned| (owned.key, owned)).collect();
            seen.unclaimed.extend(ids.iter().filter(|id| known.get(&key(**id)).is_none_or(|owned| owned.node.is_none() && owned.epoch == 0)));
            seen.owned.extend(owned);
            self.after = ids.last().copied().filter(|_| ids.len() == PAGE);
            self.went_round |= self.after.is_none();
            if self.went_round {
                return Ok(seen);
            }
        }
    }
}
