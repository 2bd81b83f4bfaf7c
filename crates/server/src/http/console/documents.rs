//! Documents of verifications. They are downloaded and never shown within the console, so that nothing in them runs in its name.
use super::Signed;
use crate::http::problem::{Checked, Refusal};
use axum::{
    extract::Path,
    http::{HeaderName, HeaderValue, header},
    response::IntoResponse,
};
use suki_types::AccountId;

/// `GET /businesses/{id}/documents/{number}`
pub async fn get(signed: Signed, Checked(Path((id, number))): Checked<Path<(AccountId, u64)>>) -> Result<impl IntoResponse, Refusal> {
    let found = signed.console.document(&signed.operator, id, number).await?;
    // Only what its first bytes were found to be when it was uploaded, and never a page.
    let kind = match found.info.media_type.as_str() {
        "application/pdf" => "application/pdf",
        "image/png" => "image/png",
        "image/jpeg" => "image/jpeg",
        _ => "application/octet-stream",
    };
    let name = HeaderValue::from_str(&disposition(&found.info.name)).unwrap_or(HeaderValue::from_static("attachment"));
    let fixed = |value: &'static str| HeaderValue::from_static(value);
    let headers: [(HeaderName, HeaderValue); 6] = [
        (header::CONTENT_TYPE, fixed(kind)),
        (header::CONTENT_DISPOSITION, name),
        (header::X_CONTENT_TYPE_OPTIONS, fixed("nosniff")),
        (header::CONTENT_SECURITY_POLICY, fixed("default-src 'none'; sandbox")),
        (header::CACHE_CONTROL, fixed("no-store")),
        (HeaderName::from_static("cross-origin-resource-policy"), fixed("same-origin")),
    ];
    Ok((headers, found.data))
}

/// The name as RFC 6266 writes it: what is not plain is left out of the first form and escaped in the second.
fn disposition(name: &str) -> String {
    let plain: String = name.chars().map(|c| if c.is_ascii_alphanumeric() || "._- ".contains(c) { c } else { '_' }).collect();
    let escaped: String = name
        .bytes()
        .map(|byte| if byte.is_ascii_alphanumeric() || b"._-".contains(&byte) { char::from(byte).to_string() } else { format!("%{byte:02X}") })
        .collect();
    format!("attachment; filename=\"{plain}\"; filename*=UTF-8''{escaped}")
}

#[cfg(test)]
mod tests {
    use super::disposition;

    #[test]
    fn a_name_cannot_leave_its_header() {
        assert_eq!(disposition("a b.pdf"), "attachment; filename=\"a b.pdf\"; filename*=UTF-8''a%20b.pdf");
        let hostile = disposition("\"\r\nSet-Cookie: x=1; ✓.pdf");
        assert!(hostile.chars().all(|c| c.is_ascii() && !c.is_control()) && hostile.matches('"').count() == 2, "{hostile}");
    }
}
