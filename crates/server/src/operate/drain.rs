//! Leaving without anybody noticing: `/readyz` says so at once, connections are told to come back elsewhere, what runs here is handed over, requests that
//! are under way are answered, and then the process ends.
use super::{Readiness, metrics::sources::Sources};
use crate::cli::Failure;
use std::{io, sync::Arc};
use suki_endpoint::Endpoint;
use suki_network::Network;
use suki_types::{Env, NodeId, Timestamp, limits};
use tokio::{signal::unix, sync::watch};

/// How far the end has come.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Stage {
    Serving,
    Draining,
    Closing,
}

/// Whether the server is about to end. A cheap handle.
#[derive(Debug, Clone)]
pub struct Drain(Arc<watch::Sender<Stage>>);

impl Default for Drain {
    fn default() -> Self {
        Self(Arc::new(watch::Sender::new(Stage::Serving)))
    }
}

impl Drain {
    /// From now on requests should go elsewhere.
    pub fn begin(&self) {
        self.reach(Stage::Draining);
    }

    /// From now on nobody is let in.
    pub fn close(&self) {
        self.reach(Stage::Closing);
    }

    fn reach(&self, stage: Stage) {
        self.0.send_if_modified(|now| {
            let later = *now < stage;
            *now = stage.max(*now);
            later
        });
    }

    /// Whether [`Drain::begin`] was called.
    pub fn has_begun(&self) -> bool {
        *self.0.borrow() >= Stage::Draining
    }

    /// Waits for [`Drain::begin`].
    pub async fn begun(&self) {
        self.reached(Stage::Draining).await;
    }

    /// Waits for [`Drain::close`].
    pub async fn closed(&self) {
        self.reached(Stage::Closing).await;
    }

    async fn reached(&self, stage: Stage) {
        // The sender is this handle, so it cannot be gone.
        drop(self.0.subscribe().wait_for(|now| *now >= stage).await);
    }
}

/// The signals that end a process.
struct Signals {
    interrupt: unix::Signal,
    terminate: unix::Signal,
}

impl Signals {
    fn new() -> io::Result<Self> {
        Ok(Self { interrupt: unix::signal(unix::SignalKind::interrupt())?, terminate: unix::signal(unix::SignalKind::terminate())? })
    }

    async fn next(&mut self) {
        tokio::select! { _ = self.interrupt.recv() => {} _ = self.terminate.recv() => {} }
    }
}

/// What leaves.
#[derive(Clone)]
pub struct Leaving {
    /// Plane 1.
    pub network: Option<Network>,
    /// Plane 2.
    pub endpoint: Option<Endpoint>,
    /// The time of the world outside.
    pub env: Env,
    /// Within how many milliseconds all has to be over.
    pub within_millis: i64,
    /// Whether there are other nodes: load balancers are given time to notice, and connections leave one after the other, so that those nodes are not overrun.
    pub among_others: bool,
}

impl Leaving {
    /// Waits for a signal, SIGTERM or SIGINT, leaves, and returns when the time is over; at once when there is a second signal.
    ///
    /// # Errors
    /// When the end came before everything was done; the text says why.
    pub async fn when_told(&self, drain: &Drain) -> Result<(), Failure> {
        let mut signals = Signals::new()?;
        signals.next().await;
        tracing::info!(within_seconds = self.within_millis / 1000, "told to end: requests go elsewhere from now on; a second signal ends at once");
        let end = self.env.now().plus_millis(self.within_millis);
        let over = async {
            self.prepare(drain).await;
            self.env.clock.wait_until(end).await;
        };
        tokio::select! {
            () = signals.next() => Err("ended at once, as the second signal asked; requests that were under way were cut off".into()),
            () = over => {
                tracing::warn!("the time to end is over; requests that were still under way were cut off");
                Ok(())
            }
        }
    }

    /// The same planes, for whoever reads their figures.
    pub fn sources(&self, readiness: Readiness, drain: Drain, node: Option<NodeId>) -> Sources {
        let (network, endpoint, env) = (self.network.clone(), self.endpoint.clone(), self.env.clone());
        let node = node.unwrap_or_else(|| NodeId::new(&env)).to_string();
        Sources { network, endpoint, readiness, drain, started: env.now(), env, node }
    }

    /// Everything before the listener closes. Takes at most half of the time, so that requests that are under way have the rest.
    pub async fn prepare(&self, drain: &Drain) {
        drain.begin();
        let half = self.env.now().plus_millis(self.within_millis / 2);
        tokio::select! {
            () = self.hand_over() => {}
            () = self.env.clock.wait_until(half) => tracing::warn!("not everything was handed over in time; other nodes take it when they miss this one"),
        }
        self.end_sessions(half).await;
        if self.among_others {
            self.env.clock.wait_until(half).await;
        }
        drain.close();
    }

    async fn hand_over(&self) {
        if let Some(endpoint) = &self.endpoint {
            tracing::info!(businesses = endpoint.businesses().len(), "the businesses that run here are handed over");
            endpoint.hand_over().await;
        }
    }

    async fn end_sessions(&self, until: Timestamp) {
        let Some(network) = &self.network else { return };
        let slices = if self.among_others { limits::DRAIN_SLICES } else { 1 };
        for slice in 0..slices {
            network.end_sessions_of(slice, slices);
            let left = until.since(self.env.now()).max(0);
            let rest = i64::try_from(slices - slice).unwrap_or(1);
            if slice + 1 < slices {
                self.env.clock.wait_until(self.env.now().plus_millis(left / rest)).await;
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use futures_util::FutureExt as _;
    use std::pin::pin;

    #[tokio::test]
    async fn a_stage_is_reached_once_and_never_left() {
        let drain = Drain::default();
        assert!(!drain.has_begun());
        drain.begin();
        drain.begun().await;
        let mut closed = pin!(drain.closed());
        assert!((&mut closed).now_or_never().is_none(), "it still lets everybody in");
        drain.close();
        drain.begin();
        closed.await;
        assert!(drain.has_begun());
    }

    #[tokio::test]
    async fn a_node_among_others_waits_until_they_have_noticed_and_one_alone_does_not() {
        let env = Env::for_tests(1);
        let leaving = |among_others| Leaving { network: None, endpoint: None, env: env.clone(), within_millis: 10_000, among_others };
        let alone = Drain::default();
        leaving(false).prepare(&alone).await;
        alone.closed().await;

        let one = Drain::default();
        let there = leaving(true);
        let mut preparing = pin!(there.prepare(&one));
        assert!((&mut preparing).now_or_never().is_none());
        assert!(one.has_begun(), "what asks for its readiness hears it at once");
        env.manual_clock().advance(5_000);
        preparing.await;
        one.closed().await;
    }
}
