//! Sealed files (`suki_protocol::calls::blob`): put by whoever was given a token, given to whoever knows the name. Nobody here can open one.
use super::{
    Faces,
    problem::{Checked, Refusal},
    range::Asked,
    route::{Route, get, put},
};
use axum::{
    body::Body,
    extract::{Path, State},
    http::{HeaderMap, HeaderValue, Method, StatusCode, header},
    response::{IntoResponse as _, Response},
};
use futures_util::StreamExt as _;
use suki_endpoint::Error;
use suki_network::{
    Network,
    blobs::{BlobError, Upload},
};
use suki_store::{StoreError, blobs::BlobName};

/// A name never gets other bytes.
const CACHED: HeaderValue = HeaderValue::from_static("private, max-age=86400, immutable");

/// The operations of sealed files, below `/v1`.
pub fn list() -> Vec<Route> {
    vec![
        get("network.blobs.get", "/blobs/{blob}", read)
            .says("Fetch a sealed file", "For whoever knows its name; nobody here can open it. The header Range is kept to.")
            .gives_file(),
        put("network.blobs.put", "/blobs/{blob}", store)
            .says("Store a sealed file", "With the token that blob.begin gave, as Authorization: Bearer. The answer follows when it is durable.")
            .headers("Authorization?: string")
            .takes_bytes(&["application/octet-stream"])
            .gives_nothing(204)
            .refuses(&[403]),
    ]
}

fn network(faces: &Faces) -> Result<&Network, Refusal> {
    faces.network.as_ref().ok_or_else(super::no_network)
}

fn name(hex: &str) -> Result<BlobName, Refusal> {
    let mut name = BlobName::default();
    hex::decode_to_slice(hex, &mut name).map_err(|_| no_such_file())?;
    Ok(name)
}

fn no_such_file() -> Refusal {
    let detail = "The network has no file of this name: it was never stored, or its time is over.";
    Refusal::new(StatusCode::NOT_FOUND, "not_found", "There is no such file.", detail)
}

fn refusal(error: BlobError) -> Refusal {
    match error {
        BlobError::NoTicket => Refusal::new(StatusCode::FORBIDDEN, "no_ticket", "This upload is not expected.", error.to_string()),
        BlobError::Length { .. } => Refusal::new(StatusCode::UNPROCESSABLE_ENTITY, "length", "The file has another length.", error.to_string()),
        BlobError::Store(error) => failed(error),
    }
}

fn failed(error: StoreError) -> Refusal {
    Error::Store(error).into()
}

/// Stores the bytes as they come. The answer follows when they are durable.
async fn store(State(faces): State<Faces>, Checked(Path(hex)): Checked<Path<String>>, headers: HeaderMap, body: Body) -> Result<StatusCode, Refusal> {
    let network = network(&faces)?;
    let name = name(&hex)?;
    let text = |name| headers.get(name).and_then(|value: &HeaderValue| value.to_str().ok());
    let token = text(header::AUTHORIZATION).and_then(|value| value.strip_prefix("Bearer ")).unwrap_or_default();
    let said = text(header::CONTENT_LENGTH).and_then(|value| value.parse().ok());
    let mut incoming = match network.begin_upload(name, token, said).await.map_err(refusal)? {
        Upload::Stored => return Ok(StatusCode::NO_CONTENT),
        Upload::Expected(incoming) => incoming,
    };
    let mut body = body.into_data_stream();
    while let Some(piece) = body.next().await {
        let piece = piece.map_err(|_| {
            let detail = "The connection ended before all bytes were here. Nothing was stored; send the file again.";
            Refusal::new(StatusCode::BAD_REQUEST, "cut_off", "The upload was cut off.", detail)
        })?;
        incoming.push(piece).await.map_err(refusal)?;
    }
    incoming.finish().await.map_err(refusal)?;
    Ok(StatusCode::NO_CONTENT)
}

async fn read(
    State(faces): State<Faces>,
    Checked(Path(hex)): Checked<Path<String>>,
    method: Method,
    headers: HeaderMap,
) -> Result<Response, Refusal> {
    let network = network(&faces)?;
    let name = name(&hex)?;
    let bytes = network.blob_bytes(&name).await.map_err(failed)?.ok_or_else(no_such_file)?;
    let asked = Asked::of(&headers, bytes);
    let (status, mut answer) = asked.answer(bytes);
    answer.insert(header::CONTENT_TYPE, HeaderValue::from_static("application/octet-stream"));
    answer.insert(header::X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff"));
    answer.insert(header::CACHE_CONTROL, CACHED);
    if method == Method::HEAD || asked == Asked::Outside {
        return Ok((status, answer).into_response());
    }
    let stream = network.read_blob(&name, asked.part()).await.map_err(failed)?.ok_or_else(no_such_file)?;
    Ok((status, answer, Body::from_stream(stream)).into_response())
}
