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
    pub bus: Option<String>,
}

impl BusOptions {
    /// Opens the bus of a node; in a process that is alone there is none but its own. A broker that does not answer yet is no failure.
    ///
    /// # Errors
    /// When the address cannot be read, or the client refuses it or a certificate's file.
    pub async fn open(&self, node: Option<NodeId>, env: &Env) -> Result<Arc<dyn Bus>, Failure> {
        Ok(match (node, &self.bus) {
            (None, _) => Arc::new(InProcess::new()),
            (Some(node), None) => Arc::new(InProcess::without_others(node)),
            (Some(node), Some(text)) => {
                // Not by the command line's parser, which repeats what is wrong, and with it a password.
                let address: Address = text.parse().map_err(|error| format!("--bus: {error}"))?;
                let opened = Nats::connect(&address, node, env.clone()).await;
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

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn a_wrong_address_is_refused_without_its_password() {
        let env = Env::for_tests(1);
        let options = BusOptions { bus: Some("http://shop:s3cret@one".into()) };
        let refused = options.open(Some(NodeId::new(&env)), &env).await.expect_err("it is wrong").to_string();
        assert!(refused.starts_with("--bus: ") && refused.contains("nats://HOST:PORT") && !refused.contains("s3cret"), "{refused}");
    }
}
