//! What the business sells: its catalogues and products, what customers see of them, and products in a chat.
use super::{Signed, chats};
use crate::http::{
    file,
    problem::{Body, Checked, Refusal},
};
use axum::{
    Json,
    extract::{Path, Query},
    http::{HeaderMap, Method, StatusCode},
    response::{IntoResponse, Response},
};
use serde::{Deserialize, Deserializer};
use serde_json::{Map, Value, json};
use suki_cloud_api::{
    ApiError, ObjectId, Params,
    commerce::{
        Catalog, Change, Picture, Product, catalog,
        page::Wanted,
        price::{self, Price},
        product,
    },
    messages::{Action, Interactive, ProductList, ProductSection, What},
    number::commerce::Commerce,
};
use suki_endpoint::{
    Error,
    messages::Via,
    operators::{Operator, Role},
    send::Outgoing,
};
use suki_types::{ConversationId, MessageId, limits};

/// How many products a page has when nothing is said, and at most.
const PAGE: usize = 50;
const LARGEST_PAGE: usize = 250;

fn may_sell(operator: &Operator) -> Result<(), Refusal> {
    if matches!(operator.role, Role::Owner | Role::Admin) {
        return Ok(());
    }
    let detail = "Owners and admins see to the catalogue; ask one of them.";
    Err(Refusal::new(StatusCode::FORBIDDEN, "forbidden", "You may not do this.", detail))
}

fn shown(catalog: &Catalog) -> Value {
    json!({"id": catalog.id, "name": catalog.name, "connected": catalog.connected, "products": catalog.products, "created_at": catalog.created_at})
}

fn product_shown(product: &Product) -> Value {
    json!({
        "id": product.id, "catalog": product.catalog, "retailer_id": product.retailer_id, "name": product.name, "description": product.description,
        "price_1000": product.price_1000, "sale_price_1000": product.sale_price_1000, "currency": product.currency, "url": product.url,
        "availability": product.availability.word(), "orderable": product.availability.is_orderable(), "hidden": product.hidden,
        "picture": product.image, "image_url": product.image_url,
    })
}

/// `GET /catalogs`
pub async fn list(Signed(signed): Signed) -> Result<Json<Value>, Refusal> {
    let catalogs = signed.business.catalogs().await?;
    let settings: Commerce = signed.business.setting().await?;
    let data: Vec<Value> = catalogs.iter().map(shown).collect();
    Ok(Json(json!({"data": data, "cart": settings.is_cart_enabled, "visible": settings.is_catalog_visible})))
}

/// A catalogue to be made.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub struct NewCatalog {
    name: String,
}

/// `POST /catalogs`
pub async fn create(Signed(signed): Signed, Body(new): Body<NewCatalog>) -> Result<impl IntoResponse, Refusal> {
    may_sell(&signed.operator)?;
    let (name, vertical) = catalog::create(&params(&json!({ "name": new.name }))?).map_err(Error::Refused)?;
    let made = signed.business.create_catalog(name, vertical).await?;
    // The first one is what customers see.
    let made = if signed.business.connected_catalog().await?.is_none() { signed.business.connect_catalog(made.id, true).await? } else { made };
    Ok((StatusCode::CREATED, Json(shown(&made))))
}

/// What customers may do.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Settings {
    cart: Option<bool>,
    visible: Option<bool>,
}

/// `POST /catalogs/settings`
pub async fn set(Signed(signed): Signed, Body(asked): Body<Settings>) -> Result<Json<Value>, Refusal> {
    may_sell(&signed.operator)?;
    let change = move |settings: &mut Commerce| {
        settings.is_cart_enabled = asked.cart.unwrap_or(settings.is_cart_enabled);
        settings.is_catalog_visible = asked.visible.unwrap_or(settings.is_catalog_visible);
    };
    let settings = signed.business.change_setting(change).await?;
    Ok(Json(json!({"cart": settings.is_cart_enabled, "visible": settings.is_catalog_visible})))
}

/// What of a catalogue changes.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub struct CatalogChange {
    name: Option<String>,
    connected: Option<bool>,
}

/// `POST /catalogs/{id}`
pub async fn change(
    Signed(signed): Signed,
    Checked(Path(id)): Checked<Path<ObjectId>>,
    Body(asked): Body<CatalogChange>,
) -> Result<Json<Value>, Refusal> {
    may_sell(&signed.operator)?;
    let mut changed = signed.business.catalog(id).await?;
    if let Some(name) = asked.name {
        let name = catalog::change(&params(&json!({ "name": name }))?).map_err(Error::Refused)?;
        changed = signed.business.rename_catalog(id, name).await?;
    }
    if let Some(connected) = asked.connected {
        changed = signed.business.connect_catalog(id, connected).await?;
    }
    Ok(Json(shown(&changed)))
}

/// `DELETE /catalogs/{id}`
pub async fn remove(Signed(signed): Signed, Checked(Path(id)): Checked<Path<ObjectId>>) -> Result<StatusCode, Refusal> {
    may_sell(&signed.operator)?;
    signed.business.delete_catalog(id).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// Which products.
#[derive(Deserialize)]
pub struct ListProducts {
    #[serde(default)]
    q: String,
    limit: Option<usize>,
    after: Option<u64>,
}

/// `GET /catalogs/{id}/products`
pub async fn products(
    Signed(signed): Signed,
    Checked(Path(id)): Checked<Path<ObjectId>>,
    Checked(Query(query)): Checked<Query<ListProducts>>,
) -> Result<Json<Value>, Refusal> {
    let wanted = Wanted { after: query.after, before: None, limit: query.limit.unwrap_or(PAGE).clamp(1, LARGEST_PAGE), filter: None };
    let words: String = query.q.chars().take(limits::SEARCH_CHARS).collect();
    let found = signed.business.search_products(id, words, wanted).await?;
    let next = found.ends.filter(|_| found.later).map(|(_, last)| last);
    Ok(Json(json!({"data": found.products.iter().map(product_shown).collect::<Vec<_>>(), "next": next})))
}

/// What is said of a product; what is absent stays as it is, null takes it away.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Said {
    retailer_id: Option<String>,
    name: Option<String>,
    description: Option<String>,
    price_1000: Option<i64>,
    #[serde(default, deserialize_with = "present")]
    sale_price_1000: Option<Option<i64>>,
    currency: Option<String>,
    url: Option<String>,
    availability: Option<String>,
    hidden: Option<bool>,
    #[serde(default, deserialize_with = "present")]
    picture: Option<Option<ObjectId>>,
}

/// A field that is there, be it null.
fn present<'de, D: Deserializer<'de>, T: Deserialize<'de>>(from: D) -> Result<Option<Option<T>>, D::Error> {
    Option::<T>::deserialize(from).map(Some)
}

impl Said {
    /// In the words in which programs say it, so that the same limits hold; prices and pictures are said otherwise here.
    fn change(&self) -> Result<Change, Error> {
        let texts = [
            ("name", &self.name),
            ("description", &self.description),
            ("currency", &self.currency),
            ("url", &self.url),
            ("availability", &self.availability),
        ];
        let mut given: Map<String, Value> = texts.into_iter().filter_map(|(name, text)| Some((name.into(), text.clone()?.into()))).collect();
        if let Some(hidden) = self.hidden {
            given.insert("is_hidden".into(), hidden.into());
        }
        let mut change = product::said(&params(&Value::Object(given))?).map_err(Error::Refused)?;
        change.price = self.price_1000.map(bounded).transpose()?;
        change.sale_price = match self.sale_price_1000 {
            None => None,
            Some(None | Some(0)) => Some(None),
            Some(Some(price)) => Some(Some(bounded(price)?)),
        };
        change.picture = self.picture.map(|picture| picture.map_or(Picture::None, Picture::Upload));
        Ok(change)
    }
}

fn bounded(price: i64) -> Result<Price, Error> {
    if (0..=price::MOST).contains(&price) {
        return Ok(Price::Thousandths(price));
    }
    Err(Error::Refused(ApiError::invalid_parameter(format!("a price is 0 to {} thousandths of the currency's unit", price::MOST))))
}

fn params(body: &Value) -> Result<Params, Error> {
    let mut params = Params::default();
    params.merge_body(None, body.to_string().as_bytes()).map_err(Error::Refused)?;
    Ok(params)
}

/// `POST /catalogs/{id}/products`
pub async fn add(Signed(signed): Signed, Checked(Path(id)): Checked<Path<ObjectId>>, Body(said): Body<Said>) -> Result<impl IntoResponse, Refusal> {
    may_sell(&signed.operator)?;
    let retailer_id = product::named(&params(&json!({ "retailer_id": said.retailer_id }))?).map_err(Error::Refused)?;
    let change = said.change()?;
    product::whole(&change).map_err(Error::Refused)?;
    let made = signed.business.create_product(id, retailer_id, change).await?;
    Ok((StatusCode::CREATED, Json(product_shown(&made))))
}

/// `GET /products/{id}`
pub async fn product(Signed(signed): Signed, Checked(Path(id)): Checked<Path<ObjectId>>) -> Result<Json<Value>, Refusal> {
    Ok(Json(product_shown(&signed.business.product(id).await?)))
}

/// `POST /products/{id}`
pub async fn edit(Signed(signed): Signed, Checked(Path(id)): Checked<Path<ObjectId>>, Body(said): Body<Said>) -> Result<Json<Value>, Refusal> {
    may_sell(&signed.operator)?;
    if said.retailer_id.is_some() {
        return Err(Error::Invalid("retailer_id stays as it is: orders and messages name the product by it".into()).into());
    }
    Ok(Json(product_shown(&signed.business.change_product(id, said.change()?).await?)))
}

/// `DELETE /products/{id}`
pub async fn take(Signed(signed): Signed, Checked(Path(id)): Checked<Path<ObjectId>>) -> Result<StatusCode, Refusal> {
    may_sell(&signed.operator)?;
    signed.business.delete_product(id).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// `GET /products/{id}/picture`
pub async fn picture(
    Signed(signed): Signed,
    Checked(Path(id)): Checked<Path<ObjectId>>,
    method: Method,
    headers: HeaderMap,
) -> Result<Response, Refusal> {
    let found = signed.business.product_picture(id).await?;
    Ok(file::give(&signed.business, found, &method, &headers).await?)
}

/// Products for a chat, by their ids at the seller; none for the catalogue as a whole.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub struct NewProducts {
    id: MessageId,
    #[serde(default)]
    products: Vec<String>,
    #[serde(default)]
    text: String,
    reply_to: Option<MessageId>,
}

/// `POST /chats/{chat}/products`
pub async fn send(
    Signed(signed): Signed,
    Checked(Path(chat)): Checked<Path<ConversationId>>,
    Body(mut new): Body<NewProducts>,
) -> Result<impl IntoResponse, Refusal> {
    chats::must_take_free_text(&signed, chat, new.id).await?;
    if new.products.len() > limits::PRODUCTS {
        return Err(Error::Invalid(format!("{} products are named; at most {} go into one message", new.products.len(), limits::PRODUCTS)).into());
    }
    let none = "no catalogue is connected: make one, or connect one, on the page Catalogue";
    let catalog = signed.business.connected_catalog().await?.ok_or_else(|| Error::Invalid(none.into()))?;
    let action = match new.products.len() {
        0 => Action::Catalog { thumbnail: None },
        1 => Action::Product { catalog, product: new.products.remove(0) },
        _ => Action::Products(ProductList { catalog, sections: vec![ProductSection { title: String::new(), products: new.products }] }),
    };
    let interactive = Interactive { header: None, body: new.text, footer: String::new(), action };
    let message = signed
        .business
        .send(Outgoing {
            id: new.id,
            chat,
            what: signed.business.compose(What::Interactive(Box::new(interactive))).await?,
            reply_to: new.reply_to,
            operator: Some(signed.operator.id),
            via: Via::Inbox,
            app: None,
            callback_data: String::new(),
        })
        .await?;
    Ok((StatusCode::CREATED, Json(message)))
}
