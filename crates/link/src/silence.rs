//! Whether the other side still says anything: a connection that is cut without a word is told from an idle one by asking.
//!
//! Whoever was sent something says something within [`PATIENCE_MILLIS`]; if not, he is asked, and has the same time once more. Where nothing is sent he is
//! asked every [`IDLE_MILLIS`]. There is one timer, which is set when it rings and brought forward when something is sent after long rest: a message costs none.
use suki_types::{Env, Timestamp, Wait};

/// For how long the other side may say nothing after it was sent something, and again after it was asked.
const PATIENCE_MILLIS: i64 = 10_000;
/// How often it is asked anyway.
const IDLE_MILLIS: i64 = 45_000;

/// What is known of the other side's silence.
pub(crate) struct Silence {
    env: Env,
    /// Since when an answer is owed; none after anything was heard.
    asked_at: Option<Timestamp>,
    /// A ping went out and nothing was heard since.
    pinged: bool,
    ping_at: Timestamp,
    rings_at: Timestamp,
    bell: Wait,
}

/// What is to be done now.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Due {
    /// The other side is to be asked whether it is there.
    Ping,
    /// It is not, unless what it said was not taken in yet.
    Gone,
}

impl Silence {
    /// Something was heard just now.
    pub fn new(env: &Env) -> Self {
        let ping_at = env.now().plus_millis(IDLE_MILLIS);
        Self { env: env.clone(), asked_at: None, pinged: false, ping_at, rings_at: ping_at, bell: env.clock.wait_until(ping_at) }
    }

    /// The other side said something.
    pub fn heard(&mut self) {
        self.asked_at = None;
        self.pinged = false;
    }

    /// Something was sent.
    pub fn sent(&mut self) {
        if self.asked_at.is_none() {
            let now = self.env.now();
            self.asked_at = Some(now);
            let until = now.plus_millis(PATIENCE_MILLIS);
            if until < self.rings_at {
                self.ring_at(until);
            }
        }
    }

    /// Waits until there is something to do, and says what.
    pub async fn due(&mut self) -> Due {
        loop {
            (&mut self.bell).await;
            let due = self.look(self.env.now());
            self.ring_at(self.asked_at.map_or(self.ping_at, |at| at.plus_millis(PATIENCE_MILLIS)));
            if let Some(due) = due {
                return due;
            }
        }
    }

    fn look(&mut self, now: Timestamp) -> Option<Due> {
        let is_owed = self.asked_at.is_some_and(|at| now.since(at) >= PATIENCE_MILLIS);
        // Who has slept meanwhile, as a laptop does, has not listened: he asks anew.
        let has_slept = now.since(self.rings_at) >= PATIENCE_MILLIS;
        let is_gone = is_owed && self.pinged && !has_slept;
        if !is_owed && (self.asked_at.is_some() || now < self.ping_at) {
            return None;
        }
        (self.asked_at, self.pinged) = (Some(now), true);
        self.ping_at = now.plus_millis(IDLE_MILLIS);
        Some(if is_gone { Due::Gone } else { Due::Ping })
    }

    fn ring_at(&mut self, at: Timestamp) {
        self.rings_at = at;
        self.bell = self.env.clock.wait_until(at);
    }
}
