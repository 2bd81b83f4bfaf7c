//! The Cloud API: `/{version}/{id}/…` or `/{id}/…`. A request is read here, its caller found, and handed to the operation's own file.
mod access_token;
mod block_users;
mod identity;
mod messages;
mod node;
mod subscribed_apps;
mod subscriptions;
mod template;

use super::Faces;
use axum::{
    Json,
    body::{Body, to_bytes},
    extract::{FromRequest as _, Multipart, Request, State},
    http::{HeaderValue, Method, StatusCode, header, request::Parts},
    response::{IntoResponse as _, Response},
};
use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use serde_json::Value;
use std::sync::Arc;
use suki_cloud_api::{
    ApiError, Code, ObjectId, Params,
    path::{self, DEFAULT_VERSION, Target, Version},
    token,
};
use suki_endpoint::{Business, Endpoint, Error, apps::Node};
use suki_store::StoreError;
use suki_types::limits;

/// A request to an object, its caller known.
struct Call<'a> {
    faces: &'a Faces,
    method: Method,
    version: Version,
    params: Params,
    business: Arc<Business>,
    app: ObjectId,
}

/// Every request that is no other face's.
pub async fn graph(State(faces): State<Faces>, request: Request) -> Response {
    let path = request.uri().path().to_owned();
    match answer(&faces, request, &path).await {
        Ok(body) => Json(body).into_response(),
        Err(error) => refuse(&faces, &error),
    }
}

fn refuse(faces: &Faces, error: &ApiError) -> Response {
    let mut trace = [0; 9];
    if let Some(endpoint) = &faces.endpoint {
        endpoint.env().entropy.fill(&mut trace);
    }
    let trace = format!("A{}", URL_SAFE_NO_PAD.encode(trace));
    tracing::debug!(trace, code = error.code.number(), "a request to the Cloud API was refused");
    let status = StatusCode::from_u16(error.http_status()).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
    let mut response = (status, Json(error.body(&trace))).into_response();
    if status == StatusCode::UNAUTHORIZED {
        response.headers_mut().insert(header::WWW_AUTHENTICATE, HeaderValue::from_static("OAuth"));
    }
    response
}

async fn answer(faces: &Faces, request: Request, path: &str) -> Result<Value, ApiError> {
    let endpoint = faces.endpoint.as_ref().ok_or_else(|| {
        ApiError::new(Code::ServiceDown, "This process runs the network alone (--role network); the endpoint answers the Cloud API")
    })?;
    let path = path::parse(path);
    let (parts, body) = request.into_parts();
    let params = read_params(&parts, body).await?;
    let (id, edge) = match path.target {
        Target::AccessToken => return access_token::answer(endpoint, &parts.method, &params).await,
        Target::Root => return Err(ApiError::unknown_path(parts.method.as_str(), "/")),
        Target::Unknown(name) => return Err(ApiError::no_object(parts.method.as_str(), name)),
        Target::Node(id) => (id, ""),
        Target::Edge(id, edge) => (id, edge),
    };
    let authorization = parts.headers.get(header::AUTHORIZATION).and_then(|value| value.to_str().ok());
    let credential = token::find(authorization, &params)?;
    let caller = endpoint.caller(&credential).await.map_err(|error| api_error(&error))?;
    let method = parts.method;
    let version = path.version.unwrap_or(DEFAULT_VERSION);
    let call = Call { faces, method, version, params, business: caller.business, app: caller.app };
    match own_node(endpoint, &call.business, id).await {
        Some(node) => dispatch(&call, node, id, edge).await,
        None => template::answer(&call, id, edge).await,
    }
}

/// What an id names, if it is this business's; another tenant's id does not exist. Templates have their ids from the network, and are not among these.
async fn own_node(endpoint: &Endpoint, business: &Business, id: ObjectId) -> Option<Node> {
    let (node, owner) = endpoint.node(id).await.ok()?;
    (owner == business.id()).then_some(node)
}

async fn dispatch(call: &Call<'_>, node: Node, id: ObjectId, edge: &str) -> Result<Value, ApiError> {
    match (node, edge) {
        (_, "") => node::answer(call, node, id).await,
        (Node::PhoneNumber, "messages") => messages::answer(call).await,
        (Node::PhoneNumber, "block_users") => block_users::answer(call).await,
        (Node::Waba, "message_templates") => template::of_account(call, id).await,
        (Node::Waba, "upsert_message_templates") => template::upsert(call).await,
        (Node::PhoneNumber, "request_code") => identity::request_code(call).await,
        (Node::PhoneNumber, "verify_code") => identity::verify_code(call).await,
        (Node::PhoneNumber, "official_business_account") => identity::official_business_account(call).await,
        (Node::Waba, "subscribed_apps") => subscribed_apps::answer(call).await,
        (Node::App, "subscriptions") => subscriptions::answer(call, id).await,
        (_, "request_code" | "verify_code" | "official_business_account") => Err(ApiError::wrong_node(id, edge, "phone number")),
        (_, "messages" | "block_users") => Err(ApiError::wrong_node(id, edge, "phone number")),
        (_, "message_templates" | "upsert_message_templates") => Err(ApiError::wrong_node(id, edge, "business account")),
        (_, "subscribed_apps") => Err(ApiError::wrong_node(id, edge, "business account")),
        (_, "subscriptions") => Err(ApiError::wrong_node(id, edge, "app")),
        _ => Err(call.unknown(&format!("/{id}/{edge}"))),
    }
}

impl Call<'_> {
    /// There is no such operation.
    fn unknown(&self, path: &str) -> ApiError {
        ApiError::unknown_path(self.method.as_str(), path)
    }
}

/// The parameters, wherever they stand.
async fn read_params(parts: &Parts, body: Body) -> Result<Params, ApiError> {
    let mut params = Params::from_query(parts.uri.query().unwrap_or_default())?;
    let kind = parts.headers.get(header::CONTENT_TYPE).and_then(|value| value.to_str().ok());
    if kind.is_some_and(|kind| kind.to_ascii_lowercase().starts_with("multipart/form-data")) {
        return multipart(parts, body, params).await;
    }
    let bytes = to_bytes(body, limits::JSON_BYTES)
        .await
        .map_err(|_| ApiError::invalid_parameter(format!("the body has more than {} bytes, or ended before it was complete", limits::JSON_BYTES)))?;
    params.merge_body(kind, &bytes)?;
    Ok(params)
}

async fn multipart(parts: &Parts, body: Body, mut params: Params) -> Result<Params, ApiError> {
    let unreadable = |_| ApiError::invalid_parameter(format!("the multipart body cannot be read, or has more than {} bytes", limits::JSON_BYTES));
    let bytes = to_bytes(body, limits::JSON_BYTES).await.map_err(unreadable)?;
    let wrong = |error: &dyn std::fmt::Display| ApiError::invalid_parameter(format!("the multipart body cannot be read: {error}"));
    let mut request = Request::new(Body::from(bytes));
    request.headers_mut().clone_from(&parts.headers);
    let mut fields = Multipart::from_request(request, &()).await.map_err(|error| wrong(&error))?;
    let mut pairs = Vec::new();
    while let Some(field) = fields.next_field().await.map_err(|error| wrong(&error))? {
        let name = field.name().unwrap_or_default().to_owned();
        if field.file_name().is_none() {
            pairs.push((name, field.text().await.map_err(|error| wrong(&error))?));
        }
    }
    params.merge_pairs(pairs)?;
    Ok(params)
}

/// The endpoint's errors in the Cloud API's words; the one place where they are turned.
fn api_error(error: &Error) -> ApiError {
    match error {
        Error::Callback(error) | Error::Refused(error) => error.clone(),
        Error::Expired => ApiError::expired_token(),
        Error::Unauthorized(_) => ApiError::invalid_token(),
        Error::NotFound("customer") => ApiError::new(
            Code::from_number(131_026).unwrap_or(Code::Unknown),
            "This number or user id belongs to no customer of this business. A customer becomes one by opening the business's link",
        ),
        Error::NotFound(what) => ApiError::invalid_value(format!("there is no such {what}")),
        Error::WindowClosed { .. } => ApiError::from_number(
            131_047,
            "The customer service window is closed; it opens again when the customer writes, and until then only an approved template passes",
        ),
        Error::TooFast { cloud_api_code, text, .. } => ApiError::from_number(*cloud_api_code, text.clone()),
        Error::Invalid(text) | Error::Conflict(text) => ApiError::invalid_parameter(text.clone()),
        Error::Forbidden(text) => ApiError::new(Code::PermissionDenied, text.clone()),
        Error::Unavailable(_) | Error::Link(_) | Error::Answer(_) => {
            ApiError::new(Code::ServiceDown, "Not possible at the moment; nothing was stored; try again")
        }
        Error::Store(StoreError::Full | StoreError::ReadOnly) => {
            ApiError::new(Code::ServiceDown, "The server's disk is full or read-only; nothing was stored; try again later")
        }
        Error::Store(error) if error.is_temporary() => {
            tracing::error!(%error, "a request to the Cloud API was not stored");
            ApiError::new(Code::ServiceDown, "The server cannot store anything at the moment; try again later")
        }
        Error::Store(_) | Error::Group(_) | Error::Internal(_) => {
            tracing::error!(%error, "a request to the Cloud API failed");
            ApiError::new(Code::SomethingWentWrong, "Nothing was stored; try again, and if it stays look into the server's log")
        }
    }
}
