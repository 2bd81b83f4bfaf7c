//! What is said to a business's own server, encrypted as Meta does it: a fresh AES-128-GCM key for each request, which travels under the business's RSA
//! key (OAEP with SHA-256); the answer comes under the same key, with every bit of the initial vector turned.
use crate::Error;
use aes_gcm::{
    AesGcm, KeyInit as _,
    aead::{Aead as _, generic_array::typenum::U16},
    aes::Aes128,
};
use aws_lc_rs::rsa::{OAEP_SHA256_MGF1SHA256, OaepPublicEncryptingKey, PublicEncryptingKey};
use base64::{Engine as _, engine::general_purpose::STANDARD};
use serde_json::{Value, json};
use suki_cloud_api::number::encryption_key::EncryptionKey;
use suki_types::Env;

type Cipher = AesGcm<Aes128, U16>;

/// A request, and what its answer is opened with.
pub(super) struct Sealed {
    /// The body.
    pub body: Vec<u8>,
    key: [u8; 16],
    iv: [u8; 16],
}

fn failed(what: &str) -> Error {
    Error::Internal(format!("a flow's data could not be encrypted: {what}"))
}

/// Encrypts what the server is asked.
///
/// # Errors
/// [`Error::Internal`] when the key is none: it was checked when it was set.
pub(super) fn seal(public: &EncryptionKey, payload: &Value, env: &Env) -> Result<Sealed, Error> {
    let der = public.der().ok_or_else(|| failed("there is no key"))?;
    let public = PublicEncryptingKey::from_der(&der)
        .map_err(drop)
        .and_then(|key| OaepPublicEncryptingKey::new(key).map_err(drop))
        .map_err(|()| failed("the key is none"))?;
    let (key, iv): ([u8; 16], [u8; 16]) = (env.random(), env.random());
    let mut wrapped = vec![0; public.ciphertext_size()];
    let wrapped = public.encrypt(&OAEP_SHA256_MGF1SHA256, &key, &mut wrapped, None).map_err(|_| failed("the key takes nothing"))?;
    let data = Cipher::new(&key.into()).encrypt(&iv.into(), payload.to_string().as_bytes()).map_err(|_| failed("it is too long"))?;
    let body = json!({
        "encrypted_flow_data": STANDARD.encode(data), "encrypted_aes_key": STANDARD.encode(&*wrapped), "initial_vector": STANDARD.encode(iv),
    });
    Ok(Sealed { body: body.to_string().into_bytes(), key, iv })
}

impl Sealed {
    /// Opens an answer: base64, with or without quotes around it. None when it is not under this request's key.
    pub fn open(&self, answer: &[u8]) -> Option<Value> {
        let text = std::str::from_utf8(answer).ok()?.trim().trim_matches('"');
        let data = STANDARD.decode(text).ok()?;
        let turned = self.iv.map(|byte| !byte);
        let plain = Cipher::new(&self.key.into()).decrypt(&turned.into(), &data[..]).ok()?;
        serde_json::from_slice(&plain).ok()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use aws_lc_rs::{
        encoding::{AsDer as _, PublicKeyX509Der},
        rsa::{KeySize, OaepPrivateDecryptingKey, PrivateDecryptingKey},
    };

    fn pem(key: &PrivateDecryptingKey) -> EncryptionKey {
        let der: PublicKeyX509Der<'_> = key.public_key().as_der().expect("it is written");
        EncryptionKey { pem: format!("-----BEGIN PUBLIC KEY-----\n{}\n-----END PUBLIC KEY-----\n", STANDARD.encode(der.as_ref())) }
    }

    /// What a business's server does, as Meta's own examples for it do.
    #[test]
    fn a_server_reads_it_and_its_answer_is_read() {
        let private = PrivateDecryptingKey::generate(KeySize::Rsa2048).expect("a key");
        let payload = json!({"action": "ping", "version": "3.0"});
        let sealed = seal(&pem(&private), &payload, &Env::for_tests(1)).expect("it is sealed");
        let body: Value = serde_json::from_slice(&sealed.body).expect("JSON");
        let part = |name: &str| STANDARD.decode(body[name].as_str().expect("text")).expect("base64");
        let oaep = OaepPrivateDecryptingKey::new(private).expect("a key");
        let mut key = vec![0; oaep.min_output_size()];
        let key = oaep.decrypt(&OAEP_SHA256_MGF1SHA256, &part("encrypted_aes_key"), &mut key, None).expect("it is ours").to_vec();
        let key: [u8; 16] = key.try_into().expect("128 bits");
        let iv: [u8; 16] = part("initial_vector").try_into().expect("128 bits");
        let cipher = Cipher::new(&key.into());
        let plain = cipher.decrypt(&iv.into(), &part("encrypted_flow_data")[..]).expect("it is whole");
        assert_eq!(serde_json::from_slice::<Value>(&plain).expect("JSON"), payload);
        let answer = json!({"data": {"status": "active"}});
        let given = STANDARD.encode(cipher.encrypt(&iv.map(|byte| !byte).into(), answer.to_string().as_bytes()).expect("it fits"));
        assert_eq!(sealed.open(given.as_bytes()), Some(answer.clone()));
        assert_eq!(sealed.open(format!("\"{given}\"\n").as_bytes()), Some(answer));
        // Neither under the same vector, nor in the clear, nor changed.
        let wrong = STANDARD.encode(cipher.encrypt(&iv.into(), &b"{}"[..]).expect("it fits"));
        for answer in [wrong.as_str(), "{}", "", &given[4..]] {
            assert_eq!(sealed.open(answer.as_bytes()), None, "{answer}");
        }
    }
}
