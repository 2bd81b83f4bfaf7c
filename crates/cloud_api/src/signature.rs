//! `X-Hub-Signature-256`: HMAC-SHA256 over exactly the bytes of the body, by the app's secret; and `X-Hub-Signature` with SHA-1, which older receivers
//! read (section 3g).
use aws_lc_rs::hmac;

/// The header's name.
pub const HEADER: &str = "X-Hub-Signature-256";
const PREFIX: &str = "sha256=";
/// The name of the older header.
pub const LEGACY_HEADER: &str = "X-Hub-Signature";

/// The header's value for a body.
pub fn sign(app_secret: &str, body: &[u8]) -> String {
    let tag = hmac::sign(&key(app_secret), body);
    format!("{PREFIX}{}", hex::encode(tag.as_ref()))
}

/// The older header's value for a body.
pub fn sign_legacy(app_secret: &str, body: &[u8]) -> String {
    let tag = hmac::sign(&hmac::Key::new(hmac::HMAC_SHA1_FOR_LEGACY_USE_ONLY, app_secret.as_bytes()), body);
    format!("sha1={}", hex::encode(tag.as_ref()))
}

/// Whether the header's value is right for a body; takes the same time whatever is wrong.
pub fn verify(app_secret: &str, body: &[u8], header: &str) -> bool {
    let tag = header.trim().strip_prefix(PREFIX).and_then(|digits| hex::decode(digits).ok());
    tag.is_some_and(|tag| hmac::verify(&key(app_secret), body, &tag).is_ok())
}

/// Whether `appsecret_proof` is right: HMAC-SHA256 of the token by the app's secret, in hexadecimal.
pub fn verify_proof(app_secret: &str, token: &str, proof: &str) -> bool {
    hex::decode(proof).is_ok_and(|tag| hmac::verify(&key(app_secret), token.as_bytes(), &tag).is_ok())
}

fn key(app_secret: &str) -> hmac::Key {
    hmac::Key::new(hmac::HMAC_SHA256, app_secret.as_bytes())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_is_the_published_vector() {
        // RFC 4231, test case 2.
        let signature = "sha256=5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843";
        assert_eq!(sign("Jefe", b"what do ya want for nothing?"), signature);
        assert!(verify("Jefe", b"what do ya want for nothing?", signature));
        assert!(verify_proof("Jefe", "what do ya want for nothing?", &signature[7..]));
    }

    #[test]
    fn the_older_one_is_the_published_vector() {
        // RFC 2202, test case 2 of HMAC-SHA-1.
        assert_eq!(sign_legacy("Jefe", b"what do ya want for nothing?"), "sha1=effcdf6ae5eb2fa2d27416d5f184df9c259a7c79");
    }

    #[test]
    fn anything_else_is_refused() {
        let right = sign("secret", b"{}");
        for (secret, body, header) in [
            ("other", &b"{}"[..], right.as_str()),
            ("secret", b"{} ", &right),
            ("secret", b"{}", &right[7..]),
            ("secret", b"{}", &right[..70]),
            ("secret", b"{}", "sha256="),
            ("secret", b"{}", "sha256=zz"),
            ("secret", b"{}", ""),
        ] {
            assert!(!verify(secret, body, header), "{header}");
        }
        assert!(!verify_proof("secret", "token", ""));
    }
}
