//! Pages of a catalogue's products, for programs and operators.
use super::rows;
use crate::{Business, Error};
use suki_cloud_api::{
    ObjectId,
    commerce::{
        Product,
        page::{Stretch, Wanted},
    },
};
use suki_store::Tx;
use suki_types::AccountId;

/// How many rows are looked at in one go for those that a filter keeps.
const LOOK: usize = 500;

impl Business {
    /// A page of a catalogue, in the order in which its products came.
    ///
    /// # Errors
    /// [`Error::NotFound`] when there is no such catalogue.
    pub async fn products(&self, catalog: ObjectId, wanted: Wanted) -> Result<Stretch<Product>, Error> {
        let business = self.id();
        self.db()
            .read(move |tx| {
                let name = rows::catalog(tx, business, catalog)?.name;
                stretch(tx, business, catalog, &name, &wanted)
            })
            .await
    }

    /// The products whose name, text or id at the seller has these words in it, of those after a place.
    ///
    /// # Errors
    /// [`Error::NotFound`] when there is no such catalogue.
    pub async fn search_products(&self, catalog: ObjectId, words: String, wanted: Wanted) -> Result<Stretch<Product>, Error> {
        let business = self.id();
        self.db()
            .read(move |tx| {
                rows::catalog(tx, business, catalog)?;
                let words = words.trim().to_lowercase();
                let has = |text: &str| text.to_lowercase().contains(&words);
                let keeps = |product: &Product| words.is_empty() || has(&product.name) || has(&product.retailer_id) || has(&product.description);
                gather(tx, business, catalog, &wanted, &keeps)
            })
            .await
    }
}

fn stretch(tx: &mut Tx<'_>, business: AccountId, catalog: ObjectId, name: &str, wanted: &Wanted) -> Result<Stretch<Product>, Error> {
    match &wanted.filter {
        None => gather(tx, business, catalog, wanted, &|_| true),
        Some(filter) => gather(tx, business, catalog, wanted, &|product| filter.holds(&product.node(name, &product.image_url))),
    }
}

/// Looks on until the page is full and one more is known, or nothing is left.
fn gather(
    tx: &mut Tx<'_>,
    business: AccountId,
    catalog: ObjectId,
    wanted: &Wanted,
    keeps: &dyn Fn(&Product) -> bool,
) -> Result<Stretch<Product>, Error> {
    let backwards = wanted.before.is_some();
    let mut from = wanted.before.or(wanted.after).unwrap_or(0);
    let mut found: Vec<Product> = Vec::new();
    let mut more = true;
    while more && found.len() <= wanted.limit {
        let most = if wanted.filter.is_some() { LOOK } else { LOOK.min(wanted.limit + 1) };
        let rows = if backwards { rows::before(tx, business, catalog, from, most)? } else { rows::after(tx, business, catalog, from, most)? };
        more = rows.len() == most;
        from = rows.last().map_or(from, |product| product.place);
        found.extend(rows.into_iter().filter(|product| keeps(product)));
    }
    let beyond = found.len() > wanted.limit;
    found.truncate(wanted.limit);
    if backwards {
        found.reverse();
    }
    let ends = found.first().zip(found.last()).map(|(first, last)| (first.place, last.place));
    let (earlier, later) = if backwards { (beyond, true) } else { (wanted.after.is_some(), beyond) };
    Ok(Stretch { products: found, ends, earlier, later })
}
