//! Whether a webhook's address belongs to who names it: `GET callback?hub.mode=subscribe&hub.verify_token=…&hub.challenge=…` (section 3g).
use crate::{ApiError, Code};
use suki_types::Env;
use url::Url;

/// The most characters of a callback's address.
pub const CALLBACK_CHARS: usize = 2048;
/// The most characters of an address that overrides the app's (section 3a).
pub const OVERRIDE_CHARS: usize = 200;
/// The most characters of the token the receiver compares.
pub const VERIFY_TOKEN_CHARS: usize = 512;

/// What the receiver must send back: ten digits, because some receivers read a number.
pub fn challenge(env: &Env) -> String {
    let random = u64::from_be_bytes(env.random());
    (1_000_000_000 + random % 9_000_000_000).to_string()
}

/// Reads a callback's address: `https`, or `http` where the server allows it. Whether its host may be called is for the caller to say.
///
/// # Errors
/// 100 when it is no such address, has a user or a fragment, or is longer than `max` characters.
pub fn callback(name: &str, text: &str, max: usize) -> Result<Url, ApiError> {
    let refuse = |what: &str| Err(ApiError::invalid_parameter(format!("{name} {what}: write https://HOST/PATH of at most {max} characters")));
    if text.chars().count() > max {
        return refuse("is too long");
    }
    let Ok(url) = Url::parse(text) else { return refuse("is no address") };
    if !matches!(url.scheme(), "http" | "https") || !url.has_host() {
        return refuse("is no address of the web");
    }
    if !url.username().is_empty() || url.password().is_some() || url.fragment().is_some() {
        return refuse("has a user or a fragment");
    }
    Ok(url)
}

/// The address to call. Parameters that the callback already has stay.
pub fn address(callback: &Url, verify_token: &str, challenge: &str) -> Url {
    let mut url = callback.clone();
    url.query_pairs_mut().append_pair("hub.mode", "subscribe").append_pair("hub.verify_token", verify_token).append_pair("hub.challenge", challenge);
    url
}

/// Judges the receiver's answer.
///
/// # Errors
/// 2200 unless the status is 200 and the body is the challenge; the body is not repeated.
pub fn judge(status: u16, body: &[u8], challenge: &str) -> Result<(), ApiError> {
    if status != 200 {
        return Err(failed(&format!("the callback answered with status {status}")));
    }
    if body.trim_ascii() != challenge.as_bytes() {
        return Err(failed("the callback's answer is not the value of hub.challenge"));
    }
    Ok(())
}

/// The callback could not be reached, or may not be called; `why` is shown to the caller.
pub fn failed(why: &str) -> ApiError {
    ApiError::new(
        Code::CallbackVerification,
        format!("{why}. It must answer GET with status 200 and the value of hub.challenge when hub.verify_token is right"),
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_address_keeps_what_it_has() {
        let callback = callback("callback_url", "https://shop.example/hook?a=1", CALLBACK_CHARS).expect("it is one");
        let address = address(&callback, "t&=", "123");
        assert_eq!(address.as_str(), "https://shop.example/hook?a=1&hub.mode=subscribe&hub.verify_token=t%26%3D&hub.challenge=123");
    }

    #[test]
    fn other_addresses_are_refused() {
        let long = format!("https://shop.example/{}", "a".repeat(CALLBACK_CHARS));
        for text in ["", "shop.example", "ftp://shop.example", "file:///etc/passwd", "https://", "https://u:p@shop.example", "https://a.b/#c", &long]
        {
            let error = callback("callback_url", text, CALLBACK_CHARS).expect_err(text);
            assert!(error.code.number() == 100 && error.details.starts_with("callback_url "), "{}", error.details);
        }
    }

    #[test]
    fn only_the_challenge_with_200_passes() {
        let challenge = challenge(&Env::for_tests(3));
        assert!(challenge.len() == 10 && challenge.bytes().all(|byte| byte.is_ascii_digit()));
        assert_eq!(judge(200, challenge.as_bytes(), &challenge), Ok(()));
        assert_eq!(judge(200, format!("{challenge}\n").as_bytes(), &challenge), Ok(()));
        for (status, body) in [(201, challenge.as_str()), (404, &challenge), (200, ""), (200, "ok"), (200, &format!("\"{challenge}\""))] {
            assert_eq!(judge(status, body.as_bytes(), &challenge).map_err(|error| error.code.number()), Err(2200), "{status} {body}");
        }
    }
}
