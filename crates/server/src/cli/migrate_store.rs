//! `suki migrate-store`: a server's data from SQLite to PostgreSQL or back, and its files from a folder into a bucket or back, while no server runs.
use super::{Failure, block_on};
use crate::{files::Files, storage::Plane, world};
use clap::Args;
use std::{
    fs,
    os::unix::fs::DirBuilderExt as _,
    path::{Path, PathBuf},
};
use suki_store::{
    Migration,
    blobs::copy,
    transfer::{self, End, Moved, Phase, Place, Progress, TransferError},
};
use suki_types::Env;

/// The least time between two lines of progress, in milliseconds.
const TELL_MILLIS: i64 = 1_000;

/// Move a server's data between SQLite and PostgreSQL, and its files into a bucket, while no server runs.
///
/// Stop every server first. A move that was interrupted goes on where it was when the same command is started again. The source is not changed.
#[derive(Debug, Args)]
pub struct MigrateStore {
    /// Where the data is: sqlite://DATA_FOLDER, or postgresql://USER:PASSWORD@HOST:PORT/DATABASE
    #[arg(env = "SUKI_MIGRATE_SOURCE", hide_env_values = true, requires = "target", required_unless_present = "files")]
    source: Option<String>,
    /// Where it goes, written alike; it is empty, or has the beginning of this move
    #[arg(env = "SUKI_MIGRATE_TARGET", hide_env_values = true)]
    target: Option<String>,
    /// Copy the files, too: from a data folder or s3://BUCKET/PREFIX to the other
    #[arg(long, num_args = 2, value_names = ["FROM", "TO"])]
    files: Option<Vec<String>>,
}

/// A side, as it was written.
#[derive(Debug, Clone, PartialEq, Eq)]
enum Side {
    /// The folder of `network.db` and `endpoint.db`, or one of these.
    Sqlite(PathBuf),
    Postgres(String),
}

impl Side {
    fn parse(said: &str) -> Result<Self, Failure> {
        if said.starts_with("postgres://") || said.starts_with("postgresql://") {
            return Ok(Self::Postgres(said.to_owned()));
        }
        match said.strip_prefix("sqlite://") {
            Some(path) if !path.is_empty() => Ok(Self::Sqlite(path.into())),
            // It may be an address with a password in it, so it is not repeated.
            _ => Err("source and target are written sqlite://DATA_FOLDER or postgresql://USER:PASSWORD@HOST:PORT/DATABASE".into()),
        }
    }

    /// Where a plane's store is on this side; none when this side is the other plane's file.
    fn place(&self, plane: Plane) -> Option<Place> {
        match self {
            Self::Postgres(url) => Some(Place::Postgres { url: url.clone(), schema: plane.schema() }),
            Self::Sqlite(path) if path.extension().is_some_and(|kind| kind == "db") => {
                (path.file_name() == Some(plane.file_name().as_ref())).then(|| Place::Sqlite(path.clone()))
            }
            Self::Sqlite(folder) => Some(Place::Sqlite(folder.join(plane.file_name()))),
        }
    }

    /// Makes the folder that a target's files are to be in.
    fn make(&self) -> Result<(), Failure> {
        let Self::Sqlite(path) = self else { return Ok(()) };
        let folder = if path.extension().is_some_and(|kind| kind == "db") { path.parent().unwrap_or(Path::new(".")) } else { path };
        let made = fs::DirBuilder::new().recursive(true).mode(0o700).create(folder);
        Ok(made.map_err(|error| format!("cannot make the folder {}: {error}", folder.display()))?)
    }
}

impl MigrateStore {
    /// Carries out the move.
    ///
    /// # Errors
    /// When a side is in use, is not what it should be, or what arrived differs; the text says what to do.
    pub fn run(self) -> Result<(), Failure> {
        let env = world::env();
        if let (Some(source), Some(target)) = (&self.source, &self.target) {
            move_stores(&Side::parse(source)?, &Side::parse(target)?, &env)?;
        }
        if let Some([from, to]) = self.files.as_deref() {
            let (from, to) = (files_of(from)?, files_of(to)?);
            block_on(move_files(from, to, env))?;
        }
        tell_next(&self);
        Ok(())
    }
}

/// What the planes' stores are made of.
fn migrations(plane: Plane) -> Vec<Migration> {
    match plane {
        Plane::Network => suki_network::migrations(),
        Plane::Endpoint => suki_endpoint::MIGRATIONS.to_vec(),
    }
}

fn move_stores(source: &Side, target: &Side, env: &Env) -> Result<(), Failure> {
    if source == target {
        return Err("source and target are the same".into());
    }
    target.make()?;
    let mut any = false;
    for plane in [Plane::Network, Plane::Endpoint] {
        let (Some(from), Some(to)) = (source.place(plane), target.place(plane)) else { continue };
        let mut teller = Teller::new(plane.name(), env);
        match transfer::run(&from, &to, &migrations(plane), &mut |progress| teller.rows(&progress)) {
            Ok(moved) => tell_moved(plane, moved),
            // A business that keeps its keys on its own premises has no network there, and the other way round.
            Err(TransferError::NoSource) => continue,
            Err(error) => return Err(told(plane, target, &error).into()),
        }
        any = true;
    }
    if any { Ok(()) } else { Err(format!("the source holds neither a network nor an endpoint{}", where_of(source)).into()) }
}

fn where_of(side: &Side) -> String {
    match side {
        Side::Sqlite(path) => format!(": {} has no network.db and no endpoint.db", path.display()),
        Side::Postgres(_) => ": the database has no schema suki_network and no schema suki_endpoint with a store in it".into(),
    }
}

/// An error, with what to do about it here.
fn told(plane: Plane, target: &Side, error: &TransferError) -> String {
    let name = plane.name();
    let remove = match (error, target) {
        (TransferError::Occupied | TransferError::Other | TransferError::Differs { .. }, Side::Postgres(_)) => {
            format!(" (in the database: DROP SCHEMA {} CASCADE)", plane.schema())
        }
        (TransferError::Occupied | TransferError::Other | TransferError::Differs { .. }, Side::Sqlite(_)) => format!(" ({name}.db)"),
        (TransferError::Store(End::Source | End::Target, stored), _) if stored.is_temporary() => {
            "; what was copied stays: start the same command again to go on".into()
        }
        _ => String::new(),
    };
    format!("the {name} was not moved: {error}{remove}")
}

fn files_of(said: &str) -> Result<Files, Failure> {
    Files::parse(Some(said), Path::new(""))
}

async fn move_files(from: Files, to: Files, env: Env) -> Result<(), Failure> {
    for plane in [Plane::Network, Plane::Endpoint] {
        let (source, target) = (from.open(plane).await?, to.open(plane).await?);
        let mut teller = Teller::new(plane.name(), &env);
        let copied = copy(&source, &target, &mut |copied| {
            teller.tell("files", copied.files, (copied.before, copied.of_files));
        })
        .await
        .map_err(|error| format!("the files of the {} were not all copied: {error}; start the same command again to go on", plane.name()))?;
        tell_files(plane, copied.files, copied.bytes);
    }
    Ok(())
}

/// Says how far a move has come, once a second at most.
struct Teller<'e> {
    name: &'static str,
    env: &'e Env,
    begun: i64,
    last: i64,
}

impl<'e> Teller<'e> {
    fn new(name: &'static str, env: &'e Env) -> Self {
        let now = env.now().millis();
        Self { name, env, begun: now, last: now }
    }

    fn rows(&mut self, progress: &Progress<'_>) {
        match progress.phase {
            Phase::Copying => self.tell(&format!("rows copied ({})", progress.table), progress.rows, (progress.before, progress.of)),
            Phase::Verifying => self.tell(&format!("rows compared ({})", progress.table), progress.rows, (0, progress.of)),
        }
    }

    #[expect(clippy::print_stderr, reason = "whoever started the move watches it")]
    fn tell(&mut self, what: &str, done: u64, (before, of): (u64, u64)) {
        let now = self.env.now().millis();
        if now - self.last >= TELL_MILLIS {
            self.last = now;
            let (rate, left) = pace(done - before, of.saturating_sub(done), now - self.begun);
            eprintln!("{}: {done} of {of} {what}, {rate} a second, about {left} s left", self.name);
        }
    }
}

/// How many a second, and how many seconds are left.
fn pace(done: u64, left: u64, millis: i64) -> (u64, u64) {
    let rate = done.saturating_mul(1000) / u64::try_from(millis).unwrap_or(0).max(1);
    (rate, left / rate.max(1))
}

#[expect(clippy::print_stdout, reason = "this command's purpose is to say what it did")]
fn tell_moved(plane: Plane, moved: Moved) {
    println!(
        "The {}: {} tables, {} rows; every table has the same rows on both sides (checksum {})",
        plane.name(),
        moved.tables,
        moved.sum.rows,
        moved.sum
    );
}

#[expect(clippy::print_stdout, reason = "this command's purpose is to say what it did")]
fn tell_files(plane: Plane, files: u64, bytes: u64) {
    println!("The files of the {}: {files}, {bytes} bytes; all are there", plane.name());
}

#[expect(clippy::print_stdout, reason = "this command's purpose is to say what it did")]
fn tell_next(moving: &MigrateStore) {
    let files = moving.files.as_ref().and_then(|files| files.last()).map_or_else(String::new, |to| format!(" --files {to}"));
    println!("\nWhat to do next (docs/MOVING-UP.md):");
    match moving.target.as_deref().and_then(|target| target.strip_prefix("sqlite://")) {
        Some(folder) => println!("  suki serve --data {folder}{files}\nwith network.key and endpoint.key in that folder, or in that of --keys."),
        None if moving.target.is_some() => println!(
            "  suki serve --database postgresql://…{files} --keys DIR\nwith the source's network.key and endpoint.key in DIR: without them nothing can be read. Start as many nodes as you like."
        ),
        None => println!("  suki serve{files}, with the other options as before"),
    }
    if moving.target.is_some() {
        println!(
            "The source was not changed. Keep it until you trust the new place, and start no server on it again: what it sent would be sent twice."
        );
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sides_are_read() {
        assert_eq!(Side::parse("sqlite:///var/lib/suki").unwrap(), Side::Sqlite("/var/lib/suki".into()));
        assert!(matches!(Side::parse("postgres://u:p@h/d").unwrap(), Side::Postgres(_)));
        for wrong in ["data", "sqlite://", "mysql://u:hidden@h/d"] {
            let told = Side::parse(wrong).unwrap_err().to_string();
            assert!(told.contains("sqlite://DATA_FOLDER") && !told.contains("hidden"), "{told}");
        }
        let one = Side::parse("sqlite://data/network.db").unwrap();
        assert!(matches!(one.place(Plane::Network), Some(Place::Sqlite(path)) if path == Path::new("data/network.db")));
        assert!(one.place(Plane::Endpoint).is_none());
    }

    #[test]
    fn a_pace_is_of_this_run() {
        assert_eq!(pace(50_000, 200_000, 2000), (25_000, 8));
        assert_eq!(pace(0, 10, 0), (0, 10));
    }
}
