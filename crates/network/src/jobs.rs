//! What has to be done from time to time: expiry after the policy's days, and the purge of what everybody has. Idempotent, in small units.
use crate::{Network, append::Draft, refusal::Refusal, session::Shared, wakes::Wakes};
use prost::Message as _;
use std::{collections::BTreeMap, sync::Arc};
use suki_protocol::pb::{self, EntryKind};
use suki_store::{StoreError, Tx, Value, log};
use suki_types::{AccountId, ConversationId, DeviceId, Timestamp, limits};

/// How many rows one unit takes, so that no message waits long behind it.
const ROWS_PER_UNIT: usize = 500;
/// After so many stretches of the log without anything to purge the rest waits for the next run.
const STRETCHES_IN_VAIN: usize = 64;
/// How many messages one event names.
const MESSAGES_PER_EVENT: usize = 256;
/// Time between two runs.
const EVERY_MILLIS: i64 = 60_000;

/// What a run has done.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct JobReport {
    /// Entries nobody fetched in time.
    pub expired: usize,
    /// Entries everybody addressed has acknowledged.
    pub purged: usize,
    /// Old codes, commits and names of messages.
    pub forgotten: u64,
    /// Templates that were rated or may be sent again, and what was forgotten of them.
    pub templates: u64,
    /// Businesses whose standing was looked at.
    pub reviewed: usize,
}

impl Network {
    /// Does all that is due at `now`: what each node does for itself, and what one of them does for all.
    ///
    /// # Errors
    /// When the store fails; what was done before stays done.
    pub async fn run_jobs(&self, now: Timestamp) -> Result<JobReport, StoreError> {
        let report = self.do_housework(now).await?;
        self.look_after_itself(now).await?;
        Ok(report)
    }

    /// What one node does for all. Each job may be run by two nodes at once: what one has done the other finds done.
    async fn do_housework(&self, now: Timestamp) -> Result<JobReport, StoreError> {
        let mut report = JobReport { expired: self.expire(now).await?, ..JobReport::default() };
        report.purged = self.purge().await?;
        // A message's row is forgotten after what it reserved is free again.
        self.release_reserved(now.plus_millis(-self.policy().retention.undelivered.millis())).await?;
        report.forgotten = self.forget(now).await?;
        self.deliver_announcements().await?;
        report.forgotten += self.delete_documents(now).await? + self.delete_blobs(now).await?;
        report.templates = self.run_template_jobs(now).await?;
        self.roll_statistics(now).await?;
        report.reviewed = self.review_standings(now).await?;
        Ok(report)
    }

    /// What each node does for itself: it writes down what it has counted, reads what others may have changed, and forgets what is over.
    async fn look_after_itself(&self, now: Timestamp) -> Result<(), StoreError> {
        self.0.buckets.forget_full(now);
        self.pace().forget_idle(now);
        self.0.searches.forget_full(now);
        self.write_visits().await?;
        self.look_at_volumes(now).await?;
        self.reload_rate_cards().await
    }

    /// Ends the connections that have said nothing for too long.
    pub fn end_silent_sessions(&self, now: Timestamp) {
        let sessions: Vec<Arc<Shared>> = self.0.sessions.lock().values().filter_map(std::sync::Weak::upgrade).collect();
        sessions.iter().for_each(|session| session.end_if_silent(now));
    }

    /// Runs the jobs every minute of the network's clock, for ever; those that one node does for all while they are this one's.
    pub async fn keep_house(&self) {
        tokio::join!(self.watch_house(), self.work());
    }

    async fn work(&self) {
        loop {
            let now = self.env().now();
            self.end_silent_sessions(now);
            if let Err(error) = self.look_after_itself(now).await {
                tracing::error!(%error, "what this node does for itself will be tried again");
            }
            if self.keeps_house()
                && let Err(error) = self.do_housework(now).await
            {
                tracing::error!(%error, "the network's jobs will be tried again");
            }
            self.env().clock.wait_until(now.plus_millis(EVERY_MILLIS)).await;
        }
    }

    /// Takes what is acknowledged out of the logs. Each unit looks at a stretch; one without anything to purge may stand between others, where the
    /// entries of devices are that are away, so that only several of them in a row mean that this run has done enough.
    async fn purge(&self) -> Result<usize, StoreError> {
        let (mut all, mut in_vain) = (0, 0);
        while in_vain < STRETCHES_IN_VAIN {
            let purged = self.db().write(|tx| log::purge_acknowledged(tx, ROWS_PER_UNIT)).await?;
            all += purged;
            in_vain = if purged == 0 { in_vain + 1 } else { 0 };
        }
        Ok(all)
    }

    async fn expire(&self, now: Timestamp) -> Result<usize, StoreError> {
        let before = now.plus_millis(-self.policy().retention.undelivered.millis());
        let mut all = 0;
        loop {
            let own = self.clone();
            let unit = move |tx: &mut Tx<'_>| expire_some(&own, tx, before);
            let (count, wakes) = match self.db().write(unit).await {
                Ok(done) => done,
                Err(Expiry::Store(error)) => return Err(error),
                // A sender's log is full: he is told at a later run, when there is room.
                Err(Expiry::LogFull) => return Ok(all),
            };
            self.wake(wakes);
            all += count;
            if count < ROWS_PER_UNIT {
                return Ok(all);
            }
        }
    }

    async fn forget(&self, now: Timestamp) -> Result<u64, StoreError> {
        let retention = now.plus_millis(-self.policy().retention.undelivered.millis());
        let hour_ago = now.plus_millis(-3_600_000);
        let ledger = now.plus_millis(-self.policy().consent.keep.millis());
        let reports = now.plus_millis(-self.policy().consent.reports_keep.millis());
        let mut forgotten = 0;
        for (sql, before) in [
            (
                "DELETE FROM message WHERE (conversation, message_id) IN (SELECT conversation, message_id FROM message WHERE at < ?1 LIMIT ?2)",
                retention,
            ),
            (
                "DELETE FROM group_commit WHERE (conversation, epoch) IN (SELECT conversation, epoch FROM group_commit WHERE at < ?1 LIMIT ?2)",
                retention,
            ),
            (
                "DELETE FROM group_refusal WHERE (conversation, message_id) IN \
                 (SELECT conversation, message_id FROM group_refusal WHERE at < ?1 LIMIT ?2)",
                retention,
            ),
            ("DELETE FROM link_code WHERE code IN (SELECT code FROM link_code WHERE expires_at < ?1 LIMIT ?2)", hour_ago),
            ("DELETE FROM enrolment WHERE code IN (SELECT code FROM enrolment WHERE expires_at < ?1 LIMIT ?2)", hour_ago),
            ("DELETE FROM console_sign_in WHERE hash IN (SELECT hash FROM console_sign_in WHERE expires_at < ?1 LIMIT ?2)", hour_ago),
            ("DELETE FROM console_session WHERE hash IN (SELECT hash FROM console_session WHERE expires_at < ?1 LIMIT ?2)", hour_ago),
            ("DELETE FROM phone_code WHERE phone IN (SELECT phone FROM phone_code WHERE hour_began < ?1 LIMIT ?2)", hour_ago),
            (
                "DELETE FROM consent_event WHERE (business, subject, at) IN \
                 (SELECT business, subject, at FROM consent_event WHERE replaced_at > 0 AND replaced_at < ?1 LIMIT ?2)",
                ledger,
            ),
            (
                "DELETE FROM consent_use WHERE (owner, other, what) IN (SELECT owner, other, what FROM consent_use WHERE began < ?1 LIMIT ?2)",
                now.plus_millis(-24 * 3_600_000),
            ),
            (
                "DELETE FROM report_message WHERE (business, report, message_id) IN \
                 (SELECT business, report, message_id FROM report_message WHERE at < ?1 LIMIT ?2)",
                reports,
            ),
            ("DELETE FROM report WHERE (business, report) IN (SELECT business, report FROM report WHERE at < ?1 LIMIT ?2)", reports),
        ] {
            loop {
                let unit = move |tx: &mut Tx<'_>| tx.execute(sql, &[before.into(), Value::Int(ROWS_PER_UNIT as i64)]);
                let count = self.db().write(unit).await?;
                forgotten += count;
                if count < ROWS_PER_UNIT as u64 {
                    break;
                }
            }
        }
        Ok(forgotten)
    }
}

enum Expiry {
    Store(StoreError),
    LogFull,
}

impl From<StoreError> for Expiry {
    fn from(error: StoreError) -> Self {
        Self::Store(error)
    }
}

impl From<Refusal> for Expiry {
    fn from(refusal: Refusal) -> Self {
        match refusal.0.code() {
            pb::RefusalCode::RateLimited => Self::LogFull,
            _ => Self::Store(StoreError::Unavailable(refusal.0.message)),
        }
    }
}

/// Takes some old entries out of the logs and tells the senders of messages that nobody fetched.
fn expire_some(network: &Network, tx: &mut Tx<'_>, before: Timestamp) -> Result<(usize, Wakes), Expiry> {
    let expired = log::expire(tx, before, ROWS_PER_UNIT)?;
    let mut lost: BTreeMap<(DeviceId, ConversationId, Option<AccountId>), Vec<Vec<u8>>> = BTreeMap::new();
    for entry in expired.unacked {
        if let (true, Some(from)) = (entry.kind == i32::from(EntryKind::Message), entry.from_device) {
            let participant = participant(tx, entry.conversation, entry.device)?;
            let ids = lost.entry((from, entry.conversation, participant)).or_default();
            if !ids.contains(&entry.message_id) {
                ids.push(entry.message_id);
            }
        }
    }
    let mut wakes = Vec::new();
    let now = network.now();
    for ((from, conversation, participant), ids) in lost {
        for ids in ids.chunks(MESSAGES_PER_EVENT) {
            let account = participant.map_or_else(Vec::new, AccountId::to_vec);
            let body = pb::event::Body::MessageExpired(pb::MessageExpired { message_ids: ids.to_vec(), account });
            let payload = pb::Event { body: Some(body) }.encode_to_vec();
            let devices = account_of_device(tx, from)?;
            let draft = |device| Draft { device, kind: EntryKind::Event, conversation, message_id: &[], from_device: None, payload: &payload };
            wakes.extend(network.append(tx, now, &devices.into_iter().map(draft).collect::<Vec<_>>())?);
        }
    }
    Ok((expired.removed, wakes))
}

/// Whose device it is, if the conversation is a group and he is in it.
fn participant(tx: &mut Tx<'_>, conversation: ConversationId, device: DeviceId) -> Result<Option<AccountId>, StoreError> {
    tx.query_opt(
        "SELECT g.account FROM device d JOIN group_seat g ON g.conversation = ?1 AND g.account = d.account WHERE d.device = ?2",
        &[(&conversation).into(), (&device).into()],
        |row| row.get(0),
    )
}

/// The devices of the account that a device belongs to.
fn account_of_device(tx: &mut Tx<'_>, device: DeviceId) -> Result<Vec<DeviceId>, StoreError> {
    tx.query(
        "SELECT s.device FROM device d JOIN account_device s ON s.account = d.account WHERE d.device = ?1 ORDER BY s.device LIMIT ?2",
        &[(&device).into(), Value::Int(limits::DEVICES_PER_ACCOUNT as i64)],
        |row| row.get(0),
    )
}
