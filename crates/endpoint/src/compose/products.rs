//! Products as they stand at this moment, for messages that show them.
use crate::{Business, Error};
use serde_json::{Value, json};
use suki_cloud_api::{ApiError, ObjectId};
use suki_protocol::pb::{self, template_parameter};
use suki_template::{ButtonKind, Component};
use suki_types::limits;

/// The buttons whose parameters name products.
const SEVERAL: &str = "mpm";
const CATALOG: &str = "catalog";
/// The most sections of a template's button with several products (section 3b).
const SECTIONS: usize = 10;

impl Business {
    /// One product.
    ///
    /// # Errors
    /// [`Error::Refused`] with 131009 when it is not known.
    pub(super) async fn product_for(&self, catalog: ObjectId, id: &str) -> Result<pb::Product, Error> {
        self.shown_products(catalog, &[id.to_owned()]).await?.pop().ok_or_else(|| no_product(catalog))
    }

    /// The catalogue that customers of this business may open.
    ///
    /// # Errors
    /// [`Error::Refused`] with 131009 when there is none.
    pub(super) async fn open_catalog(&self) -> Result<ObjectId, Error> {
        let details = "no catalogue is connected to this business account; connect one first (POST /WABA/product_catalogs)";
        self.connected_catalog().await?.ok_or_else(|| Error::Refused(ApiError::invalid_value(details)))
    }

    /// Sees to it that what a template's header and buttons name is sold: of several products those that are not known are dropped. The device asks for
    /// them when the customer opens them, so that he sees them as they stand then. A button that opens the catalogue says which.
    ///
    /// # Errors
    /// [`Error::Refused`] with 131009 when nothing of what one of them names is known.
    pub(crate) async fn template_products(&self, components: &[Component], sent: &mut pb::Template) -> Result<(), Error> {
        for (index, button) in (0..).zip(Component::buttons(components)) {
            if button.kind() == ButtonKind::Catalog && !sent.buttons.iter().any(|one| one.index == index) {
                sent.buttons.push(pb::TemplateButton { index, kind: CATALOG.into(), parameters: Vec::new() });
            }
        }
        let levels = std::iter::once((&mut sent.header, &mut sent.buttons));
        let levels = levels.chain(sent.cards.iter_mut().map(|card| (&mut card.header, &mut card.buttons)));
        for (header, buttons) in levels {
            for parameter in header.iter() {
                if let Some(template_parameter::Value::Product(id)) = &parameter.value {
                    let catalog = self.open_catalog().await?;
                    self.product_for(catalog, id).await?;
                }
            }
            for button in buttons.iter_mut().filter(|button| is_of_products(button)) {
                self.button_products(button).await?;
            }
        }
        Ok(())
    }

    async fn button_products(&self, button: &mut pb::TemplateButton) -> Result<(), Error> {
        let catalog = self.open_catalog().await?;
        let place = format!("buttons[{}].action", button.index);
        let wrong = |why: String| Error::Refused(ApiError::invalid_value(format!("{place}: {why}")));
        let action: Value = button.parameters.first().and_then(|text| serde_json::from_str(text).ok()).unwrap_or_else(|| json!({}));
        let mut kept = json!({ "catalog_id": catalog });
        if let Some(thumbnail) = action["thumbnail_product_retailer_id"].as_str().filter(|id| !id.is_empty()) {
            self.product_for(catalog, thumbnail).await?;
            kept["thumbnail_product_retailer_id"] = thumbnail.into();
        }
        if button.kind == SEVERAL {
            let sections = action["sections"].as_array().filter(|sections| (1..=SECTIONS).contains(&sections.len()));
            let sections = sections.ok_or_else(|| wrong(format!("sections is a list of 1 to {SECTIONS} with products")))?;
            let named = |section: &Value| -> Vec<String> {
                let items = section["product_items"].as_array().into_iter().flatten();
                items.filter_map(|item| item["product_retailer_id"].as_str().map(str::to_owned)).collect()
            };
            let all: usize = sections.iter().map(|section| named(section).len()).sum();
            if !(1..=limits::PRODUCTS).contains(&all) {
                return Err(wrong(format!("{all} products are named; 1 to {} are allowed", limits::PRODUCTS)));
            }
            let mut left = Vec::new();
            for section in sections {
                let known = self.shown_products(catalog, &named(section)).await?;
                if !known.is_empty() {
                    let items: Vec<Value> = known.iter().map(|product| json!({"product_retailer_id": product.retailer_id})).collect();
                    left.push(json!({"title": section["title"].as_str().unwrap_or_default(), "product_items": items}));
                }
            }
            if left.is_empty() {
                return Err(no_product(catalog));
            }
            kept["sections"] = left.into();
        }
        button.parameters = vec![kept.to_string()];
        Ok(())
    }
}

/// Whether a button's parameter names products or a catalogue.
pub(crate) fn is_of_products(button: &pb::TemplateButton) -> bool {
    matches!(button.kind.as_str(), SEVERAL | CATALOG)
}

/// Nothing of what was named is in the catalogue.
pub(super) fn no_product(catalog: ObjectId) -> Error {
    let details = format!("catalogue {catalog} has no product of these ids, or is not connected to this business account");
    Error::Refused(ApiError::invalid_value(details))
}
