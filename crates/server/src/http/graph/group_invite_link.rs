//! `GET`, `POST`, `DELETE /GROUP/invite_link`: the link by which customers come.
use super::{BodyKind, Call, Described, Handle, On, Operation, Reply, Scope, Verb, api_error, groups::group, schema};
use serde_json::{Value, json};
use suki_cloud_api::{ApiError, Code};
use suki_protocol::calls::groups::LinkChange;

/// `GET /GROUP/invite_link`.
pub const GET: Operation = Operation {
    name: "group_invite_link.get",
    method: Verb::Get,
    on: On::Group,
    edge: "invite_link",
    scope: Scope::Messaging,
    body: BodyKind::Params,
    describe: || describe("Read a group's invitation", "Made when there is none.", None, answer_schema()),
    handle: Handle::Caller(|call| Box::pin(link(call, LinkChange::Keep))),
};

/// `POST /GROUP/invite_link`.
pub const RESET: Operation = Operation {
    name: "group_invite_link.reset",
    method: Verb::Post,
    describe: || describe("Make a group's invitation anew", "The link before it lets nobody in any more.", Some(request()), answer_schema()),
    handle: Handle::Caller(|call| Box::pin(link(call, LinkChange::Reset))),
    ..GET
};

/// `DELETE /GROUP/invite_link`.
pub const REMOVE: Operation = Operation {
    name: "group_invite_link.remove",
    method: Verb::Delete,
    describe: || describe("Take a group's invitation away", "Nobody comes in until there is another one.", Some(request()), removed()),
    handle: Handle::Caller(|call| Box::pin(remove(call))),
    ..GET
};

fn removed() -> Value {
    let mut removed = schema::success();
    removed["properties"]["messaging_product"] = schema::messaging_product();
    removed
}

fn request() -> Value {
    schema::object(&[], [("messaging_product", schema::messaging_product())])
}

fn answer_schema() -> Value {
    schema::object(
        &["messaging_product", "invite_link"],
        [("messaging_product", schema::messaging_product()), ("invite_link", json!({"type": "string", "format": "uri"}))],
    )
}

fn describe(summary: &'static str, description: &'static str, request: Option<Value>, response: Value) -> Described {
    Described { summary, description, query: Vec::new(), request, response, errors: &[Code::InvalidParameter] }
}

async fn link(call: &Call, change: LinkChange) -> Result<Reply, ApiError> {
    let link = call.business.group_link(group(call).await?, change).await.map_err(|error| api_error(&error))?;
    Ok(json!({"messaging_product": "whatsapp", "invite_link": call.business.invitation(&link)}).into())
}

async fn remove(call: &Call) -> Result<Reply, ApiError> {
    call.business.group_link(group(call).await?, LinkChange::Remove).await.map_err(|error| api_error(&error))?;
    Ok(json!({"messaging_product": "whatsapp", "success": true}).into())
}
