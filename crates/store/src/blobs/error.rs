//! What went wrong with a file, in the contract's terms.
use crate::StoreError;
use object_store::client::{HttpError, HttpErrorKind};
use std::{error::Error, io};

/// The most characters of a code that a bucket's server gave its refusal.
const CODE_CHARS: usize = 40;

/// Codes of a server that has no room, or lets nobody have more of it.
const FULL: [&str; 5] = ["InsufficientStorage", "XMinioStorageFull", "QuotaExceeded", "EntityTooLarge.Quota", "StorageFull"];
/// What servers write of it who answer with a plain refusal.
const FULL_WORDS: [&str; 3] = ["quota exceeded", "quota has been exceeded", "no space left"];
/// Codes that mean: not now.
const LATER: [&str; 5] = ["SlowDown", "ServiceUnavailable", "InternalError", "RequestTimeout", "RequestTimeTooSkewed"];

/// The contract's name for an error. The server's own words are left out, since they may name the file, and its name opens it.
pub(super) fn failed(error: &object_store::Error) -> StoreError {
    if let Some(refused) = refusal(error) {
        return refused;
    }
    if let Some(http) = within::<HttpError>(error) {
        return StoreError::Unavailable(match http.kind() {
            HttpErrorKind::Timeout => "the object store of the files does not answer in time".into(),
            HttpErrorKind::Connect => {
                "the object store of the files cannot be reached; is its address (AWS_ENDPOINT_URL) right, and does it run?".into()
            }
            _ => "the connection to the object store of the files broke".into(),
        });
    }
    match within::<io::Error>(error) {
        Some(io) => of_io(io),
        None => StoreError::Unavailable("the files cannot be reached".into()),
    }
}

/// Whether the same will fail later, too: the server was reached, and refuses for a reason that does not pass.
pub(super) fn will_stay(error: &object_store::Error) -> bool {
    let code = code(&error.to_string());
    match failed(error) {
        StoreError::Full => false,
        _ => is_denied(error) || !(code.is_empty() || LATER.contains(&code.as_str())),
    }
}

fn is_denied(error: &object_store::Error) -> bool {
    matches!(error, object_store::Error::PermissionDenied { .. } | object_store::Error::Unauthenticated { .. })
}

/// What a bucket's server answered, if one answered.
fn refusal(error: &object_store::Error) -> Option<StoreError> {
    let text = error.to_string();
    let code = code(&text);
    let lower = text.to_ascii_lowercase();
    if FULL.contains(&code.as_str())
        || text.contains("status code: 507")
        || (!code.is_empty() && FULL_WORDS.iter().any(|words| lower.contains(words)))
    {
        return Some(StoreError::Full);
    }
    if is_denied(error) || matches!(code.as_str(), "AccessDenied" | "InvalidAccessKeyId" | "SignatureDoesNotMatch" | "ExpiredToken" | "InvalidToken")
    {
        let why = if code.is_empty() { String::new() } else { format!(" ({code})") };
        return Some(StoreError::Unavailable(format!(
            "the object store of the files denies access{why}; check the credentials (AWS_ACCESS_KEY_ID, AWS_SECRET_ACCESS_KEY) and what they may do"
        )));
    }
    Some(StoreError::Unavailable(match code.as_str() {
        "" => return None,
        "NoSuchBucket" => "the object store of the files has no such bucket; make it, or name another with --files".into(),
        code if LATER.contains(&code) => format!("the object store of the files cannot do it now ({code})"),
        code => format!("the object store of the files refuses ({code})"),
    }))
}

/// The code in a server's answer, as far as it is a word.
fn code(text: &str) -> String {
    let Some((_, rest)) = text.split_once("<Code>") else { return String::new() };
    let Some((code, _)) = rest.split_once("</Code>") else { return String::new() };
    code.chars().filter(|c| c.is_ascii_alphanumeric() || *c == '.').take(CODE_CHARS).collect()
}

fn within<'e, E: Error + 'static>(error: &'e (dyn Error + 'static)) -> Option<&'e E> {
    let mut source = Some(error);
    while let Some(one) = source {
        if let Some(found) = one.downcast_ref::<E>() {
            return Some(found);
        }
        source = one.source();
    }
    None
}

/// Without the path: a file's name opens it.
pub(super) fn of_io(error: &io::Error) -> StoreError {
    match error.kind() {
        io::ErrorKind::StorageFull | io::ErrorKind::QuotaExceeded => StoreError::Full,
        io::ErrorKind::ReadOnlyFilesystem | io::ErrorKind::PermissionDenied => StoreError::ReadOnly,
        kind => StoreError::Unavailable(format!("a file cannot be read or written: {kind}")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn generic(text: &str) -> object_store::Error {
        object_store::Error::Generic { store: "S3", source: text.into() }
    }

    fn denied(text: &str) -> object_store::Error {
        object_store::Error::PermissionDenied { path: "media/ab/secret".into(), source: text.into() }
    }

    #[test]
    fn full_denied_and_unreachable_are_told_apart() {
        let body =
            |code: &str| format!("Server returned non-2xx status code: 400 Bad Request: <Error><Code>{code}</Code><Key>ab/secret</Key></Error>");
        assert_eq!(failed(&generic(&body("XMinioStorageFull"))), StoreError::Full);
        assert_eq!(failed(&generic("Server returned non-2xx status code: 507 Insufficient Storage: ")), StoreError::Full);
        assert_eq!(
            failed(&denied("status code: 403 Forbidden: <Code>AccessDenied</Code><Message>Bucket size quota exceeded</Message>")),
            StoreError::Full,
            "Garage says so"
        );
        for (error, words) in [
            (denied(&body("SignatureDoesNotMatch")), "denies access (SignatureDoesNotMatch)"),
            (denied("403"), "denies access;"),
            (generic(&body("NoSuchBucket")), "has no such bucket"),
            (generic(&body("SlowDown")), "cannot do it now (SlowDown)"),
            (generic(&body("Odd<b>One")), "refuses (OddbOne)"),
            (generic("something else"), "the files cannot be reached"),
        ] {
            let told = failed(&error);
            assert!(matches!(&told, StoreError::Unavailable(text) if text.contains(words)), "{told:?}");
            assert!(!told.to_string().contains("secret"), "a file's name opens it");
        }
    }

    #[test]
    fn a_disks_errors_keep_their_meaning() {
        for (kind, told) in [(io::ErrorKind::StorageFull, StoreError::Full), (io::ErrorKind::PermissionDenied, StoreError::ReadOnly)] {
            let error = object_store::Error::Generic { store: "LocalFileSystem", source: Box::new(io::Error::from(kind)) };
            assert_eq!(failed(&error), told);
        }
    }
}
