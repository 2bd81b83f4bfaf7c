//! `POST /FLOW/publish` and `/FLOW/deprecate`: a flow goes to customers, and goes to nobody any more.
use super::{BodyKind, Call, Described, Handle, On, Operation, Reply, Scope, Verb, api_error, schema};
use suki_cloud_api::{ApiError, Code, responses};

/// `POST /FLOW/publish`.
pub const PUBLISH: Operation = Operation {
    name: "flow.publish",
    method: Verb::Post,
    on: On::Flow,
    edge: "publish",
    scope: Scope::Management,
    body: BodyKind::Params,
    describe: describe_publish,
    handle: Handle::Caller(|call| Box::pin(publish(call))),
};

/// `POST /FLOW/deprecate`.
pub const DEPRECATE: Operation = Operation {
    name: "flow.deprecate",
    edge: "deprecate",
    describe: describe_deprecate,
    handle: Handle::Caller(|call| Box::pin(deprecate(call))),
    ..PUBLISH
};

fn describe_publish() -> Described {
    Described {
        summary: "Publish a flow",
        description: "A draft without mistakes, and with a server if it asks one. It cannot be changed from then on: copies with clone_flow_id can. The webhook \
                      flows tells of it.",
        query: Vec::new(),
        request: None,
        response: schema::success(),
        errors: &[Code::FlowCannotPublish],
    }
}

fn describe_deprecate() -> Described {
    Described {
        summary: "Deprecate a flow",
        description: "It cannot be sent any more. The webhook flows tells of it.",
        query: Vec::new(),
        request: None,
        response: schema::success(),
        errors: &[Code::FlowCannotDeprecate],
    }
}

async fn publish(call: &Call) -> Result<Reply, ApiError> {
    call.business.publish_flow(call.id).await.map_err(|error| api_error(&error))?;
    Ok(responses::success().into())
}

async fn deprecate(call: &Call) -> Result<Reply, ApiError> {
    call.business.deprecate_flow(call.id).await.map_err(|error| api_error(&error))?;
    Ok(responses::success().into())
}
