//! `/BUSINESS/owned_product_catalogs` and `/W/product_catalogs`: a business's catalogues, and the one that its customers see.
use super::{BodyKind, Call, Described, Handle, On, Operation, Reply, Scope, Verb, api_error, schema};
use serde_json::{Value, json};
use suki_cloud_api::{
    ApiError, Code,
    commerce::{
        Catalog,
        catalog::{self, CATALOG_DEFAULT, CATALOG_SORTS},
    },
    listing, responses,
};
use suki_endpoint::Error;

/// `GET /BUSINESS/owned_product_catalogs`.
pub const OWNED: Operation = Operation {
    name: "catalogs.list",
    method: Verb::Get,
    on: On::Business,
    edge: "owned_product_catalogs",
    scope: Scope::Management,
    body: BodyKind::Params,
    describe: || describe_list("List the catalogs that a business owns", "The oldest first."),
    handle: Handle::Caller(|call| Box::pin(owned(call))),
};

/// `POST /BUSINESS/owned_product_catalogs`.
pub const CREATE: Operation = Operation {
    name: "catalogs.create",
    method: Verb::Post,
    describe: describe_create,
    handle: Handle::Caller(|call| Box::pin(create(call))),
    ..OWNED
};

/// `GET /W/product_catalogs`.
pub const CONNECTED: Operation = Operation {
    name: "connected_catalogs.list",
    on: On::Account,
    edge: "product_catalogs",
    describe: || describe_list("List the catalogs that an account's customers see", "One at most."),
    handle: Handle::Caller(|call| Box::pin(connected(call))),
    ..OWNED
};

/// `POST /W/product_catalogs`.
pub const CONNECT: Operation = Operation {
    name: "connected_catalogs.connect",
    method: Verb::Post,
    describe: || {
        describe_connect(
            "Connect a catalog",
            "Messages show its products from then on. An account has one catalog: the one that was connected before is not any more.",
        )
    },
    handle: Handle::Caller(|call| Box::pin(connect(call, true))),
    ..CONNECTED
};

/// `DELETE /W/product_catalogs`.
pub const DISCONNECT: Operation = Operation {
    name: "connected_catalogs.disconnect",
    method: Verb::Delete,
    describe: || describe_connect("Disconnect a catalog", "Customers do not see it any more; the catalog and what was sent of it stay."),
    handle: Handle::Caller(|call| Box::pin(connect(call, false))),
    ..CONNECTED
};

/// A catalogue as it is described wherever one is answered with.
pub fn described() -> Value {
    let owner = schema::object(&["id", "name"], [("id", schema::id("The business")), ("name", schema::text("Its name"))]);
    schema::node([
        ("name", schema::text("What it is called")),
        ("vertical", schema::text("What sort of things it has")),
        ("product_count", schema::integer("How many products it has")),
        ("feed_count", schema::integer("0: products come by calls alone")),
        ("is_local_catalog", json!({"type": "boolean"})),
        ("is_catalog_segment", json!({"type": "boolean"})),
        ("business", owner),
    ])
}

/// Its node.
pub fn node(call: &Call, catalog: &Catalog) -> Value {
    catalog.node((call.business.portfolio(), &call.business.record().name))
}

fn describe_list(summary: &'static str, description: &'static str) -> Described {
    let mut query = vec![schema::fields()];
    query.extend(schema::paging());
    Described { summary, description, query, request: None, response: schema::page(described()), errors: &[Code::InvalidParameter] }
}

fn describe_create() -> Described {
    let request = schema::object(
        &["name"],
        [
            ("name", json!({"type": "string", "minLength": 1, "maxLength": 100, "description": "What it is called"})),
            ("vertical", schema::word(&["commerce"], "What sort of things it has")),
        ],
    );
    Described {
        summary: "Make a catalog",
        description: "Customers see it once it is connected to the account. How many a business may have is the policy's to say.",
        query: Vec::new(),
        request: Some(request),
        response: schema::object(&["id"], [("id", schema::id("Its id"))]),
        errors: &[Code::InvalidParameter],
    }
}

fn describe_connect(summary: &'static str, description: &'static str) -> Described {
    Described {
        summary,
        description,
        query: vec![schema::parameter("catalog_id", schema::id("A catalog"), "The catalog; it may stand in the body as well")],
        request: Some(schema::object(&[], [("catalog_id", schema::id("The catalog"))])),
        response: schema::success(),
        errors: &[Code::InvalidParameter],
    }
}

async fn list(call: &Call, edge: &str, keeps: fn(&Catalog) -> bool) -> Result<Reply, ApiError> {
    let catalogs = call.business.catalogs().await.map_err(|error| api_error(&error))?;
    let nodes: Vec<Value> = catalogs.iter().filter(|catalog| keeps(catalog)).map(|catalog| node(call, catalog)).collect();
    Ok(listing::page(&nodes, &CATALOG_DEFAULT, &CATALOG_SORTS, &call.address(edge), &call.params)?.into())
}

async fn owned(call: &Call) -> Result<Reply, ApiError> {
    list(call, "owned_product_catalogs", |_| true).await
}

async fn connected(call: &Call) -> Result<Reply, ApiError> {
    list(call, "product_catalogs", |catalog| catalog.connected).await
}

async fn create(call: &Call) -> Result<Reply, ApiError> {
    let (name, vertical) = catalog::create(&call.params)?;
    let made = call.business.create_catalog(name, vertical).await.map_err(|error| api_error(&error))?;
    Ok(json!({"id": made.id}).into())
}

async fn connect(call: &Call, connected: bool) -> Result<Reply, ApiError> {
    let id = catalog::named(&call.params)?;
    let changed = call.business.connect_catalog(id, connected).await;
    changed.map_err(|error| match error {
        Error::NotFound(_) => ApiError::no_object("catalog", &id.to_string()),
        other => api_error(&other),
    })?;
    Ok(responses::success().into())
}
