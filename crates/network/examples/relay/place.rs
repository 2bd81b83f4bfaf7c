//! Where the network that is measured has its store.
use std::sync::Arc;
use suki_network::{Config, Network};
use suki_store::{Db, PostgresOptions, SqliteOptions};
use suki_types::Env;
use tempfile::TempDir;

/// A store's place: a folder that goes with it, or a schema of its own on a server.
pub enum Place {
    /// SQLite.
    Folder(TempDir),
    /// PostgreSQL.
    Server(String),
}

impl Place {
    /// The one that SUKI_DATABASE names.
    pub fn new() -> Self {
        match std::env::var("SUKI_DATABASE") {
            Ok(url) => Self::Server(url),
            Err(_) => Self::Folder(tempfile::tempdir_in(".").unwrap()),
        }
    }

    /// What it is.
    pub fn name(&self) -> &'static str {
        match self {
            Self::Folder(_) => "SQLite",
            Self::Server(_) => "PostgreSQL",
        }
    }

    /// A network over it, with no limit on how fast anybody is, nor on how long a statement takes that makes millions of rows.
    pub async fn open(&self, env: &Env) -> (Db, Network) {
        let db = match self {
            Self::Folder(folder) => Db::open_sqlite(&folder.path().join("network.db"), SqliteOptions::default()).unwrap(),
            Self::Server(url) => {
                let (url, schema) = (url.clone(), format!("relay_{}", std::process::id()));
                let options = PostgresOptions { schema: Some(schema), statement_millis: 0, ..PostgresOptions::default() };
                tokio::task::spawn_blocking(move || Db::open_postgres(&url, options).unwrap()).await.unwrap()
            }
        };
        let policy = suki_rules::Policy::shipped("meta-2026").unwrap();
        let config = Config { requests_per_second: (100_000_000, 100_000_000), guests_per_hour: u32::MAX, ..Config::default() };
        let network = Network::open(db.clone(), [7; 32], Arc::new(policy), env.clone(), config).await.unwrap();
        (db, network)
    }
}
