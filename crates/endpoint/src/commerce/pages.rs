//! The catalogue as a customer's device asks for it (`pb::Exchange` of kind `catalog`).
//!
//! The question is `{catalog_id?, after?, ids?}`: a page of the catalogue that is connected, or the products of these ids at their seller. Without a
//! `catalog_id` it is asked for as what stands at the business's name, which has to be visible unless `ids` name what a message showed. The answer is
//! `{catalog_id, cart, visible, products, next}`: products as in `suki.proto`, `next` the `after` of the next page or "".
use super::{rows, shown};
use crate::{Business, Error, exchange::Asked, media::FileKind};
use futures_util::{StreamExt as _, stream};
use serde_json::{Value, json};
use std::sync::Arc;
use suki_cloud_api::{ObjectId, commerce::Product, number::commerce::Commerce};
use suki_protocol::{http::Base64, pb};
use suki_types::{Timestamp, limits};

/// How many products a page has at most.
const PAGE: usize = 30;
/// How many bytes of JSON are left for what is not products.
const AROUND: usize = 2 * 1024;
/// How many pictures are put on the network at once for one page.
const AT_ONCE: usize = 4;
/// How long a page waits for its pictures: a part of what the device waits for the page.
const PICTURES_MILLIS: i64 = limits::EXCHANGE_MILLIS / 2;

/// Answers a question.
pub(crate) async fn answer(business: &Arc<Business>, asked: &Asked) -> Result<Value, Error> {
    let question = asked.question()?;
    let none = || Error::Invalid("This shop shows no such catalogue".into());
    let ids: Option<Vec<String>> = question["ids"].as_array().map(|ids| ids.iter().filter_map(|id| id.as_str().map(str::to_owned)).collect());
    if ids.as_ref().is_some_and(|ids| ids.len() > limits::PRODUCTS) {
        return Err(Error::Invalid(format!("A question names at most {} products", limits::PRODUCTS)));
    }
    let settings: Commerce = business.setting().await?;
    let catalog = business.connected_catalog().await?.ok_or_else(none)?;
    match question["catalog_id"].as_str().unwrap_or_default() {
        "" if ids.is_none() && !settings.is_catalog_visible => return Err(none()),
        "" => {}
        named if named == catalog.to_string() => {}
        _ => return Err(none()),
    }
    let (products, next) = match ids {
        Some(ids) => (business.connected_products(catalog, &ids).await?, None),
        None => page(business, catalog, question["after"].as_str().unwrap_or_default()).await?,
    };
    let (products, left_out) = fitted(with_pictures(business, products, asked.at.plus_millis(PICTURES_MILLIS)).await);
    let next = left_out.or(next).map_or_else(String::new, |place| place.to_string());
    Ok(json!({
        "catalog_id": catalog, "cart": settings.is_cart_enabled, "visible": settings.is_catalog_visible, "products": products, "next": next,
    }))
}

/// Products after a place, and the place after which there are more.
async fn page(business: &Business, catalog: ObjectId, after: &str) -> Result<(Vec<Product>, Option<u64>), Error> {
    let from: u64 = if after.is_empty() { 0 } else { after.parse().map_err(|_| Error::Invalid("after is the next of another page".into()))? };
    let id = business.id();
    business
        .db()
        .read(move |tx| {
            let (mut found, mut place) = (Vec::new(), from);
            loop {
                let stretch = rows::after(tx, id, catalog, place, PAGE)?;
                let more = stretch.len() == PAGE;
                for product in stretch {
                    place = product.place;
                    if !product.hidden {
                        found.push(product);
                    }
                    if found.len() == PAGE {
                        return Ok((found, Some(place)));
                    }
                }
                if !more {
                    return Ok::<_, Error>((found, None));
                }
            }
        })
        .await
}

/// Products with their places and those pictures that are on the network in time: it is better to see a product without its picture than none.
async fn with_pictures(business: &Arc<Business>, products: Vec<Product>, until: Timestamp) -> Vec<(u64, pb::Product)> {
    let one = |product: Product| async move {
        let image = match product.image {
            None => None,
            Some(image) => tokio::select! {
                carried = business.kept_carried(image, FileKind::Image) => carried.unwrap_or_else(|error| {
                    tracing::warn!(business = %business.id(), %image, %error, "a product's picture cannot be shown");
                    None
                }),
                () = business.env().clock.wait_until(until) => None,
            },
        };
        (product.place, pb::Product { image, ..shown::briefly(shown::described(&product)) })
    };
    stream::iter(products.into_iter().map(one)).buffered(AT_ONCE).collect().await
}

/// As many of them as an answer may hold, and the place of the last when some are left out.
fn fitted(products: Vec<(u64, pb::Product)>) -> (Vec<Value>, Option<u64>) {
    let (mut shown, mut room) = (Vec::new(), limits::CONTENT_JSON_BYTES - AROUND);
    let mut last = None;
    for (place, product) in products {
        let json = as_json(&product);
        let bytes = json.to_string().len() + 1;
        if bytes > room {
            return (shown, last);
        }
        room -= bytes;
        last = Some(place);
        shown.push(json);
    }
    (shown, None)
}

/// As the JSON of `suki.proto` is written, with what opens its picture: the customer's device alone gets it, sealed.
fn as_json(product: &pb::Product) -> Value {
    let mut json = json!({
        "catalog_id": product.catalog_id,
        "retailer_id": product.retailer_id,
        "name": product.name,
        "description": product.description,
        "price_1000": product.price_1000,
        "sale_price_1000": product.sale_price_1000,
        "currency": product.currency,
        "url": product.url,
        "unavailable": product.unavailable,
    });
    if let Some(image) = &product.image {
        let bytes = |bytes: &Vec<u8>| Base64(bytes.clone());
        json["image"] = json!({
            "kind": image.kind,
            "blob": bytes(&image.blob),
            "key": bytes(&image.key),
            "sha256": bytes(&image.sha256),
            "media_type": image.media_type,
            "bytes": image.bytes,
            "width": image.width,
            "height": image.height,
            "preview": bytes(&image.preview),
        });
    }
    json
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_page_holds_what_fits() {
        let product = |place: u64| {
            let image = pb::Media { blob: vec![1; 32], key: vec![2; 32], sha256: vec![3; 32], ..Default::default() };
            (place, pb::Product { retailer_id: place.to_string(), description: "é".repeat(2000), image: Some(image), ..Default::default() })
        };
        let (shown, next) = fitted((1..=30).map(product).collect());
        let bytes: usize = shown.iter().map(|one| one.to_string().len() + 1).sum();
        assert!(bytes <= limits::CONTENT_JSON_BYTES - AROUND && shown.len() > 5, "{bytes}");
        assert_eq!(next, Some(shown.len() as u64));
        let (shown, next) = fitted(vec![product(7)]);
        assert_eq!((shown[0]["image"]["blob"].as_str().map(str::len), next), (Some(44), None));
    }
}
