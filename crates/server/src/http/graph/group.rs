//! `GET`, `POST`, `DELETE /GROUP`: one group.
use super::{
    BodyKind, Call, Described, Handle, On, Operation, Reply, Scope, Verb, api_error,
    groups::{group, requested},
    schema,
};
use serde_json::json;
use suki_cloud_api::{
    ApiError, Code,
    groups::{self, GroupId, Info, Participant},
};
use suki_protocol::calls::groups::Approval;

/// `GET /GROUP`.
pub const GET: Operation = Operation {
    name: "group.get",
    method: Verb::Get,
    on: On::Group,
    edge: "",
    scope: Scope::Messaging,
    body: BodyKind::Params,
    describe: describe_get,
    handle: Handle::Caller(|call| Box::pin(get(call))),
};

/// `POST /GROUP`.
pub const CHANGE: Operation =
    Operation { name: "group.change", method: Verb::Post, describe: describe_change, handle: Handle::Caller(|call| Box::pin(change(call))), ..GET };

/// `DELETE /GROUP`.
pub const DELETE: Operation =
    Operation { name: "group.delete", method: Verb::Delete, describe: describe_delete, handle: Handle::Caller(|call| Box::pin(delete(call))), ..GET };

fn describe_get() -> Described {
    let participant = schema::object(
        &["user_id"],
        [("wa_id", schema::text("His number, digits alone; absent without one")), ("user_id", schema::text("His business-scoped user id"))],
    );
    let response = schema::object(
        &["id"],
        [
            ("messaging_product", schema::messaging_product()),
            ("id", schema::text("Its id")),
            ("subject", schema::text("Its name")),
            ("description", schema::text("What it is for")),
            ("join_approval_mode", schema::word(&["auto_approve", "approval_required"], "Whether each customer has to be let in")),
            ("suspended", json!({"type": "boolean", "description": "Whether the business may not write into it now"})),
            ("creation_timestamp", schema::integer("When it was made, in seconds")),
            ("total_participant_count", schema::integer("How many customers are in it")),
            ("participants", schema::array(participant)),
        ],
    );
    Described {
        summary: "Read a group",
        description: "Without fields the answer has all of them.",
        query: vec![schema::fields()],
        request: None,
        response,
        errors: &[Code::InvalidParameter],
    }
}

fn describe_change() -> Described {
    let request = schema::object(
        &["messaging_product"],
        [
            ("messaging_product", schema::messaging_product()),
            ("subject", json!({"type": "string", "minLength": 1, "maxLength": 128, "description": "Its name"})),
            ("description", json!({"type": "string", "maxLength": 2048, "description": "What it is for"})),
        ],
    );
    Described {
        summary: "Change a group",
        description: "As multipart form with a file, a square JPEG, its picture too. Everybody in the group sees it, and the webhook group_settings_update tells of it.",
        query: Vec::new(),
        request: Some(request),
        response: requested(),
        errors: &[Code::MissingParameter, Code::InvalidParameter, Code::GroupPictureRatio, Code::GroupPictureSize],
    }
}

fn describe_delete() -> Described {
    Described {
        summary: "Delete a group",
        description: "Everybody is out of it at once; what was said stays with those who have read it. The webhook group_lifecycle_update tells of it.",
        query: Vec::new(),
        request: None,
        response: json!({"allOf": [schema::success(), requested()]}),
        errors: &[],
    }
}

async fn get(call: &Call) -> Result<Reply, ApiError> {
    let of = group(call).await?;
    let known = call.business.group_info(of).await.map_err(|error| api_error(&error))?;
    let people = known.participants.iter().map(|one| (one.account, one.phone.clone())).collect();
    let people = call.business.known_as(people).await.map_err(|error| api_error(&error))?;
    let info = Info {
        id: GroupId(of.id),
        subject: known.subject,
        description: known.description,
        approval_required: known.approval == Approval::ApprovalRequired,
        suspended: known.suspended,
        created_at: known.created_at,
        participants: people.into_iter().map(|who| Participant { wa_id: who.phone, user_id: who.user_id }).collect(),
    };
    Ok(groups::info(&info, &call.params)?.into())
}

async fn change(call: &Call) -> Result<Reply, ApiError> {
    let (of, asked) = (group(call).await?, groups::update(&call.params)?);
    if let Some(picture) = &call.file {
        let known = call.business.group_info(of).await.map_err(|error| api_error(&error))?;
        groups::check_picture(picture, known.picture_side)?;
    }
    if asked == groups::Update::default() && call.file.is_none() {
        return Err(ApiError::missing("subject, description or the file of a picture"));
    }
    let tag = call.business.request_tag();
    let changed = call.business.update_group(of, asked.subject, asked.description, call.file.as_ref().map(|file| file.to_vec()), tag.clone()).await;
    changed.map_err(|error| api_error(&error))?;
    Ok(groups::requested(&tag).into())
}

async fn delete(call: &Call) -> Result<Reply, ApiError> {
    let (of, tag) = (group(call).await?, call.business.request_tag());
    call.business.delete_group(of, tag.clone()).await.map_err(|error| api_error(&error))?;
    let mut answer = groups::requested(&tag);
    answer["success"] = true.into();
    Ok(answer.into())
}
