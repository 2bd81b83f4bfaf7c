//! One order at an authority (RFC 8555, section 7.4): from the account to the certificate, with proofs that every node can show.
use super::kept::Kept;
use crate::cli::Failure;
use aws_lc_rs::digest;
use rcgen::{CertificateParams, DistinguishedName, KeyPair, PKCS_ECDSA_P256_SHA256};
use rustls_acme::acme::{Account, AuthStatus, Challenge, ChallengeType, Directory, Identifier, Order, OrderStatus};
use std::sync::Arc;
use tokio_rustls::rustls::ClientConfig;

/// The account's key, by its name.
const ACCOUNT: &str = "account";
/// How often an authority is asked whether something is done, with pauses that double.
const ASKED: u32 = 8;

/// Who asks for a certificate, and from whom.
pub struct Authority {
    /// The address of its ACME directory.
    pub directory: String,
    /// How it is spoken to.
    pub client: Arc<ClientConfig>,
    /// Whom it tells when something is wrong.
    pub contact: Vec<String>,
    /// The names of the certificate.
    pub domains: Vec<String>,
}

impl Authority {
    /// Gets a certificate: its key and its chain in PEM.
    ///
    /// # Errors
    /// When the authority refuses or cannot be reached, or the store fails.
    pub async fn certificate(&self, kept: &Kept) -> Result<String, Failure> {
        let account = self.account(kept).await?;
        let key = KeyPair::generate_for(&PKCS_ECDSA_P256_SHA256)?;
        let (address, mut order) = account.new_order(&self.client, self.domains.clone()).await?;
        for asked in 0..ASKED {
            order = match order.status {
                OrderStatus::Pending => {
                    for authorization in &order.authorizations {
                        self.prove(kept, &account, authorization).await?;
                    }
                    account.order(&self.client, &address).await?
                }
                OrderStatus::Processing => {
                    pause(kept, asked).await;
                    account.order(&self.client, &address).await?
                }
                OrderStatus::Ready => account.finalize(&self.client, &order.finalize, &self.request(&key)?).await?,
                OrderStatus::Valid { certificate } => {
                    let chain = account.certificate(&self.client, certificate).await?;
                    return Ok(format!("{}\n{chain}", key.serialize_pem()));
                }
                OrderStatus::Invalid => return Err(refused(&order)),
            };
        }
        Err("the authority did not make the certificate in time".into())
    }

    async fn account(&self, kept: &Kept) -> Result<Account, Failure> {
        let key = kept.first_secret(ACCOUNT, &Account::generate_key_pair()).await?;
        let directory = Directory::discover(&self.client, &self.directory).await?;
        Ok(Account::create_with_keypair(&self.client, directory, &self.contact, &key).await?)
    }

    fn request(&self, key: &KeyPair) -> Result<Vec<u8>, Failure> {
        let mut params = CertificateParams::new(self.domains.clone())?;
        params.distinguished_name = DistinguishedName::new();
        Ok(params.serialize_request(key)?.der().to_vec())
    }

    /// Proves that one of the names is the nodes' own.
    async fn prove(&self, kept: &Kept, account: &Account, authorization: &str) -> Result<(), Failure> {
        for asked in 0..ASKED {
            let authorized = account.auth(&self.client, authorization).await?;
            let Identifier::Dns(domain) = authorized.identifier;
            match authorized.status {
                AuthStatus::Valid => return Ok(()),
                AuthStatus::Pending if asked == 0 => {
                    let challenge = authorized.challenges.into_iter().find(|one| one.typ == ChallengeType::TlsAlpn01);
                    let challenge = challenge.ok_or_else(|| format!("the authority does not take a proof over TLS for {domain}"))?;
                    let address = challenge.url.clone();
                    // Before it asks: it may come to any node.
                    kept.set_proof(&domain, proof(account, challenge)?).await?;
                    account.challenge(&self.client, &address).await?;
                }
                AuthStatus::Pending => {}
                status => return Err(format!("the authority says of {domain} that it is {status:?}: it has to reach port 443 there").into()),
            }
            pause(kept, asked).await;
        }
        Err("the authority did not ask for a proof in time".into())
    }
}

/// What is shown: the digest of the key authorization. The library makes that for proofs over HTTP, where it is the same text.
fn proof(account: &Account, challenge: Challenge) -> Result<Vec<u8>, Failure> {
    let challenges = [Challenge { typ: ChallengeType::Http01, ..challenge }];
    let (_, authorization) = account.http_01(&challenges)?;
    Ok(digest::digest(&digest::SHA256, authorization.as_bytes()).as_ref().to_vec())
}

fn refused(order: &Order) -> Failure {
    let why = order.error.as_ref().and_then(|problem| problem.detail.clone()).unwrap_or_else(|| "it does not say why".to_owned());
    format!("the authority refuses the certificate: {why}").into()
}

async fn pause(kept: &Kept, asked: u32) {
    kept.env().clock.wait_until(kept.env().now().plus_millis(500 << asked)).await;
}
