//! `GET` and `POST /CATALOG/products`: the products of a catalogue.
use super::{BodyKind, Call, Described, Handle, On, Operation, Reply, Scope, Verb, api_error, catalog::gone, schema};
use serde_json::{Value, json};
use suki_cloud_api::{
    ApiError, Code,
    commerce::{
        Availability, Product,
        page::{self, Stretch},
        product::{self, PRODUCT_DEFAULT},
    },
    fields::{self, Selector},
};

/// `GET /CATALOG/products`.
pub const LIST: Operation = Operation {
    name: "products.list",
    method: Verb::Get,
    on: On::Catalog,
    edge: "products",
    scope: Scope::Management,
    body: BodyKind::Params,
    describe: describe_list,
    handle: Handle::Caller(|call| Box::pin(list(call))),
};

/// `POST /CATALOG/products`.
pub const CREATE: Operation = Operation {
    name: "products.create",
    method: Verb::Post,
    describe: describe_create,
    handle: Handle::Caller(|call| Box::pin(create(call))),
    ..LIST
};

/// A product as it is described wherever one is answered with.
pub fn described() -> Value {
    let catalog = schema::object(&["id", "name"], [("id", schema::id("The catalog")), ("name", schema::text("Its name"))]);
    let mut described = schema::node([
        ("retailer_id", schema::text("Its id at its seller")),
        ("name", schema::text("What it is called")),
        ("description", schema::text("What is said of it")),
        ("price", json!({"type": "string", "examples": ["120.00 PHP"], "description": "What it costs, with its currency"})),
        ("sale_price", json!({"type": "string", "examples": ["99.50"], "description": "What it costs for a while; absent when it is the same"})),
        ("currency", schema::text("ISO 4217")),
        ("availability", schema::word(&Availability::ALL.map(Availability::word), "Whether it can be had")),
        ("visibility", schema::word(&["published", "hidden"], "Whether customers see it")),
        ("is_hidden", json!({"type": "boolean"})),
        ("url", schema::text("Its page; absent without one")),
        ("image_url", schema::text("Where its picture is; absent without one")),
        ("images", schema::array(schema::object(&["url"], [("url", schema::text("Where the picture is"))]))),
        ("product_catalog", catalog),
    ]);
    add_details(&mut described);
    described
}

/// What is kept and given back as it was said.
fn add_details(product: &mut Value) {
    for name in product::DETAILS {
        product["properties"][name] = schema::text("As it was said");
    }
}

/// What can be said of a product, under the names that programs use.
pub fn said(required: &[&str]) -> Value {
    let price = |description: &str| json!({"type": ["integer", "number", "string"], "description": description});
    let mut said = schema::object(
        &[],
        [
            ("name", json!({"type": ["string", "null"], "maxLength": 200, "description": "What it is called"})),
            ("description", json!({"type": ["string", "null"], "maxLength": 5000, "description": "What is said of it"})),
            ("price", price("A whole number in the currency's smallest unit, or a text such as 120.00 PHP")),
            ("sale_price", price("What it costs for a while; empty takes it back")),
            ("currency", schema::text("ISO 4217")),
            ("availability", schema::word(&Availability::ALL.map(Availability::word), "Whether it can be had; in stock when nothing is said")),
            ("visibility", schema::word(&["published", "hidden"], "Whether customers see it")),
            ("is_hidden", schema::boolean("The same")),
            ("url", schema::text("Its page")),
            ("image_url", schema::text("Where its picture is fetched from; empty takes it away")),
            ("images", json!({"type": ["array", "string"], "description": "The same as a list, of which the first counts"})),
        ],
    );
    add_details(&mut said);
    if required.contains(&"retailer_id") {
        said["properties"]["retailer_id"] = json!({"type": "string", "minLength": 1, "maxLength": 100, "description": "Its id at its seller"});
    }
    said["required"] = json!(required);
    said
}

fn describe_list() -> Described {
    let mut query = vec![schema::fields()];
    query.extend(schema::paging());
    let filter = "Which products: {\"retailer_id\": {\"is_any\": [\"a\", \"b\"]}}, about id, retailer_id, name, description, brand, category, availability \
                  or visibility; with and, or";
    query.push(schema::parameter("filter", json!({"type": ["object", "string"]}), filter));
    Described {
        summary: "List the products of a catalog",
        description: "In the order in which they came. Without fields each has id, name and retailer_id.",
        query,
        request: None,
        response: schema::page(described()),
        errors: &[Code::InvalidParameter],
    }
}

fn describe_create() -> Described {
    Described {
        summary: "Put a product into a catalog",
        description: "Its picture is fetched at once. What the policy does not let be sold is refused.",
        query: Vec::new(),
        request: Some(said(&["retailer_id", "name", "price"])),
        response: schema::object(&["id"], [("id", schema::id("Its id"))]),
        errors: &[Code::InvalidParameter, Code::MediaUpload],
    }
}

/// The node of a product. A picture that was uploaded has an address that holds for a while.
///
/// # Errors
/// While the rules are not known.
pub fn node(call: &Call, product: &Product, catalog: &str) -> Result<Value, ApiError> {
    let image = match product.image {
        Some(image) if product.image_url.is_empty() => {
            call.business.media_address(call.origin.api(&call.faces), image).map_err(|error| api_error(&error))?
        }
        _ => product.image_url.clone(),
    };
    Ok(product.node(catalog, &image))
}

async fn list(call: &Call) -> Result<Reply, ApiError> {
    let wanted = page::wanted(&call.params)?;
    let catalog = call.business.catalog(call.id).await.map_err(|error| gone(call, call.id, &error))?;
    let found = call.business.products(call.id, wanted.clone()).await.map_err(|error| gone(call, call.id, &error))?;
    let selector = call.params.text("fields");
    // A selector that cannot be read is refused for an empty page, too.
    Selector::parse(selector.as_deref().unwrap_or_default())?;
    let shown = |product: &Product| fields::select(selector.as_deref(), &PRODUCT_DEFAULT, &node(call, product, &catalog.name)?);
    let products = found.products.iter().map(shown).collect::<Result<_, _>>()?;
    let shown = Stretch { products, ends: found.ends, earlier: found.earlier, later: found.later };
    Ok(page::answer(&shown, &wanted, &call.address("products"), &call.params).into())
}

async fn create(call: &Call) -> Result<Reply, ApiError> {
    let (retailer_id, change) = product::create(&call.params)?;
    let made = call.business.create_product(call.id, retailer_id, change).await.map_err(|error| gone(call, call.id, &error))?;
    Ok(json!({"id": made.id}).into())
}
