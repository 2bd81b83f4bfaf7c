//! Who may use the broker: names, tokens and certificates, as an owner writes them into the address.
use rcgen::{BasicConstraints, CertificateParams, CertifiedIssuer, IsCa, KeyPair};
use std::time::Duration;
use suki_bus::{Address, Bus, Nats, testing::NatsServer};
use suki_types::{Env, NodeId};
use tokio::time::timeout;

async fn connect(url: &str) -> (NodeId, Nats) {
    let env = Env::for_tests(1);
    let node = NodeId::new(&env);
    let address: Address = url.parse().expect("the address is right");
    (node, Nats::connect(&address, node, env).await.expect("the client takes it"))
}

async fn is_let_in(url: &str) {
    let (_, bus) = connect(url).await;
    let mut health = bus.health().expect("it knows how it stands");
    timeout(Duration::from_secs(20), health.wait_for(|health| health.healthy)).await.expect("the broker carries it").expect("the bus is there");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_user_and_a_password() {
    let server = NatsServer::with(&[("nats.conf", "authorization { user: shop, password: \"a:b/c\" }")]);
    is_let_in(&server.url().replace("nats://", "nats://shop:a%3Ab%2Fc@")).await;
    // With a wrong one it is there, not healthy, and tries again.
    let (_, bus) = connect(&server.url().replace("nats://", "nats://shop:wrong@")).await;
    assert!(!bus.is_healthy());
    is_let_in(&server.url().replace("nats://", "nats://shop:a%3Ab%2Fc@")).await;
    assert!(!bus.is_healthy());
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_token() {
    let server = NatsServer::with(&[("nats.conf", "authorization { token: s3cret }")]);
    is_let_in(&server.url().replace("nats://", "nats://s3cret@")).await;
}

/// The broker proves who it is, and so does the node.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn certificates_of_both_sides() {
    let mut params = CertificateParams::default();
    params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
    let authority = CertifiedIssuer::self_signed(params, KeyPair::generate().expect("a key")).expect("an authority");
    let certified = |name: &str| {
        let key = KeyPair::generate().expect("a key");
        let params = CertificateParams::new(vec![name.to_owned()]).expect("a name");
        (params.signed_by(&key, &authority).expect("a certificate").pem(), key.serialize_pem())
    };
    let (broker, node) = (certified("localhost"), certified("node"));
    let configuration = "tls { cert_file: \"FOLDER/broker.pem\", key_file: \"FOLDER/broker.key\", ca_file: \"FOLDER/ca.pem\", verify: true }";
    let server = NatsServer::with(&[
        ("nats.conf", configuration),
        ("ca.pem", &authority.pem()),
        ("broker.pem", &broker.0),
        ("broker.key", &broker.1),
        ("node.pem", &node.0),
        ("node.key", &node.1),
    ]);
    let folder = server.folder().display();
    let port = server.url().rsplit(':').next().expect("an address ends with a port");
    is_let_in(&format!("tls://localhost:{port}?ca={folder}/ca.pem&cert={folder}/node.pem&key={folder}/node.key")).await;
    let (_, stranger) = connect(&format!("tls://localhost:{port}?ca={folder}/ca.pem")).await;
    assert!(!stranger.is_healthy());
    is_let_in(&format!("tls://localhost:{port}?ca={folder}/ca.pem&cert={folder}/node.pem&key={folder}/node.key")).await;
    assert!(!stranger.is_healthy());
}

/// What comes from a stranger on the broker is counted and dropped, and what comes behind it arrives.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_is_no_frame_is_counted_and_dropped() {
    let server = NatsServer::start();
    let (node, bus) = connect(server.url()).await;
    let mut health = bus.health().expect("it knows how it stands");
    timeout(Duration::from_secs(20), health.wait_for(|health| health.healthy)).await.expect("the broker carries it").expect("the bus is there");
    let stranger = async_nats::connect(server.url()).await.expect("the broker is open");
    let hex: String = node.as_bytes().iter().map(|byte| format!("{byte:02x}")).collect();
    for bytes in [vec![255; 9], vec![0; 500_000], vec![16, 1]] {
        stranger.publish(format!("suki.node.{hex}"), bytes.into()).await.expect("it is sent");
    }
    // The last one is a frame: it says that wakes were lost.
    timeout(Duration::from_secs(20), health.wait_for(|health| health.losses == 1)).await.expect("it arrives").expect("the bus is there");
    assert_eq!(bus.counters().malformed, 2);
}
