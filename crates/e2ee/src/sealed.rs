//! Secrets at rest: AES-256-GCM under a key derived for each value, so that no key ever sees many nonces.
//!
//! A sealed value is: 1 byte of version, 16 bytes of salt, 12 bytes of nonce, the ciphertext, 16 bytes of tag. The value's key is
//! HMAC-SHA256(key, "suki/sealed/1" || salt). The context (where the value belongs) is authenticated, so that values cannot be swapped.
use crate::Error;
use aws_lc_rs::{
    aead::{AES_256_GCM, Aad, LessSafeKey, NONCE_LEN, Nonce, UnboundKey},
    hmac,
};
use suki_types::Entropy;

const VERSION: u8 = 1;
const SALT: usize = 16;
const PREFIX: usize = 1 + SALT + NONCE_LEN;

/// How many bytes longer a sealed value is.
pub const OVERHEAD: usize = PREFIX + 16;

fn value_key(key: &[u8; 32], salt: &[u8]) -> Result<LessSafeKey, Error> {
    let derived = hmac::sign(&hmac::Key::new(hmac::HMAC_SHA256, key), &[b"suki/sealed/1", salt].concat());
    UnboundKey::new(&AES_256_GCM, derived.as_ref()).map(LessSafeKey::new).map_err(|_| Error::Malformed("sealing key"))
}

/// Seals a value for one place, named by `context`.
///
/// # Errors
/// When the value is longer than AES-GCM takes, which memory does not hold.
pub fn seal(key: &[u8; 32], context: &[u8], value: &[u8], entropy: &dyn Entropy) -> Result<Vec<u8>, Error> {
    let mut sealed = vec![VERSION; PREFIX];
    entropy.fill(&mut sealed[1..]);
    let nonce = Nonce::try_assume_unique_for_key(&sealed[1 + SALT..PREFIX]).map_err(|_| Error::Malformed("nonce"))?;
    let mut text = value.to_vec();
    let tag = value_key(key, &sealed[1..=SALT])?.seal_in_place_separate_tag(nonce, Aad::from(context), &mut text);
    sealed.extend(text);
    sealed.extend(tag.map_err(|_| Error::Malformed("value"))?.as_ref());
    Ok(sealed)
}

/// Opens a sealed value.
///
/// # Errors
/// [`Error::Forged`] when key or context are others than those it was sealed with, or a bit has changed.
pub fn open(key: &[u8; 32], context: &[u8], sealed: &[u8]) -> Result<Vec<u8>, Error> {
    let forged = || Error::Forged("a sealed value does not open with this key in this place".into());
    let (prefix, text) = sealed.split_at_checked(PREFIX).ok_or_else(forged)?;
    if prefix[0] != VERSION {
        return Err(forged());
    }
    let nonce = Nonce::try_assume_unique_for_key(&prefix[1 + SALT..]).map_err(|_| forged())?;
    let mut text = text.to_vec();
    let length = value_key(key, &prefix[1..=SALT])?.open_in_place(nonce, Aad::from(context), &mut text).map_err(|_| forged())?.len();
    text.truncate(length);
    Ok(text)
}

#[cfg(test)]
mod tests {
    use super::*;
    use suki_types::Env;

    #[test]
    fn a_value_opens_only_in_its_place_and_unchanged() {
        let env = Env::for_tests(3);
        let key = env.random::<32>();
        let sealed = seal(&key, b"group 1", b"secret", &*env.entropy).expect("it seals");
        assert_eq!(sealed.len(), 6 + OVERHEAD);
        assert_eq!(open(&key, b"group 1", &sealed).as_deref(), Ok(&b"secret"[..]));
        assert!(open(&key, b"group 2", &sealed).is_err());
        assert!(open(&env.random::<32>(), b"group 1", &sealed).is_err());
        for end in 0..sealed.len() {
            assert!(open(&key, b"group 1", &sealed[..end]).is_err(), "{end}");
        }
        for at in 0..sealed.len() {
            let mut changed = sealed.clone();
            changed[at] ^= 1;
            assert!(open(&key, b"group 1", &changed).is_err(), "{at}");
        }
    }

    #[test]
    fn the_same_value_never_looks_the_same() {
        let env = Env::for_tests(3);
        let seal = || seal(&[7; 32], b"", b"", &*env.entropy).expect("it seals");
        assert_ne!(seal(), seal());
    }
}
