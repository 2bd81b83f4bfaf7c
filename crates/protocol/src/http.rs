//! The JSON of registration, spoken over HTTP before a device can log in. Binary fields are standard base64.
//!
//! | call | asks | answers |
//! |---|---|---|
//! | `GET /v1/links/{slug}` | | [`LinkCard`] |
//! | `POST /v1/guests` | [`RegisterGuest`] | [`Registered`] |
//! | `POST /v1/phone-codes` | [`RequestPhoneCode`] | [`PhoneCodeSent`] |
//! | `POST /v1/phones` | [`RegisterPhone`] | [`Registered`] |
//! | `POST /v1/devices` | [`RegisterDevice`] | [`Registered`] |
//! | `GET /v1/terms` | | [`Terms`](crate::calls::trust::Terms) |
//! | `POST /v1/businesses` | [`RegisterBusiness`] | [`Registered`] |
//! | `GET /v1/socket` | WebSocket, frames of `suki.proto` | |
//!
//! A refusal is `application/problem+json` (RFC 9457) as [`Problem`].
use base64::{Engine as _, engine::general_purpose::STANDARD};
use serde::{Deserialize, Deserializer, Serialize, Serializer};
use suki_types::{AccountId, DeviceId, Phone};

/// Bytes that are base64 in JSON.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Base64(pub Vec<u8>);

impl Serialize for Base64 {
    fn serialize<S: Serializer>(&self, s: S) -> Result<S::Ok, S::Error> {
        s.serialize_str(&STANDARD.encode(&self.0))
    }
}

impl std::fmt::Display for Base64 {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&STANDARD.encode(&self.0))
    }
}

/// Writes bytes as [`Base64`] does.
pub(crate) fn as_base64<S: Serializer>(bytes: &[u8], s: S) -> Result<S::Ok, S::Error> {
    s.serialize_str(&STANDARD.encode(bytes))
}

impl<'de> Deserialize<'de> for Base64 {
    fn deserialize<D: Deserializer<'de>>(d: D) -> Result<Self, D::Error> {
        let text = String::deserialize(d)?;
        STANDARD.decode(text).map(Self).map_err(|_| serde::de::Error::custom("expected standard base64"))
    }
}

/// Who a link leads to: the messenger's first screen.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct LinkCard {
    /// The business.
    pub business: AccountId,
    /// What it is called.
    pub name: String,
    /// What it says of itself, "" if nothing.
    pub about: String,
    /// `plain`, `checked` or `confirmed` (R39 to R41).
    pub trust: Trust,
    /// What stands beside the name: `shop`, `verified`, `official` (R45).
    #[serde(default)]
    pub labels: Vec<String>,
    /// Whether a request of it is looked at (R42).
    #[serde(default)]
    pub verification_pending: bool,
    /// Who runs the endpoint that holds its keys.
    pub hosted_by: String,
    /// The link's name.
    pub slug: String,
    /// The network's Ed25519 key: certificates are checked against it.
    pub network_key: Base64,
    /// Whether a person may register by phone on this server.
    pub phone_registration: bool,
}

/// How far the network has checked a business (R39 to R41).
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Trust {
    /// Nobody has checked who this is.
    Plain,
    /// Its number matches the company's official data.
    Checked,
    /// A moderator has confirmed it.
    Confirmed,
}

/// A person without a phone, from a link.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RegisterGuest {
    /// The link he came by.
    pub slug: String,
    /// The device's Ed25519 key.
    pub signature_key: Base64,
    /// What the device calls itself to its siblings, at most 75 characters.
    #[serde(default)]
    pub device_name: String,
}

/// How a code travels.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum CodeChannel {
    /// A text message.
    Sms,
    /// A call that reads the code, for landlines (R38).
    Voice,
}

/// Asks for a six-digit code. The answer is the same whether or not the number has an account.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RequestPhoneCode {
    /// Where to send it.
    pub phone: Phone,
    /// How.
    pub channel: CodeChannel,
}

/// A code is under way.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct PhoneCodeSent {
    /// For how many seconds it holds.
    pub expires_in: i64,
}

/// A person with a phone; the code proves it is his.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RegisterPhone {
    /// The phone the code was sent to.
    pub phone: Phone,
    /// Six digits.
    pub code: String,
    /// The device's Ed25519 key.
    pub signature_key: Base64,
    /// What the device calls itself to its siblings.
    #[serde(default)]
    pub device_name: String,
}

/// Another device of an account, with a code that a device of it has made.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RegisterDevice {
    /// The code.
    pub code: String,
    /// The device's Ed25519 key.
    pub signature_key: Base64,
    /// What the device calls itself to its siblings.
    #[serde(default)]
    pub device_name: String,
}

/// A business's endpoint, with the enrolment code that the network's operator gave out.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RegisterBusiness {
    /// The one-time code.
    pub enrolment: String,
    /// What the business is called.
    pub name: String,
    /// What it says of itself.
    #[serde(default)]
    pub about: String,
    /// The name in its link: 3 to 40 of a to z, 0 to 9 and hyphens.
    pub slug: String,
    /// Who runs the endpoint.
    pub hosted_by: String,
    /// The endpoint's Ed25519 key.
    pub signature_key: Base64,
    /// The version of the terms that its owner accepts: the one in force, which `GET /v1/terms` gives (R26).
    #[serde(default)]
    pub terms_version: u32,
    /// In the demo and the sandbox: a number of the range for tests, which is the business's without a code. Elsewhere it counts for nothing.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub test_phone: Option<Phone>,
}

/// A device is known to the network from now on.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Registered {
    /// The account it acts for.
    pub account: AccountId,
    /// Its id, for logging in.
    pub device: DeviceId,
    /// Its certificate, for MLS credentials.
    pub certificate: Base64,
    /// The network's Ed25519 key.
    pub network_key: Base64,
    /// The phone the account is known by, if any.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub phone: Option<Phone>,
}

/// Why a call was refused (RFC 9457).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Problem {
    /// A short name of the kind of problem, for programs.
    pub code: String,
    /// One sentence: what was wrong.
    pub title: String,
    /// What is allowed and what to do.
    pub detail: String,
    /// The HTTP status.
    pub status: u16,
}
