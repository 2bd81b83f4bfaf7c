//! `suki serve`: the server.
use super::{Failure, block_on};
use crate::{
    bus::BusOptions,
    demo,
    dev_tls::{self, DevTls, Place},
    http, key_file,
    operate::{
        Drain,
        drain::Leaving,
        log,
        metrics::{self, Metrics},
        tls::{self, Tls, listener::TlsListener, redirect, shared::Kept},
        traces,
    },
    registry::Registry,
    storage::{Plane, Storage},
    wiring::{self, Planes},
    world,
};
use axum::Router;
use clap::{Args, ValueEnum};
use std::net::SocketAddr;
use suki_endpoint::{Endpoint, business};
use suki_network::Network;
use tokio::net::TcpListener;

/// Which planes this process runs.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum Role {
    /// Network and endpoint
    All,
    /// The network alone: it holds no keys and sees no content
    Network,
    /// The endpoint alone: keys, inbox, API; it reaches its network with --network
    Endpoint,
}

/// Run the server.
#[derive(Debug, Args)]
pub struct Serve {
    /// Where its data is.
    #[command(flatten)]
    pub storage: Storage,
    /// How it finds other nodes.
    #[command(flatten)]
    pub bus: BusOptions,
    /// Where files are kept: s3://BUCKET/PREFIX, reached as the variables AWS_ENDPOINT_URL, AWS_REGION, AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY say, or a
    /// folder that all nodes see; the data folder without it (docs/MOVING-UP.md)
    #[arg(long, env = "SUKI_FILES", value_name = "PLACE")]
    pub files: Option<String>,
    /// Where to listen; put a proxy with TLS in front to be reached from elsewhere
    #[arg(long, env = "SUKI_LISTEN", default_value = "127.0.0.1:8080")]
    pub listen: SocketAddr,
    /// The address people use, when it is another one than http://LISTEN
    #[arg(long, env = "SUKI_PUBLIC_URL")]
    pub public_url: Option<String>,
    /// Where other nodes of the same --database reach this one, with nothing before it; http://LISTEN without it
    #[arg(long, env = "SUKI_NODE_ADDRESS", value_name = "URL")]
    pub node_address: Option<String>,
    /// Which planes to run
    #[arg(long, value_enum, default_value_t = Role::All)]
    pub role: Role,
    /// Create a demo shop at the first start; guests get test numbers, codes are printed, webhooks may go to the loopback
    #[arg(long)]
    pub demo: bool,
    /// Make it a sandbox: its clock can be moved and customers be simulated (`suki sandbox`); guests get test numbers. The demo is one, too
    #[arg(long)]
    pub sandbox: bool,
    /// Speak TLS as graph.facebook.com, api.facebook.com and lookaside.fbsbx.com here, under an authority of its own, and be the proxy that leads there: programs
    /// that know no other address run unchanged (docs/DEV-TLS.md). For the loopback alone
    #[arg(long, env = "SUKI_DEV_TLS", value_name = "ADDRESS", num_args = 0..=1, default_missing_value = dev_tls::ADDRESS)]
    pub dev_tls: Option<SocketAddr>,
    /// The network's address, for --role endpoint
    #[arg(long, env = "SUKI_NETWORK", value_name = "URL", required_if_eq("role", "endpoint"))]
    pub network: Option<String>,
    /// The code with which a network elsewhere lets the demo's shop in, for --role endpoint --demo; for others there is suki business create
    #[arg(long, env = "SUKI_ENROL", value_name = "CODE")]
    pub enrol: Option<String>,
    /// The rules: meta-2026, classic, or a file
    #[arg(long, env = "SUKI_POLICY", default_value = "meta-2026")]
    pub policy: String,
    /// Who runs this endpoint, as customers are told; the host of its address when it is not said
    #[arg(long, env = "SUKI_HOSTED_BY", value_name = "NAME")]
    pub hosted_by: Option<String>,
    /// Offer the classical suite alone instead of the post-quantum one first
    #[arg(long, env = "SUKI_CLASSICAL")]
    pub classical: bool,
    /// Where six-digit codes are posted to be sent by SMS or voice (docs/CODES.md)
    #[arg(long, env = "SUKI_CODES_URL", value_name = "URL")]
    pub codes_url: Option<String>,
    /// The form of that request
    #[arg(long, env = "SUKI_CODES_PRESET", value_enum, default_value_t = wiring::CodesPreset::Json)]
    pub codes_preset: wiring::CodesPreset,
    /// The gateway's user, for basic authentication; the Twilio account id
    #[arg(long, env = "SUKI_CODES_USER")]
    pub codes_user: Option<String>,
    /// The gateway's password; better in the environment than on the command line
    #[arg(long, env = "SUKI_CODES_PASSWORD", hide_env_values = true)]
    pub codes_password: Option<String>,
    /// The number codes are sent from
    #[arg(long, env = "SUKI_CODES_FROM")]
    pub codes_from: Option<String>,
    /// When it is told to end (SIGTERM), the end comes within so many seconds; until then requests that are under way are answered and connections sent elsewhere
    #[arg(long, env = "SUKI_DRAIN", value_name = "SECONDS", default_value_t = 10, value_parser = clap::value_parser!(u32).range(0..=3600))]
    pub drain: u32,
    /// Where Prometheus reads this server's figures: an address of their own, or /metrics, which shows them to everybody who reaches the server
    #[arg(long, env = "SUKI_METRICS", value_name = "ADDRESS")]
    pub metrics: Option<metrics::Place>,
    /// TLS.
    #[command(flatten)]
    pub tls: tls::Options,
    /// Traces.
    #[command(flatten)]
    pub traces: traces::Options,
    /// Write logs as JSON
    #[arg(long, env = "SUKI_LOG_JSON")]
    pub log_json: bool,
}

impl Serve {
    /// Runs until a signal ends it.
    ///
    /// # Errors
    /// When something it needs cannot be opened; the text says what.
    pub fn run(self) -> Result<(), Failure> {
        let (tracer, sending) = self.traces.open()?.map(|traces| (traces.tracer, traces.sending)).unzip();
        log::start(self.log_json, tracer);
        block_on(async move {
            if let Some(sending) = sending {
                tokio::spawn(sending.run(world::env()));
            }
            self.serve().await
        })
    }

    /// Whether its clock can be moved: planes in processes of their own have clocks of their own, so only where both run in this one.
    pub fn is_sandbox(&self) -> bool {
        self.sandbox || (self.demo && self.role == Role::All)
    }

    /// The address people use.
    pub fn url(&self) -> String {
        let own = || match self.tls.domains.first() {
            Some(name) => format!("https://{name}"),
            None if self.tls.is_on() => format!("https://{}", self.listen),
            None => format!("http://{}", self.listen),
        };
        let url = self.public_url.clone().unwrap_or_else(own);
        url.trim_end_matches('/').to_owned()
    }

    /// Who runs this endpoint, as customers are told.
    pub fn hosted_by(&self) -> String {
        let url = self.url();
        self.hosted_by.clone().unwrap_or_else(|| url.split_once("://").map_or(url.as_str(), |(_, host)| host).to_owned())
    }

    /// The network that businesses of this server join.
    pub fn registry(&self, network: Option<&Network>) -> Option<Registry> {
        network.cloned().map(Registry::Here).or_else(|| self.network.clone().map(Registry::At))
    }

    async fn serve(mut self) -> Result<(), Failure> {
        let listener = TcpListener::bind(self.listen).await.map_err(|error| format!("cannot listen on {}: {error}", self.listen))?;
        // With port 0 the system has chosen one.
        self.listen = listener.local_addr()?;
        if self.sandbox && self.role != Role::All {
            return Err("--sandbox moves the clock of one process: it needs --role all".into());
        }
        let metrics_listener = metrics::listen(self.metrics).await?;
        let metrics = self.metrics.map(|_| Metrics::install()).transpose()?;
        let dev_listener = dev_tls::listen(&self).await?;
        let tls = self.open_tls().await?;
        let planes = wiring::open(&self).await?;
        let tls = tls.or(self.open_shared_tls(&planes)?);
        let dev_tls = dev_listener.map(|listener| DevTls::open(listener, &self.storage.data, world::env())).transpose()?;
        let place = dev_tls.as_ref().map(DevTls::place).transpose()?;
        tell_enrolment(&self, &planes).await?;
        match (self.demo, &planes.endpoint) {
            (true, Some(endpoint)) => demo::prepare(&self, endpoint, &planes, place.clone()).await?,
            (false, Some(endpoint)) => tell_first_business(&self, endpoint).await?,
            (_, None) => {}
        }
        let node = planes.node.as_ref().map(|node| node.here.id);
        let Planes { network, endpoint, sandbox, parts, .. } = planes;
        let drain = Drain::default();
        let leaving = self.leaving(network.clone(), endpoint.clone());
        let forwarder = endpoint.as_ref().map(http::forward::Forwarder::of).transpose()?.flatten();
        let registry = self.registry(network.as_ref());
        let faces = http::Faces::new(network, endpoint, self.url()).joining(registry, self.hosted_by());
        let faces = faces.with_sandbox(sandbox).with_forwarder(forwarder).operated(drain.clone(), parts);
        let shown = metrics.map(|metrics| metrics.router(leaving.sources(faces.readiness().clone(), drain.clone(), node)));
        let router = metrics::show(shown, metrics_listener, http::router(faces))?;
        if let Some(dev_tls) = dev_tls {
            place.as_ref().map(tell_place);
            let router = router.clone();
            tokio::spawn(
                async move { dev_tls.serve(router).await.inspect_err(|error| tracing::error!(%error, "the development TLS ended")).is_ok() },
            );
        }
        tokio::select! {
            served = self.listen_with(listener, tls, router, drain.clone()) => served,
            ended = leaving.when_told(&drain) => ended,
        }
    }

    /// Serves until nobody is let in any more and everybody was answered.
    async fn listen_with(&self, listener: TcpListener, tls: Option<Tls>, router: Router, drain: Drain) -> Result<(), Failure> {
        let closed = async move { drain.closed().await };
        match tls {
            Some(tls) => axum::serve(TlsListener::new(listener, tls, world::env())?, router).with_graceful_shutdown(closed).await?,
            None => axum::serve(http::tune(listener), router).with_graceful_shutdown(closed).await?,
        }
        Ok(())
    }

    /// What TLS needs, where it is spoken; none yet where nodes share what an authority gives them ([`Serve::open_shared_tls`]).
    async fn open_tls(&self) -> Result<Option<Tls>, Failure> {
        if self.storage.database.is_some() && self.tls.is_on() && self.node_address.is_none() {
            return Err(
                "with TLS, say under which name other nodes reach this one: --node-address https://NAME:PORT, a name that the certificate has".into(),
            );
        }
        let is_shared = self.storage.database.is_some() && self.tls.is_automatic();
        let tls = if is_shared { None } else { self.tls.open(&self.storage.data).await? };
        if let Some(address) = self.tls.redirect {
            redirect::start(address, &self.url()).await?;
        }
        Ok(tls)
    }

    /// The same where nodes share a database and the certificate that an authority gives them.
    fn open_shared_tls(&self, planes: &Planes) -> Result<Option<Tls>, Failure> {
        let Some(node) = planes.node.as_ref().filter(|_| self.tls.is_automatic()) else { return Ok(None) };
        let network = planes.network.as_ref().map(|network| (network.db(), Plane::Network));
        let endpoint = planes.endpoint.as_ref().map(|endpoint| (endpoint.db(), Plane::Endpoint));
        let Some((db, plane)) = network.or(endpoint) else { return Ok(None) };
        let key = key_file::load_or_create(&self.storage.key(plane), &planes.env)?;
        let kept = Kept::new(db.clone(), &key, world::env());
        Ok(Some(self.tls.open_shared(kept, node.here.id)?))
    }

    fn leaving(&self, network: Option<Network>, endpoint: Option<Endpoint>) -> Leaving {
        let within_millis = i64::from(self.drain) * 1000;
        Leaving { network, endpoint, env: world::env(), within_millis, among_others: self.storage.database.is_some() }
    }
}

/// A network's operator lets businesses in with codes; each start makes one, which holds for a day.
#[expect(clippy::print_stdout, reason = "the person who started the server is told the code")]
async fn tell_enrolment(serve: &Serve, planes: &Planes) -> Result<(), Failure> {
    if let (Some(network), Role::Network) = (&planes.network, serve.role) {
        println!("Network at {}", serve.url());
        let (url, code) = (serve.url(), network.create_enrolment().await?);
        if serve.demo {
            println!("A demo shop joins it with: suki serve --role endpoint --demo --network {url} --enrol {code}");
        } else {
            println!("An endpoint speaks with it after: suki serve --role endpoint --network {url}");
            println!("A business joins it there with: suki business create --enrol {code} …");
        }
    }
    Ok(())
}

/// A server that has no business yet says how one is made.
#[expect(clippy::print_stdout, reason = "the person who started the server is told what is missing")]
async fn tell_first_business(serve: &Serve, endpoint: &Endpoint) -> Result<(), Failure> {
    println!("Suki is running at {}", serve.url());
    if business::ids(endpoint.db()).await?.is_empty() {
        println!("It has no business yet; how one is made says: suki business create --help");
    }
    Ok(())
}

/// The two lines are for a shell; what they do, and the other ways, stand in docs/DEV-TLS.md.
#[expect(clippy::print_stdout, reason = "the person who started the server is told the lines")]
fn tell_place(place: &Place) {
    let [proxy, trust] = place.lines();
    println!("Programs that call {} come here unchanged after these two lines:\n\n{proxy}\n{trust}\n", dev_tls::NAMES[0]);
}
