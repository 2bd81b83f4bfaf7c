//! `GET`, `POST`, `DELETE /GROUP/join_requests`: who waits to be let in.
use super::{BodyKind, Call, Described, Handle, On, Operation, Reply, Scope, Verb, api_error, groups::group, schema};
use serde_json::{Value, json};
use suki_cloud_api::{
    ApiError, Code,
    groups::{self, Failed, Participant, Place},
};
use suki_types::JoinRequestId;

/// `GET /GROUP/join_requests`.
pub const LIST: Operation = Operation {
    name: "group_join_requests.list",
    method: Verb::Get,
    on: On::Group,
    edge: "join_requests",
    scope: Scope::Messaging,
    body: BodyKind::Params,
    describe: describe_list,
    handle: Handle::Caller(|call| Box::pin(list(call))),
};

/// `POST /GROUP/join_requests`.
pub const APPROVE: Operation = Operation {
    name: "group_join_requests.approve",
    method: Verb::Post,
    describe: || describe_answer("Let customers in", "approved_join_requests", "The webhook group_participants_update tells who came in."),
    handle: Handle::Caller(|call| Box::pin(answer(call, true))),
    ..LIST
};

/// `DELETE /GROUP/join_requests`.
pub const REJECT: Operation = Operation {
    name: "group_join_requests.reject",
    method: Verb::Delete,
    describe: || describe_answer("Turn customers down", "rejected_join_requests", "They may ask again as long as the invitation holds."),
    handle: Handle::Caller(|call| Box::pin(answer(call, false))),
    ..LIST
};

fn describe_list() -> Described {
    let one = schema::object(
        &["join_request_id", "user_id", "creation_timestamp"],
        [
            ("join_request_id", schema::text("The request's id")),
            ("wa_id", schema::text("The customer's number, digits alone; absent without one")),
            ("user_id", schema::text("His business-scoped user id")),
            ("creation_timestamp", schema::integer("When he asked, in seconds")),
        ],
    );
    Described {
        summary: "List who wants to come into a group",
        description: "Who asked first stands first; 25 a page when nothing is said, at most 1,024.",
        query: schema::paging(),
        request: None,
        response: schema::page(one),
        errors: &[Code::InvalidParameter, Code::GroupCursor],
    }
}

fn describe_answer(summary: &'static str, done: &'static str, description: &'static str) -> Described {
    let ids = json!({"type": "array", "items": {"type": "string"}, "minItems": 1, "maxItems": 100});
    let request =
        schema::object(&["messaging_product", "join_requests"], [("messaging_product", schema::messaging_product()), ("join_requests", ids)]);
    let failed = schema::object(
        &["join_request_id", "errors"],
        [("join_request_id", schema::text("The request's id")), ("errors", schema::array(json!({"type": "object"})))],
    );
    let response = schema::object(
        &["messaging_product", "request_id", done],
        [
            ("messaging_product", schema::messaging_product()),
            ("request_id", schema::text("The webhook of what happened names it")),
            (done, schema::array(json!({"type": "string"}))),
            ("failed_join_requests", schema::array(failed)),
            ("errors", schema::array(json!({"type": "object"}))),
        ],
    );
    let errors = &[Code::MissingParameter, Code::InvalidParameter, Code::GroupNoJoinRequest, Code::GroupOverLimit, Code::GroupPartialFailure];
    Described { summary, description, query: Vec::new(), request: Some(request), response, errors }
}

async fn list(call: &Call) -> Result<Reply, ApiError> {
    let (of, wanted) = (group(call).await?, groups::wanted(&call.params)?);
    let (after, before) = (wanted.after.map(JoinRequestId::from_bytes), wanted.before.map(JoinRequestId::from_bytes));
    let page = call.business.join_requests(of, after, before, wanted.limit).await.map_err(|error| api_error(&error))?;
    let people = page.requests.iter().map(|one| (one.account, one.phone.clone())).collect();
    let people = call.business.known_as(people).await.map_err(|error| api_error(&error))?;
    let data: Vec<Value> = page
        .requests
        .iter()
        .zip(people)
        .map(|(one, who)| {
            let mut value = Participant { wa_id: who.phone, user_id: who.user_id }.value();
            value["join_request_id"] = one.request.to_string().into();
            value["creation_timestamp"] = one.at.seconds().into();
            value
        })
        .collect();
    let ends = page.requests.first().zip(page.requests.last()).map(|(first, last)| (*first.request.as_bytes(), *last.request.as_bytes()));
    let place = Place { ends, earlier: page.earlier, later: page.later };
    Ok(groups::page(data.into(), &place, wanted.limit, &call.address("join_requests")).into())
}

async fn answer(call: &Call, approve: bool) -> Result<Reply, ApiError> {
    let (of, named) = (group(call).await?, groups::join_requests(&call.params)?);
    let (mut ids, mut failed) = (Vec::new(), Vec::new());
    for input in named {
        match input.parse::<JoinRequestId>() {
            Ok(id) => ids.push(id),
            Err(_) => {
                let error = ApiError::new(Code::GroupNoJoinRequest, "Nobody waits at this group with this request; list its requests");
                failed.push(Failed { input, error });
            }
        }
    }
    let (tag, mut done) = (call.business.request_tag(), Vec::new());
    if !ids.is_empty() {
        let answer = call.business.answer_join_requests(of, ids, approve, tag.clone()).await.map_err(|error| api_error(&error))?;
        done.extend(answer.done.iter().map(ToString::to_string));
        failed.extend(answer.failed.into_iter().map(|one| Failed { input: one.of.to_string(), error: ApiError::from_number(one.code, one.message) }));
    }
    match failed.first() {
        Some(first) if done.is_empty() => Err(first.error.clone()),
        _ => Ok(groups::answered(&tag, &done, &failed, approve).into()),
    }
}
