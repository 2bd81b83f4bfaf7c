//! Products as messages show them: as they stand at this moment.
use super::rows;
use crate::{Business, Error, media::FileKind};
use std::collections::HashMap;
use suki_cloud_api::{ObjectId, commerce::Product};
use suki_protocol::pb;

/// How many characters of its description a product has where there are several.
const BRIEFLY: usize = 300;

/// A product without its picture.
pub(super) fn described(product: &Product) -> pb::Product {
    pb::Product {
        catalog_id: product.catalog.to_string(),
        retailer_id: product.retailer_id.clone(),
        name: product.name.clone(),
        description: product.description.clone(),
        price_1000: product.price_1000,
        sale_price_1000: product.sale_price_1000,
        currency: product.currency.code().into(),
        url: product.url.clone(),
        unavailable: !product.availability.is_orderable(),
        image: None,
    }
}

/// The same, where there are several: with the beginning of its description.
pub(super) fn briefly(product: pb::Product) -> pb::Product {
    match product.description.char_indices().nth(BRIEFLY) {
        None => product,
        Some((end, _)) => pb::Product { description: format!("{}…", product.description[..end].trim_end()), ..product },
    }
}

impl Business {
    /// The products of the connected catalogue with these ids at their seller, in this order; those that are not known, or hidden, are left out, and so
    /// are all of a catalogue that customers do not see.
    ///
    /// # Errors
    /// When the store fails.
    pub(crate) async fn shown_products(&self, catalog: ObjectId, ids: &[String]) -> Result<Vec<pb::Product>, Error> {
        let found = self.connected_products(catalog, ids).await?;
        let mut shown = Vec::with_capacity(found.len());
        for product in found {
            let image = match product.image {
                Some(image) => self.kept_for_send(image, FileKind::Image).await?,
                None => None,
            };
            shown.push(pb::Product { image, ..described(&product) });
        }
        Ok(if shown.len() > 1 { shown.into_iter().map(briefly).collect() } else { shown })
    }

    /// The rows of the same.
    pub(super) async fn connected_products(&self, catalog: ObjectId, ids: &[String]) -> Result<Vec<Product>, Error> {
        let (business, ids) = (self.id(), ids.to_vec());
        self.db()
            .read(move |tx| {
                if rows::connected(tx, business)? != Some(catalog) {
                    return Ok(Vec::new());
                }
                let mut known: HashMap<&str, Option<Product>> = HashMap::new();
                for id in &ids {
                    if !known.contains_key(id.as_str()) {
                        let found = rows::of_retailer(tx, business, catalog, id)?.filter(|product| !product.hidden);
                        known.insert(id, found);
                    }
                }
                Ok::<_, Error>(ids.iter().filter_map(|id| known.get(id.as_str()).cloned().flatten()).collect())
            })
            .await
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn several_are_described_briefly() {
        let long = pb::Product { description: "é".repeat(BRIEFLY + 5), ..Default::default() };
        assert_eq!(briefly(long).description.chars().count(), BRIEFLY + 1);
        let short = pb::Product { description: "Ube".into(), ..Default::default() };
        assert_eq!(briefly(short.clone()), short);
    }
}
