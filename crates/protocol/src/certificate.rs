//! Certificates: the network vouches that a device's key belongs to an account. They stand in every MLS credential.
use crate::pb;
use aws_lc_rs::signature::{ED25519, Ed25519KeyPair, UnparsedPublicKey};
use prost::Message as _;
use suki_types::{AccountId, DeviceId, Timestamp};

const CONTEXT: &[u8] = b"suki/certificate/1";

/// Who a device is, checked against the network's key.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Identity {
    /// The account it acts for.
    pub account: AccountId,
    /// The device.
    pub device: DeviceId,
    /// What the account is.
    pub kind: pb::AccountKind,
    /// Its Ed25519 key, 32 bytes: signs log-ins and MLS leaves.
    pub signature_key: Vec<u8>,
}

/// Why a certificate does not count.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum CertificateError {
    /// Not the bytes of a certificate.
    #[error("the certificate cannot be read")]
    Malformed,
    /// The network did not sign it.
    #[error("the certificate is not signed by this network")]
    Forged,
}

/// Makes the certificate of a device.
pub fn issue(network_key: &Ed25519KeyPair, identity: &Identity, now: Timestamp) -> Vec<u8> {
    let body = pb::CertificateBody {
        account: identity.account.to_vec(),
        device: identity.device.to_vec(),
        kind: identity.kind.into(),
        signature_key: identity.signature_key.clone(),
        issued_at: now.millis(),
    }
    .encode_to_vec();
    let signature = network_key.sign(&[CONTEXT, &body].concat()).as_ref().to_vec();
    pb::Certificate { body, signature }.encode_to_vec()
}

/// Reads a certificate and checks that the network with this Ed25519 key (32 bytes) signed it.
///
/// # Errors
/// When it cannot be read or the signature is another's.
pub fn verify(network_public_key: &[u8], certificate: &[u8]) -> Result<Identity, CertificateError> {
    let certificate = pb::Certificate::decode(certificate).map_err(|_| CertificateError::Malformed)?;
    UnparsedPublicKey::new(&ED25519, network_public_key)
        .verify(&[CONTEXT, &certificate.body].concat(), &certificate.signature)
        .map_err(|_| CertificateError::Forged)?;
    identity(&certificate.body)
}

/// Reads a certificate whose signature was checked before, as those of a group's members are.
///
/// # Errors
/// When it cannot be read.
pub fn read_unverified(certificate: &[u8]) -> Result<Identity, CertificateError> {
    identity(&pb::Certificate::decode(certificate).map_err(|_| CertificateError::Malformed)?.body)
}

fn identity(body: &[u8]) -> Result<Identity, CertificateError> {
    let body = pb::CertificateBody::decode(body).map_err(|_| CertificateError::Malformed)?;
    if body.signature_key.len() != 32 || body.kind() == pb::AccountKind::Unspecified {
        return Err(CertificateError::Malformed);
    }
    Ok(Identity {
        account: AccountId::try_from(&body.account[..]).map_err(|_| CertificateError::Malformed)?,
        device: DeviceId::try_from(&body.device[..]).map_err(|_| CertificateError::Malformed)?,
        kind: body.kind(),
        signature_key: body.signature_key,
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use aws_lc_rs::signature::KeyPair as _;
    use suki_types::Env;

    #[test]
    fn only_the_networks_own_signature_counts() {
        let key = Ed25519KeyPair::from_seed_unchecked(&[1; 32]).expect("a seed is a key");
        let other = Ed25519KeyPair::from_seed_unchecked(&[2; 32]).expect("a seed is a key");
        let env = Env::for_tests(1);
        let identity =
            Identity { account: AccountId::new(&env), device: DeviceId::new(&env), kind: pb::AccountKind::Person, signature_key: vec![3; 32] };
        let certificate = issue(&key, &identity, env.now());
        assert_eq!(verify(key.public_key().as_ref(), &certificate), Ok(identity));
        assert_eq!(verify(other.public_key().as_ref(), &certificate), Err(CertificateError::Forged));
        let mut changed = certificate.clone();
        changed[10] ^= 1;
        assert!(verify(key.public_key().as_ref(), &changed).is_err());
        assert!(verify(key.public_key().as_ref(), &[]).is_err());
    }
}
