//! `GET`, `POST`, `DELETE /T`: one template.
use super::{BodyKind, Call, Described, Handle, On, Operation, Reply, Scope, Verb, api_error, message_templates, schema};
use serde_json::{Value, json};
use suki_cloud_api::{
    ApiError, Code, responses,
    templates::{extras::Extras, list, manage},
};
use suki_protocol::calls::templates::Edit;

/// `GET /T`.
pub const GET: Operation = Operation {
    name: "template.get",
    method: Verb::Get,
    on: On::Template,
    edge: "",
    scope: Scope::Management,
    body: BodyKind::Params,
    describe: describe_get,
    handle: Handle::Caller(|call| Box::pin(get(call))),
};

/// `POST /T`.
pub const CHANGE: Operation = Operation {
    name: "template.change",
    method: Verb::Post,
    describe: describe_change,
    handle: Handle::Caller(|call| Box::pin(change(call))),
    ..GET
};

/// `DELETE /T`.
pub const DELETE: Operation = Operation {
    name: "template.delete",
    method: Verb::Delete,
    describe: describe_delete,
    handle: Handle::Caller(|call| Box::pin(delete(call))),
    ..GET
};

/// A template as it is told of.
pub fn shape() -> Value {
    let score = schema::word(&["GREEN", "YELLOW", "RED", "UNKNOWN"], "How customers take it");
    let quality = schema::object(&["score", "date"], [("score", score), ("date", schema::integer("Since when, in seconds since 1970"))]);
    schema::node([
        ("name", schema::text("Its name")),
        ("language", schema::text("Such as en_US")),
        ("category", schema::text("MARKETING, UTILITY or AUTHENTICATION")),
        ("status", schema::text("Where it stands, such as APPROVED")),
        ("parameter_format", schema::text("POSITIONAL or NAMED")),
        ("components", schema::array(json!({"type": "object"}))),
        ("rejected_reason", schema::text("Why it was refused; NONE where it was not")),
        ("quality_score", quality),
        ("message_send_ttl_seconds", schema::integer("For how many seconds a message of it is worth delivering")),
        ("previous_category", schema::text("What it was for before")),
        ("correct_category", schema::text("What it will be for: the platform has announced it")),
        ("library_template_name", schema::text("The library's template that it was made of")),
        ("cta_url_link_tracking_opted_out", json!({"type": "boolean"})),
        ("degrees_of_freedom_spec", json!({"type": "object"})),
        ("sub_category", schema::text("As it was said when it was made")),
    ])
}

fn describe_get() -> Described {
    Described {
        summary: "Read a template",
        description: "Without fields the answer has name, parameter_format, components, language, status, category and id.",
        query: vec![schema::fields()],
        request: None,
        response: shape(),
        errors: &[],
    }
}

fn describe_change() -> Described {
    let request = [
        ("components", schema::array(json!({"type": "object", "required": ["type"]}))),
        ("category", schema::word(&["MARKETING", "UTILITY", "AUTHENTICATION"], "What it is for")),
        ("message_send_ttl_seconds", schema::integer("For how many seconds a message of it is worth delivering")),
        ("cta_url_link_tracking_opted_out", schema::boolean("Kept and told again; nobody counts who opens its links")),
        ("degrees_of_freedom_spec", json!({"type": "object", "description": "Kept and told again; nobody changes its parts"})),
    ];
    let response = [
        ("success", json!({"type": "boolean"})),
        ("id", schema::id("The template")),
        ("name", schema::text("Its name")),
        ("category", schema::text("What it is for")),
    ];
    Described {
        summary: "Change a template",
        description: "Components come whole. What is changed is looked at anew, and cannot be sent until then.",
        query: Vec::new(),
        request: Some(schema::object(&[], request)),
        response: schema::object(&["success"], response),
        errors: &[Code::InvalidParameter, Code::TemplateStatusLocked],
    }
}

fn describe_delete() -> Described {
    Described {
        summary: "Delete one language of a template",
        description: "The others of its name stay.",
        query: Vec::new(),
        request: None,
        response: schema::success(),
        errors: &[],
    }
}

async fn get(call: &Call) -> Result<Reply, ApiError> {
    Ok(list::node(&message_templates::node(call, call.template()?).await?, &call.params)?.into())
}

async fn change(call: &Call) -> Result<Reply, ApiError> {
    let (change, extras, template) = (manage::edit(&call.params)?, Extras::read(&call.params)?, call.template()?);
    call.business.keep_extras(template.id, extras).await.map_err(|error| api_error(&error))?;
    if change == manage::Edit::default() {
        return Ok(json!({"success": true, "id": template.id.to_string(), "name": template.name, "category": template.category}).into());
    }
    let edit = Edit {
        id: template.id,
        components: change.components,
        // Programs send the whole template back: what stays as it is, is no change.
        category: change.category.filter(|category| *category != template.category),
        message_send_ttl_seconds: change.message_send_ttl_seconds,
    };
    let stored = call.business.edit_template(edit).await.map_err(|error| api_error(&error))?;
    Ok(json!({"success": true, "id": stored.id.to_string(), "name": stored.name, "category": stored.category}).into())
}

async fn delete(call: &Call) -> Result<Reply, ApiError> {
    let template = call.template()?;
    let deleted = call.business.delete_template(template.name.clone(), Some(template.id)).await;
    deleted.map(|()| responses::success().into()).map_err(|error| api_error(&error))
}
