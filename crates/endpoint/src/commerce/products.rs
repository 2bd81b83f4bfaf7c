//! Products: made, changed, taken away. Their pictures are files that stay as long as they are shown.
use super::rows;
use crate::{
    Business, Error,
    media::{File, FileKind, Source, State},
    nodes::{self, Node},
};
use std::sync::Arc;
use suki_cloud_api::{
    ApiError, ObjectId,
    commerce::{Change, Picture, Product},
};
use suki_store::Tx;
use suki_types::{AccountId, Env, money::Currency};

/// What a product's picture becomes: nothing changes, or it is this file, fetched from there.
pub(super) type NewPicture = Option<(Option<ObjectId>, String)>;

impl Business {
    /// A product.
    ///
    /// # Errors
    /// [`Error::NotFound`] when the business has no such product.
    pub async fn product(&self, id: ObjectId) -> Result<Product, Error> {
        let business = self.id();
        self.db().read(move |tx| rows::product(tx, business, id)?.ok_or(Error::NotFound("product"))).await
    }

    /// The product of a catalogue with this id at its seller.
    ///
    /// # Errors
    /// [`Error::NotFound`] when there is none.
    pub async fn product_of_retailer(&self, catalog: ObjectId, retailer_id: String) -> Result<Product, Error> {
        let business = self.id();
        self.db().read(move |tx| rows::of_retailer(tx, business, catalog, &retailer_id)?.ok_or(Error::NotFound("product"))).await
    }

    /// Puts a product into a catalogue.
    ///
    /// # Errors
    /// [`Error::Refused`] with 100 when its id is taken, the catalogue is full, its prices do not fit, its picture cannot be used or it may not be sold;
    /// [`Error::NotFound`] when there is no such catalogue; [`Error::Unavailable`] while the rules are not known.
    pub async fn create_product(self: &Arc<Self>, catalog: ObjectId, retailer_id: String, change: Change) -> Result<Product, Error> {
        self.check_goods(change.words())?;
        let most = self.sales_rules()?.commerce.products;
        let picture = self.take_picture(change.picture.as_ref(), None).await?;
        let (business, env, taken) = (self.id(), self.env().clone(), picture.clone());
        let made = self.db().write(move |tx| create(tx, &env, business, (catalog, most), &retailer_id, &change, &taken)).await?;
        self.fetch_picture(&made, &picture);
        Ok(made)
    }

    /// Changes a product.
    ///
    /// # Errors
    /// [`Error::NotFound`] when the business has no such product; [`Error::Refused`] as when it is made.
    pub async fn change_product(self: &Arc<Self>, id: ObjectId, change: Change) -> Result<Product, Error> {
        self.check_goods(change.words())?;
        let known = self.product(id).await?;
        let picture = self.take_picture(change.picture.as_ref(), Some(&known)).await?;
        let (business, taken) = (self.id(), picture.clone());
        let changed = self
            .db()
            .write(move |tx| {
                let product = rows::product(tx, business, id)?.ok_or(Error::NotFound("product"))?;
                alter(tx, business, product, &change, &taken)
            })
            .await?;
        self.fetch_picture(&changed, &picture);
        Ok(changed)
    }

    /// Takes a product away. What was sent of it stays.
    ///
    /// # Errors
    /// [`Error::NotFound`] when the business has no such product.
    pub async fn delete_product(&self, id: ObjectId) -> Result<(), Error> {
        let business = self.id();
        self.db().write(move |tx| if remove(tx, business, id)? { Ok(()) } else { Err(Error::NotFound("product")) }).await?;
        self.forget_node(id);
        Ok(())
    }

    /// The file of a product's picture, when its bytes are here.
    ///
    /// # Errors
    /// [`Error::NotFound`] when there is none; [`Error::Unavailable`] while it is fetched.
    pub async fn product_picture(&self, id: ObjectId) -> Result<File, Error> {
        let image = self.product(id).await?.image.ok_or(Error::NotFound("picture"))?;
        let file = self.file(image).await?.ok_or(Error::NotFound("picture"))?;
        match file.state {
            State::Here => Ok(file),
            State::Awaited => Err(Error::Unavailable("The picture is on its way; try again shortly".into())),
            State::Failed => Err(Error::NotFound("picture")),
        }
    }

    /// The file that a picture becomes. The one that a product has of the same link already stays, unless it could not be fetched.
    pub(super) async fn take_picture(&self, picture: Option<&Picture>, known: Option<&Product>) -> Result<NewPicture, Error> {
        Ok(match picture {
            None => None,
            Some(Picture::None) => Some((None, String::new())),
            Some(Picture::Upload(id)) => Some((Some(self.keep_file(Source::Id(*id), FileKind::Image).await?), String::new())),
            Some(Picture::Link(link)) => {
                let same = known.filter(|product| product.image_url == *link).and_then(|product| product.image);
                if let Some(image) = same
                    && self.file(image).await?.is_some_and(|file| file.state != State::Failed)
                {
                    return Ok(None);
                }
                Some((Some(self.keep_file(Source::Link(link.clone()), FileKind::Image).await?), link.clone()))
            }
        })
    }

    /// Fetches a new picture beside everything else, so that it is here when the product is first shown.
    pub(super) fn fetch_picture(self: &Arc<Self>, product: &Product, picture: &NewPicture) {
        if let (Some((Some(image), _)), true) = (picture, product.image.is_some()) {
            self.fetch_kept(*image, FileKind::Image);
        }
    }
}

/// Makes a product; `limit` is the most that the catalogue may have.
pub(super) fn create(
    tx: &mut Tx<'_>,
    env: &Env,
    business: AccountId,
    (catalog, limit): (ObjectId, u32),
    retailer_id: &str,
    change: &Change,
    picture: &NewPicture,
) -> Result<Product, Error> {
    let refused = |text: String| Error::Refused(ApiError::invalid_parameter(text));
    rows::catalog(tx, business, catalog)?;
    if rows::of_retailer(tx, business, catalog, retailer_id)?.is_some() {
        return Err(refused("retailer_id: the catalogue has a product with this id; change that one, or give this one another id".into()));
    }
    let count = rows::count(tx, business, catalog)?;
    if count >= u64::from(limit) {
        return Err(refused(format!("The catalogue has {count} products; {limit} are allowed (commerce.products): delete some first")));
    }
    let currency: Currency = change.currency.ok_or_else(|| refused("currency is required".into()))?;
    let product = Product {
        id: nodes::name(tx, env, business, Node::Product)?,
        catalog,
        place: rows::next_place(tx, business, catalog)?,
        retailer_id: retailer_id.to_owned(),
        name: String::new(),
        description: String::new(),
        price_1000: 0,
        sale_price_1000: 0,
        currency,
        url: String::new(),
        image_url: String::new(),
        image: None,
        availability: Default::default(),
        hidden: false,
        details: Default::default(),
    };
    alter(tx, business, product, change, picture)
}

/// Changes a product and stores it.
pub(super) fn alter(tx: &mut Tx<'_>, business: AccountId, mut product: Product, change: &Change, picture: &NewPicture) -> Result<Product, Error> {
    change.apply(&mut product).map_err(Error::Refused)?;
    if let Some((image, url)) = picture {
        product.image = *image;
        product.image_url.clone_from(url);
    }
    rows::store(tx, business, &product)?;
    Ok(product)
}

/// Takes a product away; false when there is none.
pub(super) fn remove(tx: &mut Tx<'_>, business: AccountId, id: ObjectId) -> Result<bool, Error> {
    let removed = tx.execute("DELETE FROM product WHERE business = ?1 AND id = ?2", &[(&business).into(), id.number().into()])?;
    if removed > 0 {
        nodes::remove(tx, id)?;
    }
    Ok(removed > 0)
}
