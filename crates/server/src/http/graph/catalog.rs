//! `GET`, `POST`, `DELETE /CATALOG`: one catalogue.
use super::{BodyKind, Call, Described, Handle, On, Operation, Reply, Scope, Verb, api_error, product_catalogs, schema};
use serde_json::json;
use suki_cloud_api::{
    ApiError, Code, ObjectId,
    commerce::catalog::{self, CATALOG_DEFAULT},
    fields, responses,
};
use suki_endpoint::Error;

/// `GET /CATALOG`.
pub const GET: Operation = Operation {
    name: "catalog.get",
    method: Verb::Get,
    on: On::Catalog,
    edge: "",
    scope: Scope::Management,
    body: BodyKind::Params,
    describe: describe_get,
    handle: Handle::Caller(|call| Box::pin(get(call))),
};

/// `POST /CATALOG`.
pub const CHANGE: Operation =
    Operation { name: "catalog.change", method: Verb::Post, describe: describe_change, handle: Handle::Caller(|call| Box::pin(change(call))), ..GET };

/// `DELETE /CATALOG`.
pub const DELETE: Operation = Operation {
    name: "catalog.delete",
    method: Verb::Delete,
    describe: describe_delete,
    handle: Handle::Caller(|call| Box::pin(delete(call))),
    ..GET
};

fn describe_get() -> Described {
    Described {
        summary: "Read a catalog",
        description: "Without fields the answer has id and name.",
        query: vec![schema::fields()],
        request: None,
        response: product_catalogs::described(),
        errors: &[Code::InvalidParameter],
    }
}

fn describe_change() -> Described {
    Described {
        summary: "Give a catalog another name",
        description: "Its products stay as they are.",
        query: Vec::new(),
        request: Some(schema::object(
            &["name"],
            [("name", json!({"type": "string", "minLength": 1, "maxLength": 100, "description": "What it is called"}))],
        )),
        response: schema::success(),
        errors: &[Code::InvalidParameter],
    }
}

fn describe_delete() -> Described {
    Described {
        summary: "Delete a catalog",
        description: "Its products go with it. What was sent of them stays.",
        query: Vec::new(),
        request: None,
        response: schema::success(),
        errors: &[],
    }
}

/// A catalogue, or a product, that was taken away meanwhile does not exist.
pub fn gone(call: &Call, id: ObjectId, error: &Error) -> ApiError {
    match error {
        Error::NotFound("catalog" | "product") => ApiError::no_object(call.method.word(), &id.to_string()),
        other => api_error(other),
    }
}

async fn get(call: &Call) -> Result<Reply, ApiError> {
    let catalog = call.business.catalog(call.id).await.map_err(|error| gone(call, call.id, &error))?;
    let node = product_catalogs::node(call, &catalog);
    Ok(fields::select(call.params.text("fields").as_deref(), &CATALOG_DEFAULT, &node)?.into())
}

async fn change(call: &Call) -> Result<Reply, ApiError> {
    let name = catalog::change(&call.params)?;
    call.business.rename_catalog(call.id, name).await.map_err(|error| gone(call, call.id, &error))?;
    Ok(responses::success().into())
}

async fn delete(call: &Call) -> Result<Reply, ApiError> {
    call.business.delete_catalog(call.id).await.map_err(|error| gone(call, call.id, &error))?;
    Ok(responses::success().into())
}
