//! TLS on the address that everybody uses: with certificates out of files, read again when they change, or with certificates that an authority such as
//! Let's Encrypt gives by itself (ACME).
//!
//! | module | subject |
//! |---|---|
//! | [`files`] | a certificate and its key out of files |
//! | [`automatic`] | certificates from an authority, for a server alone |
//! | [`shared`] | certificates from an authority, for the nodes of one database |
//! | [`listener`] | connections whose handshake is done |
//! | [`redirect`] | from http to https |
pub mod automatic;
pub mod files;
pub mod listener;
pub mod redirect;
pub mod shared;

use crate::{cli::Failure, world};
use clap::Args;
use std::{net::SocketAddr, path::PathBuf, sync::Arc};
use suki_types::NodeId;
use tokio_rustls::rustls::{
    ServerConfig,
    crypto::{CryptoProvider, aws_lc_rs},
    server::ResolvesServerCert,
};

/// How TLS is spoken. Without any of it the server speaks none, and a proxy in front does.
#[derive(Debug, Clone, Args)]
#[group(id = "tls")]
pub struct Options {
    /// Speak TLS with the certificate in this file (PEM, the whole chain); it is read again when it changes
    #[arg(long = "tls-cert", env = "SUKI_TLS_CERT", value_name = "FILE", requires = "key", conflicts_with = "domains")]
    pub certificate: Option<PathBuf>,
    /// The certificate's key (PEM)
    #[arg(id = "key", long = "tls-key", env = "SUKI_TLS_KEY", value_name = "FILE", requires = "certificate")]
    pub key: Option<PathBuf>,
    /// Speak TLS under these names, joined by commas, with a certificate from Let's Encrypt that renews itself; the server has to be reached at port 443 of
    /// each of them
    #[arg(id = "domains", long = "tls-domain", env = "SUKI_TLS_DOMAIN", value_name = "NAMES", value_delimiter = ',', requires = "contact")]
    pub domains: Vec<String>,
    /// Whom the authority tells when something is wrong with the certificate
    #[arg(id = "contact", long = "tls-contact", env = "SUKI_TLS_CONTACT", value_name = "MAIL")]
    pub contact: Option<String>,
    /// Another authority than Let's Encrypt: the address of its ACME directory
    #[arg(long = "tls-directory", env = "SUKI_TLS_DIRECTORY", value_name = "URL", requires = "domains")]
    pub directory: Option<String>,
    /// What that directory's own certificate is signed by, when it is no public authority (PEM)
    #[arg(long = "tls-directory-ca", env = "SUKI_TLS_DIRECTORY_CA", value_name = "FILE", requires = "directory")]
    pub directory_ca: Option<PathBuf>,
    /// Lead from http to https: an address, such as 0.0.0.0:80, that answers with the other address and nothing else
    #[arg(long = "tls-redirect", env = "SUKI_TLS_REDIRECT", value_name = "ADDRESS")]
    pub redirect: Option<SocketAddr>,
}

impl Options {
    /// Whether TLS is spoken.
    pub fn is_on(&self) -> bool {
        self.certificate.is_some() || !self.domains.is_empty()
    }

    /// Whether an authority gives the certificates.
    pub fn is_automatic(&self) -> bool {
        !self.domains.is_empty()
    }

    /// What a server alone speaks with clients, and a node with certificates out of files; none without TLS. What keeps the certificate fresh runs from then on.
    ///
    /// # Errors
    /// When a file cannot be read, a certificate and its key do not belong together, or a name or an address is none.
    pub async fn open(&self, data: &std::path::Path) -> Result<Option<Tls>, Failure> {
        if let (Some(certificate), Some(key)) = (&self.certificate, &self.key) {
            let files = files::Files::open(certificate.clone(), key.clone())?;
            tokio::spawn(files.clone().keep_fresh(world::env()));
            return Ok(Some(Tls { config: Arc::new(config(files, &[])?), answers: None }));
        }
        if self.domains.is_empty() {
            if self.redirect.is_some() {
                return Err("--tls-redirect leads to https, and there is none here: add --tls-domain, or --tls-cert and --tls-key".into());
            }
            return Ok(None);
        }
        let config = config(automatic::start(self, data)?, &[automatic::CHALLENGE])?;
        Ok(Some(Tls { config: Arc::new(config), answers: None }))
    }

    /// What one of several nodes speaks with clients when an authority gives their certificate.
    ///
    /// # Errors
    /// When a name is none, or the directory's authority cannot be read.
    pub fn open_shared(&self, kept: shared::Kept, node: NodeId) -> Result<Tls, Failure> {
        let shown = shared::start(self, kept.clone(), node)?;
        Ok(Tls { config: Arc::new(config(shown, &[])?), answers: Some(shared::Answers::new(kept)) })
    }
}

/// What is spoken with clients.
#[derive(Clone)]
pub struct Tls {
    /// With everybody.
    pub config: Arc<ServerConfig>,
    /// With an authority that asks whether a name is the nodes' own; without it the same as with everybody.
    pub answers: Option<shared::Answers>,
}

/// The ciphers.
pub(crate) fn crypto() -> Arc<CryptoProvider> {
    Arc::new(aws_lc_rs::default_provider())
}

/// TLS 1.2 and 1.3, HTTP/2 and HTTP/1.1.
fn config(resolver: Arc<dyn ResolvesServerCert>, more: &[&[u8]]) -> Result<ServerConfig, Failure> {
    let config = ServerConfig::builder_with_provider(crypto()).with_safe_default_protocol_versions()?;
    let mut config = config.with_no_client_auth().with_cert_resolver(resolver);
    config.alpn_protocols = [&b"h2"[..], b"http/1.1"].into_iter().chain(more.iter().copied()).map(<[u8]>::to_vec).collect();
    Ok(config)
}
