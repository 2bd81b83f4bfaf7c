//! The wire between devices, endpoints and the network. No I/O.
//!
//! The schema is `proto/suki/v1/suki.proto`; its types are in [`pb`]. Beside it stand the parts that have rules of their own:
//! the cleartext of an MLS message ([`mls`]), what a message says
//! ([`content`]), the certificates of devices ([`certificate`]), the JSON of registration ([`http`]) and of all calls that are not hot ([`calls`]).
pub mod calls;
pub mod certificate;
pub mod content;
pub mod http;
pub mod mls;
pub mod template;

/// The types of `suki.proto`.
#[allow(missing_docs, clippy::all)]
pub mod pb {
    include!(concat!(env!("OUT_DIR"), "/suki.v1.rs"));
}

/// What a device signs to log in: Ed25519 over this.
pub fn log_in_bytes(nonce: &[u8], device: &[u8]) -> Vec<u8> {
    [b"suki/log-in/1", nonce, device].concat()
}
