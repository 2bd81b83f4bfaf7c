//! How groups are set up, in one place: what both sides must agree on and what each side keeps.
use crate::Suite;
use openmls::prelude::{
    Capabilities, CredentialType, ExtensionType, Lifetime, MIXED_CIPHERTEXT_WIRE_FORMAT_POLICY, MlsGroupCreateConfig, MlsGroupJoinConfig,
    SenderRatchetConfiguration,
};

/// Messages are padded to a multiple of so many bytes, so that their length tells little.
const PADDING_BYTES: usize = 256;
/// Messages of so many epochs before the current one can still be read.
pub(crate) const PAST_EPOCHS: usize = 2;
/// So many messages of a sender may arrive late within an epoch.
const OUT_OF_ORDER: u32 = 10;
/// So many messages of a sender may never arrive (they expire) without blocking those after them.
const FORWARD: u32 = 2000;
/// 9999-12-31T23:59:59Z in seconds. A key package lives until the network has handed it out or has removed its device, whatever
/// the clocks say: the library checks lifetimes against the machine's clock, and a sandbox moves its own.
const NEVER: u64 = 253_402_300_799;

pub(crate) fn join() -> MlsGroupJoinConfig {
    MlsGroupJoinConfig::builder()
        .wire_format_policy(MIXED_CIPHERTEXT_WIRE_FORMAT_POLICY)
        .padding_size(PADDING_BYTES)
        .max_past_epochs(PAST_EPOCHS)
        .use_ratchet_tree_extension(true)
        .sender_ratchet_configuration(SenderRatchetConfiguration::new(OUT_OF_ORDER, FORWARD))
        .build()
}

pub(crate) fn create(suite: Suite) -> MlsGroupCreateConfig {
    MlsGroupCreateConfig::builder()
        .wire_format_policy(MIXED_CIPHERTEXT_WIRE_FORMAT_POLICY)
        .padding_size(PADDING_BYTES)
        .max_past_epochs(PAST_EPOCHS)
        .use_ratchet_tree_extension(true)
        .sender_ratchet_configuration(SenderRatchetConfiguration::new(OUT_OF_ORDER, FORWARD))
        .lifetime(lifetime())
        .capabilities(capabilities())
        .ciphersuite(suite.mls())
        .build()
}

pub(crate) fn lifetime() -> Lifetime {
    Lifetime::init(0, NEVER)
}

/// What every leaf says it can do: both suites, last-resort key packages, basic credentials.
pub(crate) fn capabilities() -> Capabilities {
    Capabilities::new(None, Some(&Suite::ALL.map(Suite::mls)), Some(&[ExtensionType::LastResort]), Some(&[]), Some(&[CredentialType::Basic]))
}
