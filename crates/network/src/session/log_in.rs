//! Logging in: the device signs the challenge with its Ed25519 key.
use super::{Shared, Stage};
use crate::{metrics, refusal::Refusal, rows::Caller};
use aws_lc_rs::signature::{ED25519, UnparsedPublicKey};
use std::sync::Arc;
use suki_bus::{Listener, Wake};
use suki_protocol::{
    log_in_bytes,
    pb::{self, server_frame::Body},
};
use suki_store::{StoreError, Tx, log};
use suki_types::{AccountId, DeviceId, NodeId};

/// What the store knows of a device that wants in.
struct Candidate {
    caller: Caller,
    key: Vec<u8>,
    removed: bool,
    acked: u64,
    last: u64,
    key_packages_left: u32,
    /// The node that had its connection last.
    node: Option<NodeId>,
}

/// After so many wrong signatures the connection ends.
const FAILURES: u32 = 3;

impl Shared {
    pub(super) fn log_in(self: &Arc<Self>, request: u32, body: pb::LogIn) {
        let nonce = {
            let mut state = self.state.lock();
            let Stage::Challenged { failures } = state.stage else {
                drop(state);
                return self.refuse(request, Refusal::malformed("This connection is logged in, or about to be; open another for another device"));
            };
            state.stage = Stage::Checking { failures };
            state.nonce
        };
        let Ok(device) = DeviceId::try_from(&body.device[..]) else {
            self.failed();
            return self.refuse(request, Refusal::malformed("A device's id has 16 bytes"));
        };
        let is_shared = self.network.bus().node().is_some();
        let candidate = self.network.db().read(move |tx| candidate(tx, device, is_shared));
        let shared = self.clone();
        tokio::spawn(async move {
            let checked = match candidate.await {
                Ok(candidate) => check(candidate, &nonce, &body),
                Err(error) => Err(error.into()),
            };
            let arrived = match checked {
                Ok(candidate) => shared.arrive(candidate).await,
                Err(refusal) => Err(refusal),
            };
            match arrived {
                Ok(candidate) => {
                    metrics::done("log_in");
                    shared.logged_in(request, candidate);
                }
                Err(refusal) => {
                    metrics::refused("log_in", &refusal);
                    shared.refuse(request, refusal);
                    shared.failed();
                }
            }
        });
    }

    /// Where nodes share the store, notes that this one has the device's connection, and tells the one that had it. Before the subscription: what is
    /// appended from then on is told here, and what was before is read.
    async fn arrive(&self, candidate: Candidate) -> Result<Candidate, Refusal> {
        let Some(own) = self.network.bus().node().filter(|own| candidate.node != Some(*own)) else { return Ok(candidate) };
        let device = candidate.caller.device;
        // Many log-ins share one statement and one commit.
        let noted: Result<_, StoreError> = self.network.db().keyed_many(&[]).write(move |tx| log::connected(tx, device, own)).await;
        if let Some(before) = noted?.before() {
            self.network.bus().publish(Some(before), device, Wake::Replaced);
        }
        Ok(candidate)
    }

    fn logged_in(self: &Arc<Self>, request: u32, candidate: Candidate) {
        let now = self.network.now();
        let caller = candidate.caller;
        let bucket = self.network.0.buckets.resume(caller.device, self.network.capacity(caller.kind), now);
        let window = &self.network.policy().window;
        let answer = pb::LoggedIn {
            acked: candidate.acked,
            now: now.millis(),
            key_packages_left: candidate.key_packages_left,
            window_millis: window.length.millis(),
            business_renews_window: window.refreshed_by_business(),
        };
        {
            let mut state = self.state.lock();
            if !matches!(state.stage, Stage::Checking { .. }) {
                return;
            }
            state.stage = Stage::Open { caller, bucket };
            state.progress.pushed = candidate.acked;
            state.progress.acked = candidate.acked;
            state.progress.known = candidate.last.max(candidate.acked);
            self.answer(request, Body::LoggedIn(answer));
        }
        let listener: Arc<dyn Listener> = self.clone();
        self.network.bus().subscribe(caller.device, listener.clone());
        if self.outbox.is_closed() {
            // It ended meanwhile, perhaps before there was anything to unsubscribe.
            self.network.bus().unsubscribe(caller.device, &listener);
        }
        // What was appended between the reading and the subscription would be missed otherwise, and so would be the device's removal.
        {
            let progress = &mut self.state.lock().progress;
            (progress.look, progress.doubted) = (true, true);
        }
        self.outbox.nudge();
    }

    fn failed(self: &Arc<Self>) {
        let mut state = self.state.lock();
        let Stage::Checking { failures } = state.stage else { return };
        state.stage = Stage::Challenged { failures: failures + 1 };
        drop(state);
        if failures + 1 >= FAILURES {
            self.end();
        }
    }
}

/// Where nodes share the store, also which of them had the device's connection.
fn candidate(tx: &mut Tx<'_>, device: DeviceId, is_shared: bool) -> Result<Option<Candidate>, StoreError> {
    let found = tx.query_opt("SELECT account, kind, signature_key, removed_at FROM device WHERE device = ?1", &[(&device).into()], |row| {
        Ok((row.get::<AccountId>(0)?, row.get::<i64>(1)?, row.get::<Vec<u8>>(2)?, row.get::<i64>(3)?))
    })?;
    let Some((account, kind, key, removed_at)) = found else { return Ok(None) };
    let kind = i32::try_from(kind).ok().and_then(|kind| pb::AccountKind::try_from(kind).ok());
    let kind = kind.ok_or(StoreError::Corrupt("a device's account kind is out of range"))?;
    let mailbox = log::mailbox(tx, device)?;
    let (last, acked) = mailbox.map_or((0, 0), |mailbox| (mailbox.last, mailbox.acked));
    let key_packages_left = key_packages_left(tx, device)?;
    let node = if is_shared { log::node(tx, device)? } else { None };
    Ok(Some(Candidate { caller: Caller { device, account, kind }, key, removed: removed_at != 0, acked, last, key_packages_left, node }))
}

/// Of the suite that has the fewest; 0 when the device has offered none.
fn key_packages_left(tx: &mut Tx<'_>, device: DeviceId) -> Result<u32, StoreError> {
    let counts: Vec<i64> =
        tx.query("SELECT COUNT(*) FILTER (WHERE last_resort = 0) FROM key_package WHERE device = ?1 GROUP BY suite", &[(&device).into()], |row| {
            row.get(0)
        })?;
    Ok(counts.into_iter().min().and_then(|fewest| u32::try_from(fewest).ok()).unwrap_or(0))
}

/// An unknown device and a wrong signature get the same answer. That a device was removed is told to its own key alone.
fn check(candidate: Option<Candidate>, nonce: &[u8], body: &pb::LogIn) -> Result<Candidate, Refusal> {
    let wrong = || Refusal::forbidden("No device of this id has signed this challenge; sign \"suki/log-in/1\", the nonce and the id with its key");
    let candidate = candidate.ok_or_else(wrong)?;
    let signed = log_in_bytes(nonce, &body.device);
    UnparsedPublicKey::new(&ED25519, &candidate.key).verify(&signed, &body.signature).map_err(|_| wrong())?;
    if candidate.removed {
        return Err(Refusal::unknown("This device was removed from its account; register it again to go on"));
    }
    Ok(candidate)
}
