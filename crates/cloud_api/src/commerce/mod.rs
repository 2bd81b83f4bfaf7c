//! Catalogues and their products on the Graph API: what programs send, and what they are answered (section 3a, "Catalogue").
//!
//! | file | subject |
//! |---|---|
//! | [`catalog`] | catalogues |
//! | [`product`] | products, and what changes of one |
//! | [`price`] | prices as programs write them |
//! | [`filter`] | which products a list has |
//! | [`page`] | pages of products |
//! | [`batch`] | many products at once |
pub mod batch;
pub mod catalog;
pub mod filter;
pub mod page;
pub mod price;
pub mod product;

pub use catalog::Catalog;
pub use product::{Availability, Change, Picture, Product};

use crate::{ApiError, params::Object};

/// A text of at most so many characters, without control characters but line breaks and tabs; none when it is absent.
fn bounded(given: &Object<'_>, name: &str, most: usize) -> Result<Option<String>, ApiError> {
    let Some(text) = given.scalar(name)? else { return Ok(None) };
    let (text, path) = (text.trim().to_owned(), given.path(name));
    match text.chars().count() {
        count if count > most => Err(ApiError::invalid_parameter(format!("{path} has {count} characters; at most {most} are allowed"))),
        _ if text.chars().any(|c| c.is_control() && !matches!(c, '\n' | '\r' | '\t')) => {
            Err(ApiError::invalid_parameter(format!("{path} has control characters: take them out")))
        }
        _ => Ok(Some(text)),
    }
}

/// The same of a text that there must be.
fn required(given: &Object<'_>, name: &str, most: usize) -> Result<String, ApiError> {
    let missing = || ApiError::invalid_parameter(format!("{} is required", given.path(name)));
    bounded(given, name, most)?.filter(|text| !text.is_empty()).ok_or_else(missing)
}
