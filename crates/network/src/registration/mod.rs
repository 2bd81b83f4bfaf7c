//! What happens before a device can log in: plain calls that the HTTP face makes for it. Types and paths are in [`suki_protocol::http`].
mod business;
mod device;
mod guest;
mod link;
mod phone;

pub use business::issue_enrolment;

use crate::{Network, rows, rows::Caller};
use aws_lc_rs::signature::{ED25519, UnparsedPublicKey};
use suki_protocol::{
    certificate::{self, Identity},
    http::{Base64, Problem, Registered},
    pb,
};
use suki_store::{StoreError, Tx};
use suki_types::{AccountId, DeviceId, Phone, Timestamp, limits};

/// Why a registration is refused. [`RegistrationError::problem`] turns it into the HTTP answer.
#[derive(Debug, thiserror::Error)]
pub enum RegistrationError {
    /// A field is out of what is allowed.
    #[error("{0}")]
    Invalid(String),
    /// There is nothing under this name.
    #[error("{0}")]
    Unknown(String),
    /// The code is wrong, used, expired or was never given out: which of them is not told.
    #[error("The code is wrong or has expired")]
    Code,
    /// The name is taken.
    #[error("{0}")]
    Taken(String),
    /// This server does not offer it.
    #[error("{0}")]
    NotConfigured(String),
    /// Too many, too fast.
    #[error("{text}")]
    TooMany {
        /// What is allowed.
        text: String,
        /// When it will pass.
        retry_at: Timestamp,
    },
    /// The gateway did not take the code.
    #[error("The code could not be sent; try again later, or another way of sending")]
    Gateway,
    /// The store did not take it; nothing was stored.
    #[error("The server cannot store this now; nothing was stored, try again later")]
    Unavailable,
}

impl From<StoreError> for RegistrationError {
    fn from(error: StoreError) -> Self {
        tracing::error!(%error, "the store did not take a registration");
        Self::Unavailable
    }
}

impl RegistrationError {
    /// The answer over HTTP.
    pub fn problem(&self) -> Problem {
        let (status, code, detail) = match self {
            Self::Invalid(_) => (422, "invalid", "Correct the field and try again.".to_owned()),
            Self::Unknown(_) => (404, "unknown", "Check the link or ask for a new one.".to_owned()),
            Self::Code => (403, "code", "Check the code, or ask for a new one; after five wrong ones the code is void.".to_owned()),
            Self::Taken(_) => (409, "taken", "Choose another one.".to_owned()),
            Self::NotConfigured(_) => (501, "not_configured", "The server's owner decides; register as a guest from a link.".to_owned()),
            Self::TooMany { retry_at, .. } => (429, "too_many", format!("Try again after {} ms since 1970.", retry_at.millis())),
            Self::Gateway => (502, "gateway", "The code's carrier did not accept it.".to_owned()),
            Self::Unavailable => (503, "unavailable", "The server's storage is full or failing.".to_owned()),
        };
        Problem { code: code.into(), title: self.to_string(), detail, status }
    }

    /// When trying again makes sense, for the `Retry-After` header.
    pub fn retry_at(&self) -> Option<Timestamp> {
        match self {
            Self::TooMany { retry_at, .. } => Some(*retry_at),
            _ => None,
        }
    }
}

/// A device that is about to exist.
#[derive(Clone)]
struct NewDevice {
    key: Vec<u8>,
    name: String,
}

impl NewDevice {
    fn check(key: &Base64, name: &str) -> Result<Self, RegistrationError> {
        let invalid = |text: &str| Err(RegistrationError::Invalid(text.into()));
        // Every 32 bytes verify something or nothing; a key that cannot be parsed shows only here, and never passes a log-in.
        if key.0.len() != 32 || key.0.iter().all(|byte| *byte == 0) {
            return invalid("signature_key is not an Ed25519 public key of 32 bytes");
        }
        if UnparsedPublicKey::new(&ED25519, &key.0).verify(b"", &[0; 64]).is_ok() {
            return invalid("signature_key is a key that accepts what nobody signed");
        }
        if name.chars().count() > limits::NAME_CHARS || name.chars().any(char::is_control) {
            return invalid(&format!("device_name has more than {} characters or control characters", limits::NAME_CHARS));
        }
        Ok(Self { key: key.0.clone(), name: name.to_owned() })
    }
}

impl Network {
    /// The answer to a device that is now known.
    fn registered(&self, caller: Caller, key: &[u8], phone: Option<Phone>) -> Registered {
        let identity = Identity { account: caller.account, device: caller.device, kind: caller.kind, signature_key: key.to_vec() };
        Registered {
            account: caller.account,
            device: caller.device,
            certificate: Base64(certificate::issue(&self.0.key, &identity, self.now())),
            network_key: Base64(self.public_key()),
            phone,
        }
    }
}

/// Another device for an account that exists.
fn add_device(tx: &mut Tx<'_>, caller: Caller, device: &NewDevice, now: Timestamp) -> Result<(), RegistrationError> {
    let known = rows::devices_of(tx, caller.account)?;
    if known.len() >= limits::DEVICES_PER_ACCOUNT {
        let text = format!("The account has {} devices, the most that is allowed: remove one first", known.len());
        return Err(RegistrationError::Taken(text));
    }
    rows::insert_device(tx, caller, &device.key, &device.name, now)?;
    Ok(())
}

/// A device that used a code before, if it has this key: its answer was lost on the way.
fn used_by(tx: &mut Tx<'_>, device: DeviceId, key: &[u8]) -> Result<Option<Caller>, StoreError> {
    tx.query_opt(
        "SELECT account, kind FROM device WHERE device = ?1 AND signature_key = ?2 AND removed_at = 0",
        &[(&device).into(), key.into()],
        |row| {
            let kind = if row.get::<i64>(1)? == 2 { pb::AccountKind::Business } else { pb::AccountKind::Person };
            Ok(Caller { device, account: row.get::<AccountId>(0)?, kind })
        },
    )
}

/// The phone an account is known by.
fn phone_of(tx: &mut Tx<'_>, account: AccountId) -> Result<Option<Phone>, StoreError> {
    Ok(rows::phone_of(tx, account)?.parse().ok())
}
