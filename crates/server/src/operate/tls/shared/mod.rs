//! Certificates that an authority gives to the nodes of one database together (ACME, RFC 8555): one node orders, any node answers when the authority asks
//! whether a name is theirs (RFC 8737), and all show the same certificate.
//!
//! | module | subject |
//! |---|---|
//! | `kept` | account, certificate and proofs in the shared store |
//! | `order` | one order at the authority |
//! | `answer` | a node's answer when the authority asks |
mod answer;
mod kept;
mod order;

pub use answer::Answers;
pub use kept::Kept;

use super::{Options, automatic, crypto};
use crate::cli::Failure;
use aws_lc_rs::digest;
use order::Authority;
use parking_lot::RwLock;
use rustls_acme::acme::LETS_ENCRYPT_PRODUCTION_DIRECTORY;
use std::{fmt, sync::Arc};
use suki_types::{NodeId, Timestamp, limits};
use tokio_rustls::rustls::{
    pki_types::{CertificateDer, PrivateKeyDer, pem::PemObject as _},
    server::{ClientHello, ResolvesServerCert},
    sign::CertifiedKey,
};
use x509_parser::prelude::{FromDer as _, X509Certificate};

/// The certificate that is shown; none until there is one.
#[derive(Default)]
pub struct Shown(RwLock<Option<Arc<Current>>>);

struct Current {
    pem: Vec<u8>,
    certified: Arc<CertifiedKey>,
    renew_at: Timestamp,
}

impl fmt::Debug for Shown {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Shown({})", self.0.read().is_some())
    }
}

impl ResolvesServerCert for Shown {
    fn resolve(&self, _: ClientHello<'_>) -> Option<Arc<CertifiedKey>> {
        self.0.read().as_ref().map(|current| current.certified.clone())
    }
}

/// Begins to show the nodes' certificate and to see to it that there is one, in turn with the other nodes.
///
/// # Errors
/// When a name is none, or the directory's authority cannot be read.
pub fn start(options: &Options, kept: Kept, node: NodeId) -> Result<Arc<Shown>, Failure> {
    automatic::check(&options.domains)?;
    let authority = Authority {
        directory: options.directory.clone().unwrap_or_else(|| LETS_ENCRYPT_PRODUCTION_DIRECTORY.to_owned()),
        client: automatic::client(options.directory_ca.as_deref())?,
        contact: options.contact.iter().map(|mail| format!("mailto:{mail}")).collect(),
        domains: options.domains.clone(),
    };
    let shown = Arc::new(Shown::default());
    let name = name(&authority);
    tokio::spawn(Keeper { kept, node, authority, name, shown: shown.clone(), failures: 0, next_try: Timestamp::from_millis(0) }.run());
    Ok(shown)
}

/// A certificate is of its names and its authority: with others it is another.
fn name(authority: &Authority) -> String {
    let mut domains = authority.domains.clone();
    domains.sort_unstable();
    let of = format!("{}\n{}", authority.directory, domains.join("\n"));
    format!("certificate/{}", hex::encode(digest::digest(&digest::SHA256, of.as_bytes())))
}

/// The task that keeps a node's certificate fresh.
struct Keeper {
    kept: Kept,
    node: NodeId,
    authority: Authority,
    name: String,
    shown: Arc<Shown>,
    failures: u32,
    next_try: Timestamp,
}

impl Keeper {
    async fn run(mut self) {
        loop {
            if let Err(error) = self.look().await {
                self.failures = self.failures.saturating_add(1);
                let pause = (limits::TLS_ORDER_PAUSE_MILLIS << self.failures.min(12)).min(limits::TLS_ORDER_MOST_MILLIS);
                self.next_try = self.kept.env().now().plus_millis(pause);
                tracing::warn!(%error, "a certificate was not had; it is tried again, with longer and longer pauses");
            }
            let pause = if self.shown.0.read().is_some() { limits::TLS_RELOAD_MILLIS } else { limits::TLS_FIRST_MILLIS };
            self.kept.env().clock.wait_until(self.kept.env().now().plus_millis(pause)).await;
        }
    }

    /// Shows what the nodes have; orders when that is nothing, or ends soon, and no other node does.
    async fn look(&mut self) -> Result<(), Failure> {
        if let Some(pem) = self.kept.secret(&self.name).await? {
            self.show(pem, "the certificate that the nodes keep is shown")?;
        }
        let now = self.kept.env().now();
        let is_good = self.shown.0.read().as_ref().is_some_and(|current| now < current.renew_at);
        if is_good || now < self.next_try || !self.kept.orders(self.node, now.plus_millis(limits::TLS_ORDER_MILLIS)).await? {
            return Ok(());
        }
        let ordered = self.order().await;
        self.kept.forget_proofs(&self.authority.domains).await?;
        self.kept.ordered(self.node).await?;
        let pem = ordered?;
        self.failures = 0;
        self.show(pem, "a new certificate is shown")
    }

    async fn order(&self) -> Result<Vec<u8>, Failure> {
        let pem = self.authority.certificate(&self.kept).await?.into_bytes();
        parse(&pem)?;
        self.kept.set_secret(&self.name, &pem).await?;
        Ok(pem)
    }

    fn show(&self, pem: Vec<u8>, told: &str) -> Result<(), Failure> {
        if self.shown.0.read().as_ref().is_some_and(|current| current.pem == pem) {
            return Ok(());
        }
        let (certified, renew_at) = parse(&pem)?;
        *self.shown.0.write() = Some(Arc::new(Current { pem, certified: Arc::new(certified), renew_at }));
        tracing::info!("{told}");
        Ok(())
    }
}

/// A key and its chain in PEM, and when the certificate is to be renewed: when a third of its time is left.
fn parse(pem: &[u8]) -> Result<(CertifiedKey, Timestamp), Failure> {
    let chain: Result<Vec<CertificateDer<'static>>, _> = CertificateDer::pem_slice_iter(pem).collect();
    let chain = chain.map_err(|error| format!("the authority's certificate cannot be read: {error}"))?;
    let first = chain.first().ok_or("the authority gave no certificate")?;
    let (_, parsed) = X509Certificate::from_der(first).map_err(|error| format!("the authority's certificate cannot be read: {error}"))?;
    let [from, until] = [parsed.validity().not_before, parsed.validity().not_after].map(|at| at.timestamp().saturating_mul(1000));
    let renew_at = Timestamp::from_millis(until - (until - from) / 3);
    // The parser's own words are left out: they could show a part of the key.
    let key = PrivateKeyDer::from_pem_slice(pem).map_err(|_| "the key that was made for the certificate cannot be read")?;
    Ok((CertifiedKey::from_der(chain, key, &crypto())?, renew_at))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_certificate_is_renewed_when_a_third_of_its_time_is_left() {
        let made = rcgen::generate_simple_self_signed(["shop.test".to_owned()]).expect("it is made");
        let pem = format!("{}\n{}", made.signing_key.serialize_pem(), made.cert.pem());
        let (certified, renew_at) = parse(pem.as_bytes()).expect("it is one");
        assert_eq!(certified.cert.len(), 1);
        // What rcgen makes without being told is good from 1975 to 4096.
        let (from, until) = (157_766_400_000_i64, 67_090_118_400_000_i64);
        assert_eq!(renew_at.millis(), until - (until - from) / 3);
        assert!(parse(made.cert.pem().as_bytes()).is_err(), "its key belongs to it");
    }

    #[test]
    fn other_names_and_other_authorities_have_other_certificates() {
        let of = |directory: &str, domains: &[&str]| {
            let client = automatic::client(None).expect("a client");
            let domains = domains.iter().map(|&domain| domain.to_owned()).collect();
            name(&Authority { directory: directory.into(), client, contact: Vec::new(), domains })
        };
        assert_eq!(of("a", &["x.test", "y.test"]), of("a", &["y.test", "x.test"]));
        assert_ne!(of("a", &["x.test"]), of("b", &["x.test"]));
        assert_ne!(of("a", &["x.test"]), of("a", &["x.test", "y.test"]));
    }
}
