//! `POST /W/upsert_message_templates`: templates of one-time codes in several languages at once; those texts are the platform's own.
use super::{BodyKind, Call, Described, Handle, On, Operation, Reply, Scope, Verb, api_error, message_templates::draft, schema};
use serde_json::json;
use suki_cloud_api::{ApiError, Code, templates::manage};
use suki_protocol::calls::templates::Edit;

/// `POST /W/upsert_message_templates`.
pub const OPERATION: Operation = Operation {
    name: "message_templates.upsert",
    method: Verb::Post,
    on: On::Account,
    edge: "upsert_message_templates",
    scope: Scope::Management,
    body: BodyKind::Params,
    describe,
    handle: Handle::Caller(|call| Box::pin(answer(call))),
};

fn describe() -> Described {
    let done = [
        ("id", schema::id("The template")),
        ("status", schema::text("Where it stands")),
        ("language", schema::text("Its language")),
        ("category", schema::text("Its category")),
    ];
    Described {
        summary: "Make or change a template of one-time codes in several languages",
        description: "What is there is changed, what is not is made. If one is refused, those before it are done.",
        query: Vec::new(),
        request: Some(draft(("languages", schema::array(schema::text("Such as en_US"))))),
        response: schema::object(&["data"], [("data", schema::array(schema::object(&["id", "status", "language", "category"], done)))]),
        errors: &[Code::InvalidParameter, Code::TemplateCount],
    }
}

async fn answer(call: &Call) -> Result<Reply, ApiError> {
    let mut done = Vec::new();
    for draft in manage::upsert(&call.params)? {
        let known = call.business.template_named(&draft.name, &draft.language).await.map_err(|error| api_error(&error))?;
        let language = draft.language.clone();
        let stored = match known {
            None => call.business.create_template(draft).await,
            Some(known) => {
                let edit = Edit {
                    id: known.id,
                    components: Some(draft.components),
                    category: None,
                    message_send_ttl_seconds: draft.message_send_ttl_seconds,
                };
                call.business.edit_template(edit).await
            }
        };
        let stored = stored.map_err(|error| {
            let mut error = api_error(&error);
            error.details = format!("{language}: {}; the languages before it are done", error.details);
            error
        })?;
        done.push(json!({"id": stored.id.to_string(), "status": stored.status, "language": stored.language, "category": stored.category}));
    }
    Ok(json!({"data": done}).into())
}
