//! Where a server's data is: SQLite files in a folder, or a PostgreSQL database that many nodes share.
use crate::cli::Failure;
use clap::Args;
use std::{
    fs, io,
    os::unix::fs::OpenOptionsExt as _,
    path::{Path, PathBuf},
};
use suki_store::{Db, PostgresOptions, SqliteOptions, transfer};

/// Where a server's data is.
#[derive(Debug, Clone, Args)]
pub struct Storage {
    /// Where everything is stored
    #[arg(long, env = "SUKI_DATA", default_value = "data", global = true)]
    pub data: PathBuf,
    /// The PostgreSQL database that all nodes share, as postgresql://USER:PASSWORD@HOST:PORT/DATABASE; SQLite files in the data folder without it. Several hosts
    /// stand beside each other (HOST:PORT,HOST:PORT), with ?target_session_attrs=read-write the one that takes writes is used; sslmode=verify-full (and
    /// sslrootcert=FILE) encrypts and checks who answers
    #[arg(long, env = "SUKI_DATABASE", value_name = "URL", hide_env_values = true, global = true)]
    pub database: Option<String>,
    /// How many connections each plane has for what it writes to the database, beside one for what is rare
    #[arg(long, env = "SUKI_DATABASE_WRITERS", value_name = "N", default_value_t = 3, value_parser = clap::value_parser!(u16).range(1..=32), global = true)]
    pub database_writers: u16,
    /// How many connections each plane has for what it reads from the database
    #[arg(long, env = "SUKI_DATABASE_READERS", value_name = "N", default_value_t = 4, value_parser = clap::value_parser!(u16).range(1..=32), global = true)]
    pub database_readers: u16,
    /// The folder of network.key and endpoint.key, which all nodes of a database have in common: a copy each, readable by its owner alone; the data folder
    /// without it
    #[arg(long, env = "SUKI_KEYS", value_name = "DIR", global = true)]
    pub keys: Option<PathBuf>,
}

/// A plane, by whose store it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Plane {
    /// Plane 1.
    Network,
    /// Plane 2.
    Endpoint,
}

impl Plane {
    /// Its name in the names of files and schemas.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Network => "network",
            Self::Endpoint => "endpoint",
        }
    }

    /// Its schema in a shared database.
    pub fn schema(self) -> String {
        format!("suki_{}", self.name())
    }

    /// Its file's name in a data folder.
    pub fn file_name(self) -> String {
        format!("{}.db", self.name())
    }
}

impl Storage {
    /// Whether this plane's store may be here: its file is there, or a database is named.
    pub fn has(&self, plane: Plane) -> bool {
        self.database.is_some() || self.file(plane).exists()
    }

    /// Opens a plane's store, made when there is none: a schema of its own in the shared database, or a file in the folder.
    ///
    /// # Errors
    /// When it cannot be opened; the text says why.
    pub async fn open(&self, plane: Plane) -> Result<Db, Failure> {
        let db = self.open_store(plane).await?;
        if transfer::is_unfinished(&db).await? {
            return Err(format!(
                "a move into this store of the {} is not over: go on with it by the same suki migrate-store, or remove what is there",
                plane.name()
            )
            .into());
        }
        Ok(db)
    }

    async fn open_store(&self, plane: Plane) -> Result<Db, Failure> {
        let Some(url) = self.database.clone() else { return open_file(&self.file(plane), plane) };
        let options = PostgresOptions {
            schema: Some(plane.schema()),
            name: plane.name(),
            writers: self.database_writers.into(),
            readers: self.database_readers.into(),
            ..PostgresOptions::default()
        };
        // It waits for the server, and its client has a runtime of its own.
        let opened = tokio::task::spawn_blocking(move || Db::open_postgres(&url, options)).await?;
        Ok(opened.map_err(|error| format!("cannot use the database of --database: {error}"))?)
    }

    /// Opens a plane's store beside the server that uses it.
    ///
    /// # Errors
    /// When there is none, or it cannot be opened.
    pub async fn open_known(&self, plane: Plane) -> Result<Db, Failure> {
        if !self.has(plane) {
            let (name, data) = (plane.name(), self.data.display());
            return Err(format!("there is no {name} in {data}; start one with: suki serve --data {data}").into());
        }
        self.open(plane).await
    }

    /// A plane's key file.
    pub fn key(&self, plane: Plane) -> PathBuf {
        self.keys.as_ref().unwrap_or(&self.data).join(format!("{}.key", plane.name()))
    }

    fn file(&self, plane: Plane) -> PathBuf {
        self.data.join(plane.file_name())
    }
}

/// Opens a database file. It is made for its owner's eyes alone, wherever it stands; SQLite gives its WAL the same mode.
fn open_file(path: &Path, plane: Plane) -> Result<Db, Failure> {
    let failed = |error: &dyn std::fmt::Display| format!("cannot open {}: {error}", path.display());
    match fs::OpenOptions::new().write(true).create_new(true).mode(0o600).open(path) {
        Err(error) if error.kind() != io::ErrorKind::AlreadyExists => return Err(failed(&error).into()),
        Ok(_) | Err(_) => {}
    }
    Ok(Db::open_sqlite(path, SqliteOptions { name: plane.name(), ..SqliteOptions::default() }).map_err(|error| failed(&error))?)
}
