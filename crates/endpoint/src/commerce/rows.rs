//! What is stored of catalogues and products.
use crate::{Error, business::object_id};
use suki_cloud_api::{
    ObjectId,
    commerce::{Availability, Catalog, Product},
};
use suki_store::{Row, StoreError, Tx, Value};
use suki_types::AccountId;

const CATALOG: &str = "SELECT c.id, c.name, c.vertical, c.connected, c.created_at,
        (SELECT count(*) FROM product p WHERE p.business = c.business AND p.catalog = c.id)
    FROM catalog c WHERE c.business = ?1";

fn catalog_from(row: &Row<'_>) -> Result<Catalog, StoreError> {
    Ok(Catalog {
        id: object_id(row.get(0)?)?,
        name: row.get(1)?,
        vertical: row.get(2)?,
        connected: row.get(3)?,
        created_at: row.get(4)?,
        products: row.get(5)?,
    })
}

/// Every catalogue, the oldest first: as many as the policy allows.
pub(super) fn catalogs(tx: &mut Tx<'_>, business: AccountId) -> Result<Vec<Catalog>, StoreError> {
    tx.query(&format!("{CATALOG} ORDER BY c.created_at, c.id"), &[(&business).into()], catalog_from)
}

pub(super) fn catalog(tx: &mut Tx<'_>, business: AccountId, id: ObjectId) -> Result<Catalog, Error> {
    let sql = format!("{CATALOG} AND c.id = ?2");
    tx.query_opt(&sql, &[(&business).into(), id.number().into()], catalog_from)?.ok_or(Error::NotFound("catalog"))
}

pub(super) fn insert_catalog(tx: &mut Tx<'_>, business: AccountId, catalog: &Catalog) -> Result<(), StoreError> {
    tx.execute(
        "INSERT INTO catalog (business, id, name, vertical, connected, created_at) VALUES (?1, ?2, ?3, ?4, ?5, ?6)",
        &[
            (&business).into(),
            catalog.id.number().into(),
            catalog.name.as_str().into(),
            catalog.vertical.as_str().into(),
            catalog.connected.into(),
            catalog.created_at.into(),
        ],
    )?;
    Ok(())
}

const PRODUCT: &str = "SELECT id, catalog, place, retailer_id, name, description, price_1000, sale_price_1000, currency, url, image_url, image,
    availability, hidden, details FROM product WHERE business = ?1";

fn product_from(row: &Row<'_>) -> Result<Product, StoreError> {
    let corrupt = StoreError::Corrupt;
    let image: u64 = row.get(11)?;
    Ok(Product {
        id: object_id(row.get(0)?)?,
        catalog: object_id(row.get(1)?)?,
        place: row.get(2)?,
        retailer_id: row.get(3)?,
        name: row.get(4)?,
        description: row.get(5)?,
        price_1000: row.get(6)?,
        sale_price_1000: row.get(7)?,
        currency: row.get::<String>(8)?.parse().map_err(|_| corrupt("product currency"))?,
        url: row.get(9)?,
        image_url: row.get(10)?,
        image: if image == 0 { None } else { Some(object_id(image)?) },
        availability: Availability::of(&row.get::<String>(12)?).ok_or(corrupt("product availability"))?,
        hidden: row.get(13)?,
        details: serde_json::from_str(&row.get::<String>(14)?).map_err(|_| corrupt("product details"))?,
    })
}

pub(super) fn product(tx: &mut Tx<'_>, business: AccountId, id: ObjectId) -> Result<Option<Product>, StoreError> {
    tx.query_opt(&format!("{PRODUCT} AND id = ?2"), &[(&business).into(), id.number().into()], product_from)
}

/// The product of a catalogue with this id at its seller.
pub(super) fn of_retailer(tx: &mut Tx<'_>, business: AccountId, catalog: ObjectId, retailer_id: &str) -> Result<Option<Product>, StoreError> {
    let sql = format!("{PRODUCT} AND catalog = ?2 AND retailer_id = ?3");
    tx.query_opt(&sql, &[(&business).into(), catalog.number().into(), retailer_id.into()], product_from)
}

/// Products of a catalogue in their order, after a place.
pub(super) fn after(tx: &mut Tx<'_>, business: AccountId, catalog: ObjectId, place: u64, most: usize) -> Result<Vec<Product>, StoreError> {
    let sql = format!("{PRODUCT} AND catalog = ?2 AND place > ?3 ORDER BY place LIMIT ?4");
    tx.query(&sql, &[(&business).into(), catalog.number().into(), place.into(), most.into()], product_from)
}

/// Those before a place, the last first.
pub(super) fn before(tx: &mut Tx<'_>, business: AccountId, catalog: ObjectId, place: u64, most: usize) -> Result<Vec<Product>, StoreError> {
    let sql = format!("{PRODUCT} AND catalog = ?2 AND place < ?3 ORDER BY place DESC LIMIT ?4");
    tx.query(&sql, &[(&business).into(), catalog.number().into(), place.into(), most.into()], product_from)
}

/// How many products a catalogue has.
pub(super) fn count(tx: &mut Tx<'_>, business: AccountId, catalog: ObjectId) -> Result<u64, StoreError> {
    let sql = "SELECT count(*) FROM product WHERE business = ?1 AND catalog = ?2";
    tx.query_one(sql, &[(&business).into(), catalog.number().into()], |row| row.get(0))
}

/// The place of a catalogue's next product.
pub(super) fn next_place(tx: &mut Tx<'_>, business: AccountId, catalog: ObjectId) -> Result<u64, Error> {
    let sql = "UPDATE catalog SET last_place = last_place + 1 WHERE business = ?1 AND id = ?2 RETURNING last_place";
    tx.query_opt(sql, &[(&business).into(), catalog.number().into()], |row| row.get(0))?.ok_or(Error::NotFound("catalog"))
}

/// Stores a product as it is now.
pub(super) fn store(tx: &mut Tx<'_>, business: AccountId, product: &Product) -> Result<(), Error> {
    let details = serde_json::to_string(&product.details).map_err(|error| Error::Internal(error.to_string()))?;
    let params: [Value<'_>; 16] = [
        (&business).into(),
        product.id.number().into(),
        product.catalog.number().into(),
        product.place.into(),
        product.retailer_id.as_str().into(),
        product.name.as_str().into(),
        product.description.as_str().into(),
        product.price_1000.into(),
        product.sale_price_1000.into(),
        product.currency.code().into(),
        product.url.as_str().into(),
        product.image_url.as_str().into(),
        product.image.map_or(0, ObjectId::number).into(),
        product.availability.word().into(),
        product.hidden.into(),
        details.as_str().into(),
    ];
    tx.execute(
        "INSERT INTO product (business, id, catalog, place, retailer_id, name, description, price_1000, sale_price_1000, currency, url, image_url,
            image, availability, hidden, details)
         VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14, ?15, ?16)
         ON CONFLICT (business, id) DO UPDATE SET name = excluded.name, description = excluded.description, price_1000 = excluded.price_1000,
            sale_price_1000 = excluded.sale_price_1000, currency = excluded.currency, url = excluded.url, image_url = excluded.image_url,
            image = excluded.image, availability = excluded.availability, hidden = excluded.hidden, details = excluded.details",
        &params,
    )?;
    Ok(())
}

/// The connected catalogue's id.
pub(super) fn connected(tx: &mut Tx<'_>, business: AccountId) -> Result<Option<ObjectId>, StoreError> {
    let sql = "SELECT id FROM catalog WHERE business = ?1 AND connected = 1 LIMIT 1";
    tx.query_opt(sql, &[(&business).into()], |row| object_id(row.get(0)?))
}
