//! `GET /A`: what an app is called.
use super::{BodyKind, Call, Described, Handle, On, Operation, Reply, Scope, Verb, api_error, schema};
use suki_cloud_api::{ApiError, nodes};

/// `GET /A`.
pub const GET: Operation = Operation {
    name: "app.get",
    method: Verb::Get,
    on: On::App,
    edge: "",
    scope: Scope::AppToken,
    body: BodyKind::Params,
    describe,
    handle: Handle::Caller(|call| Box::pin(get(call))),
};

fn describe() -> Described {
    Described {
        summary: "Read an app",
        description: "The app must be one of the business whose token is shown.",
        query: vec![schema::fields()],
        request: None,
        response: schema::node([("name", schema::text("What it is called"))]),
        errors: &[],
    }
}

async fn get(call: &Call) -> Result<Reply, ApiError> {
    let name = call.business.app_name(call.id).await.map_err(|error| api_error(&error))?;
    Ok(nodes::named(call.id, &name, &call.params)?.into())
}
