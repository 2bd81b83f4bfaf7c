//! Gives a file of the endpoint's out: whole or in part, as it is opened, and so that no browser takes it for a page of ours.
use super::range::Asked;
use axum::{
    body::Body,
    http::{HeaderMap, HeaderValue, Method, header},
    response::{IntoResponse as _, Response},
};
use suki_endpoint::{Business, Error, media::File};

/// Types that a browser shows without running anything that stands in them.
const SHOWN: [&str; 4] = ["image/", "video/", "audio/", "application/pdf"];
/// Nothing in a file may run or load, whatever a browser takes it for.
const POLICY: HeaderValue =
    HeaderValue::from_static("default-src 'none'; style-src 'unsafe-inline'; img-src 'self' data:; media-src 'self'; sandbox");

/// The answer to a request for a file.
///
/// # Errors
/// When its bytes cannot be read.
pub async fn give(business: &Business, file: File, method: &Method, headers: &HeaderMap) -> Result<Response, Error> {
    let bytes = file.bytes;
    let asked = Asked::of(headers, bytes);
    let (status, mut answer) = asked.answer(bytes);
    describe(&file, &mut answer);
    if *method == Method::HEAD || asked == Asked::Outside {
        return Ok((status, answer).into_response());
    }
    let opened = business.open_file(file, asked.part()).await?;
    Ok((status, answer, Body::from_stream(opened.bytes)).into_response())
}

fn describe(file: &File, answer: &mut HeaderMap) {
    let kind = HeaderValue::from_str(&file.media_type).unwrap_or(HeaderValue::from_static("application/octet-stream"));
    answer.insert(header::CONTENT_TYPE, kind);
    answer.insert(header::X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff"));
    answer.insert(header::CONTENT_SECURITY_POLICY, POLICY);
    answer.insert(header::CACHE_CONTROL, HeaderValue::from_static("private, max-age=300"));
    if let Ok(value) = HeaderValue::from_str(&disposition(&file.media_type, &file.filename)) {
        answer.insert(header::CONTENT_DISPOSITION, value);
    }
}

/// Whether a browser shows or stores it, and under which name (RFC 6266 and 8187).
fn disposition(media_type: &str, filename: &str) -> String {
    let essence = media_type.split(';').next().unwrap_or_default().trim().to_ascii_lowercase();
    let shown = SHOWN.iter().any(|prefix| essence.starts_with(prefix)) && essence != "image/svg+xml";
    let way = if shown { "inline" } else { "attachment" };
    if filename.is_empty() {
        return way.into();
    }
    let plain: String = filename.chars().map(|c| if c.is_ascii_graphic() && !matches!(c, '"' | '\\' | '%') || c == ' ' { c } else { '_' }).collect();
    let coded: String = filename
        .bytes()
        .map(|byte| if byte.is_ascii_alphanumeric() || b"-._~".contains(&byte) { char::from(byte).to_string() } else { format!("%{byte:02X}") })
        .collect();
    format!("{way}; filename=\"{plain}\"; filename*=UTF-8''{coded}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_could_run_is_stored_and_never_shown() {
        assert_eq!(disposition("image/png", ""), "inline");
        assert_eq!(disposition("audio/ogg; codecs=opus", ""), "inline");
        for stored in ["image/svg+xml", "IMAGE/SVG+XML; charset=utf-8", "text/html", "text/plain", "application/octet-stream", ""] {
            assert_eq!(disposition(stored, ""), "attachment", "{stored}");
        }
        assert_eq!(
            disposition("text/plain", "kapé \"x\"\n.txt"),
            "attachment; filename=\"kap_ _x__.txt\"; filename*=UTF-8''kap%C3%A9%20%22x%22%0A.txt"
        );
    }
}
