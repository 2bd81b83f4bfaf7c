//! `GET`, `POST`, `DELETE /P/username` and `GET /P/username_suggestions`: the name by which customers find a business.
use super::{BodyKind, Call, Described, Handle, On, Operation, Reply, Scope, Verb, api_error, schema};
use serde_json::json;
use suki_cloud_api::{ApiError, Code, number::username, responses};

/// `GET /P/username`.
pub const GET: Operation = Operation {
    name: "username.get",
    method: Verb::Get,
    on: On::PhoneNumber,
    edge: "username",
    scope: Scope::Management,
    body: BodyKind::Params,
    describe: describe_get,
    handle: Handle::Caller(|call| Box::pin(get(call))),
};

/// `POST /P/username`.
pub const SET: Operation =
    Operation { name: "username.set", method: Verb::Post, describe: describe_set, handle: Handle::Caller(|call| Box::pin(set(call))), ..GET };

/// `DELETE /P/username`.
pub const DELETE: Operation = Operation {
    name: "username.delete",
    method: Verb::Delete,
    describe: describe_delete,
    handle: Handle::Caller(|call| Box::pin(delete(call))),
    ..GET
};

/// `GET /P/username_suggestions`.
pub const SUGGESTIONS: Operation = Operation {
    name: "username.suggest",
    edge: "username_suggestions",
    describe: describe_suggestions,
    handle: Handle::Caller(|call| Box::pin(suggest(call))),
    ..GET
};

fn describe_get() -> Described {
    Described {
        summary: "Read a business's username",
        description: "A business without one has an empty username and the status none.",
        query: Vec::new(),
        request: None,
        response: schema::object(
            &["username", "status"],
            [("username", schema::text("The username")), ("status", schema::word(&["approved", "none"], "Whether it is in use"))],
        ),
        errors: &[Code::ServiceDown],
    }
}

fn describe_set() -> Described {
    Described {
        summary: "Adopt or change a username",
        description: "Out of a to z, 0 to 9, dots and underscores, with a letter. It is in use at once, and the one before is free for others. Programs are \
                      told on the field business_username_update.",
        query: Vec::new(),
        request: Some(schema::object(
            &["username"],
            [
                ("username", json!({"type": "string", "minLength": 1, "maxLength": 64})),
                ("transfer_action", schema::word(&["none", "force_transfer"], "Has no effect: a business has one number")),
            ],
        )),
        response: schema::object(&["status"], [("status", schema::word(&["approved"], "It is in use"))]),
        errors: &[Code::MissingParameter, Code::InvalidParameter, Code::UsernameUnavailable, Code::UsernameNotEligible, Code::ServiceDown],
    }
}

fn describe_delete() -> Described {
    Described {
        summary: "Give a username up",
        description: "Whoever wants it may take it from then on. Without one nothing happens.",
        query: Vec::new(),
        request: None,
        response: schema::success(),
        errors: &[Code::ServiceDown],
    }
}

fn describe_suggestions() -> Described {
    let names = schema::object(&["username_suggestions"], [("username_suggestions", schema::array(schema::text("A username that is free")))]);
    Described {
        summary: "Suggest usernames",
        description: "Those that are free of what the business's name and link make. None is held for it.",
        query: Vec::new(),
        request: None,
        response: schema::object(&["data"], [("data", schema::array(names))]),
        errors: &[Code::ServiceDown],
    }
}

async fn get(call: &Call) -> Result<Reply, ApiError> {
    let own = call.business.username().await.map_err(|error| api_error(&error))?;
    Ok(username::answer(own.as_deref()).into())
}

async fn set(call: &Call) -> Result<Reply, ApiError> {
    let wanted = username::wanted(&call.params)?;
    call.business.adopt_username(wanted).await.map_err(|error| api_error(&error))?;
    Ok(username::adopted().into())
}

async fn delete(call: &Call) -> Result<Reply, ApiError> {
    call.business.give_up_username().await.map_err(|error| api_error(&error))?;
    Ok(responses::success().into())
}

async fn suggest(call: &Call) -> Result<Reply, ApiError> {
    let free = call.business.suggested_usernames().await.map_err(|error| api_error(&error))?;
    Ok(username::suggestions(&free).into())
}
