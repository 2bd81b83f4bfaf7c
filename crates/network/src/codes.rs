//! One-time codes: how they look, and the keyed hashes by which the store knows them.
use crate::Network;
use aws_lc_rs::hmac;
use suki_types::Env;

/// 32 letters and digits that nobody confuses: no I, L, O and U.
const ALPHABET: &[u8; 32] = b"0123456789ABCDEFGHJKMNPQRSTVWXYZ";

fn letters(env: &Env, count: usize) -> String {
    let mut bytes = vec![0; count];
    env.entropy.fill(&mut bytes);
    bytes.iter().map(|byte| char::from(ALPHABET[usize::from(byte % 32)])).collect()
}

/// A code that adds a device: 50 random bits, two groups of five so that it can be typed.
pub(crate) fn link_code(env: &Env) -> String {
    let code = letters(env, 10);
    format!("{}-{}", &code[..5], &code[5..])
}

/// A code with which a business registers: 130 random bits.
pub(crate) fn enrolment_code(env: &Env) -> String {
    letters(env, 26)
}

/// What the link of an invitation into a group ends with: 110 random bits.
pub(crate) fn invitation(env: &Env) -> String {
    letters(env, 22)
}

/// Six digits, each as likely as any other.
pub(crate) fn phone_code(env: &Env) -> String {
    loop {
        let number = u32::from_le_bytes(env.random());
        // The last, incomplete million would make small numbers likelier.
        if number < u32::MAX - u32::MAX % 1_000_000 {
            return format!("{:06}", number % 1_000_000);
        }
    }
}

/// What a person typed, as the code was made: capitals, no separators, look-alikes put right. At most 64 characters count.
pub(crate) fn canonical(typed: &str) -> String {
    let letters = typed.chars().filter(char::is_ascii_alphanumeric).take(64).map(|c| c.to_ascii_uppercase());
    letters
        .map(|c| match c {
            'O' => '0',
            'I' | 'L' => '1',
            c => c,
        })
        .collect()
}

/// What codes are hashed with, of the seed of the network's key.
pub(crate) fn key(seed: &[u8; 32]) -> hmac::Key {
    let secret = hmac::sign(&hmac::Key::new(hmac::HMAC_SHA256, seed), b"suki/codes/1");
    hmac::Key::new(hmac::HMAC_SHA256, secret.as_ref())
}

/// The keyed hash of a code for a purpose.
pub(crate) fn keyed(key: &hmac::Key, purpose: &str, code: &str) -> Vec<u8> {
    hmac::sign(key, format!("{purpose}/{code}").as_bytes()).as_ref().to_vec()
}

impl Network {
    /// The keyed hash under which the store knows a code: who reads the store learns no code, not even one of six digits.
    pub(crate) fn hash_code(&self, purpose: &str, code: &str) -> Vec<u8> {
        keyed(&self.0.code_key, purpose, code)
    }

    /// Whether a code has this hash, in the same time for every code.
    pub(crate) fn code_matches(&self, purpose: &str, code: &str, hash: &[u8]) -> bool {
        hmac::verify(&self.0.code_key, format!("{purpose}/{code}").as_bytes(), hash).is_ok()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_typed_code_is_found_again() {
        let env = Env::for_tests(3);
        let code = link_code(&env);
        assert_eq!(code.len(), 11);
        assert_eq!(canonical(&code.to_lowercase().replace('-', " ")), code.replace('-', ""));
        assert_eq!(canonical("o0-iL1"), "00111");
        assert_ne!(link_code(&env), code);
    }

    #[test]
    fn a_phone_code_has_six_digits() {
        let env = Env::for_tests(4);
        assert!((0..1000).all(|_| {
            let code = phone_code(&env);
            code.len() == 6 && code.bytes().all(|b| b.is_ascii_digit())
        }));
    }
}
