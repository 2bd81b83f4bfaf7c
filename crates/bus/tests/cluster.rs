//! A cluster of three servers that loses one: a node that was connected to it finds another.
use std::{sync::Arc, time::Duration};
use suki_bus::{Address, Bus, Listener, Nats, Wake, testing::NatsCluster};
use suki_types::{DeviceId, Env, NodeId};
use tokio::{sync::mpsc, time::timeout};

struct Heard(mpsc::UnboundedSender<u64>);

impl Listener for Heard {
    fn wake(&self, wake: Wake) {
        if let Wake::Appended { last, .. } = wake {
            let _ = self.0.send(last);
        }
    }
    fn replaced(&self) {}
}

async fn within<F: Future>(what: F) -> F::Output {
    timeout(Duration::from_secs(30), what).await.expect("it happens in time")
}

async fn healthy(bus: &Nats) {
    let mut health = bus.health().expect("it is a node's");
    within(health.wait_for(|health| health.healthy)).await.expect("the bus is there");
}

/// Publishes until a wake arrives: the servers may not know of each other's listeners yet, and wakes may be lost.
async fn is_heard(from: &Nats, to: NodeId, device: DeviceId, heard: &mut mpsc::UnboundedReceiver<u64>, number: u64) {
    let arrives = async {
        loop {
            from.publish(Some(to), device, Wake::Appended { last: number, fresh: Vec::new() });
            if let Ok(Some(last)) = timeout(Duration::from_millis(50), heard.recv()).await
                && last == number
            {
                break;
            }
        }
    };
    within(arrives).await;
}

/// Each of them in turn, so that both nodes lose the one they were connected to.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_cluster_loses_any_one_server() {
    let (env, cluster) = (Env::for_tests(1), NatsCluster::start());
    let address: Address = cluster.urls().parse().expect("the script prints addresses");
    let (one, two) = (NodeId::new(&env), NodeId::new(&env));
    let first = Nats::connect(&address, one, env.clone()).await.expect("the client takes the addresses");
    let second = Nats::connect(&address, two, env.clone()).await.expect("the client takes the addresses");
    let device = DeviceId::new(&env);
    let (sender, mut heard) = mpsc::unbounded_channel();
    second.subscribe(device, Arc::new(Heard(sender)));
    healthy(&first).await;
    healthy(&second).await;
    is_heard(&first, two, device, &mut heard, 1).await;
    for server in 1..=3 {
        cluster.stop(server);
        is_heard(&first, two, device, &mut heard, 10 * server).await;
        healthy(&first).await;
        healthy(&second).await;
        cluster.start_again(server);
    }
    assert!(first.counters().reconnects + second.counters().reconnects >= 2, "each was connected to one of them");
}
