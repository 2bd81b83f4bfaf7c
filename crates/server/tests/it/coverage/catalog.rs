//! Operations on catalogues and products.
use super::{
    case::{Case, ask, broken, case},
    stage::Stage,
};
use futures_util::future::LocalBoxFuture;
use serde_json::{Value, json};

fn ube() -> Value {
    json!({"retailer_id": "ube", "name": "Ube cake", "price": "350.00 PHP", "description": "Purple", "availability": "in stock", "color": "purple"})
}

/// A catalogue; kept as `catalog_id`.
fn catalog<'a>(stage: &'a mut Stage<'_>) -> LocalBoxFuture<'a, ()> {
    Box::pin(async move {
        let made = stage.post("/{business_id}/owned_product_catalogs", &json!({"name": "Menu"})).await;
        stage.set("catalog_id", made["id"].as_str().expect("an id"));
    })
}

fn connected<'a>(stage: &'a mut Stage<'_>) -> LocalBoxFuture<'a, ()> {
    Box::pin(async move {
        catalog(stage).await;
        stage.post("/{waba_id}/product_catalogs", &json!({"catalog_id": stage.get("catalog_id")})).await;
    })
}

/// A product in it; kept as `product_id`.
fn product<'a>(stage: &'a mut Stage<'_>) -> LocalBoxFuture<'a, ()> {
    Box::pin(async move {
        catalog(stage).await;
        let made = stage.post("/{catalog_id}/products", &ube()).await;
        stage.set("product_id", made["id"].as_str().expect("an id"));
    })
}

/// A batch; its handle is kept as `handle`.
fn batch<'a>(stage: &'a mut Stage<'_>) -> LocalBoxFuture<'a, ()> {
    Box::pin(async move {
        catalog(stage).await;
        let made = stage.post("/{catalog_id}/items_batch", &items()).await;
        stage.set("handle", made["handles"][0].as_str().expect("a handle"));
    })
}

fn items() -> Value {
    json!({"item_type": "PRODUCT_ITEM", "requests": [
        {"method": "CREATE", "data": {"id": "ube", "title": "Ube cake", "price": "350.00 PHP"}},
        {"method": "DELETE", "data": {"id": "nothing"}},
    ]})
}

/// The cases.
pub fn cases() -> Vec<Case> {
    vec![
        case("catalogs.list", |_| ask().query("fields=name,product_count,business&limit=1"), 100, |_| ask().query("limit=x")).after(product),
        case("catalogs.create", |_| ask().json(json!({"name": "Menu", "vertical": "commerce"})), 100, |_| ask().json(json!({"name": ""}))),
        case("connected_catalogs.list", |_| ask(), 100, |_| ask().query("sort=x")).after(connected),
        case(
            "connected_catalogs.connect",
            |stage| ask().json(json!({"catalog_id": stage.get("catalog_id")})),
            100,
            |stage| ask().json(json!({"catalog_id": stage.get("waba_id")})),
        )
        .after(catalog),
        case("connected_catalogs.disconnect", |stage| ask().query(format!("catalog_id={}", stage.get("catalog_id"))), 100, |_| ask())
            .after(connected),
        case("catalog.get", |_| ask().query("fields=id,name,vertical,product_count"), 100, |_| ask().query("fields=a{b")).after(catalog),
        case("catalog.change", |_| ask().json(json!({"name": "Bread and cakes"})), 100, |_| ask().json(json!({}))).after(catalog),
        case("catalog.delete", |_| ask(), 100, |_| broken()).after(product),
        case("products.list", |_| ask().query("fields=id,name,price,product_catalog,color&limit=5"), 100, |_| ask().query("filter=x")).after(product),
        case("products.create", |_| ask().json(ube()), 100, |_| ask().json(json!({"retailer_id": "ube", "name": "Ube", "price": "cheap"})))
            .after(catalog),
        case("products.items_batch", |_| ask().json(items()), 100, |_| ask().json(json!({"requests": []}))).after(product),
        case(
            "products.batch",
            |_| {
                let data = json!({"name": "Pandesal", "price": 500, "currency": "PHP"});
                ask().json(json!({"requests": [{"method": "CREATE", "retailer_id": "pandesal", "data": data}]}))
            },
            100,
            |_| ask().json(json!({"requests": [{"method": "BUY", "retailer_id": "pandesal"}]})),
        )
        .after(catalog),
        case("products.batch_status", |stage| ask().query(format!("handle={}", stage.get("handle"))), 100, |_| ask().query("handle=x")).after(batch),
        case("product.get", |_| ask().query("fields=name,price,availability,visibility,description"), 100, |_| ask().query("fields=a{b"))
            .after(product),
        case("product.change", |_| ask().json(json!({"price": 32_500, "sale_price": "299.00 PHP"})), 100, |_| ask().json(json!({}))).after(product),
        case("product.delete", |_| ask(), 100, |_| broken()).after(product),
    ]
}
