//! What a node shows when the authority asks whether a name is the nodes' own (RFC 8737): a certificate of its own making with the proof in it, which the node
//! that orders has left in the store.
use super::Kept;
use crate::{
    cli::Failure,
    operate::tls::{automatic::CHALLENGE, crypto},
};
use rcgen::{CertificateParams, CustomExtension, KeyPair, PKCS_ECDSA_P256_SHA256};
use std::sync::Arc;
use tokio_rustls::rustls::{
    ServerConfig,
    pki_types::{PrivateKeyDer, PrivatePkcs8KeyDer},
    server::ClientHello,
    sign::{CertifiedKey, SingleCertAndKey},
};

/// Answers an authority.
#[derive(Clone)]
pub struct Answers(Kept);

impl Answers {
    /// From what the nodes keep.
    pub fn new(kept: Kept) -> Self {
        Self(kept)
    }

    /// The name that is asked about, when it is an authority that asks.
    pub fn asked(hello: &ClientHello<'_>) -> Option<String> {
        let mut protocols = hello.alpn()?;
        let asks = protocols.next() == Some(CHALLENGE) && protocols.next().is_none();
        hello.server_name().filter(|_| asks).map(str::to_owned)
    }

    /// What is spoken with the authority.
    ///
    /// # Errors
    /// When nobody orders a certificate for this name, or the store fails.
    pub async fn config(&self, domain: String) -> Result<Arc<ServerConfig>, Failure> {
        let proof = self.0.proof(&domain).await?.ok_or("no certificate is ordered for this name")?;
        let proof: [u8; 32] = proof.try_into().map_err(|_| "a proof has 32 bytes")?;
        let key = KeyPair::generate_for(&PKCS_ECDSA_P256_SHA256)?;
        let mut params = CertificateParams::new(vec![domain])?;
        params.custom_extensions = vec![CustomExtension::new_acme_identifier(&proof)];
        let chain = vec![params.self_signed(&key)?.der().clone()];
        let crypto = crypto();
        let secret = crypto.key_provider.load_private_key(PrivateKeyDer::Pkcs8(PrivatePkcs8KeyDer::from(key.serialize_der())))?;
        // Not looked at by the library before it is shown: the proof is an extension that it does not know, and that has to be critical.
        let shown = SingleCertAndKey::from(CertifiedKey::new(chain, secret));
        let config = ServerConfig::builder_with_provider(crypto).with_safe_default_protocol_versions()?;
        let mut config = config.with_no_client_auth().with_cert_resolver(Arc::new(shown));
        config.alpn_protocols = vec![CHALLENGE.to_vec()];
        Ok(Arc::new(config))
    }
}
