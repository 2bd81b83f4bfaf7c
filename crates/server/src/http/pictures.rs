//! `GET /v1/pictures/{business}/{name}`: the picture that a business shows of itself, for everybody. The network has it, and so has the endpoint where it
//! runs alone.
use super::{
    Faces,
    problem::{Checked, Refusal},
};
use axum::{
    extract::{Path, State},
    http::{HeaderMap, HeaderValue, StatusCode, header},
    response::{IntoResponse as _, Response},
};
use suki_endpoint::Error;
use suki_types::AccountId;

/// A name never gets another picture.
const CACHED: HeaderValue = HeaderValue::from_static("public, max-age=31536000, immutable");
const JPEG: HeaderValue = HeaderValue::from_static("image/jpeg");
const NOSNIFF: HeaderValue = HeaderValue::from_static("nosniff");

/// Gives the picture.
///
/// # Errors
/// 404 when the business shows another one, or none.
pub async fn read(State(faces): State<Faces>, Checked(Path((business, name))): Checked<Path<(AccountId, String)>>) -> Result<Response, Refusal> {
    let jpeg = match (&faces.network, &faces.endpoint) {
        (Some(network), _) => network.business_picture(business, name).await.map_err(Error::Store)?,
        (None, Some(endpoint)) => match endpoint.business(business) {
            Ok(business) => business.picture_named(&name).await.map(Some).or_else(absent)?,
            Err(error) => absent(error)?,
        },
        (None, None) => None,
    };
    let Some(jpeg) = jpeg else {
        let detail = "The business shows another picture by now, or none.";
        return Err(Refusal::new(StatusCode::NOT_FOUND, "not_found", "There is no such picture.", detail));
    };
    let headers = [(header::CONTENT_TYPE, JPEG), (header::CACHE_CONTROL, CACHED), (header::X_CONTENT_TYPE_OPTIONS, NOSNIFF)];
    Ok((HeaderMap::from_iter(headers), jpeg).into_response())
}

fn absent(error: Error) -> Result<Option<Vec<u8>>, Error> {
    match error {
        Error::NotFound(_) => Ok(None),
        other => Err(other),
    }
}
