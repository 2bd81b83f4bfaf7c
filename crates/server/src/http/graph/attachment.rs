//! `GET <url>`: a file's bytes, at the address that `GET /MEDIA` and webhooks gave (section 2.1, row 15). It needs a token of the business beside the
//! address; whatever is wrong with the address is a 404, after which clients ask for a new one.
use super::{super::file, BodyKind, Call, Described, Handle, On, Operation, Reply, Scope, Verb, api_error, schema};
use axum::{
    http::{Method, StatusCode},
    response::IntoResponse as _,
};
use serde_json::json;
use suki_cloud_api::{ApiError, Code};
use suki_endpoint::{Error, media::Address};

/// `GET /whatsapp_business/attachments/?…`.
pub const OPERATION: Operation = Operation {
    name: "media.download",
    method: Verb::Get,
    on: On::Root,
    edge: "whatsapp_business/attachments",
    scope: Scope::Messaging,
    body: BodyKind::Params,
    describe,
    handle: Handle::Caller(|call| Box::pin(download(call))),
};

fn describe() -> Described {
    Described {
        summary: "Fetch a file's bytes",
        description: "The address that GET /{media_id} gives as url, as it stands; it holds for 5 minutes and needs the same token. The header Range is kept to. \
            An address that is over, or another business's, is answered with status 404: ask for a new one.",
        query: vec![
            schema::parameter("mid", schema::id("The file"), "From the address"),
            schema::parameter("ext", schema::integer("Seconds since 1970"), "From the address: until when it holds"),
            schema::parameter("hash", schema::text("A signature"), "From the address"),
        ],
        request: None,
        response: json!({"type": "string", "contentMediaType": "application/octet-stream", "description": "The bytes, with the file's own media type"}),
        errors: &[Code::InvalidParameter],
    }
}

async fn download(call: &Call) -> Result<Reply, ApiError> {
    let nothing = || Ok(Reply::Response(StatusCode::NOT_FOUND.into_response()));
    let text = |name: &str| call.params.text(name).unwrap_or_default();
    let Some(address) = Address::read(&text("mid"), &text("ext"), &text("hash")) else { return nothing() };
    match call.business.at_address(&address).await {
        Ok(found) => {
            let given = file::give(&call.business, found, &Method::GET, &call.headers).await;
            Ok(Reply::Response(given.map_err(|error| api_error(&error))?))
        }
        Err(Error::NotFound(_)) => nothing(),
        Err(error) => Err(api_error(&error)),
    }
}
