//! The faces. Handlers hold no rules: they read a request, call a plane, and write what it says.
//!
//! | path | face |
//! |---|---|
//! | `/v1/…` | registration, the device socket and sealed files (the network) |
//! | `/inbox/api/…` | the business app's own API (the endpoint) |
//! | `/sandbox/api/…` | the sandbox's clock and simulated customers |
//! | `/console/api/…` | the platform operator's own API (the network) |
//! | `/message/…` | links with a text, and their QR codes |
//! | `/flow/…` | what a flow looks like, and its file |
//! | `/c/…`, `/inbox/…`, `/console/…` | the web apps |
//! | `/healthz`, `/readyz` | whether the server runs, and whether requests should come to it |
//! | `/openapi.json` | all of this, as OpenAPI 3.1 |
//! | everything else | the Cloud API: `/{version}/{id}/…`, `/{id}/…` |
mod blobs;
pub mod console;
mod file;
mod flow_page;
pub mod forward;
pub mod graph;
mod health;
mod inbox;
mod message_link;
pub mod observe;
pub mod openapi;
pub mod origin;
mod pictures;
pub(crate) mod problem;
mod range;
mod registration;
mod route;
pub mod sandbox;
pub mod socket;
mod throttle;
mod web;
mod whole;

use crate::{
    operate::{Drain, Part, Readiness, Standing},
    registry::Registry,
    sandbox::Sandbox,
    world,
};
use axum::{Router, extract::DefaultBodyLimit, http::StatusCode, middleware, routing::get, serve::ListenerExt as _};
use problem::Refusal;
use route::Route;
use std::{ops::Deref, sync::Arc};
use suki_cloud_api::{ApiError, Code, ObjectId};
use suki_endpoint::{Endpoint, Error};
use suki_network::Network;
use suki_types::{Env, Timestamp, limits};
use tokio::net::TcpListener;

/// What the faces show: one or both planes, and the address people use. A cheap handle: for each request every layer of the router takes some of them.
#[derive(Clone)]
pub struct Faces(Arc<Shown>);

/// What a [`Faces`] stands for.
#[derive(Clone)]
pub struct Shown {
    pub(crate) network: Option<Network>,
    pub(crate) endpoint: Option<Endpoint>,
    pub(crate) public_url: Arc<str>,
    registry: Option<Registry>,
    hosted_by: Arc<str>,
    pub(crate) sandbox: Option<Sandbox>,
    forwarder: Option<Arc<forward::Forwarder>>,
    sign_ins: Arc<throttle::Throttle>,
    guesses: Arc<throttle::Throttle>,
    pub(crate) usage: Arc<graph::usage::Usage>,
    pub(crate) readiness: Readiness,
    pub(crate) drain: Drain,
}

impl Faces {
    /// The faces of these planes, at this address.
    pub fn new(network: Option<Network>, endpoint: Option<Endpoint>, public_url: String) -> Self {
        let readiness = Readiness::new(stores(network.as_ref(), endpoint.as_ref()));
        let host = public_url.split_once("://").map_or(public_url.as_str(), |(_, host)| host).to_owned();
        Self(Arc::new(Shown {
            registry: network.clone().map(Registry::Here),
            hosted_by: host.into(),
            network,
            endpoint,
            public_url: public_url.into(),
            sandbox: None,
            forwarder: None,
            sign_ins: Arc::default(),
            guesses: Arc::default(),
            usage: Arc::default(),
            readiness,
            drain: Drain::default(),
        }))
    }

    fn with(self, change: impl FnOnce(&mut Shown)) -> Self {
        let mut shown = Arc::unwrap_or_clone(self.0);
        change(&mut shown);
        Self(Arc::new(shown))
    }

    /// The same, which end with this, and with these parts beside the stores.
    #[must_use]
    pub fn operated(self, drain: Drain, parts: Vec<Part>) -> Self {
        let stores = stores(self.network.as_ref(), self.endpoint.as_ref());
        self.with(|shown| (shown.readiness, shown.drain) = (Readiness::new([stores, parts].concat()), drain))
    }

    /// The same, whose businesses join this network and are said to be run by this.
    #[must_use]
    pub fn joining(self, registry: Option<Registry>, hosted_by: String) -> Self {
        self.with(|shown| (shown.registry, shown.hosted_by) = (registry, hosted_by.into()))
    }

    /// The same, with a sandbox beside them.
    #[must_use]
    pub fn with_sandbox(self, sandbox: Option<Sandbox>) -> Self {
        self.with(|shown| shown.sandbox = sandbox)
    }

    /// The same, where other nodes may have to answer.
    #[must_use]
    pub fn with_forwarder(self, forwarder: Option<forward::Forwarder>) -> Self {
        self.with(|shown| shown.forwarder = forwarder.map(Arc::new))
    }

    /// Time and randomness, as the planes have them.
    fn env(&self) -> Env {
        let endpoint = self.endpoint.as_ref().map(|endpoint| endpoint.env().clone());
        endpoint.or_else(|| self.network.as_ref().map(|network| network.env().clone())).unwrap_or_else(world::env)
    }

    /// How the parts of the server stand.
    pub fn readiness(&self) -> &Readiness {
        &self.readiness
    }

    /// The network that businesses join.
    fn registry(&self) -> Result<&Registry, Refusal> {
        self.registry.as_ref().ok_or_else(no_network)
    }

    /// Who is said to run the businesses of this server.
    fn hosted_by(&self) -> &str {
        &self.hosted_by
    }

    /// Where customers write to the business with this slug: at the network, which may be elsewhere.
    pub fn customer_link(&self, slug: &str) -> String {
        match &self.registry {
            Some(Registry::At(network)) => format!("{}/c/{slug}", network.trim_end_matches('/')),
            _ => format!("{}/c/{slug}", self.public_url),
        }
    }

    /// Where the link with this code is opened; with `.png` or `.svg` after it, its picture.
    pub fn qr_link(&self, code: &str) -> String {
        format!("{}/message/{code}", self.public_url)
    }

    /// Where an operator signs in with this secret, once.
    pub fn sign_in_link(&self, secret: &str) -> String {
        format!("{}/inbox/#sign-in={secret}", self.public_url)
    }

    /// Where an operator of the platform signs in with this secret, once.
    pub fn console_link(&self, secret: &str) -> String {
        format!("{}/console/#sign-in={secret}", self.public_url)
    }

    /// Counts a wrong secret of an app.
    pub(crate) fn throttle_guess(&self, app: ObjectId, now: Timestamp) -> Result<(), ApiError> {
        self.guesses.enter(&app.to_string(), now).map_err(|seconds| {
            let details = "Ten wrong secrets of an app in a quarter of an hour are answered; check the secret before you try again";
            ApiError::new(Code::TooManyCalls, details).retry_after(seconds)
        })
    }

    fn throttle_sign_in(&self, email: &str) -> Result<(), Refusal> {
        let Some(endpoint) = &self.endpoint else { return Ok(()) };
        self.sign_ins.enter(&email.trim().to_lowercase(), endpoint.env().now()).map_err(|seconds| {
            let detail = format!("Ten tries in a quarter of an hour are allowed; wait {seconds} seconds, or ask a colleague for a sign-in link.");
            Refusal::new(StatusCode::TOO_MANY_REQUESTS, "rate_limited", "Too many tries to sign in.", detail)
        })
    }
}

impl Deref for Faces {
    type Target = Shown;

    fn deref(&self) -> &Shown {
        &self.0
    }
}

/// The stores of these planes, as parts of the server.
fn stores(network: Option<&Network>, endpoint: Option<&Endpoint>) -> Vec<Part> {
    let network = network.cloned().map(|network| {
        Part::new("network store", move || {
            let network = network.clone();
            async move { Standing::of(network.check().await) }
        })
    });
    let endpoint = endpoint.cloned().map(|endpoint| {
        Part::new("endpoint store", move || {
            let endpoint = endpoint.clone();
            async move { Standing::of(check(&endpoint).await) }
        })
    });
    network.into_iter().chain(endpoint).collect()
}

/// Whether the endpoint's store reads, and takes units that write.
async fn check(endpoint: &Endpoint) -> Result<(), Error> {
    let reading = endpoint.db().read(|tx| Ok::<_, Error>(tx.query_one("SELECT 1", &[], |row| row.get::<i64>(0))?));
    let writing = endpoint.db().write(|_| Ok::<_, Error>(()));
    reading.await?;
    writing.await
}

fn no_network() -> Refusal {
    Refusal::new(StatusCode::NOT_FOUND, "no_network", "No network here.", "This process runs the endpoint alone (--role endpoint).")
}

/// Small writes leave at once: frames are small, and somebody waits for each.
pub fn tune(listener: TcpListener) -> impl axum::serve::Listener<Io = tokio::net::TcpStream, Addr = std::net::SocketAddr> {
    listener.tap_io(|stream| {
        if let Err(error) = stream.set_nodelay(true) {
            tracing::debug!(%error, "cannot set TCP_NODELAY");
        }
    })
}

/// What `/readyz` answers.
const READINESS: &str =
    "{ready: boolean, draining: boolean, parts: {name: string, state: \"ok\" | \"degraded\" | \"failing\", reason: string, millis: number}[]}";

/// What belongs to no other face.
fn server_routes() -> Vec<Route> {
    vec![
        route::get("server.health.get", "/healthz", health::healthz)
            .says("Ask whether the server runs", "It says nothing of its stores: what does not answer here should be started again.")
            .gives_bytes(200, "text/plain"),
        route::get("server.readiness.get", "/readyz", health::readyz)
            .says(
                "Ask whether requests should come to this server",
                "Each part is named with how it stands; 503 when one fails or the server is about to end.",
            )
            .gives(200, READINESS)
            .gives(503, READINESS),
        route::get("server.document.get", "/openapi.json", openapi::get).says("Read this document", "OpenAPI 3.1.").gives(200, "object"),
        route::get("server.links.open", "/message/{code}", message_link::open)
            .says("Open a link with a text", "It leads to the chat; with .png or .svg after the code it is the link as a QR code.")
            .gives_bytes(200, "image/png")
            .gives_bytes(200, "image/svg+xml")
            .gives_nothing(307)
            .gives_bytes(404, "text/plain")
            .gives_bytes(503, "text/plain"),
        route::get("server.flows.show", "/flow/{id}/{what}", flow_page::show)
            .says("Look at a flow", "What is preview or flow.json; the address with its token is what GET /{flow_id}?fields=preview gives.")
            .query("token?: string")
            .gives_bytes(200, "text/html")
            .gives(200, "object")
            .gives_bytes(404, "text/plain")
            .gives_bytes(503, "text/plain"),
    ]
}

/// The network, as devices reach it.
fn network_routes() -> Vec<Route> {
    let socket = route::get("network.socket.open", "/socket", socket::socket)
        .says("Connect a device", "A WebSocket of frames as suki.proto has them.")
        .gives_nothing(101)
        .refuses(&[400, 426]);
    let picture = route::get("network.pictures.get", "/pictures/{business}/{name}", pictures::read)
        .says("Fetch a business's picture", "As customers see it; a name never gets other bytes.")
        .gives_bytes(200, "*/*");
    [registration::list(), blobs::list(), vec![picture, socket]].into_iter().flatten().collect()
}

/// All faces.
pub fn router(faces: Faces) -> Router {
    let observer = Arc::new(observe::Observer::new(&faces));
    route::router(server_routes())
        .route("/", get(web::root).fallback(graph::face::graph))
        .nest("/v1", route::router(network_routes()))
        .nest("/inbox/api", inbox::routes())
        .nest("/sandbox/api", route::router(sandbox::list()))
        .nest("/console/api", console::routes())
        .route("/console", get(web::console_root))
        .route("/console/", get(web::console))
        .route("/console/{*path}", get(web::console))
        .route("/explorer", get(web::explorer_root))
        .route("/explorer/", get(web::explorer))
        .route("/explorer/{*path}", get(web::explorer))
        .route("/inbox", get(web::business_root))
        .route("/inbox/", get(web::business))
        .route("/inbox/{*path}", get(web::business))
        .route("/c", get(web::messenger_root))
        .route("/c/", get(web::messenger))
        .route("/c/{*path}", get(web::messenger))
        .layer(DefaultBodyLimit::max(limits::JSON_BYTES))
        .fallback(graph::face::graph)
        .layer(middleware::from_fn(whole::to_its_end))
        .layer(middleware::from_fn_with_state(faces.clone(), forward::people))
        .layer(middleware::from_fn_with_state(observer, observe::observe))
        .with_state(faces)
}
