//! Packs: the approved texts of a business's templates. Fetched in the background as soon as a business is known (R80), again every 31 days (R81) and
//! soon after a download that failed (R82), as the packs themselves say; kept in the device's state; verified each time they are read.
use super::{Answer, Asked, Worker};
use crate::{
    state::{HeldTemplate, StoredPack},
    template::{Claim, View, view},
    thread::{Author, Message, What},
};
use prost::Message as _;
use std::collections::{BTreeMap, BTreeSet, HashMap};
use suki_protocol::{
    calls::{
        Call,
        templates::{GetPack, ListPacks, Packs as Listed, SignedPack},
    },
    http::Base64,
    pb::{self, RefusalCode, client_frame, server_frame},
    template::{Pack, open},
};
use suki_types::{AccountId, ConversationId, MessageId, Timestamp, Wait};

/// When a download that failed is tried again before any pack of the business has said so, in milliseconds.
const FIRST_RETRY_MILLIS: i64 = 30_000;

/// Something to fetch.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Job {
    /// The names of a business's packs, after this one.
    List(AccountId, String),
    /// A pack.
    Get(AccountId, String),
}

/// What is known of packs, and what is to be fetched when.
#[derive(Default)]
pub(super) struct Packs {
    opened: HashMap<(AccountId, String), Pack>,
    due: BTreeMap<Job, Timestamp>,
    under_way: BTreeSet<Job>,
    alarm: Option<Wait>,
}

impl Packs {
    /// When the next job is due.
    pub async fn rings(&mut self) {
        match &mut self.alarm {
            Some(wait) => wait.await,
            None => std::future::pending().await,
        }
        self.alarm = None;
    }

    fn want(&mut self, job: Job, at: Timestamp) {
        let due = self.due.entry(job).or_insert(at);
        *due = (*due).min(at);
    }
}

impl Worker {
    /// Reads the packs that are stored. One that was changed there is fetched anew.
    pub(super) fn open_packs(&mut self) {
        let key = self.state.credentials.network_key().to_vec();
        let now = self.now();
        let stored = std::mem::take(&mut self.state.packs);
        for one in stored {
            match open(&key, one.business, &one.name, &one.signed) {
                Ok(pack) => {
                    self.packs.want(Job::Get(one.business, one.name.clone()), one.fetched_at.plus_millis(pack.refresh_millis));
                    self.packs.opened.insert((one.business, one.name.clone()), pack);
                    self.state.packs.push(one);
                }
                Err(error) => {
                    tracing::warn!(%error, "a stored pack cannot be used");
                    self.packs.want(Job::Get(one.business, one.name), now);
                }
            }
        }
        let businesses: BTreeSet<AccountId> = self.state.conversations.values().map(|known| known.thread.business).collect();
        businesses.into_iter().for_each(|business| self.want_packs(business));
    }

    /// The packs that messages wait for are wanted at once, however often they could not be had: there is a connection anew.
    pub(super) fn want_held(&mut self) {
        let now = self.now();
        let held: Vec<Job> = self.state.held.iter().filter_map(|one| Some(Job::Get(one.business, one.name()?))).collect();
        held.into_iter().for_each(|job| self.packs.want(job, now));
    }

    /// The packs of this business are wanted, for the templates that it may send.
    pub(super) fn want_packs(&mut self, business: AccountId) {
        let now = self.now();
        self.packs.want(Job::List(business, String::new()), now);
    }

    /// The connection is gone: what was asked over it is asked again.
    pub(super) fn packs_disconnected(&mut self) {
        let now = self.now();
        for job in std::mem::take(&mut self.packs.under_way) {
            self.packs.want(job, now);
        }
    }

    /// Asks for what is due.
    pub(super) fn send_packs(&mut self) {
        if !self.connected {
            return;
        }
        let now = self.now();
        let ready: Vec<Job> = self.packs.due.iter().filter(|(_, at)| **at <= now).map(|(job, _)| job.clone()).collect();
        for job in ready {
            self.packs.due.remove(&job);
            let body = match &job {
                Job::List(business, after) => request(&ListPacks { business: *business, after: after.clone() }),
                Job::Get(business, name) => request(&GetPack { business: *business, name: name.clone(), languages: Vec::new() }),
            };
            if self.packs.under_way.insert(job.clone())
                && let Some(body) = body
            {
                self.ask(Asked::Packs(job), body);
            }
        }
        let next = self.packs.due.values().min().copied();
        self.packs.alarm = next.map(|at| self.env.clock.wait_until(at));
    }

    pub(super) fn packs_answered(&mut self, job: Job, answer: Answer) {
        self.packs.under_way.remove(&job);
        match (&job, answer) {
            (Job::List(business, _), Ok(server_frame::Body::Called(called))) => match serde_json::from_slice::<Listed>(&called.json) {
                Ok(listed) => self.listed(*business, listed),
                Err(_) => self.try_again(job),
            },
            (Job::Get(business, name), Ok(server_frame::Body::Called(called))) => match serde_json::from_slice::<SignedPack>(&called.json) {
                Ok(signed) => self.fetched(*business, name.clone(), signed),
                Err(_) => self.try_again(job),
            },
            (Job::Get(business, name), Ok(server_frame::Body::Refused(refused))) if is_final(&refused) => {
                self.settle_held(*business, name, Some("its business has no such approved text"));
            }
            (Job::List(..), Ok(server_frame::Body::Refused(refused))) if is_final(&refused) => {
                tracing::debug!(code = refused.code, "the packs of a business cannot be listed");
            }
            _ => self.try_again(job),
        }
    }

    fn try_again(&mut self, job: Job) {
        let business = match &job {
            Job::List(business, _) | Job::Get(business, _) => *business,
        };
        let said = self.packs.opened.iter().filter(|((owner, _), _)| *owner == business).map(|(_, pack)| pack.retry_millis).min();
        let at = self.now().plus_millis(said.unwrap_or(FIRST_RETRY_MILLIS));
        self.packs.want(job, at);
    }

    fn listed(&mut self, business: AccountId, listed: Listed) {
        let now = self.now();
        for pack in listed.packs {
            let known = self.packs.opened.get(&(business, pack.name.clone())).is_some_and(|known| known.serial >= pack.serial);
            if !known {
                self.packs.want(Job::Get(business, pack.name), now);
            }
        }
        if !listed.next.is_empty() {
            self.packs.want(Job::List(business, listed.next), now);
        }
    }

    fn fetched(&mut self, business: AccountId, name: String, signed: SignedPack) {
        let pack = match open(self.state.credentials.network_key(), business, &name, &signed) {
            Ok(pack) => pack,
            Err(error) => {
                tracing::warn!(%error, "a pack is refused");
                self.show_refused(business, &name, "its approved text came changed, and was not taken");
                return self.try_again(Job::Get(business, name));
            }
        };
        let (now, key) = (self.now(), (business, name.clone()));
        self.packs.want(Job::Get(business, name.clone()), now.plus_millis(pack.refresh_millis));
        if self.packs.opened.get(&key).is_none_or(|known| known.serial <= pack.serial) {
            self.state.packs.retain(|one| (one.business, &one.name) != (business, &name));
            self.state.packs.push(StoredPack { business, name: name.clone(), signed, fetched_at: now });
            self.packs.opened.insert(key, pack);
            self.changed = true;
        }
        self.settle_held(business, &name, None);
    }

    /// A template has come: it is shown as soon as the approved text is at hand.
    pub(super) fn take_template(&mut self, held: HeldTemplate) {
        match self.look(&held) {
            Some(View::Missing) | None => {
                let Some(name) = held.name() else { return };
                let (job, now) = (Job::Get(held.business, name), self.now());
                self.state.held.push(held);
                self.changed = true;
                self.packs.want(job, now);
            }
            Some(view) => self.show(&held, view),
        }
    }

    /// None without a pack of this name.
    fn look(&self, held: &HeldTemplate) -> Option<View> {
        let Ok(sent) = pb::Template::decode(&held.content.0[..]) else { return Some(View::Refused("it cannot be read")) };
        let pack = self.packs.opened.get(&(held.business, sent.name.clone()))?;
        let claim = Claim { template_id: &held.template_id, language: &held.language };
        Some(view(pack, claim, &sent, &self.options.language, self.options.utc_offset_minutes))
    }

    /// Shows what waited for this pack, and what it lacks as refused.
    fn settle_held(&mut self, business: AccountId, name: &str, gone: Option<&'static str>) {
        let is_of = |held: &HeldTemplate| held.business == business && held.name().as_deref() == Some(name);
        let (ready, waiting): (Vec<_>, Vec<_>) = std::mem::take(&mut self.state.held).into_iter().partition(is_of);
        self.state.held = waiting;
        for held in ready {
            let view = match (self.look(&held), gone) {
                (Some(View::Missing) | None, why) => View::Refused(why.unwrap_or("its business has no such approved text")),
                (Some(view), _) => view,
            };
            self.show(&held, view);
        }
    }

    /// Shows what waits for this pack as refused; it goes on waiting.
    fn show_refused(&mut self, business: AccountId, name: &str, why: &'static str) {
        let waiting: Vec<_> =
            self.state.held.iter().filter(|held| held.business == business && held.name().as_deref() == Some(name)).cloned().collect();
        waiting.iter().for_each(|held| self.show(held, View::Refused(why)));
    }

    fn show(&mut self, held: &HeldTemplate, view: View) {
        let (what, text) = match view {
            View::Shown(shown, text) => (What::Template(shown), text),
            View::Refused(why) => (What::Refused(why.to_owned()), String::new()),
            View::Missing => return,
        };
        let HeldTemplate { conversation, id, reply_to, at, .. } = held;
        self.replace(
            *conversation,
            Message { id: *id, author: Author::Business, text, what, reply_to: *reply_to, at: *at, status: None, reactions: Vec::new() },
        );
    }
}

/// The network will not say otherwise later.
fn is_final(refused: &pb::Refused) -> bool {
    !matches!(refused.code(), RefusalCode::Unavailable | RefusalCode::RateLimited | RefusalCode::NotLoggedIn)
}

fn request<C: Call>(call: &C) -> Option<client_frame::Body> {
    let json = serde_json::to_vec(call).ok()?;
    Some(client_frame::Body::Call(pb::Call { name: C::NAME.to_owned(), json }))
}

/// A template's message, as it is kept until it can be shown.
pub(super) fn held(
    conversation: ConversationId,
    business: AccountId,
    id: MessageId,
    at: Timestamp,
    claim: (String, String),
    content: &pb::Template,
    reply_to: Option<MessageId>,
) -> HeldTemplate {
    let (template_id, language) = claim;
    HeldTemplate { conversation, business, id, at, template_id, language, content: Base64(content.encode_to_vec()), reply_to }
}
