//! Packs: the approved texts of a template's name in all its languages, signed by the network, so that a device shows nothing else (R79 to R82).
use crate::{calls::templates::SignedPack, http::Base64};
use aws_lc_rs::signature::{ED25519, Ed25519KeyPair, UnparsedPublicKey};
use serde::{Deserialize, Serialize};
use suki_template::{Category, Component, ParameterFormat, Shape};
use suki_types::{AccountId, Timestamp};

const CONTEXT: &[u8] = b"suki/pack/1";

/// What a device does when a pack lacks its reader's language.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Fallback {
    /// It shows the text in the sender's language.
    Sender,
    /// It shows that there is a message it cannot show.
    Refuse,
}

/// The approved texts of a name.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Pack {
    /// Whose.
    pub business: AccountId,
    /// The templates' name.
    pub name: String,
    /// Grows with every change: a device keeps the pack with the larger one.
    pub serial: u64,
    /// When the network signed it.
    pub issued_at: Timestamp,
    /// After so many milliseconds a device fetches it again (R81).
    pub refresh_millis: i64,
    /// After so many milliseconds at the latest a device tries a failed download again (R82).
    pub retry_millis: i64,
    /// What a device does when its reader's language is missing.
    pub fallback: Fallback,
    /// The texts. An older version of one stands here as long as messages of it may be under way; the newest comes first.
    pub languages: Vec<PackText>,
}

/// An approved text.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct PackText {
    /// Such as `en_US`.
    pub language: String,
    /// The template.
    pub template_id: u64,
    /// Which of its approved texts this is.
    pub version: u64,
    /// What it counts as.
    pub category: Category,
    /// How its variables are called.
    pub parameter_format: ParameterFormat,
    /// Its parts.
    pub components: Vec<Component>,
}

/// Why a pack does not count.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum PackError {
    /// The network did not sign these bytes.
    #[error("the template pack is not signed by this network")]
    Forged,
    /// Signed, and not readable.
    #[error("the template pack cannot be read")]
    Malformed,
    /// Signed, and not what was asked for.
    #[error("the template pack is another business's, or of another name")]
    Other,
}

impl Pack {
    /// The text of this id and version, as a message's header names it.
    pub fn exact(&self, template_id: u64, version: u64) -> Option<&PackText> {
        self.languages.iter().find(|text| text.template_id == template_id && text.version == version)
    }

    /// What a reader of a language sees of a message whose sender wrote `exact`: the newest text in his language with its region, without one, or
    /// with another one, as long as the message fills it too; `None` when the pack lacks such a text.
    pub fn for_reader(&self, exact: &PackText, language: &str) -> Option<&PackText> {
        let wanted = language.replace('-', "_");
        let base = |language: &str| language.split('_').next().unwrap_or_default().to_ascii_lowercase();
        let shape = Shape::of(&exact.components);
        let fitting: Vec<&PackText> = self.languages.iter().filter(|text| Shape::of(&text.components) == shape).collect();
        let newest = |fits: &dyn Fn(&PackText) -> bool| fitting.iter().copied().filter(|text| fits(text)).max_by_key(|text| text.version);
        newest(&|text| text.language.eq_ignore_ascii_case(&wanted))
            .or_else(|| newest(&|text| text.language.eq_ignore_ascii_case(&base(&wanted))))
            .or_else(|| newest(&|text| base(&text.language) == base(&wanted)))
    }
}

/// Signs a pack with the network's key. `None` when it cannot be written as JSON.
pub fn sign(network_key: &Ed25519KeyPair, pack: &Pack) -> Option<SignedPack> {
    let body = serde_json::to_vec(pack).ok()?;
    let signature = network_key.sign(&[CONTEXT, &body].concat()).as_ref().to_vec();
    Some(SignedPack { body: Base64(body), signature: Base64(signature) })
}

/// Reads a pack of this business and name, and checks that the network with this Ed25519 key (32 bytes) signed it.
///
/// # Errors
/// When the signature is another's, or of other bytes; when it is another pack than was asked for.
pub fn open(network_public_key: &[u8], business: AccountId, name: &str, signed: &SignedPack) -> Result<Pack, PackError> {
    UnparsedPublicKey::new(&ED25519, network_public_key)
        .verify(&[CONTEXT, &signed.body.0].concat(), &signed.signature.0)
        .map_err(|_| PackError::Forged)?;
    let pack: Pack = serde_json::from_slice(&signed.body.0).map_err(|_| PackError::Malformed)?;
    if pack.business != business || pack.name != name {
        return Err(PackError::Other);
    }
    Ok(pack)
}

#[cfg(test)]
mod tests {
    use super::*;
    use aws_lc_rs::signature::KeyPair as _;
    use suki_types::Env;

    fn text(language: &str, version: u64) -> PackText {
        PackText {
            language: language.into(),
            template_id: language.len() as u64,
            version,
            category: Category::Utility,
            parameter_format: ParameterFormat::Positional,
            components: vec![],
        }
    }

    fn pack(env: &Env) -> Pack {
        Pack {
            business: AccountId::new(env),
            name: "order".into(),
            serial: 3,
            issued_at: env.now(),
            refresh_millis: 1,
            retry_millis: 1,
            fallback: Fallback::Sender,
            languages: vec![text("en_US", 2), text("en_US", 1), text("fil", 1), text("pt_BR", 1), text("en", 1)],
        }
    }

    #[test]
    fn a_changed_byte_is_refused_wherever_it_is() {
        let env = Env::for_tests(1);
        let key = Ed25519KeyPair::from_seed_unchecked(&[1; 32]).expect("a seed is a key");
        let (pack, public) = (pack(&env), key.public_key().as_ref().to_vec());
        let signed = sign(&key, &pack).expect("it is signed");
        assert_eq!(open(&public, pack.business, "order", &signed), Ok(pack.clone()));
        for at in 0..signed.body.0.len() {
            let mut changed = signed.clone();
            changed.body.0[at] ^= 1;
            assert_eq!(open(&public, pack.business, "order", &changed), Err(PackError::Forged), "byte {at}");
        }
        for at in 0..signed.signature.0.len() {
            let mut changed = signed.clone();
            changed.signature.0[at] ^= 1;
            assert_eq!(open(&public, pack.business, "order", &changed), Err(PackError::Forged), "byte {at}");
        }
        assert_eq!(open(&public, pack.business, "offer", &signed), Err(PackError::Other));
        assert_eq!(open(&public, AccountId::new(&env), "order", &signed), Err(PackError::Other));
        let other = Ed25519KeyPair::from_seed_unchecked(&[2; 32]).expect("a seed is a key");
        assert_eq!(open(other.public_key().as_ref(), pack.business, "order", &signed), Err(PackError::Forged));
    }

    #[test]
    fn a_reader_gets_his_language_or_the_nearest() {
        let pack = pack(&Env::for_tests(1));
        let of = |language: &str| pack.for_reader(&pack.languages[0], language).map(|text| (text.language.as_str(), text.version));
        assert_eq!(of("en-us"), Some(("en_US", 2)));
        assert_eq!(of("en_GB"), Some(("en", 1)));
        assert_eq!(of("fil-PH"), Some(("fil", 1)));
        assert_eq!(of("pt"), Some(("pt_BR", 1)));
        assert_eq!(of("pl"), None);
        assert_eq!(pack.exact(5, 1).map(|text| text.language.as_str()), Some("en_US"));
        assert_eq!(pack.exact(5, 3), None);
    }

    #[test]
    fn a_text_with_other_variables_is_never_a_readers() {
        let mut pack = pack(&Env::for_tests(1));
        let body = serde_json::json!([{"type": "BODY", "text": "Order {{1}} is ready."}]);
        pack.languages[2].components = serde_json::from_value(body).expect("it is read");
        assert_eq!(pack.for_reader(&pack.languages[0], "fil"), None);
        assert!(pack.for_reader(&pack.languages[2], "fil").is_some());
        assert_eq!(pack.for_reader(&pack.languages[2], "pt_BR"), None);
    }
}
