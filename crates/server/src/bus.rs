//! The way to other nodes: NATS, as the command line names it.
use crate::{
    cli::Failure,
    operate::{Part, Standing},
};
use clap::Args;
use std::sync::Arc;
use suki_bus::{Address, Bus, InProcess, Nats};
use suki_types::{Env, NodeId};

/// How the nodes of a shared database wake each other.
#[derive(Debug, Clone, Args)]
pub struct BusOptions {
    /// The NATS servers through which the nodes of a --database wake each other's connections, as nats://USER:PASSWORD@HOST:PORT or tls://…, separated by
    /// commas; without it nodes find each other's messages by asking the database each second
    #[arg(long, env = "SUKI_BUS", value_name = "URL", hide_env_values = true, requires = "database")]
    pub bus: Option<Address>,
}

impl BusOptions {
    /// Opens the bus of a node; in a process that is alone there is none but its own. A broker that does not answer yet is no failure.
    ///
    /// # Errors
    /// When the client refuses the address or a certificate's file.
    pub async fn open(&self, node: Option<NodeId>, env: &Env) -> Result<Arc<dyn Bus>, Failure> {
        Ok(match (node, &self.bus) {
            (None, _) => Arc::new(InProcess::new()),
            (Some(node), None) => Arc::new(InProcess::without_others(node)),
            (Some(node), Some(address)) => {
                let opened = Nats::connect(address, node, env.clone()).await;
                Arc::new(opened.map_err(|error| format!("cannot use the bus at {address}: {error}"))?)
            }
        })
    }

    /// What `/readyz` says of it; nothing where none was named.
    pub fn part(&self, bus: &Arc<dyn Bus>) -> Option<Part> {
        self.bus.as_ref()?;
        let bus = bus.clone();
        Some(Part::new("bus", move || {
            let is_healthy = bus.is_healthy();
            async move {
                if is_healthy {
                    Standing::Ok
                } else {
                    Standing::Degraded("NATS does not answer; what happens on other nodes is found by asking the database each second".into())
                }
            }
        }))
    }
}
