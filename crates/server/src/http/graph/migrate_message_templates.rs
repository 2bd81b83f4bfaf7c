//! `POST /W/migrate_message_templates`: copies the templates of one account to another of the same business.
use super::{BodyKind, Call, Described, Handle, On, Operation, Reply, Scope, Verb, api_error, schema};
use serde_json::{Value, json};
use suki_cloud_api::{ApiError, Code, ObjectId, Params, templates::list};

/// `POST /W/migrate_message_templates`.
pub const OPERATION: Operation = Operation {
    name: "message_templates.migrate",
    method: Verb::Post,
    on: On::Account,
    edge: "migrate_message_templates",
    scope: Scope::Management,
    body: BodyKind::Params,
    describe,
    handle: Handle::Caller(|call| Box::pin(answer(call))),
};

/// How many templates one request looks at (section 3a).
const PAGE: usize = 500;
/// How many such pages there are: more templates than any account may have.
const PAGES: usize = 20;

fn describe() -> Described {
    let failed = schema::object(&["id", "reason"], [("id", schema::id("The template")), ("reason", schema::text("Why"))]);
    Described {
        summary: "Copy templates from another account of the business",
        description: "A business has one account here. Copied onto itself, every template is there already and stands under failed_templates; an account of \
                      another business does not exist for this token.",
        query: Vec::new(),
        request: Some(schema::object(
            &["source_waba_id"],
            [
                ("source_waba_id", schema::id("The account to copy from")),
                ("page_number", json!({"type": ["integer", "string"], "minimum": 0, "description": "Which 500 of its templates"})),
            ],
        )),
        response: schema::object(
            &["migrated_templates", "failed_templates"],
            [("migrated_templates", schema::array(schema::id("The new template"))), ("failed_templates", schema::array(failed))],
        ),
        errors: &[Code::InvalidParameter],
    }
}

async fn answer(call: &Call) -> Result<Reply, ApiError> {
    let root = call.params.root();
    let given = root.scalar("source_waba_id")?.ok_or_else(|| ApiError::invalid_parameter("the parameter source_waba_id is required"))?;
    let source: ObjectId = given.parse().map_err(|_| ApiError::invalid_parameter("source_waba_id must be the id of an account, in digits"))?;
    if source != call.id {
        return Err(ApiError::no_object(call.method.word(), &source.to_string()));
    }
    let page = root.integer("page_number")?.unwrap_or(0);
    let Some(page) = usize::try_from(page).ok().filter(|page| *page < PAGES) else {
        return Err(ApiError::invalid_parameter(format!("page_number counts from 0 to {}", PAGES - 1)));
    };
    let mut wanted = list::wanted(&Params::default())?;
    wanted.page.limit = u32::try_from(PAGE * (page + 1)).unwrap_or(u32::MAX);
    let found = call.business.templates(wanted).await.map_err(|error| api_error(&error))?;
    let known = found.templates.iter().skip(PAGE * page).take(PAGE);
    let failed: Vec<Value> = known.map(|one| json!({"id": one.id.to_string(), "reason": "It is in this account already."})).collect();
    Ok(json!({"migrated_templates": [], "failed_templates": failed}).into())
}
