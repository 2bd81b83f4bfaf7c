//! `GET` and `POST /P/whatsapp_commerce_settings`: whether customers see a catalogue and have a cart.
use crate::{ApiError, ObjectId, Params, fields};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

/// Whether customers see a catalogue and have a cart.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Commerce {
    /// Whether customers put products into a cart.
    pub is_cart_enabled: bool,
    /// Whether they see the catalogue at the business's name.
    pub is_catalog_visible: bool,
}

impl Default for Commerce {
    fn default() -> Self {
        Self { is_cart_enabled: true, is_catalog_visible: false }
    }
}

/// `POST`: which of the two changes to what.
///
/// # Errors
/// 100 when one is neither true nor false, or neither is there.
pub fn change(params: &Params) -> Result<impl Fn(&mut Commerce) + Send + 'static, ApiError> {
    let root = params.root();
    let (cart, catalog) = (root.boolean("is_cart_enabled")?, root.boolean("is_catalog_visible")?);
    if cart.or(catalog).is_none() {
        return Err(ApiError::invalid_parameter("is_cart_enabled or is_catalog_visible is needed: true or false"));
    }
    Ok(move |commerce: &mut Commerce| {
        commerce.is_cart_enabled = cart.unwrap_or(commerce.is_cart_enabled);
        commerce.is_catalog_visible = catalog.unwrap_or(commerce.is_catalog_visible);
    })
}

/// `GET`. `id` is the number's.
///
/// # Errors
/// 100 when `fields` cannot be read.
pub fn answer(id: ObjectId, commerce: &Commerce, params: &Params) -> Result<Value, ApiError> {
    let node = json!({"id": id, "is_cart_enabled": commerce.is_cart_enabled, "is_catalog_visible": commerce.is_catalog_visible});
    let shown = fields::select(params.text("fields").as_deref(), &["is_cart_enabled", "is_catalog_visible"], &node)?;
    Ok(json!({"data": [shown]}))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_changes_without_the_other() {
        let query = |text: &str| Params::from_query(text).expect("a query");
        let mut commerce = Commerce::default();
        change(&query("is_catalog_visible=true")).expect("it is one")(&mut commerce);
        let id = "7".parse().expect("an id");
        assert_eq!(answer(id, &commerce, &query("")), Ok(json!({"data": [{"id": "7", "is_cart_enabled": true, "is_catalog_visible": true}]})));
        assert!(change(&query("")).is_err() && change(&query("is_cart_enabled=maybe")).is_err());
    }
}
