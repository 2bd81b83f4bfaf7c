//! What the nodes of one database keep together: the account at the authority, the certificate, and what is to be shown when the authority asks. What is
//! secret is sealed under a key that all of them hold.
use crate::cli::Failure;
use aws_lc_rs::hmac;
use suki_e2ee::sealed;
use suki_store::{Db, Key, StoreError, Tx};
use suki_types::{Env, NodeId, Timestamp};

/// All units of the nodes' certificates run one after the other.
const KEY: Key = *b"suki/tls/orders\0";
/// The row of the node that orders.
const ORDERS: &str = "orders";

/// The rows of one store, and the key that seals them.
#[derive(Clone)]
pub struct Kept {
    db: Db,
    key: [u8; 32],
    env: Env,
}

impl Kept {
    /// What is kept in this store; `key` is the plane's own.
    pub fn new(db: Db, key: &[u8; 32], env: Env) -> Self {
        let mut own = [0; 32];
        own.copy_from_slice(hmac::sign(&hmac::Key::new(hmac::HMAC_SHA256, key), b"suki/tls").as_ref());
        Self { db, key: own, env }
    }

    /// Time and randomness.
    pub fn env(&self) -> &Env {
        &self.env
    }

    /// A secret; none when there is none of this name.
    ///
    /// # Errors
    /// When the store fails, or it was sealed under another key.
    pub async fn secret(&self, name: &str) -> Result<Option<Vec<u8>>, Failure> {
        let sealed = self.value(name).await?;
        Ok(sealed.map(|sealed| sealed::open(&self.key, name.as_bytes(), &sealed)).transpose()?)
    }

    /// Keeps a secret in the place of the one that was there.
    ///
    /// # Errors
    /// When the store fails.
    pub async fn set_secret(&self, name: &str, secret: &[u8]) -> Result<(), Failure> {
        let sealed = sealed::seal(&self.key, name.as_bytes(), secret, &*self.env.entropy)?;
        Ok(self.set(name, sealed).await?)
    }

    /// Keeps a secret unless there is one, and gives the one that is there then.
    ///
    /// # Errors
    /// When the store fails.
    pub async fn first_secret(&self, name: &str, fresh: &[u8]) -> Result<Vec<u8>, Failure> {
        let (own, sealed, now) = (name.to_owned(), sealed::seal(&self.key, name.as_bytes(), fresh, &*self.env.entropy)?, self.env.now());
        let sql = "INSERT INTO tls_kept (name, value, changed_at) VALUES (?1, ?2, ?3) ON CONFLICT (name) DO NOTHING";
        self.write(move |tx| tx.execute(sql, &[own.as_str().into(), (&sealed).into(), now.into()])).await?;
        Ok(self.secret(name).await?.ok_or(StoreError::NotFound)?)
    }

    /// What is to be shown to the authority that asks about a name: the digest of the key authorization (RFC 8737, section 3).
    ///
    /// # Errors
    /// When the store fails.
    pub async fn proof(&self, domain: &str) -> Result<Option<Vec<u8>>, StoreError> {
        self.value(&challenge(domain)).await
    }

    /// From now on every node shows this.
    ///
    /// # Errors
    /// When the store fails.
    pub async fn set_proof(&self, domain: &str, proof: Vec<u8>) -> Result<(), StoreError> {
        self.set(&challenge(domain), proof).await
    }

    /// Nothing is shown to an authority any more.
    ///
    /// # Errors
    /// When the store fails.
    pub async fn forget_proofs(&self, domains: &[String]) -> Result<(), StoreError> {
        let names: Vec<String> = domains.iter().map(|domain| challenge(domain)).collect();
        self.write(move |tx| names.iter().try_for_each(|name| tx.execute("DELETE FROM tls_kept WHERE name = ?1", &[name.as_str().into()]).map(drop)))
            .await
    }

    /// Whether this node orders until then: no other does at the moment.
    ///
    /// # Errors
    /// When the store fails.
    pub async fn orders(&self, node: NodeId, until: Timestamp) -> Result<bool, StoreError> {
        let now = self.env.now();
        let sql = "INSERT INTO tls_kept (name, value, changed_at) VALUES (?1, ?2, ?3)
             ON CONFLICT (name) DO UPDATE SET value = excluded.value, changed_at = excluded.changed_at
             WHERE tls_kept.value = excluded.value OR tls_kept.changed_at <= ?4";
        let row = move |tx: &mut Tx<'_>| tx.execute(sql, &[ORDERS.into(), (&node).into(), until.into(), now.into()]);
        Ok(self.write(row).await? == 1)
    }

    /// This node orders no more: another may.
    ///
    /// # Errors
    /// When the store fails.
    pub async fn ordered(&self, node: NodeId) -> Result<(), StoreError> {
        self.write(move |tx| tx.execute("DELETE FROM tls_kept WHERE name = ?1 AND value = ?2", &[ORDERS.into(), (&node).into()]).map(drop)).await
    }

    async fn value(&self, name: &str) -> Result<Option<Vec<u8>>, StoreError> {
        let name = name.to_owned();
        self.db.read(move |tx| tx.query_opt("SELECT value FROM tls_kept WHERE name = ?1", &[name.as_str().into()], |row| row.get(0))).await
    }

    async fn set(&self, name: &str, value: Vec<u8>) -> Result<(), StoreError> {
        let (name, now) = (name.to_owned(), self.env.now());
        let sql = "INSERT INTO tls_kept (name, value, changed_at) VALUES (?1, ?2, ?3)
             ON CONFLICT (name) DO UPDATE SET value = excluded.value, changed_at = excluded.changed_at";
        self.write(move |tx| tx.execute(sql, &[name.as_str().into(), (&value).into(), now.into()]).map(drop)).await
    }

    async fn write<R: Send + 'static>(&self, unit: impl FnMut(&mut Tx<'_>) -> Result<R, StoreError> + Send + 'static) -> Result<R, StoreError> {
        self.db.keyed(KEY).write(unit).await
    }
}

fn challenge(domain: &str) -> String {
    format!("challenge/{domain}")
}

#[cfg(test)]
mod tests {
    use super::*;
    use suki_store::testing;

    async fn kept(key: u8) -> (tempfile::TempDir, Kept, Kept) {
        let (folder, db) = testing::store();
        let migrating = db.clone();
        tokio::task::spawn_blocking(move || migrating.migrate(suki_endpoint::MIGRATIONS)).await.expect("it ends").expect("they apply");
        let env = Env::for_tests(1);
        let one = Kept::new(db.clone(), &[1; 32], env.clone());
        (folder, one, Kept::new(db, &[key; 32], env))
    }

    #[tokio::test]
    async fn secrets_are_sealed_and_the_first_of_a_name_stays() {
        let (_folder, one, other) = kept(1).await;
        let first = one.first_secret("account", b"hunter2").await.expect("it is kept");
        assert_eq!(other.first_secret("account", b"another").await.expect("it is read"), first);
        one.set_secret("certificate", b"PEM").await.expect("it is kept");
        assert_eq!(other.secret("certificate").await.expect("it is read").as_deref(), Some(&b"PEM"[..]));
        let stored = one.value("account").await.expect("it is read").expect("it is there");
        assert!(!stored.windows(7).any(|part| part == b"hunter2"));
    }

    #[tokio::test]
    async fn who_holds_another_key_reads_none() {
        let (_folder, one, other) = kept(2).await;
        one.set_secret("certificate", b"PEM").await.expect("it is kept");
        assert!(other.secret("certificate").await.is_err());
    }

    #[tokio::test]
    async fn one_node_orders_until_its_time_is_over() {
        let (_folder, one, other) = kept(1).await;
        let (a, b) = (NodeId::from_bytes([1; 16]), NodeId::from_bytes([2; 16]));
        let until = |kept: &Kept| kept.env().now().plus_millis(1_000);
        assert!(one.orders(a, until(&one)).await.expect("it is asked"));
        assert!(!other.orders(b, until(&other)).await.expect("it is asked"));
        assert!(one.orders(a, until(&one)).await.expect("it is asked"), "it goes on");
        one.env().manual_clock().advance(1_000);
        assert!(other.orders(b, until(&other)).await.expect("it is asked"));
        assert!(!one.orders(a, until(&one)).await.expect("it is asked"));
        one.ordered(a).await.expect("it is told");
        assert!(!one.orders(a, until(&one)).await.expect("it is asked"), "that is the other's to say");
        other.ordered(b).await.expect("it is told");
        assert!(one.orders(a, until(&one)).await.expect("it is asked"));
    }

    #[tokio::test]
    async fn every_node_knows_what_is_to_be_shown_until_it_is_forgotten() {
        let (_folder, one, other) = kept(1).await;
        one.set_proof("shop.test", vec![7; 32]).await.expect("it is kept");
        assert_eq!(other.proof("shop.test").await.expect("it is read"), Some(vec![7; 32]));
        assert_eq!(other.proof("another.test").await.expect("it is read"), None);
        one.forget_proofs(&["shop.test".to_owned()]).await.expect("it is forgotten");
        assert_eq!(other.proof("shop.test").await.expect("it is read"), None);
    }
}
