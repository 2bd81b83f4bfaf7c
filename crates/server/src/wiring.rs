//! The two planes, opened over their stores and joined: in this process, or over a socket.
use crate::{
    carrier::LocalCarrier,
    cli::{Failure, Role, Serve},
    cluster_clock::ClusterClock,
    files::{self, Files},
    key_file,
    links::LinkClient,
    node::ThisNode,
    open_files,
    operate::{Part, Standing},
    outgoing::Outgoing,
    sandbox::{
        Record, Sandbox, SandboxClock,
        marker::{self, Marked},
    },
    storage::Plane,
    world,
};
use clap::ValueEnum;
use std::{fs, os::unix::fs::DirBuilderExt as _, sync::Arc};
use suki_bus::Bus;
use suki_e2ee::Suite;
use suki_endpoint::{Endpoint, Parts};
use suki_link::{Carrier, Dial, HttpCarrier, Local, WebSocketDial};
use suki_network::{Config, Network};
use suki_rules::Policy;
use suki_store::{Blobs, Db};
use suki_types::{Clock, Env};

/// What runs in this process.
pub struct Planes {
    /// Plane 1.
    pub network: Option<Network>,
    /// Plane 2.
    pub endpoint: Option<Endpoint>,
    /// Time and randomness.
    pub env: Env,
    /// The sandbox, when this is one.
    pub sandbox: Option<Sandbox>,
    /// What `/readyz` names beside the stores.
    pub parts: Vec<Part>,
    /// This process as a node, when it shares a database.
    pub node: Option<ThisNode>,
    /// What wakes the network's connections, on this node and others.
    pub bus: Arc<dyn Bus>,
}

/// The form of the request that sends a code.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum CodesPreset {
    /// Suki's own: JSON with to, channel and text
    Json,
    /// A form as Twilio takes it
    Twilio,
}

/// Opens what the role asks for.
///
/// # Errors
/// When the data folder, a key file, the policy or a store cannot be opened.
pub async fn open(serve: &Serve) -> Result<Planes, Failure> {
    fs::DirBuilder::new()
        .recursive(true)
        .mode(0o700)
        .create(&serve.storage.data)
        .map_err(|error| format!("cannot make the data folder {}: {error}", serve.storage.data.display()))?;
    check_folder(serve)?;
    let stores = Stores::open(serve).await?;
    let record = record_of(serve, stores.marked(serve).await?)?;
    let (clock, env) = world_of(stores.clock(serve).await?, record.as_ref());
    let node = ThisNode::open(serve, &env)?;
    let bus = serve.bus.open(node.as_ref().filter(|_| serve.role != Role::Endpoint).map(|node| node.here.id), &env).await?;
    let place = Files::parse(serve.files.as_deref(), &serve.storage.data)?;
    if node.is_some() && matches!(place, Files::Data(_)) {
        tracing::warn!("files are kept in this node's data folder, where no other node finds them: name a place for all nodes with --files");
    }
    let mut opened = Vec::new();
    let network = match stores.network {
        Some(db) => {
            let blobs = place.open(Plane::Network).await?;
            opened.push(blobs.clone());
            Some(open_network(serve, (db, blobs), &env, bus.clone()).await?)
        }
        None => None,
    };
    let endpoint = match stores.endpoint {
        Some(db) => {
            let files = place.open(Plane::Endpoint).await?;
            opened.push(files.clone());
            Some(open_endpoint(serve, (db, files), &env, (network.as_ref(), node.as_ref())).await?)
        }
        None => None,
    };
    let sandbox = match (clock, record, &network) {
        (Some(clock), Some(mut record), Some(network)) => {
            record.url = serve.url();
            record.save(&serve.storage.data)?;
            if network.db().is_shared() {
                marker::leave(network.db(), record.moved_millis).await?;
                tokio::spawn(marker::follow(network.db().clone(), clock.clone(), world::env()));
            }
            Some(Sandbox::open(clock, env.clone(), network.clone(), serve.url(), serve.storage.data.clone(), record)?)
        }
        _ => None,
    };
    let ownership = endpoint.iter().filter(|endpoint| endpoint.is_shared()).map(ownership);
    let parts = ownership.chain(serve.bus.part(&bus)).chain([files::part(opened)]).collect();
    Ok(Planes { network, endpoint, env, sandbox, parts, node, bus })
}

/// How this node stands among the others.
fn ownership(endpoint: &Endpoint) -> Part {
    let endpoint = endpoint.clone();
    Part::new("ownership", move || {
        let is_heard = endpoint.is_heard();
        async move {
            if is_heard {
                Standing::Ok
            } else {
                Standing::Failing("the other nodes have not heard of this one for some seconds: it does nothing that another may do by now".into())
            }
        }
    })
}

/// The stores of the planes that run in this process.
struct Stores {
    network: Option<Db>,
    endpoint: Option<Db>,
}

impl Stores {
    async fn open(serve: &Serve) -> Result<Self, Failure> {
        let network = if serve.role == Role::Endpoint { None } else { Some(serve.storage.open(Plane::Network).await?) };
        let endpoint = if serve.role == Role::Network { None } else { Some(serve.storage.open(Plane::Endpoint).await?) };
        Ok(Self { network, endpoint })
    }

    /// What the database that nodes share says it is.
    async fn marked(&self, serve: &Serve) -> Result<Marked, Failure> {
        let Some(db) = self.network.as_ref().filter(|db| db.is_shared()) else { return Ok(Marked::Nothing) };
        let marked = marker::find(db).await?;
        match marked {
            Marked::Sandbox(_) if !serve.is_sandbox() && !serve.demo => {
                Err("the database is a sandbox's, whose clock may have been moved: start with --sandbox, or name another with --database".into())
            }
            Marked::Production if serve.is_sandbox() && !serve.demo => {
                Err("the database is a production server's, and its clock cannot be moved: name another with --database".into())
            }
            _ => Ok(marked),
        }
    }

    /// The time that this process goes by: the database's where nodes share one.
    async fn clock(&self, serve: &Serve) -> Result<Arc<dyn Clock>, Failure> {
        let shared = self.network.as_ref().or(self.endpoint.as_ref()).filter(|_| serve.storage.database.is_some());
        let Some(db) = shared else { return Ok(world::clock()) };
        let clock = ClusterClock::of(db).await?;
        tokio::spawn(clock.clone().follow(db.clone()));
        Ok(Arc::new(clock))
    }
}

/// The world that a server lives in.
fn world_of(clock: Arc<dyn Clock>, record: Option<&Record>) -> (Option<SandboxClock>, Env) {
    let Some(record) = record else { return (None, world::with_clock(clock)) };
    let (clock, env) = world::moved_on(clock, record.moved_millis);
    (Some(clock), env)
}

/// A sandbox's data and a production server's are never mixed: what was stored under a moved clock lies in the future.
fn check_folder(serve: &Serve) -> Result<(), Failure> {
    let (data, there) = (&serve.storage.data, Record::is_there(&serve.storage.data));
    if there && !serve.is_sandbox() {
        let text = format!(
            "{} is a sandbox's data, whose clock may have been moved: start it with --sandbox, or name another folder with --data",
            data.display()
        );
        return Err(text.into());
    }
    // A database says itself what it is.
    let is_production = serve.storage.database.is_none() && serve.storage.has(Plane::Network) && !there && !serve.demo;
    if serve.is_sandbox() && is_production {
        let text = format!("{} is a production server's data, and its clock cannot be moved: name another folder with --data", data.display());
        return Err(text.into());
    }
    Ok(())
}

/// The record of a sandbox, whose clock other nodes may have moved further.
fn record_of(serve: &Serve, marked: Marked) -> Result<Option<Record>, Failure> {
    if !serve.is_sandbox() {
        return Ok(None);
    }
    let mut record = Record::load_or_create(&serve.storage.data, &world::env())?;
    if let Marked::Sandbox(moved) = marked {
        record.moved_millis = record.moved_millis.max(moved);
    }
    Ok(Some(record))
}

fn policy(name: &str) -> Result<Policy, Failure> {
    match Policy::shipped(name) {
        Some(policy) => Ok(policy),
        None => {
            let text = fs::read_to_string(name)
                .map_err(|error| format!("the policy {name} is neither meta-2026 nor classic, nor a file that can be read: {error}"))?;
            Ok(Policy::parse(name, &text)?)
        }
    }
}

async fn open_network(serve: &Serve, (db, blobs): (Db, Blobs), env: &Env, bus: Arc<dyn Bus>) -> Result<Network, Failure> {
    let key = key_file::load_or_create(&serve.storage.key(Plane::Network), env)?;
    let config = Config { test_numbers: serve.demo || serve.sandbox, code_sender: crate::codes::sender(serve)?, blobs, bus, ..Config::default() };
    let network = Network::open(db, key, Arc::new(policy(&serve.policy)?), env.clone(), config).await?;
    network.spawn_jobs();
    Ok(network)
}

async fn open_endpoint(
    serve: &Serve,
    (db, files): (Db, Blobs),
    env: &Env,
    (network, node): (Option<&Network>, Option<&ThisNode>),
) -> Result<Endpoint, Failure> {
    let dial: Arc<dyn Dial> = match (network, &serve.network) {
        (Some(network), _) => in_process(network.clone()),
        (None, Some(url)) => Arc::new(WebSocketDial::new(url)?),
        (None, None) => return Err("--role endpoint needs --network".into()),
    };
    let suites = if serve.classical { vec![Suite::X25519] } else { vec![Suite::XWING, Suite::X25519] };
    let parts = Parts {
        db,
        key: key_file::load_or_create(&serve.storage.key(Plane::Endpoint), env)?,
        env: env.clone(),
        dial,
        http: Arc::new(Outgoing::new(serve.demo || serve.sandbox)?.of_open_files(open_files::raise())),
        files,
        carrier: carrier(serve, network)?,
        links: Arc::new(LinkClient::new(serve.demo || serve.sandbox)?),
        public_url: serve.url().into(),
        suites,
        node: node.map(|node| node.here.clone()),
    };
    Ok(Endpoint::open(parts).await?)
}

/// How sealed files reach the network: as the device protocol does.
fn carrier(serve: &Serve, network: Option<&Network>) -> Result<Arc<dyn Carrier>, Failure> {
    Ok(match (network.cloned(), &serve.network) {
        (Some(network), _) => Arc::new(LocalCarrier(move || Some(network.clone()))),
        (None, Some(url)) => Arc::new(HttpCarrier::new(url)?),
        (None, None) => return Err("--role endpoint needs --network".into()),
    })
}

/// The device protocol without a socket.
fn in_process(network: Network) -> Arc<dyn Dial> {
    Arc::new(Local(move || network.connect()))
}
