//! The planes and their stores.
use crate::{Call, Codes, Receiver, Shop, Web, plane::Plane, wait::until};
use axum::http::Method;
use parking_lot::RwLock;
use std::{
    net::SocketAddr,
    path::Path,
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
};
use suki_e2ee::Suite;
use suki_endpoint::{Endpoint, Parts, cluster::Here};
use suki_link::{Carrier, Dial, Local};
use suki_network::{Config, Network};
use suki_rules::Policy;
use suki_server::{
    carrier::LocalCarrier,
    http::{Faces, forward::Forwarder},
    storage,
};
use suki_store::{
    Blobs, Db,
    blobs::S3Place,
    testing::{Place, postgres_options},
};
use suki_types::{Env, NodeId};
use tempfile::TempDir;
use tokio::{net::TcpListener, sync::mpsc};

/// For how long a node of a shared world may not be heard until the others take over. Long, since the clock runs fast while a test waits.
pub const DEAD_AFTER_MILLIS: i64 = 60_000;

/// The address people use in this world.
pub const URL: &str = "http://suki.test";

/// A whole Suki. Dropping it ends everything. Its stores are on the engine that `SUKI_TEST_ENGINE` names, SQLite without it.
pub struct World {
    /// Time and randomness, shared by all.
    pub env: Env,
    /// The web servers of programs.
    pub receiver: Receiver,
    /// The files behind links.
    pub web: Web,
    /// The codes that numbers were sent.
    pub codes: Codes,
    folder: TempDir,
    network_place: Place,
    endpoint_place: Place,
    policy: Arc<Policy>,
    network: Plane<Network>,
    /// The nodes that run the endpoint, in the order of their coming; alone unless the world is shared.
    nodes: RwLock<Vec<Plane<(Endpoint, axum::Router)>>>,
    /// The node that is asked.
    at: AtomicUsize,
    is_shared: bool,
    /// Where files are; without it in the folder.
    bucket: Option<S3Place>,
}

impl World {
    /// A world without anybody in it.
    pub async fn new(seed: u64) -> Self {
        Self::ruled(seed, |_| ()).await
    }

    /// A world whose endpoint may run on many nodes, over one PostgreSQL database: [`World::add_node`] adds one, and [`World::go_to`] says which is asked.
    pub async fn shared(seed: u64) -> Self {
        Self::made(seed, (true, None), |_| ()).await
    }

    /// The same with its files in a bucket.
    pub async fn shared_in_bucket(seed: u64, bucket: S3Place) -> Self {
        Self::made(seed, (true, Some(bucket)), |_| ()).await
    }

    /// The same with other figures in its policy.
    ///
    /// # Panics
    /// When the shipped policy cannot be read.
    pub async fn ruled(seed: u64, change: impl FnOnce(&mut Policy)) -> Self {
        Self::made(seed, (false, None), change).await
    }

    async fn made(seed: u64, (is_shared, bucket): (bool, Option<S3Place>), change: impl FnOnce(&mut Policy)) -> Self {
        let env = Env::for_tests(seed);
        let folder = tempfile::tempdir().expect("a temporary folder can be made");
        let mut policy = Policy::shipped("meta-2026").expect("it is shipped");
        change(&mut policy);
        let policy = Arc::new(policy);
        let (receiver, web, codes) = (Receiver::new(env.clone()), Web::default(), Codes::default());
        let [network_place, endpoint_place] = ["network.db", "endpoint.db"].map(|name| Place::new(folder.path(), name));
        let endpoint_place = if is_shared { Place::Postgres(postgres_options()) } else { endpoint_place };
        let (network, nodes, at) = (Plane::new(), RwLock::new(vec![Plane::new()]), AtomicUsize::new(0));
        let world = Self { receiver, web, codes, env, folder, network_place, endpoint_place, policy, network, nodes, at, is_shared, bucket };
        world.start_network().await;
        world.start_endpoint().await;
        world
    }

    /// A world with one shop, whose webhooks go to its own address.
    pub async fn with_shop(seed: u64) -> (Self, Shop) {
        let world = Self::new(seed).await;
        let shop = Shop::open(&world, "kape").await;
        (world, shop)
    }

    /// Where everything is stored: `blobs` holds the network's files, `media` the endpoint's.
    pub fn folder(&self) -> &Path {
        self.folder.path()
    }

    fn files(&self, name: &str) -> Blobs {
        let opened = match &self.bucket {
            Some(bucket) => Blobs::s3(bucket, name),
            None => Blobs::folder(&self.folder.path().join(name)),
        };
        opened.expect("the files open")
    }

    /// Starts the network from its store.
    ///
    /// # Panics
    /// When it does not open.
    pub async fn start_network(&self) {
        let (db, blobs, env) = (self.network_store(), self.files("blobs"), self.env.clone());
        let (policy, codes) = (self.policy.clone(), self.codes.clone());
        let open = async move {
            let config = Config { test_numbers: true, code_sender: Some(Arc::new(codes)), blobs, ..Config::default() };
            Network::open(db, [7; 32], policy, env, config).await.expect("the network opens")
        };
        self.network.start(open).await;
        if self.node().within(|_| ()).is_some() {
            // The faces hold the network.
            self.stop_endpoint().await;
            self.start_endpoint().await;
        }
    }

    /// Ends the network at whatever it does; its store stays.
    pub async fn stop_network(&self) {
        self.network.stop().await;
    }

    /// Starts the endpoint from its store.
    ///
    /// # Panics
    /// When it does not open.
    pub async fn start_endpoint(&self) {
        // Other nodes have to know where it is before it starts.
        let socket = self.is_shared.then(|| std::net::TcpListener::bind("127.0.0.1:0").expect("a port"));
        let node = socket.as_ref().map(|socket| Here {
            id: NodeId::new(&self.env),
            address: format!("http://{}", socket.local_addr().expect("an address")),
            before: None,
            dead_after_millis: DEAD_AFTER_MILLIS,
        });
        let parts = Parts {
            db: self.endpoint_store(),
            key: [9; 32],
            env: self.env.clone(),
            dial: self.dial(),
            http: Arc::new(self.receiver.clone()),
            files: self.files("media"),
            carrier: self.carrier(),
            links: Arc::new(self.web.clone()),
            public_url: URL.into(),
            suites: vec![Suite::X25519],
            node,
        };
        let network = self.network.within(Network::clone);
        let open = async move {
            let endpoint = Endpoint::open(parts).await.expect("the endpoint opens");
            let forwarder = Forwarder::of(&endpoint).expect("HTTP can be spoken");
            let faces = Faces::new(network, Some(endpoint.clone()), URL.into()).with_forwarder(forwarder);
            let router = suki_server::http::router(faces);
            if let Some(socket) = socket {
                socket.set_nonblocking(true).expect("a socket that can be waited for");
                let (listener, router) = (TcpListener::from_std(socket).expect("a listener"), router.clone());
                tokio::spawn(async move { axum::serve(listener, router).await });
            }
            (endpoint, router)
        };
        self.node().start(open).await;
    }

    fn node(&self) -> Plane<(Endpoint, axum::Router)> {
        self.nodes.read()[self.at.load(Ordering::Relaxed)].clone()
    }

    /// Adds a node to a shared world, which is asked from now on. Gives its number; the first has 0.
    ///
    /// # Panics
    /// When it does not open.
    pub async fn add_node(&self) -> usize {
        let number = {
            let mut nodes = self.nodes.write();
            nodes.push(Plane::new());
            nodes.len() - 1
        };
        self.go_to(number);
        self.start_endpoint().await;
        number
    }

    /// From now on another node is asked, and stopped and started.
    pub fn go_to(&self, number: usize) {
        self.at.store(number, Ordering::Relaxed);
    }

    /// Ends the endpoint and the faces at whatever they do; its store stays.
    pub async fn stop_endpoint(&self) {
        self.node().stop().await;
    }

    /// Ends both planes, has their stores carried elsewhere, and goes on there.
    ///
    /// # Panics
    /// When the move does, or a plane does not open at its new place.
    pub async fn go_on_in(&mut self, carry: impl Fn(storage::Plane, Place) -> Place + Send + 'static) {
        self.stop_endpoint().await;
        self.stop_network().await;
        let (network, endpoint) = (self.network_place.clone(), self.endpoint_place.clone());
        let carried = tokio::task::spawn_blocking(move || (carry(storage::Plane::Network, network), carry(storage::Plane::Endpoint, endpoint))).await;
        (self.network_place, self.endpoint_place) = carried.expect("they are carried");
        self.start_network().await;
        self.start_endpoint().await;
    }

    /// The endpoint's store, opened once more: for looking into it, and for breaking it while the endpoint is stopped.
    ///
    /// # Panics
    /// When it cannot be opened.
    pub fn endpoint_store(&self) -> Db {
        self.endpoint_place.open()
    }

    /// The network's store, opened once more, as the command line opens it.
    ///
    /// # Panics
    /// When it cannot be opened.
    pub fn network_store(&self) -> Db {
        self.network_place.open()
    }

    /// The names of the database schemas that its stores are in; none on SQLite. Connections have them, too.
    pub fn schemas(&self) -> Vec<String> {
        let schema = |place: &Place| if let Place::Postgres(options) = place { options.schema.clone() } else { None };
        [&self.network_place, &self.endpoint_place].into_iter().filter_map(schema).collect()
    }

    /// The network.
    ///
    /// # Panics
    /// While it is stopped.
    pub fn network(&self) -> Network {
        self.network.get()
    }

    /// The endpoint.
    ///
    /// # Panics
    /// While it is stopped.
    pub fn endpoint(&self) -> Endpoint {
        self.node().get().0
    }

    /// All faces.
    ///
    /// # Panics
    /// While the endpoint is stopped.
    pub fn router(&self) -> axum::Router {
        self.node().get().1
    }

    /// Serves all faces on the loopback, for what needs a socket, and says where.
    ///
    /// # Panics
    /// When the system gives no port.
    pub async fn listen(&self) -> SocketAddr {
        let router = self.router();
        let serve = async move {
            let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
            let at = listener.local_addr().expect("an address");
            tokio::spawn(async move { axum::serve(listener, router).await });
            at
        };
        self.inside(serve).await
    }

    /// Runs a future where the endpoint's tasks run.
    ///
    /// # Panics
    /// While it is stopped, or when the future panics.
    pub async fn inside<R: Send + 'static>(&self, future: impl Future<Output = R> + Send + 'static) -> R {
        self.node().run(future).await
    }

    /// How devices reach the network; while it is stopped they find nobody.
    pub fn dial(&self) -> Arc<dyn Dial> {
        let network = self.network.clone();
        let nobody = || (mpsc::channel(1).0, mpsc::channel(1).1);
        Arc::new(Local(move || network.within(Network::connect).unwrap_or_else(nobody)))
    }

    /// How sealed files reach the network; while it is stopped they do not.
    pub fn carrier(&self) -> Arc<dyn Carrier> {
        let network = self.network.clone();
        Arc::new(LocalCarrier(move || network.within(Network::clone)))
    }

    /// A request to the faces.
    pub fn call(&self, method: Method, path: &str) -> Call<'_> {
        Call::new(self, method, path)
    }

    /// Moves the clock.
    pub fn advance(&self, millis: i64) {
        self.env.manual_clock().advance(millis);
    }

    /// Waits until the endpoint's store gives an answer that is wanted.
    ///
    /// # Panics
    /// When it never does.
    pub async fn until_stored(&self, what: &str, sql: &'static str, wanted: impl Fn(i64) -> bool + Copy) {
        let db = self.endpoint().db().clone();
        until(&self.env, what, || {
            let db = db.clone();
            async move {
                let found = db.read(move |tx| tx.query_one::<i64>(sql, &[], |row| row.get(0))).await;
                let found: Result<i64, suki_store::StoreError> = found;
                wanted(found.expect("the store answers")).then_some(())
            }
        })
        .await;
    }

    /// Until what came of every webhook that was not taken is noted: the next question is due so long after that, so that the clock may jump then.
    ///
    /// # Panics
    /// After a minute.
    pub async fn until_failures_are_noted(&self) {
        until(&self.env, "what came of the webhooks", || async {
            let failed = self.receiver.attempts().iter().filter(|one| !one.taken).count() as i64;
            (self.count("SELECT coalesce(sum(failures), 0) FROM webhook_failing").await >= failed).then_some(())
        })
        .await;
    }

    /// A number from the endpoint's store.
    ///
    /// # Panics
    /// When the store does not give one.
    pub async fn count(&self, sql: &'static str) -> i64 {
        let found: Result<i64, suki_store::StoreError> = self.endpoint().db().read(move |tx| tx.query_one::<i64>(sql, &[], |row| row.get(0))).await;
        found.expect("the store answers")
    }
}
