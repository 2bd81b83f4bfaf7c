//! A body that is too large to be held: it is read as it comes, raw or as the file of a multipart form.
use axum::{
    body::{Body, BodyDataStream, Bytes},
    http::{HeaderMap, header},
};
use futures_util::StreamExt as _;
use multer::{Field, Multipart};
use suki_cloud_api::{ApiError, Params};
use suki_types::limits;

/// A file on its way in.
pub enum Upload {
    /// The body is the file.
    Raw(BodyDataStream),
    /// A form with a file in it.
    File(Box<File>),
    /// A form without one.
    Nothing,
}

/// The first file of a form.
pub struct File {
    field: Field<'static>,
    rest: Multipart<'static>,
}

/// A file of a form that was read whole.
#[derive(Debug, Clone)]
pub struct Attached {
    /// The name of its field.
    pub field: String,
    /// The name it has itself; "" without one.
    pub file_name: String,
    /// Its media type; "" without one.
    pub content_type: String,
    /// Its bytes.
    pub bytes: Vec<u8>,
}

/// Reads a form whole: its files, in their order; its fields go to the parameters.
///
/// # Errors
/// 100 when the form cannot be read, or has more than 1 MiB of fields.
pub async fn files(headers: &HeaderMap, body: Body, params: &mut Params) -> Result<Vec<Attached>, ApiError> {
    let kind = headers.get(header::CONTENT_TYPE).and_then(|value| value.to_str().ok()).unwrap_or_default();
    let boundary = multer::parse_boundary(kind).map_err(|error| unreadable(&error))?;
    let mut form = Multipart::new(body.into_data_stream(), boundary);
    let mut files = Vec::new();
    while let Some(mut field) = fields_before_file(&mut form, params).await? {
        let name = |text: Option<&str>| text.unwrap_or_default().to_owned();
        let (of, file_name, content_type) = (name(field.name()), name(field.file_name()), name(field.content_type().map(AsRef::as_ref)));
        let mut bytes = Vec::new();
        while let Some(chunk) = field.chunk().await.map_err(|error| unreadable(&error))? {
            bytes.extend_from_slice(&chunk);
        }
        files.push(Attached { field: of, file_name, content_type, bytes });
    }
    Ok(files)
}

/// Begins to read a body: the fields before the file go to the parameters, the file waits; who takes
/// it counts its bytes.
///
/// # Errors
/// 100 when the form cannot be read, or has more than 1 MiB of fields.
pub async fn begin(headers: &HeaderMap, body: Body, params: &mut Params) -> Result<Upload, ApiError> {
    let kind = headers.get(header::CONTENT_TYPE).and_then(|value| value.to_str().ok()).unwrap_or_default();
    if !kind.trim_start().to_ascii_lowercase().starts_with("multipart/form-data") {
        return Ok(Upload::Raw(body.into_data_stream()));
    }
    let boundary = multer::parse_boundary(kind).map_err(|error| unreadable(&error))?;
    let mut form = Multipart::new(body.into_data_stream(), boundary);
    let found = fields_before_file(&mut form, params).await?;
    Ok(found.map_or(Upload::Nothing, |field| Upload::File(Box::new(File { field, rest: form }))))
}

async fn fields_before_file(form: &mut Multipart<'static>, params: &mut Params) -> Result<Option<Field<'static>>, ApiError> {
    let (mut pairs, mut bytes) = (Vec::new(), 0);
    let file = loop {
        let Some(mut field) = form.next_field().await.map_err(|error| unreadable(&error))? else { break None };
        if field.file_name().is_some() {
            break Some(field);
        }
        let name = field.name().unwrap_or_default().to_owned();
        let mut value = Vec::new();
        while let Some(chunk) = field.chunk().await.map_err(|error| unreadable(&error))? {
            bytes += chunk.len();
            if bytes > limits::JSON_BYTES {
                return Err(ApiError::invalid_parameter(format!("the fields of the form have more than {} bytes together", limits::JSON_BYTES)));
            }
            value.extend_from_slice(&chunk);
        }
        pairs.push((name, String::from_utf8_lossy(&value).into_owned()));
    };
    params.merge_pairs(pairs)?;
    Ok(file)
}

fn unreadable(error: &multer::Error) -> ApiError {
    ApiError::invalid_parameter(format!("the multipart body cannot be read: {error}"))
}

impl Upload {
    /// The name the file has in the form; "" without one.
    pub fn file_name(&self) -> &str {
        match self {
            Self::File(file) => file.field.file_name().unwrap_or_default(),
            Self::Raw(_) | Self::Nothing => "",
        }
    }

    /// The type the form gives the file; "" without one.
    pub fn content_type(&self) -> &str {
        match self {
            Self::File(file) => file.field.content_type().map(AsRef::as_ref).unwrap_or_default(),
            Self::Raw(_) | Self::Nothing => "",
        }
    }

    /// The next bytes of the file; none at its end.
    ///
    /// # Errors
    /// 100 when the body ends before the file does, or cannot be read.
    pub async fn next(&mut self) -> Result<Option<Bytes>, ApiError> {
        match self {
            Self::Raw(body) => body.next().await.transpose().map_err(|_| ApiError::invalid_parameter("the body ended before it was complete")),
            Self::File(file) => file.field.chunk().await.map_err(|error| unreadable(&error)),
            Self::Nothing => Ok(None),
        }
    }

    /// Reads on to the form's end, and adds the fields that stand after the file.
    ///
    /// # Errors
    /// 100 when the form cannot be read, or has more than 1 MiB of fields.
    pub async fn finish(self, params: &mut Params) -> Result<(), ApiError> {
        let Self::File(file) = self else { return Ok(()) };
        let File { field, mut rest } = *file;
        // The next field comes only once this one is given back.
        drop(field);
        fields_before_file(&mut rest, params).await.map(drop)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn form(body: &str) -> (HeaderMap, Body) {
        let mut headers = HeaderMap::new();
        headers.insert(header::CONTENT_TYPE, "multipart/form-data; boundary=X".parse().expect("a header"));
        (headers, Body::from(body.replace('\n', "\r\n")))
    }

    #[tokio::test]
    async fn fields_stand_before_and_after_the_file() {
        let (headers, body) = form(
            "--X\nContent-Disposition: form-data; name=\"access_token\"\n\nEAAx\n--X\nContent-Disposition: form-data; name=\"file\"; \
             filename=\"a.png\"\nContent-Type: image/png\n\nbytes\n--X\nContent-Disposition: form-data; name=\"type\"\n\nimage/png\n--X--\n",
        );
        let mut params = Params::default();
        let mut upload = begin(&headers, body, &mut params).await.expect("a form");
        assert_eq!((params.text("access_token").as_deref(), params.text("type")), (Some("EAAx"), None));
        assert_eq!((upload.file_name(), upload.content_type()), ("a.png", "image/png"));
        assert_eq!(upload.next().await, Ok(Some(Bytes::from_static(b"bytes"))));
        assert_eq!(upload.next().await, Ok(None));
        upload.finish(&mut params).await.expect("more fields");
        assert_eq!(params.text("type").as_deref(), Some("image/png"));
    }

    #[tokio::test]
    async fn a_raw_body_is_the_file_and_a_form_may_have_none() {
        let mut params = Params::default();
        let mut raw = begin(&HeaderMap::new(), Body::from("bytes"), &mut params).await.expect("bytes");
        assert_eq!(raw.next().await, Ok(Some(Bytes::from_static(b"bytes"))));
        let (headers, body) = form("--X\nContent-Disposition: form-data; name=\"a\"\n\n1\n--X--\n");
        let mut nothing = begin(&headers, body, &mut params).await.expect("a form");
        assert_eq!((nothing.next().await, params.text("a").as_deref()), (Ok(None), Some("1")));
        let (headers, body) = form("--Y\nbroken");
        assert!(begin(&headers, body, &mut params).await.is_err());
        let (headers, body) = form(&format!("--X\nContent-Disposition: form-data; name=\"a\"\n\n{}\n--X--\n", "x".repeat(limits::JSON_BYTES + 1)));
        assert!(begin(&headers, body, &mut params).await.is_err());
    }
}
