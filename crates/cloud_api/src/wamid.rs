//! Message ids as programs see them: `wamid.` and base64, opaque to them.
//!
//! Inside are a version byte, the 16 bytes of the [`MessageId`] and a check byte, so that a mistyped or foreign id is refused here. The
//! alphabet is the one that needs no escaping in an address.
use base64::{
    Engine,
    engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD},
};
use suki_types::MessageId;

/// What every one of them begins with.
pub const PREFIX: &str = "wamid.";
const VERSION: u8 = 1;
const ENCODED: usize = 24;

/// A text is no id that this server gave.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("it is not an id that this server gave: such ids begin with wamid. and are passed back unchanged")]
pub struct WamidError;

/// The id as programs see it.
pub fn encode(id: MessageId) -> String {
    let mut bytes = [VERSION; 18];
    bytes[1..17].copy_from_slice(id.as_bytes());
    bytes[17] = check(&bytes[..17]);
    format!("{PREFIX}{}", URL_SAFE_NO_PAD.encode(bytes))
}

/// The id behind what a program sent.
///
/// # Errors
/// When it is not exactly what [`encode`] gives, but for the alphabet: the one with `+` and `/` is read as well.
pub fn decode(text: &str) -> Result<MessageId, WamidError> {
    let encoded = text.strip_prefix(PREFIX).filter(|encoded| encoded.len() == ENCODED).ok_or(WamidError)?;
    let bytes = URL_SAFE_NO_PAD.decode(encoded).or_else(|_| STANDARD.decode(encoded)).map_err(|_| WamidError)?;
    let bytes: [u8; 18] = bytes.try_into().map_err(|_| WamidError)?;
    if bytes[0] != VERSION || bytes[17] != check(&bytes[..17]) {
        return Err(WamidError);
    }
    MessageId::try_from(&bytes[1..17]).map_err(|_| WamidError)
}

/// CRC-8 (polynomial 0x07): finds every single wrong letter.
fn check(bytes: &[u8]) -> u8 {
    bytes.iter().fold(0xff, |crc, byte| (0..8).fold(crc ^ byte, |crc: u8, _| if crc & 0x80 == 0 { crc << 1 } else { (crc << 1) ^ 0x07 }))
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn every_id_comes_back(bytes: [u8; 16]) {
            let id = MessageId::from_bytes(bytes);
            let text = encode(id);
            prop_assert_eq!(decode(&text), Ok(id));
            prop_assert_eq!(decode(&text.replace('-', "+").replace('_', "/")), Ok(id));
        }

        #[test]
        fn a_wrong_letter_is_found(bytes: [u8; 16], at in 6usize..30, letter in "[A-Za-z0-9_-]") {
            let text = encode(MessageId::from_bytes(bytes));
            let mut wrong = text.clone();
            wrong.replace_range(at..=at, &letter);
            prop_assert_eq!(decode(&wrong).is_ok(), wrong == text);
        }

        #[test]
        fn no_text_panics(text in ".{0,60}") {
            let _ = decode(&text);
            let prefixed = [PREFIX, &text].concat();
            prop_assert!(decode(&prefixed).is_err());
        }
    }

    #[test]
    fn foreign_ids_are_refused() {
        for text in ["", "wamid.", "wamid.HBgLMTY1MDM4Nzk0MzkVAgASGBQzQUYzMjEzNDM2RTZGQ0MzMDJBRgA=", "msg_00000000000000000000000000000000"] {
            assert_eq!(decode(text), Err(WamidError), "{text}");
        }
    }
}
