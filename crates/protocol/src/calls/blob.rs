//! Files beside messages: the network keeps sealed bytes under a random name, for whoever knows it.
//!
//! | step | what |
//! |---|---|
//! | `blob.begin` | a device says how many sealed bytes come, and is told a name and a token |
//! | `PUT /v1/blobs/{name in hex}` | the bytes, exactly as many, with `Authorization: Bearer {token}`; 204 when they are durable |
//! | `GET`, `HEAD /v1/blobs/{name in hex}` | the bytes, or one `Range` of them; 404 when they are not there any more |
use super::Call;
use crate::http::Base64;
use serde::{Deserialize, Serialize};
use suki_types::Timestamp;

/// A device wants to store a file.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct BeginBlob {
    /// How many bytes it has when it is sealed.
    pub bytes: u64,
}

impl Call for BeginBlob {
    const NAME: &'static str = "blob.begin";
    type Answer = BlobTicket;
}

/// Where its bytes go.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct BlobTicket {
    /// Its name: 32 bytes.
    pub blob: Base64,
    /// What the upload has to show.
    pub token: String,
    /// Until when the bytes have to be there.
    pub expires_at: Timestamp,
    /// Until when the network keeps them.
    pub kept_until: Timestamp,
}

/// The path of a file at its network.
pub fn path(blob: &[u8]) -> String {
    let hex: String = blob.iter().map(|byte| format!("{byte:02x}")).collect();
    format!("/v1/blobs/{hex}")
}
