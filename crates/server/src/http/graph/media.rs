//! `POST /P/media`: uploads a file. `GET`, `DELETE /MEDIA`: where it can be fetched, and its end.
use super::{BodyKind, Call, Described, Handle, On, Operation, Reply, Scope, Verb, api_error, schema};
use serde_json::json;
use suki_cloud_api::{ApiError, Code, ObjectId};
use suki_endpoint::media::File;

/// `POST /P/media`.
pub const UPLOAD: Operation = Operation {
    name: "media.upload",
    method: Verb::Post,
    on: On::PhoneNumber,
    edge: "media",
    scope: Scope::Messaging,
    body: BodyKind::Upload,
    describe: describe_upload,
    handle: Handle::Caller(|call| Box::pin(upload(call))),
};

/// `GET /MEDIA`.
pub const GET: Operation = Operation {
    name: "media.get",
    method: Verb::Get,
    on: On::Media,
    edge: "",
    scope: Scope::Messaging,
    body: BodyKind::Params,
    describe: describe_get,
    handle: Handle::Caller(|call| Box::pin(get(call))),
};

/// `DELETE /MEDIA`.
pub const DELETE: Operation =
    Operation { name: "media.delete", method: Verb::Delete, describe: describe_delete, handle: Handle::Caller(|call| Box::pin(delete(call))), ..GET };

fn describe_upload() -> Described {
    let request = schema::object(
        &["messaging_product", "file"],
        [
            ("messaging_product", schema::messaging_product()),
            ("file", json!({"type": "string", "contentMediaType": "application/octet-stream", "description": "The file, as multipart/form-data"})),
            ("type", schema::text("Its media type; the type of the form's part where it is not said")),
        ],
    );
    Described {
        summary: "Upload a file",
        description: "Keeps a file for messages: its id may be sent for 30 days. Type and size have to be of a kind that messages carry, and the bytes of that type.",
        query: Vec::new(),
        request: Some(request),
        response: schema::object(&["id"], [("id", schema::id("The file's id"))]),
        errors: &[Code::InvalidParameter, Code::MissingParameter, Code::MediaUpload],
    }
}

fn scope() -> Vec<super::operation::Parameter> {
    vec![schema::parameter("phone_number_id", schema::id("A phone number"), "The file is only found when it belongs to this number")]
}

fn describe_get() -> Described {
    let response = schema::object(
        &["messaging_product", "url", "mime_type", "sha256", "file_size", "id"],
        [
            ("messaging_product", schema::messaging_product()),
            ("url", json!({"type": "string", "format": "uri", "description": "Where the bytes are, for 5 minutes and with the same token"})),
            ("mime_type", schema::text("Its media type")),
            ("sha256", schema::text("SHA-256 of its bytes, base64")),
            ("file_size", schema::integer("Its size in bytes")),
            ("id", schema::id("The file's id")),
        ],
    );
    Described {
        summary: "Find a file",
        description: "Says what a file is and where its bytes can be fetched. Uploads are kept for 30 days, customers' files for 7.",
        query: scope(),
        request: None,
        response,
        errors: &[Code::InvalidParameter],
    }
}

fn describe_delete() -> Described {
    Described {
        summary: "Delete a file",
        description: "No message can be sent with it any more. What was sent stays with who has it.",
        query: scope(),
        request: None,
        response: schema::success(),
        errors: &[Code::InvalidParameter],
    }
}

async fn upload(call: &Call) -> Result<Reply, ApiError> {
    let mut upload = call.upload()?;
    let (called, part_type) = (upload.file_name().to_owned(), upload.content_type().to_owned());
    let mut intake = call.business.begin_upload().await.map_err(|error| api_error(&error))?;
    while let Some(piece) = upload.next().await? {
        intake.push(&piece).await.map_err(|error| api_error(&error))?;
    }
    // Fields may stand after the file, too.
    let mut params = call.params.clone();
    upload.finish(&mut params).await?;
    if params.text("messaging_product").as_deref() != Some("whatsapp") {
        return Err(ApiError::invalid_parameter("messaging_product has to be \"whatsapp\""));
    }
    if called.is_empty() && intake.bytes() == 0 {
        return Err(ApiError::invalid_parameter("The form has no file: send it as the part \"file\" of multipart/form-data, with a file name"));
    }
    let said = params.text("type").filter(|said| !said.is_empty()).map_or(part_type, |said| said.into_owned());
    let taken = intake.finish().await.map_err(|error| api_error(&error))?;
    let file = call.business.upload(taken, &said, &called).await.map_err(|error| api_error(&error))?;
    Ok(json!({"id": file.id}).into())
}

/// The file that is called on, unless the call is about another number.
async fn file(call: &Call) -> Result<File, ApiError> {
    let none = || ApiError::no_object(call.method.word(), &call.id.to_string());
    if let Some(number) = call.params.text("phone_number_id") {
        let number: ObjectId = number.parse().map_err(|_| ApiError::invalid_parameter("phone_number_id is no id of a phone number"))?;
        if number != call.business.record().phone_number_id {
            return Err(none());
        }
    }
    let file = call.business.file(call.id).await.map_err(|error| api_error(&error))?;
    file.filter(|file| file.expires_at > call.endpoint.env().now()).ok_or_else(none)
}

async fn get(call: &Call) -> Result<Reply, ApiError> {
    let file = file(call).await?;
    let url = call.business.media_address(call.origin.files(&call.faces), file.id).map_err(|error| api_error(&error))?;
    Ok(suki_cloud_api::media::node(file.id, &url, &file.media_type, &file.sha256, file.bytes).into())
}

async fn delete(call: &Call) -> Result<Reply, ApiError> {
    let file = file(call).await?;
    call.business.delete_media(file.id).await.map_err(|error| api_error(&error))?;
    Ok(json!({"success": true}).into())
}
