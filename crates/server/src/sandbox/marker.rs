//! What a database that nodes share says it is: a sandbox's, with how far its clock was moved, or a production server's. A data folder says it by the file of
//! [`super::Record`]; many nodes have a folder each.
use super::SandboxClock;
use suki_store::{Db, StoreError, Tx};
use suki_types::Env;

/// The row of a sandbox; its value is how far the clock was moved on, in milliseconds.
const SANDBOX: &str = "sandbox";
/// The row that every network's store has.
const NETWORK: &str = "system_account";
/// How often a node looks whether another has moved the clock, in milliseconds.
const LOOK_MILLIS: i64 = 1_000;

/// What a store is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Marked {
    /// Nobody has used it.
    Nothing,
    /// A sandbox's, whose clock was moved on by so many milliseconds.
    Sandbox(i64),
    /// A production server's.
    Production,
}

/// What the network's store is.
///
/// # Errors
/// When it cannot be read.
pub async fn find(db: &Db) -> Result<Marked, StoreError> {
    let sandbox = db.read(moved).await;
    match sandbox {
        Ok(Some(moved)) => Ok(Marked::Sandbox(moved)),
        Ok(None) => {
            let network = db.read(|tx| tx.query_opt("SELECT value FROM setting WHERE name = ?1", &[NETWORK.into()], |_| Ok(()))).await;
            let network: Option<()> = network?;
            Ok(if network.is_some() { Marked::Production } else { Marked::Nothing })
        }
        // Before the first migration there is no such table.
        Err(StoreError::Statement(_)) => Ok(Marked::Nothing),
        Err(error) => Err(error),
    }
}

/// Says that the store is a sandbox's whose clock was moved on by at least so many milliseconds.
///
/// # Errors
/// When it cannot be written.
pub async fn leave(db: &Db, millis: i64) -> Result<(), StoreError> {
    db.write(move |tx| {
        let value = moved(tx)?.map_or(millis, |known| known.max(millis)).to_be_bytes();
        let sql = "INSERT INTO setting (name, value) VALUES (?1, ?2) ON CONFLICT (name) DO UPDATE SET value = excluded.value";
        tx.execute(sql, &[SANDBOX.into(), (&value).into()]).map(drop)
    })
    .await
}

/// Moves this node's clock on when another node has moved its own: for as long as the process runs.
pub async fn follow(db: Db, clock: SandboxClock, world: Env) {
    loop {
        match db.read(moved).await {
            Ok(there) => clock.advance(there.unwrap_or_default() - clock.moved()),
            Err(error) => tracing::debug!(%error, "cannot see how far the other nodes have moved the clock"),
        }
        world.clock.wait_until(world.now().plus_millis(LOOK_MILLIS)).await;
    }
}

fn moved(tx: &mut Tx<'_>) -> Result<Option<i64>, StoreError> {
    let value = tx.query_opt("SELECT value FROM setting WHERE name = ?1", &[SANDBOX.into()], |row| row.get::<Vec<u8>>(0))?;
    let millis = value.map(|bytes| bytes.try_into().map(i64::from_be_bytes).map_err(|_| StoreError::Corrupt("sandbox")));
    millis.transpose()
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::sync::Arc;
    use suki_network::{Config, Network};
    use suki_rules::Policy;
    use suki_store::testing;

    #[tokio::test]
    async fn a_store_says_what_it_is_and_how_far_its_clock_was_moved() {
        let (_folder, db) = testing::store();
        assert_eq!(find(&db).await.expect("it is read"), Marked::Nothing, "before the first migration");
        let policy = Arc::new(Policy::shipped("meta-2026").expect("it is shipped"));
        Network::open(db.clone(), [7; 32], policy, Env::for_tests(7), Config::default()).await.expect("the network opens");
        assert_eq!(find(&db).await.expect("it is read"), Marked::Production);
        for (millis, stored) in [(0, 0), (5_000, 5_000), (1_000, 5_000)] {
            leave(&db, millis).await.expect("it is written");
            assert_eq!(find(&db).await.expect("it is read"), Marked::Sandbox(stored), "it never goes back");
        }
    }
}
