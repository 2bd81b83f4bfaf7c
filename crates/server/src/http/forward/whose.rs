//! Which business a request is for, found before it is answered: by the token it shows, the object it names, the session it comes from.
use super::super::{
    graph::{
        body::{self, Whole},
        upload,
    },
    inbox,
};
use axum::{
    body::{Body, to_bytes},
    extract::Request,
    http::{header, request::Parts},
};
use serde::Deserialize;
use suki_cloud_api::{ApiError, Params, commerce::product::Symbol, path, token};
use suki_endpoint::Endpoint;
use suki_types::{AccountId, limits};

/// Where the inbox's calls are.
const INBOX: &str = "/inbox/api/";
/// Where flows are shown.
const FLOW: &str = "/flow/";
/// Where businesses' pictures are.
const PICTURES: &str = "/v1/pictures/";

/// Whether a path beside the Cloud API's may be of one business.
pub(super) fn is_of_people(path: &str) -> bool {
    [INBOX, FLOW, PICTURES].iter().any(|prefix| path.starts_with(prefix))
}

/// Whose a request of a person is, and the same request again. A failure of the store is told by whoever answers.
pub(super) async fn of_people(endpoint: &Endpoint, has_network: bool, request: Request) -> (Option<AccountId>, Request) {
    let path = request.uri().path().to_owned();
    if let Some(rest) = path.strip_prefix(FLOW) {
        let id = rest.split('/').next().and_then(|id| id.parse().ok());
        let Some(id) = id else { return (None, request) };
        return (endpoint.business_of_object(id).await.unwrap_or_default(), request);
    }
    if let Some(rest) = path.strip_prefix(PICTURES) {
        // The network has them, where it runs.
        let business = rest.split('/').next().filter(|_| !has_network).and_then(|id| id.parse().ok());
        return (business, request);
    }
    match path.strip_prefix(INBOX) {
        Some("sign-in") => signs_in(endpoint, request).await,
        // It needs nothing of the business.
        Some("sign-out") => (None, request),
        _ => {
            let (parts, body) = request.into_parts();
            let found = match inbox::cookie(&parts) {
                Some(secret) => endpoint.business_of_session(&secret).await.unwrap_or_default(),
                None => None,
            };
            (found, Request::from_parts(parts, body))
        }
    }
}

/// The address in a request to sign in.
#[derive(Deserialize)]
struct Address {
    #[serde(default)]
    email: String,
}

/// Any node can sign somebody in. But all tries of one address are to be counted in one place.
async fn signs_in(endpoint: &Endpoint, request: Request) -> (Option<AccountId>, Request) {
    let (parts, body) = request.into_parts();
    let Ok(bytes) = to_bytes(body, limits::JSON_BYTES).await else {
        // Too long, or cut off: what is left of it is refused as what it is.
        return (None, Request::from_parts(parts, Body::empty()));
    };
    let email = serde_json::from_slice::<Address>(&bytes).map(|named| named.email).unwrap_or_default();
    let found = if email.is_empty() { None } else { endpoint.business_of_email(&email).await.unwrap_or_default() };
    (found, Request::from_parts(parts, Body::from(bytes)))
}

/// Whose a program's request is, and the same request again: by its token, then by the object it names.
///
/// # Errors
/// When its body is none that the Cloud API takes.
pub(super) async fn of_program(endpoint: &Endpoint, request: Request) -> Result<(Option<AccountId>, Request), ApiError> {
    let (parts, body) = request.into_parts();
    let query = Params::from_query(parts.uri.query().unwrap_or_default()).unwrap_or_default();
    if let Some(found) = by_credential(endpoint, &parts, &query).await {
        return Ok((Some(found), Request::from_parts(parts, body)));
    }
    if let Some(found) = by_object(endpoint, &parts).await {
        return Ok((Some(found), Request::from_parts(parts, body)));
    }
    // What is left has its token, or its app, in its body, and is small.
    let (params, body) = read(&parts, query, body).await?;
    let found = by_credential(endpoint, &parts, &params).await;
    Ok((found, Request::from_parts(parts, body)))
}

async fn by_credential(endpoint: &Endpoint, parts: &Parts, params: &Params) -> Option<AccountId> {
    let authorization = parts.headers.get(header::AUTHORIZATION).and_then(|value| value.to_str().ok());
    if let Ok(credential) = token::find(authorization, params)
        && let Ok(Some(found)) = endpoint.business_of_credential(&credential).await
    {
        return Some(found);
    }
    // An app that asks for a token names itself.
    let app = params.text("client_id")?.parse().ok()?;
    endpoint.business_of_object(app).await.unwrap_or_default()
}

async fn by_object(endpoint: &Endpoint, parts: &Parts) -> Option<AccountId> {
    let id = match path::parse(parts.uri.path()).target {
        path::Target::Object(object) => object.id,
        path::Target::Product(symbol) => Symbol::read(symbol)?.catalog,
        _ => return None,
    };
    endpoint.business_of_object(id).await.unwrap_or_default()
}

/// Reads the parameters of a body, and gives the body again.
async fn read(parts: &Parts, mut params: Params, body: Body) -> Result<(Params, Body), ApiError> {
    let Whole { kind, is_form, bytes } = body::whole(parts, body).await?;
    // What is wrong with it is said where it is answered.
    let _ =
        if is_form { upload::files(&parts.headers, Body::from(bytes.clone()), &mut params).await.map(drop) } else { params.merge_body(kind, &bytes) };
    Ok((params, Body::from(bytes)))
}
