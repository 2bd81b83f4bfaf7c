//! `POST`, `GET /P/groups`: a number's groups of several customers.
use super::{BodyKind, Call, Described, Handle, On, Operation, Reply, Scope, Verb, api_error, schema};
use serde_json::{Value, json};
use suki_cloud_api::{
    ApiError, Code,
    groups::{self, GroupId, Place},
};
use suki_endpoint::customer_groups::GroupOf;
use suki_protocol::calls::groups::{Approval, ListedGroup};
use suki_types::ConversationId;

/// `POST /P/groups`.
pub const CREATE: Operation = Operation {
    name: "groups.create",
    method: Verb::Post,
    on: On::PhoneNumber,
    edge: "groups",
    scope: Scope::Messaging,
    body: BodyKind::Params,
    describe: describe_create,
    handle: Handle::Caller(|call| Box::pin(create(call))),
};

/// `GET /P/groups`.
pub const LIST: Operation =
    Operation { name: "groups.list", method: Verb::Get, describe: describe_list, handle: Handle::Caller(|call| Box::pin(list(call))), ..CREATE };

/// The answer to what a webhook tells the outcome of.
pub fn requested() -> Value {
    schema::object(
        &["messaging_product", "request_id"],
        [("messaging_product", schema::messaging_product()), ("request_id", schema::text("The webhook of what happened names it"))],
    )
}

/// The group an operation is called on.
pub async fn group(call: &Call) -> Result<GroupOf, ApiError> {
    // Whose token it is was looked at already; what is left is a group that was deleted.
    call.business.group(call.id).await.map_err(|_| ApiError::no_object(call.method.word(), &GroupId(call.id).to_string()))
}

fn describe_create() -> Described {
    let request = schema::object(
        &["messaging_product", "subject"],
        [
            ("messaging_product", schema::messaging_product()),
            ("subject", json!({"type": "string", "minLength": 1, "maxLength": 128, "description": "Its name"})),
            ("description", json!({"type": "string", "maxLength": 2048, "description": "What it is for"})),
            ("join_approval_mode", schema::word(&["auto_approve", "approval_required"], "Whether each customer has to be let in")),
        ],
    );
    Described {
        summary: "Make a group",
        description: "Its id and its invitation come with the webhook group_lifecycle_update. Customers come by the invitation alone.",
        query: Vec::new(),
        request: Some(request),
        response: requested(),
        errors: &[Code::MissingParameter, Code::InvalidParameter, Code::GroupRateLimit, Code::GroupCount, Code::GroupCreationDisabled],
    }
}

fn describe_list() -> Described {
    let group = schema::object(
        &["id", "subject", "created_at"],
        [("id", schema::text("Its id")), ("subject", schema::text("Its name")), ("created_at", schema::text("When it was made, in seconds"))],
    );
    let mut response = schema::page(json!({}));
    response["properties"]["data"] = schema::object(&["groups"], [("groups", schema::array(group))]);
    Described {
        summary: "List the groups",
        description: "In the order in which they were made; 25 a page when nothing is said, at most 1,024.",
        query: schema::paging(),
        request: None,
        response,
        errors: &[Code::InvalidParameter, Code::GroupCursor],
    }
}

async fn create(call: &Call) -> Result<Reply, ApiError> {
    let asked = groups::create(&call.params)?;
    let approval = if asked.approval_required { Approval::ApprovalRequired } else { Approval::AutoApprove };
    let tag = call.business.request_tag();
    let made = call.business.create_group(asked.subject, asked.description, approval, tag.clone()).await;
    made.map_err(|error| api_error(&error))?;
    Ok(groups::requested(&tag).into())
}

async fn list(call: &Call) -> Result<Reply, ApiError> {
    let wanted = groups::wanted(&call.params)?;
    let (after, before) = (wanted.after.map(ConversationId::from_bytes), wanted.before.map(ConversationId::from_bytes));
    let (page, ids) = call.business.groups_page(after, before, wanted.limit).await.map_err(|error| api_error(&error))?;
    let shown = |(one, id): (&ListedGroup, _)| json!({"id": GroupId(id).to_string(), "subject": one.subject, "created_at": one.created_at.seconds().to_string()});
    let data: Vec<Value> = page.groups.iter().zip(ids).map(shown).collect();
    let ends = page.groups.first().zip(page.groups.last()).map(|(first, last)| (*first.group.as_bytes(), *last.group.as_bytes()));
    let place = Place { ends, earlier: page.earlier, later: page.later };
    Ok(groups::page(json!({ "groups": data }), &place, wanted.limit, &call.address("groups")).into())
}
