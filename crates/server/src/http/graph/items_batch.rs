//! `POST /CATALOG/items_batch`, `POST /CATALOG/batch` and what became of them: many products at once.
use super::{BodyKind, Call, Described, Handle, On, Operation, Reply, Scope, Verb, catalog::gone, products, schema};
use serde_json::json;
use suki_cloud_api::{ApiError, Code, commerce::batch};

/// `POST /CATALOG/items_batch`.
pub const ITEMS: Operation = Operation {
    name: "products.items_batch",
    method: Verb::Post,
    on: On::Catalog,
    edge: "items_batch",
    scope: Scope::Management,
    body: BodyKind::Params,
    describe: describe_items,
    handle: Handle::Caller(|call| Box::pin(apply(call))),
};

/// `POST /CATALOG/batch`.
pub const BATCH: Operation = Operation { name: "products.batch", edge: "batch", describe: describe_batch, ..ITEMS };

/// `GET /CATALOG/check_batch_request_status`.
pub const STATUS: Operation = Operation {
    name: "products.batch_status",
    method: Verb::Get,
    edge: "check_batch_request_status",
    describe: describe_status,
    handle: Handle::Caller(|call| Box::pin(status(call))),
    ..ITEMS
};

const DESCRIPTION: &str = "At most 5,000 products, done in order before the answer is given. What is wrong with one stands in validation_status and leaves the \
                           others as they are.";

fn described(summary: &'static str, names: &str, with_retailer: bool) -> Described {
    let mut item =
        schema::object(&["method"], [("method", schema::word(&["CREATE", "UPDATE", "DELETE"], "What is done")), ("data", products::said(&[]))]);
    item["description"] = names.into();
    if with_retailer {
        item["properties"]["retailer_id"] = schema::text("The product's id at its seller");
    } else {
        item["properties"]["data"]["properties"]["id"] = schema::text("The product's id at its seller");
    }
    let request = schema::object(
        &["requests"],
        [
            ("item_type", schema::word(&["PRODUCT_ITEM"], "What sort of things they are")),
            ("allow_upsert", schema::boolean("Whether an UPDATE of what is not there makes it; true when absent")),
            ("requests", json!({"type": ["array", "string"], "items": item, "minItems": 1, "maxItems": batch::MOST})),
        ],
    );
    let error = schema::object(&["message"], [("message", schema::text("What is wrong, and what is allowed"))]);
    let failed = schema::object(
        &["retailer_id", "errors"],
        [("retailer_id", schema::text("Which product")), ("errors", schema::array(error)), ("warnings", schema::array(json!({"type": "object"})))],
    );
    let response = schema::object(
        &["handles"],
        [("handles", schema::array(schema::text("What check_batch_request_status takes"))), ("validation_status", schema::array(failed))],
    );
    Described { summary, description: DESCRIPTION, query: Vec::new(), request: Some(request), response, errors: &[Code::InvalidParameter] }
}

fn describe_items() -> Described {
    described(
        "Change many products",
        "data has the id at the seller as id; title and link may stand for name and url, image_link for image_url",
        false,
    )
}

fn describe_batch() -> Described {
    described("Change many products, in the older form", "The id at the seller stands beside data", true)
}

fn describe_status() -> Described {
    let status = schema::object(
        &["handle", "status"],
        [
            ("handle", schema::text("The handle")),
            ("status", schema::word(&["finished"], "Batches are done when they are answered")),
            ("items_total_count", schema::integer("How many products it named")),
            ("errors_total_count", schema::integer("How many of them were not done")),
            ("errors", schema::array(json!({"type": "object"}))),
            ("warnings_total_count", schema::integer("0")),
            ("warnings", schema::array(json!({"type": "object"}))),
            ("ids_of_invalid_requests", schema::array(json!({"type": "string"}))),
        ],
    );
    Described {
        summary: "Read what became of a batch of products",
        description: "What was wrong with each stood in the batch's own answer.",
        query: vec![schema::required("handle", json!({"type": "string"}), "The handle, from the batch's answer")],
        request: None,
        response: schema::object(&["data"], [("data", schema::array(status))]),
        errors: &[Code::InvalidParameter],
    }
}

async fn apply(call: &Call) -> Result<Reply, ApiError> {
    let asked = batch::read(&call.params)?;
    let total = asked.items.len();
    let failed = call.business.apply_batch(call.id, asked).await.map_err(|error| gone(call, call.id, &error))?;
    Ok(batch::answer(total, &failed).into())
}

async fn status(call: &Call) -> Result<Reply, ApiError> {
    call.business.catalog(call.id).await.map_err(|error| gone(call, call.id, &error))?;
    Ok(batch::status(&call.params)?.into())
}
