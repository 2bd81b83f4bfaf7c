//! The ciphersuites conversations use. The suite is a property of the group and never changes within it.
use openmls_traits::types::Ciphersuite;

/// An MLS ciphersuite this product speaks.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Suite(u16);

impl Suite {
    /// X25519, AES-128-GCM, SHA-256, Ed25519: the suite every MLS implementation has (RFC 9420, section 17.1).
    pub const X25519: Self = Self(0x0001);
    /// X-Wing (X25519 with ML-KEM-768, post-quantum), ChaCha20-Poly1305, SHA-256, Ed25519. The code point is provisional.
    pub const XWING: Self = Self(0x004D);
    /// All suites, the preferred one first.
    pub const ALL: [Self; 2] = [Self::XWING, Self::X25519];

    /// The number on the wire.
    pub const fn number(self) -> u16 {
        self.0
    }

    /// The name, kept beside the number because provisional numbers may move.
    pub const fn name(self) -> &'static str {
        match self.0 {
            0x0001 => "MLS_128_DHKEMX25519_AES128GCM_SHA256_Ed25519",
            _ => "MLS_256_XWING_CHACHA20POLY1305_SHA256_Ed25519",
        }
    }

    /// The suite with this number, if this product speaks it.
    pub fn from_number(number: u32) -> Option<Self> {
        Self::ALL.into_iter().find(|suite| u32::from(suite.0) == number)
    }

    /// The best suite of those offered, if there is any this product speaks.
    pub fn best_of(offered: &[u32]) -> Option<Self> {
        Self::ALL.into_iter().find(|suite| offered.contains(&u32::from(suite.0)))
    }

    pub(crate) const fn mls(self) -> Ciphersuite {
        match self.0 {
            0x0001 => Ciphersuite::MLS_128_DHKEMX25519_AES128GCM_SHA256_Ed25519,
            _ => Ciphersuite::MLS_256_XWING_CHACHA20POLY1305_SHA256_Ed25519,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_best_common_suite_is_the_post_quantum_one() {
        assert_eq!(Suite::best_of(&[1, 0x4d]), Some(Suite::XWING));
        assert_eq!(Suite::best_of(&[1, 3]), Some(Suite::X25519));
        assert_eq!(Suite::best_of(&[2, 0x1_0001]), None);
    }

    #[test]
    fn numbers_and_names_are_those_of_the_library() {
        for suite in Suite::ALL {
            assert_eq!(suite.mls() as u16, suite.number());
            assert_eq!(format!("{:?}", suite.mls()), suite.name());
            assert_eq!(Suite::from_number(suite.number().into()), Some(suite));
        }
    }
}
