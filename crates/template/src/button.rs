//! What can be pressed.
use crate::{
    choice::{capital_type, choice},
    component::one_or_many,
};
use serde::{Deserialize, Deserializer, Serialize, Serializer, de::Error as _};
use serde_json::Value;

/// A button.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "type", rename_all = "SCREAMING_SNAKE_CASE", remote = "Self")]
#[allow(missing_docs, reason = "the fields are those of the Cloud API, and their meaning is in their variant's line")]
pub enum Button {
    /// Answers with its label.
    QuickReply { text: String },
    /// Opens a page; the address may end in one variable.
    Url {
        text: String,
        url: String,
        #[serde(default, skip_serializing_if = "Vec::is_empty", deserialize_with = "one_or_many")]
        example: Vec<String>,
    },
    /// Calls a number.
    PhoneNumber { text: String, phone_number: String },
    /// Copies a coupon's code.
    CopyCode {
        #[serde(default, skip_serializing_if = "Option::is_none")]
        text: Option<String>,
        #[serde(default, skip_serializing_if = "Vec::is_empty", deserialize_with = "one_or_many")]
        example: Vec<String>,
    },
    /// Takes a one-time code over.
    Otp {
        otp_type: OtpKind,
        #[serde(default, skip_serializing_if = "Option::is_none")]
        text: Option<String>,
        #[serde(default, skip_serializing_if = "Option::is_none")]
        autofill_text: Option<String>,
        #[serde(default, skip_serializing_if = "Option::is_none")]
        package_name: Option<String>,
        #[serde(default, skip_serializing_if = "Option::is_none")]
        signature_hash: Option<String>,
        #[serde(default, skip_serializing_if = "Vec::is_empty")]
        supported_apps: Vec<SupportedApp>,
        #[serde(default, skip_serializing_if = "Option::is_none")]
        zero_tap_terms_accepted: Option<bool>,
    },
    /// Opens a form.
    Flow {
        text: String,
        #[serde(default, skip_serializing_if = "Option::is_none")]
        flow_id: Option<String>,
        #[serde(default, skip_serializing_if = "Option::is_none")]
        flow_name: Option<String>,
        #[serde(default, skip_serializing_if = "Option::is_none")]
        flow_json: Option<String>,
        #[serde(default, skip_serializing_if = "Option::is_none")]
        flow_action: Option<String>,
        #[serde(default, skip_serializing_if = "Option::is_none")]
        navigate_screen: Option<String>,
    },
    /// Opens the catalogue.
    Catalog { text: String },
    /// Opens several products.
    Mpm { text: String },
    /// Opens one product.
    Spm { text: String },
    /// Calls the business in the messenger.
    VoiceCall {
        text: String,
        #[serde(default, skip_serializing_if = "Option::is_none")]
        ttl_minutes: Option<u32>,
    },
    /// Gives the business the customer's number.
    RequestContactInfo {
        #[serde(default, skip_serializing_if = "Option::is_none")]
        text: Option<String>,
    },
}

impl Serialize for Button {
    fn serialize<S: Serializer>(&self, s: S) -> Result<S::Ok, S::Error> {
        Self::serialize(self, s)
    }
}

impl<'de> Deserialize<'de> for Button {
    fn deserialize<D: Deserializer<'de>>(d: D) -> Result<Self, D::Error> {
        let mut value = Value::deserialize(d)?;
        capital_type(&mut value);
        Self::deserialize(value).map_err(D::Error::custom)
    }
}

choice! {
    /// The kinds of button.
    pub enum ButtonKind {
        /// Answers with its label.
        QuickReply = "QUICK_REPLY",
        /// Opens a page.
        Url = "URL",
        /// Calls a number.
        PhoneNumber = "PHONE_NUMBER",
        /// Copies a coupon's code.
        CopyCode = "COPY_CODE",
        /// Takes a one-time code over.
        Otp = "OTP",
        /// Opens a form.
        Flow = "FLOW",
        /// Opens the catalogue.
        Catalog = "CATALOG",
        /// Opens several products.
        Mpm = "MPM",
        /// Opens one product.
        Spm = "SPM",
        /// Calls the business in the messenger.
        VoiceCall = "VOICE_CALL",
        /// Gives the business the customer's number.
        RequestContactInfo = "REQUEST_CONTACT_INFO",
    }
}

impl Button {
    /// Its kind.
    pub const fn kind(&self) -> ButtonKind {
        match self {
            Self::QuickReply { .. } => ButtonKind::QuickReply,
            Self::Url { .. } => ButtonKind::Url,
            Self::PhoneNumber { .. } => ButtonKind::PhoneNumber,
            Self::CopyCode { .. } => ButtonKind::CopyCode,
            Self::Otp { .. } => ButtonKind::Otp,
            Self::Flow { .. } => ButtonKind::Flow,
            Self::Catalog { .. } => ButtonKind::Catalog,
            Self::Mpm { .. } => ButtonKind::Mpm,
            Self::Spm { .. } => ButtonKind::Spm,
            Self::VoiceCall { .. } => ButtonKind::VoiceCall,
            Self::RequestContactInfo { .. } => ButtonKind::RequestContactInfo,
        }
    }

    /// What stands on it; `None` when the device writes its own words.
    pub fn label(&self) -> Option<&str> {
        match self {
            Self::QuickReply { text }
            | Self::Url { text, .. }
            | Self::PhoneNumber { text, .. }
            | Self::Flow { text, .. }
            | Self::Catalog { text }
            | Self::Mpm { text }
            | Self::Spm { text }
            | Self::VoiceCall { text, .. } => Some(text),
            Self::CopyCode { text, .. } | Self::Otp { text, .. } | Self::RequestContactInfo { text } => text.as_deref(),
        }
    }
}

choice! {
    /// How a one-time code is taken over.
    pub enum OtpKind {
        /// The customer copies it.
        CopyCode = "COPY_CODE",
        /// One press fills it into the business's app.
        OneTap = "ONE_TAP",
        /// It is filled into the business's app without a press.
        ZeroTap = "ZERO_TAP",
    }
}

/// An app that may take a code over.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct SupportedApp {
    /// Its Android package.
    pub package_name: String,
    /// The hash of its signing key.
    pub signature_hash: String,
}
