//! What strangers send: each target is a function over bytes that must hold for all of them, and the seeds it starts from.
//!
//! The ordinary tests of `suki-protocol` and `suki-cloud-api` run the same files over made-up inputs and over the seeds, damaged; here
//! libFuzzer looks further. `scripts/fuzz SECONDS` runs each target for so long.
pub mod cloud_api_request;
pub mod envelope;
pub mod webhook;
