//! `GET`, `POST`, `DELETE /PRODUCT`: one product, called by its id or as `catalog:CATALOG:ID in base64` by its id at its seller.
use super::{BodyKind, Call, Described, Handle, On, Operation, Reply, Scope, Verb, catalog::gone, products, schema};
use suki_cloud_api::{
    ApiError, Code,
    commerce::product::{self, PRODUCT_DEFAULT},
    fields, responses,
};

/// `GET /PRODUCT`.
pub const GET: Operation = Operation {
    name: "product.get",
    method: Verb::Get,
    on: On::Product,
    edge: "",
    scope: Scope::Management,
    body: BodyKind::Params,
    describe: describe_get,
    handle: Handle::Caller(|call| Box::pin(get(call))),
};

/// `POST /PRODUCT`.
pub const CHANGE: Operation =
    Operation { name: "product.change", method: Verb::Post, describe: describe_change, handle: Handle::Caller(|call| Box::pin(change(call))), ..GET };

/// `DELETE /PRODUCT`.
pub const DELETE: Operation = Operation {
    name: "product.delete",
    method: Verb::Delete,
    describe: describe_delete,
    handle: Handle::Caller(|call| Box::pin(delete(call))),
    ..GET
};

fn describe_get() -> Described {
    Described {
        summary: "Read a product",
        description: "Without fields the answer has id, name and retailer_id. In the place of the id may stand catalog:CATALOG:ID, with its id at its seller in \
                      base64.",
        query: vec![schema::fields()],
        request: None,
        response: products::described(),
        errors: &[Code::InvalidParameter],
    }
}

fn describe_change() -> Described {
    Described {
        summary: "Change a product",
        description: "What is absent stays. Messages that were sent show it as it was.",
        query: Vec::new(),
        request: Some(products::said(&[])),
        response: schema::success(),
        errors: &[Code::InvalidParameter, Code::MediaUpload],
    }
}

fn describe_delete() -> Described {
    Described {
        summary: "Delete a product",
        description: "Messages that show it stay; orders of it are not taken any more.",
        query: Vec::new(),
        request: None,
        response: schema::success(),
        errors: &[],
    }
}

async fn get(call: &Call) -> Result<Reply, ApiError> {
    let product = call.business.product(call.id).await.map_err(|error| gone(call, call.id, &error))?;
    let catalog = call.business.catalog(product.catalog).await.map_err(|error| gone(call, call.id, &error))?;
    let node = products::node(call, &product, &catalog.name)?;
    Ok(fields::select(call.params.text("fields").as_deref(), &PRODUCT_DEFAULT, &node)?.into())
}

async fn change(call: &Call) -> Result<Reply, ApiError> {
    let change = product::change(&call.params)?;
    call.business.change_product(call.id, change).await.map_err(|error| gone(call, call.id, &error))?;
    Ok(responses::success().into())
}

async fn delete(call: &Call) -> Result<Reply, ApiError> {
    call.business.delete_product(call.id).await.map_err(|error| gone(call, call.id, &error))?;
    Ok(responses::success().into())
}
