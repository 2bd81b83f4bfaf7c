//! `POST /W/migrate_flows`: flows of one account are copied into another.
use super::{BodyKind, Call, Described, Handle, On, Operation, Reply, Scope, Verb, api_error, schema};
use serde_json::{Value, json};
use suki_cloud_api::{ApiError, Code, flows::request};
use suki_endpoint::{apps::Node, flows::Copied};

/// `POST /W/migrate_flows`.
pub const OPERATION: Operation = Operation {
    name: "flows.migrate",
    method: Verb::Post,
    on: On::Account,
    edge: "migrate_flows",
    scope: Scope::Management,
    body: BodyKind::Params,
    describe,
    handle: Handle::Caller(|call| Box::pin(migrate(call))),
};

/// Meta's numbers for why a flow was not copied: there is none of the name, or the other account has one already.
const NOT_FOUND: &str = "4233041";
const NOT_COPIED: &str = "4233024";

fn describe() -> Described {
    let migrated = schema::object(
        &["source_id", "source_name", "migrated_id"],
        [("source_id", schema::id("The first")), ("source_name", schema::text("What both are called")), ("migrated_id", schema::id("The copy"))],
    );
    let failed = schema::object(
        &["source_name", "error_code", "error_message"],
        [("source_name", schema::text("Which")), ("error_code", schema::text("Why")), ("error_message", schema::text("The same in words"))],
    );
    Described {
        summary: "Copy flows from another account",
        description: "With their names; what was published is published again. The token has to be good for this account, and the source has to be this account's \
                      own business's: one business has one account here, so that flows that are there already are answered as failed.",
        query: Vec::new(),
        request: Some(schema::object(
            &["source_waba_id"],
            [
                ("source_waba_id", schema::text("The account to copy from")),
                ("source_flow_names", json!({"type": ["array", "string"], "description": "Which, at most 100; all of them without"})),
            ],
        )),
        response: schema::object(
            &["migrated_flows", "failed_flows"],
            [("migrated_flows", schema::array(migrated)), ("failed_flows", schema::array(failed))],
        ),
        errors: &[Code::InvalidParameter],
    }
}

async fn migrate(call: &Call) -> Result<Reply, ApiError> {
    let asked = request::migrate(&call.params)?;
    let none = || ApiError::no_object(call.method.word(), &asked.source.to_string());
    let (Node::Waba, owner) = call.endpoint.node(asked.source).await.map_err(|_| none())? else { return Err(none()) };
    if owner != call.business.id() {
        return Err(none());
    }
    let copied = call.business.copy_flows(call.app, &call.business, asked.names).await.map_err(|error| api_error(&error))?;
    Ok(answer(&copied).into())
}

fn answer(copied: &[Copied]) -> Value {
    let mut answer = json!({"migrated_flows": [], "failed_flows": []});
    for one in copied {
        let (list, item) = match (&one.copy, one.source) {
            (Ok(copy), source) => ("migrated_flows", json!({"source_id": source, "source_name": one.name, "migrated_id": copy})),
            (Err(why), source) => {
                let code = if source.is_none() { NOT_FOUND } else { NOT_COPIED };
                ("failed_flows", json!({"source_name": one.name, "error_code": code, "error_message": format!("Flows Migration Error: {why}")}))
            }
        };
        if let Some(list) = answer[list].as_array_mut() {
            list.push(item);
        }
    }
    answer
}
