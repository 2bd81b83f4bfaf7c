//! Operators' passwords: argon2id, on threads of their own since one check costs some 20 ms of CPU and 19 MiB.
use crate::Error;
use argon2::{
    Argon2,
    password_hash::{PasswordHasher, PasswordVerifier, phc::PasswordHash},
};
use suki_types::Env;

/// The fewest characters a password may have.
pub const MIN_CHARS: usize = 10;
/// The most bytes a password may have.
pub const MAX_BYTES: usize = 256;

/// Checks that a password may be set.
///
/// # Errors
/// When it is too short or too long; the text says how long it may be.
pub fn check_rules(password: &str) -> Result<(), Error> {
    if password.chars().count() < MIN_CHARS || password.len() > MAX_BYTES {
        return Err(Error::Invalid(format!("a password has at least {MIN_CHARS} characters and at most {MAX_BYTES} bytes")));
    }
    Ok(())
}

/// The argon2id hash of a password, as PHC text with its own random salt.
///
/// # Errors
/// When the thread fails.
pub async fn hash(env: &Env, password: String) -> Result<String, Error> {
    let salt: [u8; 16] = env.random();
    tokio::task::spawn_blocking(move || {
        Argon2::default()
            .hash_password_with_salt(password.as_bytes(), &salt)
            .map(|hash| hash.to_string())
            .map_err(|error| Error::Internal(error.to_string()))
    })
    .await
    .map_err(|error| Error::Internal(error.to_string()))?
}

/// Whether a password is the one that was hashed. Takes as long when `hash` is empty, so that nothing shows who has an account.
///
/// # Errors
/// When the thread fails.
pub async fn verify(password: String, hash: String) -> Result<bool, Error> {
    const NOBODY: &str = "$argon2id$v=19$m=19456,t=2,p=1$AAAAAAAAAAAAAAAAAAAAAA$AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA";
    tokio::task::spawn_blocking(move || {
        let known = !hash.is_empty();
        let text = if known { hash.as_str() } else { NOBODY };
        let Ok(parsed) = PasswordHash::new(text) else { return false };
        Argon2::default().verify_password(password.as_bytes(), &parsed).is_ok() && known
    })
    .await
    .map_err(|error| Error::Internal(error.to_string()))
}
