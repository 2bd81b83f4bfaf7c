//! What is asked when somebody reads the metrics.
use super::process::Process;
use crate::operate::{Drain, Readiness};
use metrics::{counter, gauge};
use rustix::process::{Resource, getrlimit};
use suki_endpoint::Endpoint;
use suki_network::Network;
use suki_types::{Env, Timestamp};

/// What is asked.
pub struct Sources {
    /// Plane 1.
    pub network: Option<Network>,
    /// Plane 2.
    pub endpoint: Option<Endpoint>,
    /// How the parts stand.
    pub readiness: Readiness,
    /// Whether the server is about to end.
    pub drain: Drain,
    /// The time of the world outside.
    pub env: Env,
    /// When the process started.
    pub started: Timestamp,
    /// The node's name: a new one with each start.
    pub node: String,
}

impl Sources {
    /// Asks all of them, and hands what they say to the collector.
    pub async fn ask(&self) {
        gauge!("suki_build_info", "version" => env!("CARGO_PKG_VERSION"), "node" => self.node.clone()).set(1.0);
        gauge!("suki_uptime_seconds").set(self.env.now().since(self.started) as f64 / 1000.0);
        gauge!("suki_draining").set(if self.drain.has_begun() { 1.0 } else { 0.0 });
        self.parts().await;
        self.planes();
        self.outbox().await;
        process();
    }

    async fn parts(&self) {
        for part in self.readiness.report(false).await.parts {
            let state = match part.state {
                "ok" => 1.0,
                "degraded" => 0.5,
                _ => 0.0,
            };
            gauge!("suki_part_state", "part" => part.name).set(state);
        }
    }

    fn planes(&self) {
        if let Some(network) = &self.network {
            gauge!("suki_sessions").set(network.connections() as f64);
            let (counters, healthy) = network.bus_state();
            gauge!("suki_bus_healthy").set(if healthy { 1.0 } else { 0.0 });
            gauge!("suki_bus_waiting_bytes").set(counters.waiting as f64);
            counter!("suki_bus_published_total").absolute(counters.published);
            counter!("suki_bus_received_total").absolute(counters.received);
            counter!("suki_bus_dropped_total").absolute(counters.dropped);
            counter!("suki_bus_malformed_total").absolute(counters.malformed);
            counter!("suki_bus_missed_total").absolute(network.found_by_asking());
            counter!("suki_bus_reconnects_total").absolute(counters.reconnects);
        }
        if let Some(endpoint) = &self.endpoint {
            gauge!("suki_businesses").set(endpoint.businesses().len() as f64);
            gauge!("suki_webhook_receivers_failing").set(endpoint.dispatcher().failing_receivers() as f64);
        }
    }

    async fn outbox(&self) {
        let Some(endpoint) = &self.endpoint else { return };
        match endpoint.waiting().await {
            Ok(waiting) => gauge!("suki_outbox_waiting").set(waiting as f64),
            Err(error) => tracing::debug!(%error, "what waits for the network cannot be counted"),
        }
    }
}

fn process() {
    let process = Process::now();
    gauge!("process_resident_memory_bytes").set(process.resident_bytes as f64);
    counter!("process_cpu_seconds_total").absolute(process.cpu_seconds);
    gauge!("process_threads").set(process.threads as f64);
    gauge!("process_open_fds").set(process.open_files as f64);
    if let Some(most) = getrlimit(Resource::Nofile).current {
        gauge!("process_max_fds").set(most as f64);
    }
}
