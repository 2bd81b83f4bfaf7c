//! The ciphers behind a group: RustCrypto for X25519 (the faster one there), libcrux for X-Wing (the only one that has it).
//!
//! Keys are made from the operating system's randomness inside these libraries, never from a test world's.
use crate::{Error, Suite, storage::Storage};
use openmls_rust_crypto::RustCrypto;
use openmls_traits::{
    OpenMlsProvider,
    crypto::OpenMlsCrypto,
    random::OpenMlsRand,
    types::{AeadType, Ciphersuite, CryptoError, ExporterSecret, HashType, HpkeCiphertext, HpkeConfig, HpkeKeyPair, KemOutput, SignatureScheme},
};
use std::sync::Arc;
use tls_codec::SecretVLBytes;

/// One library's ciphers.
pub(crate) enum Crypto {
    Rust(Box<RustCrypto>),
    Libcrux(Box<openmls_libcrux_crypto::CryptoProvider>),
}

impl Crypto {
    pub(crate) fn new(suite: Suite) -> Result<Self, Error> {
        match suite {
            Suite::X25519 => Ok(Self::Rust(Box::default())),
            _ => Ok(Self::Libcrux(Box::new(openmls_libcrux_crypto::CryptoProvider::new().map_err(Error::mls)?))),
        }
    }
}

macro_rules! delegate {
    ($(fn $name:ident(&self $(, $argument:ident: $type:ty)*) -> $result:ty;)*) => {$(
        fn $name(&self $(, $argument: $type)*) -> $result {
            match self {
                Self::Rust(library) => library.$name($($argument),*),
                Self::Libcrux(library) => library.$name($($argument),*),
            }
        }
    )*};
}

impl OpenMlsCrypto for Crypto {
    delegate! {
        fn supports(&self, suite: Ciphersuite) -> Result<(), CryptoError>;
        fn supported_ciphersuites(&self) -> Vec<Ciphersuite>;
        fn hkdf_extract(&self, hash: HashType, salt: &[u8], ikm: &[u8]) -> Result<SecretVLBytes, CryptoError>;
        fn hmac(&self, hash: HashType, key: &[u8], message: &[u8]) -> Result<SecretVLBytes, CryptoError>;
        fn hkdf_expand(&self, hash: HashType, prk: &[u8], info: &[u8], length: usize) -> Result<SecretVLBytes, CryptoError>;
        fn hash(&self, hash: HashType, data: &[u8]) -> Result<Vec<u8>, CryptoError>;
        fn aead_encrypt(&self, alg: AeadType, key: &[u8], data: &[u8], nonce: &[u8], aad: &[u8]) -> Result<Vec<u8>, CryptoError>;
        fn aead_decrypt(&self, alg: AeadType, key: &[u8], data: &[u8], nonce: &[u8], aad: &[u8]) -> Result<Vec<u8>, CryptoError>;
        fn signature_key_gen(&self, alg: SignatureScheme) -> Result<(Vec<u8>, Vec<u8>), CryptoError>;
        fn verify_signature(&self, alg: SignatureScheme, data: &[u8], key: &[u8], signature: &[u8]) -> Result<(), CryptoError>;
        fn sign(&self, alg: SignatureScheme, data: &[u8], key: &[u8]) -> Result<Vec<u8>, CryptoError>;
        fn hpke_seal(&self, config: HpkeConfig, key: &[u8], info: &[u8], aad: &[u8], text: &[u8]) -> Result<HpkeCiphertext, CryptoError>;
        fn hpke_open(&self, config: HpkeConfig, input: &HpkeCiphertext, key: &[u8], info: &[u8], aad: &[u8]) -> Result<Vec<u8>, CryptoError>;
        fn hpke_setup_sender_and_export(&self, config: HpkeConfig, key: &[u8], info: &[u8], context: &[u8], length: usize)
            -> Result<(KemOutput, ExporterSecret), CryptoError>;
        fn hpke_setup_receiver_and_export(&self, config: HpkeConfig, enc: &[u8], key: &[u8], info: &[u8], context: &[u8], length: usize)
            -> Result<ExporterSecret, CryptoError>;
        fn derive_hpke_keypair(&self, config: HpkeConfig, ikm: &[u8]) -> Result<HpkeKeyPair, CryptoError>;
    }
}

impl OpenMlsRand for Crypto {
    type Error = CryptoError;
    fn random_array<const N: usize>(&self) -> Result<[u8; N], CryptoError> {
        match self {
            Self::Rust(library) => library.random_array().map_err(|_| CryptoError::InsufficientRandomness),
            Self::Libcrux(library) => library.random_array().map_err(|_| CryptoError::InsufficientRandomness),
        }
    }
    fn random_vec(&self, length: usize) -> Result<Vec<u8>, CryptoError> {
        match self {
            Self::Rust(library) => library.random_vec(length).map_err(|_| CryptoError::InsufficientRandomness),
            Self::Libcrux(library) => library.random_vec(length).map_err(|_| CryptoError::InsufficientRandomness),
        }
    }
}

/// Ciphers with one group's storage.
pub(crate) struct Provider {
    pub(crate) crypto: Arc<Crypto>,
    pub(crate) storage: Storage,
}

impl OpenMlsProvider for Provider {
    type CryptoProvider = Crypto;
    type RandProvider = Crypto;
    type StorageProvider = Storage;
    fn storage(&self) -> &Storage {
        &self.storage
    }
    fn crypto(&self) -> &Crypto {
        &self.crypto
    }
    fn rand(&self) -> &Crypto {
        &self.crypto
    }
}
