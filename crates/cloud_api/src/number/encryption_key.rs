//! `GET` and `POST /P/whatsapp_business_encryption`: the key that the data exchange of flows is encrypted to.
use crate::{ApiError, Params};
use aws_lc_rs::rsa::PublicEncryptingKey;
use base64::{Engine as _, engine::general_purpose::STANDARD};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

const BEGIN: &str = "-----BEGIN PUBLIC KEY-----";
const END: &str = "-----END PUBLIC KEY-----";
const BITS: usize = 2048;
/// A key of 2,048 bits has some 450 characters.
const PEM_BYTES: usize = 4096;

/// The key; none as long as none was set.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct EncryptionKey {
    /// The subject's public key info, in PEM; "" without a key.
    pub pem: String,
}

impl EncryptionKey {
    /// The key's bytes, as DER; none as long as none was set.
    pub fn der(&self) -> Option<Vec<u8>> {
        der(&self.pem)
    }
}

/// `POST`: an RSA key of 2,048 bits.
///
/// # Errors
/// 100 when it is none.
pub fn set(params: &Params) -> Result<EncryptionKey, ApiError> {
    let root = params.root();
    let Some(text) = root.text("business_public_key")?.filter(|text| !text.trim().is_empty()) else {
        return Err(ApiError::invalid_parameter("Missing required parameter: business_public_key"));
    };
    let wrong = || {
        ApiError::invalid_parameter(format!(
            "business_public_key must be an RSA key of {BITS} bits in PEM, from {BEGIN} to {END}: openssl rsa -in private.pem -pubout gives it"
        ))
    };
    let der = der(text).ok_or_else(wrong)?;
    let key = PublicEncryptingKey::from_der(&der).map_err(|_| wrong())?;
    if key.key_size_bits() != BITS {
        return Err(wrong());
    }
    Ok(EncryptionKey { pem: pem(&der) })
}

/// The key's bytes. Some programs write line breaks as `\n`.
fn der(text: &str) -> Option<Vec<u8>> {
    if text.len() > PEM_BYTES {
        return None;
    }
    let text = text.replace("\\n", "\n");
    let (_, rest) = text.split_once(BEGIN)?;
    let (body, _) = rest.split_once(END)?;
    let body: String = body.split_whitespace().collect();
    STANDARD.decode(body).ok()
}

fn pem(der: &[u8]) -> String {
    let body = STANDARD.encode(der);
    let mut text = format!("{BEGIN}\n");
    for (place, letter) in body.chars().enumerate() {
        if place > 0 && place % 64 == 0 {
            text.push('\n');
        }
        text.push(letter);
    }
    text + "\n" + END + "\n"
}

/// `GET`.
pub fn answer(key: &EncryptionKey) -> Value {
    if key.pem.is_empty() {
        return json!({"data": []});
    }
    json!({"data": [{"business_public_key": key.pem, "business_public_key_signature_status": "VALID"}]})
}

#[cfg(test)]
mod tests {
    use super::*;
    use aws_lc_rs::{
        encoding::AsDer as _,
        rsa::{KeySize, PrivateDecryptingKey},
    };

    fn public(size: KeySize) -> String {
        let key = PrivateDecryptingKey::generate(size).expect("a key").public_key();
        let der: aws_lc_rs::encoding::PublicKeyX509Der<'_> = key.as_der().expect("it is written");
        pem(der.as_ref())
    }

    fn asked(key: &str) -> Result<EncryptionKey, ApiError> {
        let mut params = Params::default();
        params.merge_pairs([("business_public_key", key)]).expect("one");
        set(&params)
    }

    #[test]
    fn a_key_of_2048_bits_is_taken_however_its_lines_are_broken() {
        let key = public(KeySize::Rsa2048);
        let taken = asked(&key).expect("it is one");
        assert_eq!(taken.pem, key);
        assert_eq!(asked(&key.replace('\n', "\\n")), Ok(taken.clone()));
        assert_eq!(asked(&key.replace('\n', "\r\n")), Ok(taken.clone()));
        assert_eq!(answer(&taken)["data"][0]["business_public_key_signature_status"], "VALID");
        assert_eq!(answer(&EncryptionKey::default()), json!({"data": []}));
    }

    #[test]
    fn anything_else_is_refused() {
        let key = public(KeySize::Rsa2048);
        for wrong in ["", "key", BEGIN, &format!("{BEGIN}\nAAAA\n{END}"), &public(KeySize::Rsa4096), &key[..200], &key.repeat(20)[..PEM_BYTES + 1]] {
            let error = asked(wrong).expect_err("it is no key");
            assert!(error.code.number() == 100 && error.details.contains("business_public_key"), "{}", error.details);
        }
    }
}
