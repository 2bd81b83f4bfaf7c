//! The whole cluster: database servers, bus, nodes, the proxy before them, shops, and people in their chats.
use super::{
    files::Exchange,
    front::Front,
    load::Chat,
    node::{Cap, Node, Settings, open_to_all},
    services::{Bucket, Nats, Postgres},
    shops::{self, Codes, Program},
};
use crate::{
    kill::{check_log, check_statuses},
    server::{PATIENCE, until},
};
use std::{collections::HashSet, path::Path, sync::Arc};
use suki_store::{Db, PostgresOptions, ownership};
use suki_types::NodeId;
use tempfile::TempDir;

/// Does something with a cluster in a runtime that ends with it: its listeners, devices and programs are gone before the next cluster comes.
pub async fn alone<T: Send + 'static, F: Future<Output = T>>(work: impl FnOnce() -> F + Send + 'static) -> T {
    let run = move || {
        let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build().expect("a runtime");
        let done = runtime.block_on(work());
        runtime.shutdown_timeout(PATIENCE);
        done
    };
    tokio::task::spawn_blocking(run).await.unwrap_or_else(|error| std::panic::resume_unwind(error.into_panic()))
}

/// How large it is.
#[derive(Clone, Copy)]
pub struct Size {
    pub nodes: usize,
    pub nats: usize,
    pub shops: u32,
    /// People in each shop.
    pub people: u32,
    /// Whether files are in a bucket that all nodes share, and one more person in each shop exchanges some with its program.
    pub files: bool,
    /// Whether each database server has a disk of its own, which can be filled.
    pub small_disks: bool,
    /// What each node may use of the machine; without it, all of it.
    pub cap: Option<Cap>,
}

/// A cluster in a world of its own.
pub struct Cluster {
    pub postgres: Postgres,
    pub nats: Nats,
    pub nodes: Vec<Node>,
    pub chats: Vec<Arc<Chat>>,
    pub programs: Vec<Program>,
    exchanges: Vec<Exchange>,
    _folder: TempDir,
}

impl Cluster {
    /// Starts everything, and waits until everybody is in his chat.
    pub async fn start(size: Size) -> Self {
        let folder = tempfile::Builder::new().prefix("suki").tempdir().expect("a folder can be made");
        open_to_all(folder.path());
        let nats = Nats::start(folder.path(), size.nats).await;
        let postgres = Postgres::start(&folder.path().join("pg"), size.small_disks).await;
        let bucket = if size.files { Some(Bucket::start(&folder.path().join("s3")).await) } else { None };
        let settings = Arc::new(settings(folder.path(), &postgres, &nats, bucket));
        let codes = Codes::open().await;
        let shops = shops::open(&settings, size.shops).await;
        let mut nodes = Vec::new();
        for number in 0..size.nodes {
            nodes.push(Node::start(settings.clone(), number, size.cap.map(|cap| cap.behind(number)).unwrap_or_default()).await);
        }
        Front::open(&nodes.iter().map(Node::address).collect::<Vec<_>>()).await;
        let mut chats = Vec::new();
        // Nobody is asked for a shop that is on its way.
        until_shared_out(&postgres.url, size.nodes.min(shops.len())).await;
        let (mut programs, mut exchanges) = (Vec::new(), Vec::new());
        for (number, shop) in (0..).zip(&shops) {
            programs.push(Program::start(shop).await);
            for person in number * size.people..(number + 1) * size.people {
                let customer = codes.join(person, shop.id).await;
                chats.push(Arc::new(Chat::new(customer, programs.len() - 1, shop, format!("customer {person}"))));
            }
            if size.files {
                exchanges.push(Exchange::new(codes.join(size.shops * size.people + number, shop.id).await, shop));
            }
        }
        Self { postgres, nats, nodes, chats, programs, exchanges, _folder: folder }
    }

    /// Files pass both ways in every shop, and those that passed before are everywhere still. All nodes run.
    pub async fn pass_files(&mut self) {
        let nodes: Vec<String> = self.nodes.iter().map(Node::address).collect();
        for (exchange, program) in self.exchanges.iter_mut().zip(&self.programs) {
            exchange.pass(&nodes, program).await;
        }
    }

    /// Waits until every node runs some shop: a fault would hit nobody otherwise.
    pub async fn until_shared_out(&self) {
        let running = self.nodes.iter().filter(|node| node.runs()).count().min(self.programs.len());
        until_shared_out(&self.postgres.url, running).await;
    }

    /// Everything that was acknowledged arrived once, in order and readable, on both sides. Gives how many messages were checked each way.
    pub async fn check(&self) -> (usize, usize) {
        let mut figures = (0, 0);
        for chat in &self.chats {
            let (said, wrote) = chat.check(&self.programs[chat.shop]).await;
            figures = (figures.0 + said, figures.1 + wrote);
        }
        for program in &self.programs {
            check_statuses(&program.received);
        }
        for node in &self.nodes {
            check_log(&node.log_text());
        }
        figures
    }

    /// Ends it in an order in which nobody complains.
    pub async fn end(mut self) {
        for node in &mut self.nodes {
            if node.runs() {
                node.kill().await;
            }
        }
        self.postgres.end().await;
        self.nats.end().await;
    }
}

/// Waits until so many nodes run some shop, and all that run one live.
async fn until_shared_out(url: &str, nodes: usize) {
    let url = url.to_owned();
    let options = PostgresOptions { schema: Some("suki_endpoint".into()), readers: 1, writers: 1, ..PostgresOptions::default() };
    let db = tokio::task::spawn_blocking(move || Db::open_postgres(&url, options)).await.expect("it opens").expect("it opens");
    until("a shop on every node", async || {
        let survey = ownership::survey(&db).await.ok()?;
        let owners: HashSet<NodeId> = survey.owners.into_iter().collect();
        let living: HashSet<NodeId> = survey.nodes.into_iter().map(|node| node.node).collect();
        (owners.is_subset(&living) && owners.len() == nodes).then_some(())
    })
    .await;
}

fn settings(folder: &Path, postgres: &Postgres, nats: &Nats, bucket: Option<Bucket>) -> Settings {
    let policy = folder.join("policy.toml");
    std::fs::write(&policy, suki_testkit::policy::without_rates()).expect("the policy can be written");
    let keys = folder.join("keys");
    std::fs::create_dir(&keys).expect("a folder can be made");
    let words = [
        ("--database", postgres.url.clone()),
        ("--bus", nats.url()),
        ("--keys", keys.display().to_string()),
        ("--policy", policy.display().to_string()),
        ("--codes-url", Codes::url()),
        ("--public-url", Front::url()),
    ];
    let arguments = words.into_iter().flat_map(|(name, value)| [name.to_owned(), value]).collect();
    Settings { folder: folder.to_owned(), arguments, bucket }
}
