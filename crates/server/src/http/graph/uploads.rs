//! `POST /A/uploads`: begins an upload in pieces. `POST`, `GET /upload:…`: a piece of it, and how far it has come.
use super::{BodyKind, Call, Described, Handle, On, Operation, Reply, Scope, Verb, api_error, schema};
use serde_json::{Value, json};
use suki_cloud_api::{ApiError, Code};
use suki_endpoint::media::{Progress, Session};

/// `POST /A/uploads`.
pub const BEGIN: Operation = Operation {
    name: "uploads.begin",
    method: Verb::Post,
    on: On::App,
    edge: "uploads",
    scope: Scope::AppToken,
    body: BodyKind::Params,
    describe: describe_begin,
    handle: Handle::Caller(|call| Box::pin(begin(call))),
};

/// `POST /upload:…`.
pub const APPEND: Operation = Operation {
    name: "uploads.append",
    method: Verb::Post,
    on: On::Upload,
    edge: "",
    scope: Scope::AppToken,
    body: BodyKind::Upload,
    describe: describe_append,
    handle: Handle::Caller(|call| Box::pin(append(call))),
};

/// `GET /upload:…`.
pub const GET: Operation = Operation {
    name: "uploads.get",
    method: Verb::Get,
    body: BodyKind::Params,
    describe: describe_get,
    handle: Handle::Caller(|call| Box::pin(get(call))),
    ..APPEND
};

fn describe_begin() -> Described {
    let request = schema::object(
        &["file_length", "file_type"],
        [
            ("file_length", schema::integer("How many bytes the file has")),
            ("file_type", schema::text("Its media type")),
            ("file_name", schema::text("What it is called")),
        ],
    );
    Described {
        summary: "Begin an upload in pieces",
        description: "For files that other calls name by a handle: examples in templates, profile pictures. The upload may be continued for a day.",
        query: Vec::new(),
        request: Some(request),
        response: schema::object(&["id"], [("id", schema::text("The upload session: upload:…"))]),
        errors: &[Code::InvalidParameter],
    }
}

fn handle_or_offset() -> Value {
    schema::object(
        &[],
        [
            ("h", schema::text("The handle of the file, when all of it is here: 4::…")),
            ("id", schema::text("The upload session")),
            ("file_offset", schema::integer("How many bytes are here; the next piece begins there")),
        ],
    )
}

fn describe_append() -> Described {
    Described {
        summary: "Upload a piece",
        description: "The body is the piece, raw. The header file_offset says where it begins, which has to be where the last one ended. What came of a piece that was cut off stays.",
        query: vec![schema::header("file_offset", json!({"type": "integer", "minimum": 0}), "Where the piece begins; at 0 where it is not said")],
        request: Some(json!({"type": "string", "contentMediaType": "application/octet-stream"})),
        response: handle_or_offset(),
        errors: &[Code::InvalidParameter, Code::MediaUpload],
    }
}

fn describe_get() -> Described {
    Described {
        summary: "Find out how far an upload has come",
        description: "After a cut connection: the next piece begins at file_offset.",
        query: Vec::new(),
        request: None,
        response: handle_or_offset(),
        errors: &[Code::InvalidParameter],
    }
}

async fn begin(call: &Call) -> Result<Reply, ApiError> {
    let params = &call.params;
    let text = |name: &str| params.text(name).filter(|text| !text.is_empty()).map(|text| text.into_owned());
    let missing = |name: &str| ApiError::invalid_parameter(format!("{name} is missing: an upload needs file_length and file_type"));
    let length = text("file_length").ok_or_else(|| missing("file_length"))?;
    let length = length.parse().map_err(|_| ApiError::invalid_parameter("file_length is not a whole number of bytes"))?;
    let media_type = text("file_type").ok_or_else(|| missing("file_type"))?;
    let called = text("file_name").unwrap_or_default();
    let session = call.business.begin_session(call.id, length, &media_type, &called).await.map_err(|error| api_error(&error))?;
    Ok(json!({"id": session.to_string()}).into())
}

fn session(call: &Call) -> Result<Session, ApiError> {
    Session::read(&call.item).ok_or_else(|| no_session(call))
}

fn no_session(call: &Call) -> ApiError {
    ApiError::no_object(call.method.word(), &call.item)
}

fn failed(call: &Call, error: &suki_endpoint::Error) -> ApiError {
    match error {
        suki_endpoint::Error::NotFound(_) => no_session(call),
        other => api_error(other),
    }
}

fn answer(session: Session, progress: Progress) -> Reply {
    match progress {
        Progress::Handle(handle) => json!({"h": handle}).into(),
        Progress::Offset(offset) => json!({"id": session.to_string(), "file_offset": offset}).into(),
    }
}

async fn append(call: &Call) -> Result<Reply, ApiError> {
    let session = session(call)?;
    let offset = match call.headers.get("file_offset").map(|value| value.to_str()) {
        None => call.params.text("file_offset").map_or(Ok(0), |text| text.parse()),
        Some(text) => text.unwrap_or_default().trim().parse(),
    };
    let offset = offset.map_err(|_| ApiError::invalid_parameter("the header file_offset is not a whole number of bytes"))?;
    let mut piece = call.business.begin_piece(session, offset).await.map_err(|error| failed(call, &error))?;
    let mut upload = call.upload()?;
    let cut_off = loop {
        match upload.next().await {
            Ok(Some(bytes)) => piece.push(&bytes).await.map_err(|error| failed(call, &error))?,
            Ok(None) => break None,
            Err(error) => break Some(error),
        }
    };
    // What came before the connection was cut need not come again.
    let progress = call.business.keep_piece(session, offset, piece).await.map_err(|error| failed(call, &error))?;
    cut_off.map_or_else(|| Ok(answer(session, progress)), Err)
}

async fn get(call: &Call) -> Result<Reply, ApiError> {
    let session = session(call)?;
    let progress = call.business.upload_progress(session).await.map_err(|error| failed(call, &error))?;
    Ok(match progress {
        Progress::Handle(handle) => json!({"id": session.to_string(), "h": handle}).into(),
        progress @ Progress::Offset(_) => answer(session, progress),
    })
}
