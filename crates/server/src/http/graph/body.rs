//! A request's parameters, wherever they stand (section 2.1, row 3).
use super::upload::{self, Attached, Upload};
use axum::{
    body::{Body, Bytes, to_bytes},
    http::{header, request::Parts},
};
use suki_cloud_api::{ApiError, Params};
use suki_types::limits;

/// What a request carries.
pub struct Read {
    /// The parameters of the query and the body; of a body that is read as it comes, those before the file.
    pub params: Params,
    /// A body that is read as it comes.
    pub upload: Option<Upload>,
    /// The files among the fields of a form that is not; all of it has at most [`limits::FORM_BYTES`].
    pub files: Vec<Attached>,
}

/// A body that was read to its end.
pub struct Whole<'a> {
    /// The media type that its sender names.
    pub kind: Option<&'a str>,
    /// Whether it is a form with files.
    pub is_form: bool,
    /// All of it.
    pub bytes: Bytes,
}

/// Reads a body to its end.
///
/// # Errors
/// 100 when it is larger than it may be, or ends before it is complete.
pub async fn whole(parts: &Parts, body: Body) -> Result<Whole<'_>, ApiError> {
    let kind = parts.headers.get(header::CONTENT_TYPE).and_then(|value| value.to_str().ok());
    let is_form = kind.is_some_and(|kind| kind.trim_start().to_ascii_lowercase().starts_with("multipart/form-data"));
    let most = if is_form { limits::FORM_BYTES } else { limits::JSON_BYTES };
    let bytes = to_bytes(body, most)
        .await
        .map_err(|_| ApiError::invalid_parameter(format!("the body has more than {most} bytes, or ended before it was complete")))?;
    Ok(Whole { kind, is_form, bytes })
}

/// Reads the query and the body.
///
/// # Errors
/// 100 when something cannot be read, or is larger than it may be.
pub async fn read(parts: &Parts, body: Body, streamed: bool) -> Result<Read, ApiError> {
    let mut params = Params::from_query(parts.uri.query().unwrap_or_default())?;
    if streamed {
        let upload = upload::begin(&parts.headers, body, &mut params).await?;
        return Ok(Read { params, upload: Some(upload), files: Vec::new() });
    }
    let Whole { kind, is_form, bytes } = whole(parts, body).await?;
    let mut files = Vec::new();
    if is_form {
        files = upload::files(&parts.headers, Body::from(bytes), &mut params).await?;
    } else {
        params.merge_body(kind, &bytes)?;
    }
    Ok(Read { params, upload: None, files })
}
