//! `GET`, `POST`, `DELETE /W/message_templates`: an account's templates.
use super::{BodyKind, Call, Described, Handle, On, Operation, Reply, Scope, Verb, api_error, schema, template::shape};
use serde_json::{Value, json};
use suki_cloud_api::{
    ApiError, Code, responses,
    templates::{extras::Extras, list, manage},
};
use suki_endpoint::{Error, templates};
use suki_protocol::calls::templates::Template;

/// `GET /W/message_templates`.
pub const LIST: Operation = Operation {
    name: "message_templates.list",
    method: Verb::Get,
    on: On::Account,
    edge: "message_templates",
    scope: Scope::Management,
    body: BodyKind::Params,
    describe: describe_list,
    handle: Handle::Caller(|call| Box::pin(page(call))),
};

/// `POST /W/message_templates`.
pub const CREATE: Operation = Operation {
    name: "message_templates.create",
    method: Verb::Post,
    describe: describe_create,
    handle: Handle::Caller(|call| Box::pin(create(call))),
    ..LIST
};

/// `DELETE /W/message_templates`.
pub const DELETE: Operation = Operation {
    name: "message_templates.delete",
    method: Verb::Delete,
    describe: describe_delete,
    handle: Handle::Caller(|call| Box::pin(delete(call))),
    ..LIST
};

/// `GET /W/message_templates/T`: a template by the road that some clients take to it.
pub const ONE: Operation = Operation {
    name: "message_templates.get",
    edge: "message_templates/{template_id}",
    describe: describe_one,
    handle: Handle::Caller(|call| Box::pin(one(call))),
    ..LIST
};

fn describe_one() -> Described {
    Described {
        summary: "Read a template of an account",
        description: "The same as reading the template by its id alone.",
        query: vec![schema::fields()],
        request: None,
        response: shape(),
        errors: &[Code::InvalidParameter],
    }
}

async fn one(call: &Call) -> Result<Reply, ApiError> {
    let none = || ApiError::no_object(call.method.word(), &call.item);
    let id = call.item.parse().map_err(|_| none())?;
    let template = call.business.template(id).await.map_err(|error| match error {
        Error::NotFound(_) => none(),
        other => api_error(&other),
    })?;
    Ok(list::node(&node(call, &template).await?, &call.params)?.into())
}

fn describe_list() -> Described {
    let mut query = schema::paging();
    query.push(schema::fields());
    for (name, description) in [
        ("name", "Part of the name"),
        ("name_or_content", "Part of the name or of a text"),
        ("language", "The language's code"),
        ("status", "Where they stand; several with commas between them"),
        ("category", "MARKETING, UTILITY or AUTHENTICATION; several with commas between them"),
        ("quality_score", "GREEN, YELLOW, RED or UNKNOWN; several with commas between them"),
        ("summary", "total_count and other figures of all templates"),
    ] {
        query.push(schema::parameter(name, json!({"type": "string"}), description));
    }
    let mut response = schema::page(shape());
    response["properties"]["summary"] = schema::object(
        &[],
        [
            ("total_count", schema::integer("How many templates there are")),
            ("message_template_count", schema::integer("The same")),
            ("message_template_limit", schema::integer("How many there may be")),
            ("are_translations_complete", json!({"type": "boolean"})),
        ],
    );
    Described {
        summary: "List templates",
        description: "Without fields each has name, parameter_format, components, language, status, category and id; at most 250 a page.",
        query,
        request: None,
        response,
        errors: &[Code::InvalidParameter],
    }
}

/// What makes a template.
pub fn draft(language: (&str, Value)) -> Value {
    schema::object(
        &["name", language.0, "category", "components"],
        [
            ("name", json!({"type": "string", "maxLength": 512, "pattern": "^[a-z0-9_]+$"})),
            (language.0, language.1.clone()),
            ("category", schema::word(&["MARKETING", "UTILITY", "AUTHENTICATION"], "What it is for")),
            ("components", schema::array(json!({"type": "object", "required": ["type"]}))),
            ("parameter_format", schema::word(&["positional", "named"], "How variables are written")),
            ("message_send_ttl_seconds", schema::integer("For how many seconds a message of it is worth delivering")),
            ("allow_category_change", schema::boolean("Whether the platform may put it into another category")),
            ("cta_url_link_tracking_opted_out", schema::boolean("Kept and told again; nobody counts who opens its links")),
            ("degrees_of_freedom_spec", json!({"type": "object", "description": "Kept and told again; nobody changes its parts"})),
            ("sub_category", schema::text("Kept and told again")),
        ],
    )
}

/// A template of its own words, or one of the library with its inputs.
fn request() -> Value {
    let mut request = draft(("language", schema::text("Such as en_US")));
    let inputs = [
        ("library_template_name", schema::text("Take this template of the library, in place of components")),
        (
            "library_template_body_inputs",
            json!({"type": ["object", "array"], "description": "Of one-time codes: the warning and how long they hold"}),
        ),
        ("library_template_button_inputs", schema::array(json!({"type": "object", "required": ["type"]}))),
    ];
    for (name, schema) in inputs {
        request["properties"][name] = schema;
    }
    request["required"] = json!(["name", "language"]);
    request["anyOf"] = json!([{"required": ["category", "components"]}, {"required": ["library_template_name"]}]);
    request
}

fn describe_create() -> Described {
    Described {
        summary: "Propose a template",
        description: "It is looked at before it may be sent; the decision comes by webhook.",
        query: Vec::new(),
        request: Some(request()),
        response: schema::object(
            &["id", "status", "category"],
            [("id", schema::id("The template")), ("status", schema::text("Where it stands")), ("category", schema::text("What it is for"))],
        ),
        errors: &[Code::InvalidParameter, Code::TemplateCount],
    }
}

fn describe_delete() -> Described {
    Described {
        summary: "Delete a template",
        description: "By its name in all languages, or with hsm_id in one.",
        query: vec![
            schema::required("name", json!({"type": "string"}), "The template's name"),
            schema::parameter("hsm_id", schema::id("The template"), "Only the one with this id"),
        ],
        request: None,
        response: schema::success(),
        errors: &[Code::InvalidParameter],
    }
}

async fn create(call: &Call) -> Result<Reply, ApiError> {
    let draft = manage::create(&call.params)?;
    let extras = Extras::read(&call.params)?;
    let created = call.business.create_template(draft).await.map_err(|error| api_error(&error))?;
    call.business.keep_extras(created.id, extras).await.map_err(|error| api_error(&error))?;
    Ok(manage::created(created.id, created.status.as_str(), created.category.as_str()).into())
}

async fn delete(call: &Call) -> Result<Reply, ApiError> {
    let remove = manage::remove(&call.params)?;
    call.business.delete_template(remove.name, remove.id).await.map_err(|error| api_error(&error))?;
    Ok(responses::success().into())
}

/// A template as its node tells of it.
///
/// # Errors
/// When the store fails.
pub async fn node(call: &Call, template: &Template) -> Result<Value, ApiError> {
    let extras = call.business.extras(vec![template.id]).await.map_err(|error| api_error(&error))?;
    Ok(templates::node(template, extras.get(&template.id)))
}

async fn page(call: &Call) -> Result<Reply, ApiError> {
    let wanted = list::wanted(&call.params)?;
    let found = call.business.templates(wanted.clone()).await.map_err(|error| api_error(&error))?;
    let ids = found.templates.iter().map(|template| template.id).collect();
    let extras = call.business.extras(ids).await.map_err(|error| api_error(&error))?;
    let page = list::Page {
        items: found.templates.iter().map(|template| (template.id, templates::node(template, extras.get(&template.id)))).collect(),
        more_before: found.more_before,
        more_after: found.more_after,
        total: found.total,
        most: found.allowed,
    };
    Ok(list::page(&page, &wanted, &call.address("message_templates"), &call.params)?.into())
}
