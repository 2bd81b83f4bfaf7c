//! Many products at once. What is wrong with one leaves the others as they are; all that is right is one unit of work.
use super::{
    goods,
    products::{self, NewPicture},
    rows,
};
use crate::{Business, Error};
use std::sync::Arc;
use suki_cloud_api::{
    ApiError, ObjectId,
    commerce::{
        Product,
        batch::{Batch, Item, Work},
        product::whole,
    },
};
use suki_store::Tx;
use suki_types::{AccountId, Env};

/// One product with its picture.
struct Prepared {
    item: Item,
    picture: NewPicture,
}

/// What came of the unit.
#[derive(Default)]
struct Done {
    failed: Vec<(String, ApiError)>,
    removed: Vec<ObjectId>,
    pictured: Vec<(Product, NewPicture)>,
}

impl Business {
    /// Does what a request asks for, and answers with what could not be done.
    ///
    /// # Errors
    /// [`Error::NotFound`] when there is no such catalogue; [`Error::Unavailable`] while the rules are not known.
    pub async fn apply_batch(self: &Arc<Self>, catalog: ObjectId, batch: Batch) -> Result<Vec<(String, ApiError)>, Error> {
        self.catalog(catalog).await?;
        let rules = self.sales_rules()?;
        let (mut failed, mut prepared) = (Vec::new(), Vec::with_capacity(batch.items.len()));
        for item in batch.items {
            let change = match &item.work {
                Err(error) => {
                    failed.push((item.retailer_id, error.clone()));
                    continue;
                }
                Ok(Work::Delete) => None,
                Ok(Work::Create(change) | Work::Update(change)) => Some(change),
            };
            let checked = change.map_or(Ok(()), |change| goods::check(&rules, change.words()));
            let taken = match (checked, change.and_then(|change| change.picture.as_ref())) {
                (Err(error), _) => Err(error),
                (Ok(()), None) => Ok(None),
                (Ok(()), picture) => {
                    let known = self.known(catalog, &item.retailer_id).await?;
                    self.take_picture(picture, known.as_ref()).await.map_or_else(refusal, |picture| Ok(Ok(picture)))?
                }
            };
            match taken {
                Ok(picture) => prepared.push(Prepared { item, picture }),
                Err(error) => failed.push((item.retailer_id, error)),
            }
        }
        let (business, env, most, upsert) = (self.id(), self.env().clone(), rules.commerce.products, batch.allow_upsert);
        let done = self.db().write(move |tx| apply(tx, &env, business, (catalog, most, upsert), &prepared)).await?;
        done.removed.into_iter().for_each(|id| self.forget_node(id));
        done.pictured.iter().for_each(|(product, picture)| self.fetch_picture(product, picture));
        failed.extend(done.failed);
        Ok(failed)
    }

    async fn known(&self, catalog: ObjectId, retailer_id: &str) -> Result<Option<Product>, Error> {
        match self.product_of_retailer(catalog, retailer_id.to_owned()).await {
            Ok(product) => Ok(Some(product)),
            Err(Error::NotFound(_)) => Ok(None),
            Err(error) => Err(error),
        }
    }
}

/// A refusal concerns one product; all else the whole request.
fn refusal<T>(error: Error) -> Result<Result<T, ApiError>, Error> {
    match error {
        Error::Refused(refused) => Ok(Err(refused)),
        error => Err(error),
    }
}

fn apply(
    tx: &mut Tx<'_>,
    env: &Env,
    business: AccountId,
    (catalog, most, upsert): (ObjectId, u32, bool),
    prepared: &[Prepared],
) -> Result<Done, Error> {
    let mut done = Done::default();
    for Prepared { item, picture } in prepared {
        let known = rows::of_retailer(tx, business, catalog, &item.retailer_id)?;
        let made = match (&item.work, known) {
            (Ok(Work::Delete), Some(product)) => {
                products::remove(tx, business, product.id)?;
                done.removed.push(product.id);
                continue;
            }
            (Ok(Work::Update(change)), Some(product)) => products::alter(tx, business, product, change, picture),
            (Ok(Work::Create(change)), None) => products::create(tx, env, business, (catalog, most), &item.retailer_id, change, picture),
            (Ok(Work::Update(change)), None) if upsert => match whole(change) {
                Ok(()) => products::create(tx, env, business, (catalog, most), &item.retailer_id, change, picture),
                Err(error) => Err(Error::Refused(error)),
            },
            (Ok(Work::Create(_)), Some(_)) => Err(Error::Refused(ApiError::invalid_parameter("the catalogue has a product with this id: UPDATE it"))),
            (_, None) => Err(Error::Refused(ApiError::invalid_parameter("the catalogue has no product with this id"))),
            (Err(error), _) => Err(Error::Refused(error.clone())),
        };
        match made {
            Ok(product) => done.pictured.push((product, picture.clone())),
            Err(error) => {
                let error: Result<(), ApiError> = refusal(error)?;
                done.failed.extend(error.err().map(|error| (item.retailer_id.clone(), error)));
            }
        }
    }
    Ok(done)
}
