//! Templates: `GET`, `POST`, `DELETE /W/message_templates`; `GET`, `POST /T`; `POST /T/unpause`; `POST /W/upsert_message_templates`.
use super::{Call, api_error};
use axum::http::Method;
use serde_json::{Value, json};
use suki_cloud_api::{
    ApiError, ObjectId, responses,
    templates::{list, manage},
};
use suki_endpoint::{Error, templates};
use suki_protocol::calls::templates::{Edit, Template};

/// What a business account has of them.
pub async fn of_account(call: &Call<'_>, account: ObjectId) -> Result<Value, ApiError> {
    match call.method {
        Method::GET => page(call, account).await,
        Method::POST => {
            let draft = manage::create(&call.params)?;
            let created = call.business.create_template(draft).await.map_err(|error| api_error(&error))?;
            Ok(manage::created(created.id, created.status.as_str(), created.category.as_str()))
        }
        Method::DELETE => {
            let remove = manage::remove(&call.params)?;
            call.business.delete_template(remove.name, remove.id).await.map_err(|error| api_error(&error))?;
            Ok(responses::success())
        }
        _ => Err(call.unknown("/WABA_ID/message_templates")),
    }
}

async fn page(call: &Call<'_>, account: ObjectId) -> Result<Value, ApiError> {
    let wanted = list::wanted(&call.params)?;
    let found = call.business.templates(wanted.clone()).await.map_err(|error| api_error(&error))?;
    let page = list::Page {
        items: found.templates.iter().map(|template| (template.id, templates::node(template))).collect(),
        more_before: found.more_before,
        more_after: found.more_after,
        total: found.total,
        most: found.allowed,
    };
    let address = format!("{}/{}/{account}/message_templates", call.faces.public_url, call.version);
    list::page(&page, &wanted, &address, &call.params)
}

/// One template, or what can be done with it.
pub async fn answer(call: &Call<'_>, id: ObjectId, edge: &str) -> Result<Value, ApiError> {
    let template = call.business.template(id.number()).await.map_err(|error| match error {
        Error::NotFound(_) => ApiError::no_object(call.method.as_str(), &id.to_string()),
        other => api_error(&other),
    })?;
    match (&call.method, edge) {
        (&Method::GET, "") => list::node(&templates::node(&template), &call.params),
        (&Method::POST, "") => edit(call, &template).await,
        (&Method::POST, "unpause") => {
            let unpaused = call.business.unpause_template(template.id).await;
            match unpaused {
                Ok(_) => Ok(json!({"success": true})),
                // Not an error of the call: programs look at `success` and `reason`.
                Err(Error::Refused(refused)) => Ok(json!({"success": false, "reason": refused.details})),
                Err(error) => Err(api_error(&error)),
            }
        }
        (&Method::DELETE, "") => {
            let deleted = call.business.delete_template(template.name, Some(template.id)).await;
            deleted.map(|()| responses::success()).map_err(|error| api_error(&error))
        }
        _ => Err(call.unknown(&format!("/{id}/{edge}"))),
    }
}

async fn edit(call: &Call<'_>, template: &Template) -> Result<Value, ApiError> {
    let change = manage::edit(&call.params)?;
    let edit = Edit {
        id: template.id,
        components: change.components,
        // Programs send the whole template back: what stays as it is, is no change.
        category: change.category.filter(|category| *category != template.category),
        message_send_ttl_seconds: change.message_send_ttl_seconds,
    };
    let stored = call.business.edit_template(edit).await.map_err(|error| api_error(&error))?;
    Ok(json!({"success": true, "id": stored.id.to_string(), "name": stored.name, "category": stored.category}))
}

/// Makes or changes a template of one-time codes in several languages at once: those texts are the platform's own.
pub async fn upsert(call: &Call<'_>) -> Result<Value, ApiError> {
    if call.method != Method::POST {
        return Err(call.unknown("/WABA_ID/upsert_message_templates"));
    }
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
        done.push(json!({"id": stored.id.to_string(), "status": stored.status, "language": stored.language}));
    }
    Ok(json!({"data": done}))
}
