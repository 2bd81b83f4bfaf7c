//! An emoji on a message: `reaction` (section 3b).
use crate::{ApiError, params::Object};
use suki_types::{MessageId, limits};

/// An emoji on a message.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Reaction {
    /// The message it stands on.
    pub message: MessageId,
    /// The emoji; "" takes an earlier one back.
    pub emoji: String,
}

/// Reads the object `reaction`. Whether its message is there, young enough and itself no reaction is told later, as with Meta: by a status with 131009.
///
/// # Errors
/// 131008 for what is missing, 131009 for a message id that this server never gave and for what is no emoji.
pub(super) fn reaction(given: &Object<'_>) -> Result<Reaction, ApiError> {
    given.only(&["message_id", "emoji"])?;
    let message = super::id(&given.path("message_id"), given.required_text("message_id")?)?;
    let emoji = given.text("emoji")?.ok_or_else(|| ApiError::missing(&given.path("emoji")))?.trim();
    if emoji.is_empty() || is_emoji(emoji) {
        return Ok(Reaction { message, emoji: emoji.to_owned() });
    }
    Err(ApiError::invalid_value(format!("{} must be one emoji, or empty to take the reaction back", given.path("emoji"))))
}

/// Whether a text may be one emoji: not longer than the longest of them, and without letters and spaces.
pub fn is_emoji(text: &str) -> bool {
    text.chars().count() <= limits::EMOJI_CHARS && !text.is_ascii() && !text.chars().any(|c| is_letter(c) || c.is_whitespace() || c.is_control())
}

/// Some emoji, such as ℹ and 🅰, are letters to Unicode.
fn is_letter(c: char) -> bool {
    c.is_alphabetic() && !matches!(c, '\u{2100}'..='\u{2bff}' | '\u{1f000}'..='\u{1faff}')
}
