//! Products and catalogues.
use super::{choice::section_title, named};
use crate::{
    ApiError, ObjectId,
    messages::bounds::{count, list as items, object_id, optional, required},
    params::Object,
};
use suki_types::limits;

/// Products under titles.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ProductList {
    /// Their catalogue.
    pub catalog: ObjectId,
    /// 1 to 10, with 30 products in all.
    pub sections: Vec<ProductSection>,
}

/// Products under one title.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ProductSection {
    /// At most 24 characters; "" only when there is no other section.
    pub title: String,
    /// Their ids at their seller.
    pub products: Vec<String>,
}

/// The most characters of a product's id at its seller.
const RETAILER_CHARS: usize = 256;
const MOST_SECTIONS: usize = 10;

/// `{catalog_id, product_retailer_id}`.
pub(super) fn product(action: &Object<'_>) -> Result<(ObjectId, String), ApiError> {
    action.only(&["catalog_id", "product_retailer_id"])?;
    Ok((catalog_id(action)?, required(action, "product_retailer_id", RETAILER_CHARS)?))
}

fn catalog_id(action: &Object<'_>) -> Result<ObjectId, ApiError> {
    object_id(action, "catalog_id")?.ok_or_else(|| ApiError::missing(&action.path("catalog_id")))
}

/// `{catalog_id, sections: [{title, product_items: [{product_retailer_id}]}]}`.
pub(super) fn list(action: &Object<'_>) -> Result<ProductList, ApiError> {
    action.only(&["catalog_id", "sections"])?;
    let given = items(action, "sections", 1..=MOST_SECTIONS)?;
    let sections: Vec<ProductSection> = given.iter().map(|one| section(one, given.len())).collect::<Result<_, _>>()?;
    let all = sections.iter().map(|section| section.products.len()).sum();
    count(&format!("all products of {}", action.path("sections")), all, 1..=limits::PRODUCTS)?;
    Ok(ProductList { catalog: catalog_id(action)?, sections })
}

fn section(given: &Object<'_>, of: usize) -> Result<ProductSection, ApiError> {
    given.only(&["title", "product_items"])?;
    let products = items(given, "product_items", 1..=limits::PRODUCTS)?;
    let product = |one: &Object<'_>| {
        one.only(&["product_retailer_id"])?;
        required(one, "product_retailer_id", RETAILER_CHARS)
    };
    Ok(ProductSection { title: section_title(given, of)?, products: products.iter().map(product).collect::<Result<_, _>>()? })
}

/// `{"name": "catalog_message", "parameters"?: {thumbnail_product_retailer_id}}`.
pub(super) fn catalog(action: &Object<'_>) -> Result<Option<String>, ApiError> {
    action.only(&["name", "parameters"])?;
    named(action, "catalog_message")?;
    let Some(given) = action.object("parameters")? else { return Ok(None) };
    given.only(&["thumbnail_product_retailer_id"])?;
    optional(&given, "thumbnail_product_retailer_id", RETAILER_CHARS)
}
