//! The log's old end: what is older than the log is kept, or more than it keeps, goes. What still waits stays.
use super::Inner;
use crate::Error;
use std::sync::Arc;
use suki_store::{StoreError, Tx};
use suki_types::{AccountId, Timestamp, limits};

const HOUR_MILLIS: i64 = 3_600_000;
/// How many deliveries one unit looks at.
const PAGE: usize = 500;

/// Keeps the log of all businesses within its limits: every hour, and whenever much was stored.
pub(super) async fn hourly(inner: Arc<Inner>) {
    loop {
        if let Err(error) = all(&inner).await {
            tracing::error!(%error, "the log of webhooks cannot be shortened");
        }
        let next = inner.env.now().plus_millis(HOUR_MILLIS);
        tokio::select! {
            () = inner.env.clock.wait_until(next) => {}
            () = inner.prune.notified() => {}
        }
    }
}

async fn all(inner: &Inner) -> Result<(), Error> {
    let held: Vec<_> = inner.held.lock().iter().map(|(business, held)| (*business, held.clone())).collect();
    for (business, held) in held {
        let sql = "SELECT coalesce(max(seq), 0) FROM delivery WHERE business = ?1";
        let newest = held.db.read(move |tx| Ok::<_, Error>(tx.query_one(sql, &[(&business).into()], |row| row.get::<i64>(0))?)).await?;
        let before = inner.env.now().plus_millis(-limits::WEBHOOK_LOG_MILLIS);
        let mut after = 0;
        while let Some(place) =
            held.db.write(move |tx| Ok::<_, Error>(page(tx, business, after, newest, newest - limits::WEBHOOK_LOG_ROWS, before)?)).await?
        {
            after = place;
        }
    }
    Ok(())
}

/// Removes what ended, lies behind `after` and is no later than `up_to` or older than `before`: as much as one unit does. Gives where it goes on. The newest
/// always stays, so that no place is given twice.
fn page(tx: &mut Tx<'_>, business: AccountId, after: i64, newest: i64, up_to: i64, before: Timestamp) -> Result<Option<i64>, StoreError> {
    let sql = "SELECT seq, state, created_at FROM delivery WHERE business = ?1 AND seq > ?2 AND seq < ?3 ORDER BY seq LIMIT ?4";
    let rows = tx.query(sql, &[(&business).into(), after.into(), newest.into(), PAGE.into()], |row| {
        Ok((row.get::<i64>(0)?, row.get::<i64>(1)?, row.get::<Timestamp>(2)?))
    })?;
    let mut last = None;
    for (seq, state, created_at) in &rows {
        if *seq > up_to && *created_at >= before {
            return Ok(None);
        }
        last = Some(*seq);
        if *state != 0 {
            tx.execute("DELETE FROM delivery WHERE business = ?1 AND seq = ?2", &[(&business).into(), (*seq).into()])?;
            tx.execute("DELETE FROM delivery_attempt WHERE business = ?1 AND seq = ?2", &[(&business).into(), (*seq).into()])?;
        }
    }
    Ok(last.filter(|_| rows.len() == PAGE))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::MIGRATIONS;
    use suki_store::testing;

    #[tokio::test]
    async fn what_ended_long_ago_goes_and_what_waits_stays() {
        let (_folder, db) = testing::store();
        let migrating = db.clone();
        tokio::task::spawn_blocking(move || migrating.migrate(MIGRATIONS)).await.expect("it ends").expect("they apply");
        let business = AccountId::from_bytes([1; 16]);
        let sql =
            "INSERT INTO delivery (business, seq, hook, chat, body, created_at, attempts, next_at, state) VALUES (?1, ?2, 7, ?3, ?3, ?2, 0, 0, ?4)";
        let left: Vec<i64> = db
            .write(move |tx| {
                for seq in 1..=1_200_i64 {
                    let state = i64::from(seq % 100 != 0);
                    tx.execute(sql, &[(&business).into(), seq.into(), (&[0_u8; 16]).into(), state.into()])?;
                }
                // Of the first 600 what ended goes by number, up to 1,000 by age.
                let mut after = 0;
                while let Some(place) = page(tx, business, after, 1_200, 600, Timestamp::from_millis(1_001))? {
                    after = place;
                }
                tx.query("SELECT seq FROM delivery WHERE business = ?1 ORDER BY seq", &[(&business).into()], |row| row.get(0))
            })
            .await
            .map_err(|error: StoreError| error.to_string())
            .expect("it is stored");
        let waiting = (1..=10).map(|hundred| hundred * 100);
        assert_eq!(left, waiting.chain(1_001..=1_200).collect::<Vec<_>>());
    }
}
