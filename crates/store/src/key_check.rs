//! Whether a process that opens a store holds the key the store was written with: nodes with different keys could not read what the others sealed, and
//! would only find out one by one.
use crate::{Db, StoreError};

/// Compares the fingerprint of a key with the one in the store's table `key_check`, where the first that asks leaves its own. False when they differ.
///
/// # Errors
/// As a write.
pub async fn check_key(db: &Db, subject: &'static str, fingerprint: [u8; 32]) -> Result<bool, StoreError> {
    db.write(move |tx| {
        let leave = "INSERT INTO key_check (subject, fingerprint) VALUES (?1, ?2) ON CONFLICT (subject) DO NOTHING";
        tx.execute(leave, &[subject.into(), (&fingerprint).into()])?;
        let stored = tx.query_one("SELECT fingerprint FROM key_check WHERE subject = ?1", &[subject.into()], |row| row.get::<Vec<u8>>(0))?;
        Ok(stored == fingerprint)
    })
    .await
}
