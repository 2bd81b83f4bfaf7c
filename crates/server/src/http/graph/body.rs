//! A request's parameters, wherever they stand (section 2.1, row 3).
use super::upload::{self, Upload};
use axum::{
    body::{Body, to_bytes},
    http::{header, request::Parts},
};
use suki_cloud_api::{ApiError, Params};
use suki_types::limits;

/// The parameters of the query and the body; of a body that is read as it comes, those before the file, and the file.
///
/// # Errors
/// 100 when something cannot be read, or is larger than it may be.
pub async fn read(parts: &Parts, body: Body, streamed: bool) -> Result<(Params, Option<Upload>), ApiError> {
    let mut params = Params::from_query(parts.uri.query().unwrap_or_default())?;
    if streamed {
        let upload = upload::begin(&parts.headers, body, &mut params).await?;
        return Ok((params, Some(upload)));
    }
    let bytes = to_bytes(body, limits::JSON_BYTES)
        .await
        .map_err(|_| ApiError::invalid_parameter(format!("the body has more than {} bytes, or ended before it was complete", limits::JSON_BYTES)))?;
    let kind = parts.headers.get(header::CONTENT_TYPE).and_then(|value| value.to_str().ok());
    if kind.is_some_and(|kind| kind.trim_start().to_ascii_lowercase().starts_with("multipart/form-data")) {
        // Files among parameters are passed over.
        let mut upload = upload::begin(&parts.headers, Body::from(bytes), &mut params).await?;
        while upload.next().await?.is_some() {}
        upload.finish(&mut params).await?;
    } else {
        params.merge_body(kind, &bytes)?;
    }
    Ok((params, None))
}
