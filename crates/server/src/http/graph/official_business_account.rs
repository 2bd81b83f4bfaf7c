//! `GET` and `POST /P/official_business_account`: whether the business is confirmed.
use super::{BodyKind, Call, Described, Handle, On, Operation, Reply, Scope, Verb, api_error, schema, trust};
use suki_cloud_api::{ApiError, Code, identity};

/// `GET /P/official_business_account`.
pub const GET: Operation = Operation {
    name: "official_business_account.get",
    method: Verb::Get,
    on: On::PhoneNumber,
    edge: "official_business_account",
    scope: Scope::Management,
    body: BodyKind::Params,
    describe: describe_get,
    handle: Handle::Caller(|call| Box::pin(get(call))),
};

/// `POST /P/official_business_account`.
pub const APPLY: Operation = Operation {
    name: "official_business_account.apply",
    method: Verb::Post,
    describe: describe_apply,
    handle: Handle::Caller(|_| Box::pin(apply())),
    ..GET
};

fn describe_get() -> Described {
    let words = ["EXPIRED", "UNDER_REVIEW", "APPROVED", "REJECTED", "CANCELLED"];
    Described {
        summary: "Read where the confirmation of a business stands",
        description: "EXPIRED says that nothing was applied for.",
        query: Vec::new(),
        request: None,
        response: schema::node([("oba_status", schema::word(&words, "Where it stands")), ("status_message", schema::text("The same in words"))]),
        errors: &[],
    }
}

fn describe_apply() -> Described {
    Described {
        summary: "Apply for the confirmation of a business",
        description: "Always refused: an application comes with documents, so an owner makes it in the business app.",
        query: Vec::new(),
        request: Some(schema::object(&[], [])),
        response: schema::success(),
        errors: &[Code::InvalidParameter],
    }
}

async fn get(call: &Call) -> Result<Reply, ApiError> {
    let status = call.business.ask_trust().await.map_err(|error| api_error(&error))?;
    let (official, reason) = trust::official(&status);
    Ok(identity::official_business_account(call.id, official, reason).into())
}

/// The application needs documents, which programs do not have: an owner makes it.
async fn apply() -> Result<Reply, ApiError> {
    Err(ApiError::invalid_parameter(
        "an application comes with documents: an owner makes it in the business app, under Trust; GET tells where it stands",
    ))
}
