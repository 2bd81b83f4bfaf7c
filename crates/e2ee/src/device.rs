//! A device: its signature key, its certificate, and the key packages with which others add it to groups.
use crate::{
    Error, Suite, configuration,
    crypto::{Crypto, Provider},
    storage::{Storage, encode},
};
use aws_lc_rs::signature::{Ed25519KeyPair, KeyPair as _};
use openmls::prelude::{BasicCredential, Credential, CredentialWithKey, KeyPackage, MlsMessageOut, OpenMlsProvider as _, SignaturePublicKey};
use openmls_traits::{
    signatures::{Signer, SignerError},
    types::SignatureScheme,
};
use std::{fmt, sync::Arc};
use suki_protocol::certificate::{self, Identity};
use suki_types::{AccountId, DeviceId};

/// This device: who it is, and the keys it signs with. Cheap to clone.
#[derive(Clone)]
pub struct Device(Arc<Inner>);

struct Inner {
    key: Ed25519KeyPair,
    identity: Identity,
    certificate: Vec<u8>,
    network_key: Vec<u8>,
    x25519: Arc<Crypto>,
    xwing: Arc<Crypto>,
}

/// A key package just made.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewKeyPackage {
    /// Names it: a welcome says which key package it is for.
    pub reference: Vec<u8>,
    /// What the network hands out: an MLSMessage.
    pub mls_message: Vec<u8>,
    /// Opens the welcome. To be stored sealed, and deleted after one use unless it is the last resort.
    pub secret: Vec<u8>,
}

fn key_pair(seed: &[u8; 32]) -> Ed25519KeyPair {
    Ed25519KeyPair::from_seed_unchecked(seed).expect("any 32 bytes are an Ed25519 seed")
}

impl Device {
    /// The device whose Ed25519 key has this seed, with the certificate the network gave it.
    ///
    /// # Errors
    /// When the certificate is not of the network with this Ed25519 key (32 bytes), or not for this device's key.
    pub fn from_seed(seed: &[u8; 32], certificate: Vec<u8>, network_key: &[u8]) -> Result<Self, Error> {
        let key = key_pair(seed);
        let identity = certificate::verify(network_key, &certificate)?;
        if identity.signature_key != key.public_key().as_ref() {
            return Err(Error::WrongKey);
        }
        let x25519 = Arc::new(Crypto::new(Suite::X25519)?);
        let xwing = Arc::new(Crypto::new(Suite::XWING)?);
        Ok(Self(Arc::new(Inner { key, identity, certificate, network_key: network_key.to_vec(), x25519, xwing })))
    }

    /// The Ed25519 public key (32 bytes) of a seed, for which a device asks the network for its certificate.
    pub fn public_key(seed: &[u8; 32]) -> Vec<u8> {
        key_pair(seed).public_key().as_ref().to_vec()
    }

    /// Signs bytes with a seed's key, before there is a certificate: registration proves the key this way.
    pub fn sign_with(seed: &[u8; 32], bytes: &[u8]) -> Vec<u8> {
        key_pair(seed).sign(bytes).as_ref().to_vec()
    }

    /// Signs bytes with the device's key (Ed25519, 64 bytes), as logging in asks for.
    pub fn sign(&self, bytes: &[u8]) -> Vec<u8> {
        self.0.key.sign(bytes).as_ref().to_vec()
    }

    /// Who this device is.
    pub fn identity(&self) -> &Identity {
        &self.0.identity
    }

    /// This device's id.
    pub fn id(&self) -> DeviceId {
        self.0.identity.device
    }

    /// The account it acts for.
    pub fn account(&self) -> AccountId {
        self.0.identity.account
    }

    /// Makes key packages of one suite, at most [`suki_types::limits::KEY_PACKAGES`] at once. A last-resort one may be handed out again
    /// and again when no other is left, so its secret is kept.
    ///
    /// # Errors
    /// When there is no randomness.
    pub fn key_packages(&self, suite: Suite, count: usize, last_resort: bool) -> Result<Vec<NewKeyPackage>, Error> {
        let provider = self.provider(suite, Storage::default());
        (0..count.min(suki_types::limits::KEY_PACKAGES)).map(|_| self.key_package(&provider, suite, last_resort)).collect()
    }

    fn key_package(&self, provider: &Provider, suite: Suite, last_resort: bool) -> Result<NewKeyPackage, Error> {
        let builder = KeyPackage::builder().key_package_lifetime(configuration::lifetime()).leaf_node_capabilities(configuration::capabilities());
        let builder = if last_resort { builder.mark_as_last_resort() } else { builder };
        let bundle = builder.build(suite.mls(), provider, self, self.credential()).map_err(Error::mls)?;
        provider.storage.forget_key_packages();
        let reference = bundle.key_package().hash_ref(provider.crypto()).map_err(Error::mls)?.as_slice().to_vec();
        let secret = encode(&bundle)?;
        let mls_message = MlsMessageOut::from(bundle.into_key_package()).to_bytes().map_err(Error::mls)?;
        Ok(NewKeyPackage { reference, mls_message, secret })
    }

    pub(crate) fn provider(&self, suite: Suite, storage: Storage) -> Provider {
        let crypto = if suite == Suite::X25519 { &self.0.x25519 } else { &self.0.xwing };
        Provider { crypto: crypto.clone(), storage }
    }

    pub(crate) fn credential(&self) -> CredentialWithKey {
        CredentialWithKey {
            credential: BasicCredential::new(self.0.certificate.clone()).into(),
            signature_key: SignaturePublicKey::from(self.0.identity.signature_key.clone()),
        }
    }

    /// Who a leaf is: its credential is a certificate of this device's network for the leaf's own signature key.
    pub(crate) fn verify(&self, credential: &Credential, signature_key: &[u8]) -> Result<Identity, Error> {
        let basic = BasicCredential::try_from(credential.clone()).map_err(|_| Error::Malformed("credential"))?;
        let identity = certificate::verify(&self.0.network_key, basic.identity())?;
        if identity.signature_key != signature_key {
            return Err(Error::WrongKey);
        }
        Ok(identity)
    }
}

impl Signer for Device {
    fn sign(&self, payload: &[u8]) -> Result<Vec<u8>, SignerError> {
        Ok(Self::sign(self, payload))
    }
    fn signature_scheme(&self) -> SignatureScheme {
        SignatureScheme::ED25519
    }
}

/// Never the keys.
impl fmt::Debug for Device {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Device({})", self.0.identity.device)
    }
}
