//! The web apps, out of the binary: the messenger below `/c/`, the business app below `/inbox/`, the console below `/console/`,
//! the API explorer below `/explorer/`.
use axum::{
    body::Body,
    extract::Path,
    http::{HeaderMap, HeaderValue, StatusCode, header},
    response::{IntoResponse as _, Redirect, Response},
};
use rust_embed::{EmbeddedFile, RustEmbed};

/// What `make web` built.
#[derive(RustEmbed)]
#[folder = "../../web/dist"]
#[allow_missing = true]
struct Files;

/// Scripts come from here alone; pages talk to this server alone and stand in no frame.
const POLICY: &str = "default-src 'self'; script-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' data: blob:; \
     media-src 'self' blob:; connect-src 'self' ws: wss:; worker-src 'self'; object-src 'none'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'";

/// Where a person who only typed the host name wants to go.
pub async fn root() -> Redirect {
    Redirect::temporary("/inbox/")
}

/// The messenger's address without its slash.
pub async fn messenger_root() -> Redirect {
    Redirect::permanent("/c/")
}

/// The business app's address without its slash.
pub async fn business_root() -> Redirect {
    Redirect::permanent("/inbox/")
}

/// The console's address without its slash.
pub async fn console_root() -> Redirect {
    Redirect::permanent("/console/")
}

/// A file of the console; every other path below `/console/` is a page of it.
pub async fn console(path: Option<Path<String>>, headers: HeaderMap) -> Response {
    serve("console", path, &headers)
}

/// The explorer's address without its slash.
pub async fn explorer_root() -> Redirect {
    Redirect::permanent("/explorer/")
}

/// A file of the API explorer; every other path below `/explorer/` is a page of it.
pub async fn explorer(path: Option<Path<String>>, headers: HeaderMap) -> Response {
    serve("explorer", path, &headers)
}

/// A file of the messenger; every other path below `/c/` is a page of it.
pub async fn messenger(path: Option<Path<String>>, headers: HeaderMap) -> Response {
    serve("messenger", path, &headers)
}

/// A file of the business app; every other path below `/inbox/` is a page of it.
pub async fn business(path: Option<Path<String>>, headers: HeaderMap) -> Response {
    serve("business", path, &headers)
}

fn serve(app: &str, path: Option<Path<String>>, headers: &HeaderMap) -> Response {
    let path = path.map(|Path(path)| path).unwrap_or_default();
    let is_page = !path.contains('.');
    let name = if is_page { "index.html" } else { path.as_str() };
    match Files::get(&format!("{app}/{name}")) {
        Some(file) => answer(file, name, headers),
        None if is_page => {
            let text = "The web apps are not part of this build. Run `make web` and build again.";
            (StatusCode::SERVICE_UNAVAILABLE, text).into_response()
        }
        None => (StatusCode::NOT_FOUND, "There is no such file.").into_response(),
    }
}

fn answer(file: EmbeddedFile, name: &str, headers: &HeaderMap) -> Response {
    let tag = format!("\"{}\"", hex::encode(&file.metadata.sha256_hash()[..16]));
    let fresh = headers.get(header::IF_NONE_MATCH).is_some_and(|known| known.as_bytes() == tag.as_bytes());
    let mut response = if fresh { StatusCode::NOT_MODIFIED.into_response() } else { Body::from(file.data.into_owned()).into_response() };
    let out = response.headers_mut();
    // Files below assets/ carry a hash of their content in their name.
    let cache = if name.starts_with("assets/") { "public, max-age=31536000, immutable" } else { "no-cache" };
    out.insert(header::CACHE_CONTROL, HeaderValue::from_static(cache));
    out.insert(header::CONTENT_SECURITY_POLICY, HeaderValue::from_static(POLICY));
    out.insert(header::REFERRER_POLICY, HeaderValue::from_static("no-referrer"));
    out.insert(header::X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff"));
    for (key, value) in [(header::ETAG, tag.as_str()), (header::CONTENT_TYPE, file.metadata.mimetype())] {
        if let Ok(value) = HeaderValue::from_str(value) {
            out.insert(key, value);
        }
    }
    response
}
