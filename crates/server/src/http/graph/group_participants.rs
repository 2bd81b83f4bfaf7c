//! `DELETE`, `POST /GROUP/participants`: who is in a group. The business takes out; it puts nobody in.
use super::{BodyKind, Call, Described, Handle, On, Operation, Reply, Scope, Verb, api_error, groups::group, schema};
use serde_json::{Value, json};
use suki_cloud_api::{
    ApiError, Code,
    groups::{self, Failed},
    messages::Recipient,
};
use suki_endpoint::contacts::Recipient as Asked;

/// `DELETE /GROUP/participants`.
pub const REMOVE: Operation = Operation {
    name: "group_participants.remove",
    method: Verb::Delete,
    on: On::Group,
    edge: "participants",
    scope: Scope::Messaging,
    body: BodyKind::Params,
    describe: describe_remove,
    handle: Handle::Caller(|call| Box::pin(remove(call))),
};

/// `POST /GROUP/participants`.
pub const ADD: Operation = Operation {
    name: "group_participants.add",
    method: Verb::Post,
    describe: describe_add,
    handle: Handle::Caller(|call| Box::pin(add(call))),
    ..REMOVE
};

fn request() -> Value {
    let participant = schema::object(&[], [("user", schema::text("His number")), ("user_id", schema::text("His business-scoped user id"))]);
    schema::object(
        &["messaging_product", "participants"],
        [
            ("messaging_product", schema::messaging_product()),
            ("participants", json!({"type": "array", "items": participant, "minItems": 1, "maxItems": 8})),
        ],
    )
}

fn describe_remove() -> Described {
    let one = schema::object(&["input"], [("input", schema::text("As the request named him")), ("errors", schema::array(json!({"type": "object"})))]);
    let response = schema::object(
        &["messaging_product", "request_id", "removed_participants"],
        [
            ("messaging_product", schema::messaging_product()),
            ("request_id", schema::text("The webhook of what happened names it")),
            ("removed_participants", schema::array(one.clone())),
            ("failed_participants", schema::array(one)),
            ("errors", schema::array(json!({"type": "object"}))),
        ],
    );
    Described {
        summary: "Take customers out of a group",
        description: "They read nothing of it from then on, and may come back by the invitation. The webhook group_participants_update tells of it.",
        query: Vec::new(),
        request: Some(request()),
        response,
        errors: &[Code::MissingParameter, Code::InvalidParameter, Code::GroupDuplicate, Code::GroupNotMember, Code::GroupPartialFailure],
    }
}

fn describe_add() -> Described {
    Described {
        summary: "Put customers into a group (refused)",
        description: "Customers decide who may write to them: nobody is put into a group. Send them its invitation, which GET invite_link gives.",
        query: Vec::new(),
        request: Some(request()),
        response: schema::success(),
        errors: &[Code::MethodNotAllowed],
    }
}

async fn remove(call: &Call) -> Result<Reply, ApiError> {
    let (of, named) = (group(call).await?, groups::participants(&call.params)?);
    let who: Vec<Asked> = named
        .iter()
        .map(|(_, recipient)| match recipient {
            Recipient::Phone(phone) => Asked::Phone(phone.clone()),
            Recipient::User(id) => Asked::UserId(id.clone()),
            Recipient::Group(id) => Asked::UserId(id.to_string()),
        })
        .collect();
    let tag = call.business.request_tag();
    let answer = call.business.remove_participants(of, &who, tag.clone()).await.map_err(|error| api_error(&error))?;
    let input = |place: usize| named.get(place).map(|(input, _)| input.clone()).unwrap_or_default();
    let done: Vec<String> = answer.done.into_iter().map(input).collect();
    let failed: Vec<Failed> =
        answer.failed.into_iter().map(|one| Failed { input: input(one.of), error: ApiError::from_number(one.code, one.message) }).collect();
    match failed.first() {
        Some(first) if done.is_empty() => Err(first.error.clone()),
        _ => Ok(groups::removed(&tag, &done, &failed).into()),
    }
}

async fn add(call: &Call) -> Result<Reply, ApiError> {
    group(call).await?;
    let details = "Nobody is put into a group: send its invitation (GET invite_link) to whom you want in it";
    Err(ApiError::new(Code::MethodNotAllowed, details))
}
