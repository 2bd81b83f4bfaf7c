//! The stores: whether they answer, how long a commit takes, whether the keys are theirs; of PostgreSQL its version, settings and clock.
use super::{Finding, in_time, millis};
use crate::{
    cli::{Failure, Role, Serve},
    storage::Plane,
    world::Stopwatch,
};
use aws_lc_rs::signature::{Ed25519KeyPair, KeyPair as _};
use std::fs;
use suki_endpoint::vault::Vault;
use suki_store::{Db, StoreError};
use suki_types::Env;

/// The oldest PostgreSQL that is supported, as it writes its version.
const OLDEST: i64 = 150_000;
/// A clock that is further off than this, in milliseconds, is worth a word.
const OFF_MILLIS: i64 = 2_000;

/// Looks at those that this process would open.
pub async fn examine(serve: &Serve, env: &Env) -> Vec<Finding> {
    let planes: &[Plane] = match serve.role {
        Role::All => &[Plane::Network, Plane::Endpoint],
        Role::Network => &[Plane::Network],
        Role::Endpoint => &[Plane::Endpoint],
    };
    let mut findings = Vec::new();
    for plane in planes {
        findings.extend(one(serve, *plane, env).await);
    }
    findings
}

async fn one(serve: &Serve, plane: Plane, env: &Env) -> Vec<Finding> {
    let check = match plane {
        Plane::Network => "network store",
        Plane::Endpoint => "endpoint store",
    };
    if !serve.storage.has(plane) {
        return vec![Finding::ok(check, "not there yet; suki serve makes it")];
    }
    let watch = Stopwatch::start();
    let db = match in_time(env, serve.storage.open_known(plane)).await {
        Ok(db) => db,
        Err(error) => return vec![Finding::failed(check, error.to_string(), advice(serve))],
    };
    let opened = watch.elapsed();
    let mut findings = vec![match in_time(env, commit(&db)).await {
        Ok(took) => Finding::ok(check, format!("opened in {}, answers in {}", millis(opened), millis(took))),
        Err(error) => Finding::failed(check, error.to_string(), advice(serve)),
    }];
    if plane == Plane::Network && db.is_shared() {
        findings.extend(server(&db, env).await);
    }
    if !findings.iter().any(Finding::is_failed) {
        findings.push(key(serve, plane, &db, env).await);
    }
    findings
}

fn advice(serve: &Serve) -> &'static str {
    match serve.storage.database {
        Some(_) => "check the address in --database, that PostgreSQL runs there, and that its user may create schemas",
        None => "check who owns the file, and that the disk has room",
    }
}

/// How long a unit takes that reads, and one that writes.
async fn commit(db: &Db) -> Result<std::time::Duration, Failure> {
    let watch = Stopwatch::start();
    let shared = db.is_shared();
    db.read(|tx| tx.query_one("SELECT 1", &[], |row| row.get::<i64>(0))).await?;
    db.write(move |tx| {
        if shared {
            // A transaction with a number of its own is written to the server's log, and its commit waits for the disk.
            tx.query_one("SELECT CAST(txid_current() AS BIGINT)", &[], |row| row.get::<i64>(0))?;
        }
        Ok::<_, StoreError>(())
    })
    .await?;
    Ok(watch.elapsed())
}

/// What PostgreSQL says of itself.
async fn server(db: &Db, env: &Env) -> Vec<Finding> {
    let asked = db.read(|tx| {
        let version = "SELECT CAST(current_setting('server_version_num') AS BIGINT)";
        let version = tx.query_one(version, &[], |row| row.get::<i64>(0))?;
        let fsync = tx.query_one("SELECT current_setting('fsync')", &[], |row| row.get::<String>(0))?;
        let clock = "SELECT CAST(extract(epoch FROM clock_timestamp()) * 1000 AS BIGINT)";
        Ok::<_, StoreError>((version, fsync, tx.query_one(clock, &[], |row| row.get::<i64>(0))?))
    });
    match in_time(env, async { Ok(asked.await?) }).await {
        Ok((version, fsync, clock)) => {
            vec![told_version(version), told_fsync(&fsync), told_clock(clock - env.now().millis())]
        }
        Err(error) => vec![Finding::failed("database", error.to_string(), "check what PostgreSQL's own log says")],
    }
}

fn told_version(version: i64) -> Finding {
    let words = format!("PostgreSQL {}.{}", version / 10_000, version % 10_000);
    match version {
        OLDEST.. => Finding::ok("database", words),
        _ => Finding::failed("database", words, "PostgreSQL 15 or newer is needed"),
    }
}

fn told_fsync(fsync: &str) -> Finding {
    match fsync {
        "on" => Finding::ok("durability", "what is committed is on the database's disk"),
        _ => Finding::failed("durability", "fsync is off: a power cut loses and breaks what was acknowledged", "set fsync = on in postgresql.conf"),
    }
}

fn told_clock(off: i64) -> Finding {
    let words = format!("the database's clock is {:+.1} s from this machine's", off as f64 / 1000.0);
    match off.abs() {
        ..=OFF_MILLIS => Finding::ok("clock", words),
        _ => Finding::warning(
            "clock",
            words,
            "nodes go by the database's clock, so no harm is done; check the time service of both machines all the same",
        ),
    }
}

/// Whether the store was written with the key that lies here.
async fn key(serve: &Serve, plane: Plane, db: &Db, env: &Env) -> Finding {
    let check = match plane {
        Plane::Network => "network key",
        Plane::Endpoint => "endpoint key",
    };
    // A store that no server has opened since has no such table yet.
    let stored: Option<Vec<u8>> = in_time(env, async { Ok(noted(db, plane).await?) }).await.unwrap_or_default();
    let Some(stored) = stored else { return Finding::ok(check, "the store has noted none yet") };
    let own = fs::read(serve.storage.key(plane)).ok().and_then(|bytes| <[u8; 32]>::try_from(bytes).ok());
    let own = own.and_then(|own| fingerprint(plane, own, env));
    match own {
        Some(own) if own == stored => Finding::ok(check, "it is the one that the store was written with"),
        Some(_) => Finding::failed(
            check,
            "the store was written with another key",
            "all nodes of a database have the same key files: copy them from a node that works, or from a backup, into the folder of --keys",
        ),
        None => {
            Finding::failed(check, "the store was written with a key that is not here", "copy the key files into the folder of --keys, or of --data")
        }
    }
}

/// The fingerprint of the key that a store was written with.
async fn noted(db: &Db, plane: Plane) -> Result<Option<Vec<u8>>, StoreError> {
    let sql = "SELECT fingerprint FROM key_check WHERE subject = ?1";
    db.read(move |tx| tx.query_opt(sql, &[plane.name().into()], |row| row.get(0))).await
}

/// Whether a store was written with this key.
///
/// # Errors
/// When it cannot be read.
pub async fn is_key_of(db: &Db, plane: Plane, key: [u8; 32], env: &Env) -> Result<bool, StoreError> {
    let stored = noted(db, plane).await?;
    Ok(stored.is_some() && stored == fingerprint(plane, key, env))
}

fn fingerprint(plane: Plane, key: [u8; 32], env: &Env) -> Option<Vec<u8>> {
    match plane {
        Plane::Network => Some(Ed25519KeyPair::from_seed_unchecked(&key).ok()?.public_key().as_ref().to_vec()),
        Plane::Endpoint => Some(Vault::new(key, env.clone()).tag("fingerprint", b"").to_vec()),
    }
}

#[cfg(test)]
mod tests {
    use super::{super::State, *};

    #[test]
    fn what_a_database_says_of_itself_is_judged() {
        assert_eq!((told_version(150_014).state, told_version(150_014).found.as_str()), (State::Ok, "PostgreSQL 15.14"));
        assert_eq!(told_version(140_010).state, State::Failed);
        assert_eq!([told_fsync("on").state, told_fsync("off").state], [State::Ok, State::Failed]);
        assert_eq!([told_clock(-150).state, told_clock(300_000).state], [State::Ok, State::Warning]);
        assert!(told_clock(300_000).found.contains("+300.0 s"));
    }
}
