//! The inbox's catalogues and products.
use super::{
    case::{Case, ask, told},
    inbox::chat,
    stage::Stage,
};
use axum::http::Method;
use futures_util::future::LocalBoxFuture;
use serde_json::{Value, json};

/// The smallest picture that is one.
const PNG: &[u8] = &[
    0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a, 0, 0, 0, 0x0d, 0x49, 0x48, 0x44, 0x52, 0, 0, 0, 1, 0, 0, 0, 1, 8, 6, 0, 0, 0, 0x1f, 0x15, 0xc4,
    0x89, 0, 0, 0, 0x0d, 0x49, 0x44, 0x41, 0x54, 0x78, 0x9c, 0x63, 0x60, 0x60, 0x60, 0x60, 0, 0, 0, 5, 0, 1, 0xa5, 0xf6, 0x45, 0x40, 0, 0, 0, 0,
    0x49, 0x45, 0x4e, 0x44, 0xae, 0x42, 0x60, 0x82,
];

fn bread(picture: Option<&str>) -> Value {
    let mut bread =
        json!({"retailer_id": "pandesal", "name": "Pandesal", "price_1000": 5_000, "currency": "PHP", "description": "Warm, every morning"});
    if let Some(picture) = picture {
        bread["picture"] = picture.into();
    }
    bread
}

/// A catalogue, kept as `id`.
fn catalog<'a>(stage: &'a mut Stage<'_>) -> LocalBoxFuture<'a, ()> {
    Box::pin(async move {
        let owner = stage.shop.owner(stage.world).await;
        let made = owner.post(stage.world, "/catalogs", &json!({"name": "Bread"})).await.expect(201);
        stage.set("id", made["id"].as_str().map_or_else(|| made["id"].to_string(), str::to_owned));
    })
}

/// A product with a picture, kept as `id`; its catalogue as `catalog`.
fn product<'a>(stage: &'a mut Stage<'_>) -> LocalBoxFuture<'a, ()> {
    Box::pin(async move {
        catalog(stage).await;
        let owner = stage.shop.owner(stage.world).await;
        let call = stage.world.call(Method::POST, "/inbox/api/media?type=image%2Fpng&name=a.png").header("cookie", &owner.cookie);
        let picture = call.bytes("application/octet-stream", PNG.to_vec()).send().await.expect(201)["id"].as_str().expect("an id").to_owned();
        let path = format!("/catalogs/{}/products", stage.get("id"));
        let made = owner.post(stage.world, &path, &bread(Some(&picture))).await.expect(201);
        let catalog = stage.get("id").to_owned();
        stage.set("catalog", catalog);
        stage.set("id", made["id"].as_str().map_or_else(|| made["id"].to_string(), str::to_owned));
    })
}

fn product_and_chat<'a>(stage: &'a mut Stage<'_>) -> LocalBoxFuture<'a, ()> {
    Box::pin(async move {
        product(stage).await;
        chat(stage).await;
    })
}

fn catalog_of_product<'a>(stage: &'a mut Stage<'_>) -> LocalBoxFuture<'a, ()> {
    Box::pin(async move {
        product(stage).await;
        let catalog = stage.get("catalog").to_owned();
        stage.set("id", catalog);
    })
}

/// The cases.
pub fn cases() -> Vec<Case> {
    vec![
        told("inbox.catalogs.list", |_| ask()).after(catalog),
        told("inbox.catalogs.create", |_| ask().json(json!({"name": "Bread"}))),
        told("inbox.catalogs.set", |_| ask().json(json!({"cart": true, "visible": true}))),
        told("inbox.catalogs.change", |_| ask().json(json!({"name": "Cakes", "connected": true}))).after(catalog),
        told("inbox.catalogs.remove", |_| ask()).after(catalog),
        told("inbox.products.list", |_| ask().query("q=pan&limit=5")).after(catalog_of_product),
        told("inbox.products.add", |_| ask().json(bread(None))).after(catalog),
        told("inbox.products.get", |_| ask()).after(product),
        told("inbox.products.change", |_| ask().json(json!({"price_1000": 6_000, "hidden": false}))).after(product),
        told("inbox.products.remove", |_| ask()).after(product),
        told("inbox.products.picture", |_| ask()).after(product),
        told("inbox.chats.send_products", |stage| ask().json(json!({"id": stage.get("new"), "products": ["pandesal"], "text": "Today"})))
            .after(product_and_chat),
    ]
}
