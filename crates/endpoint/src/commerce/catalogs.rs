//! Catalogues: made, connected, taken away.
use super::rows;
use crate::{
    Business, Error,
    nodes::{self, Node},
};
use suki_cloud_api::{ApiError, ObjectId, commerce::Catalog};
use suki_store::Tx;
use suki_types::AccountId;

impl Business {
    /// Every catalogue, the oldest first.
    ///
    /// # Errors
    /// When the store fails.
    pub async fn catalogs(&self) -> Result<Vec<Catalog>, Error> {
        let business = self.id();
        self.db().read(move |tx| Ok(rows::catalogs(tx, business)?)).await
    }

    /// A catalogue.
    ///
    /// # Errors
    /// [`Error::NotFound`] when the business has no such catalogue.
    pub async fn catalog(&self, id: ObjectId) -> Result<Catalog, Error> {
        let business = self.id();
        self.db().read(move |tx| rows::catalog(tx, business, id)).await
    }

    /// Makes a catalogue; customers see it once it is connected.
    ///
    /// # Errors
    /// [`Error::Refused`] with 100 when there are as many as the policy allows, or its name offers what may not be sold; [`Error::Unavailable`] while the
    /// rules are not known.
    pub async fn create_catalog(&self, name: String, vertical: String) -> Result<Catalog, Error> {
        self.check_goods([name.as_str()])?;
        let most = self.sales_rules()?.commerce.catalogs;
        let (business, env) = (self.id(), self.env().clone());
        self.db()
            .write(move |tx| {
                let count = rows::catalogs(tx, business)?.len();
                if count >= usize::try_from(most).unwrap_or(usize::MAX) {
                    let text = format!("There are {count} catalogues; {most} are allowed (commerce.catalogs): delete one first");
                    return Err(Error::Refused(ApiError::invalid_parameter(text)));
                }
                let id = nodes::name(tx, &env, business, Node::Catalog)?;
                let catalog = Catalog { id, name: name.clone(), vertical: vertical.clone(), connected: false, products: 0, created_at: env.now() };
                rows::insert_catalog(tx, business, &catalog)?;
                Ok(catalog)
            })
            .await
    }

    /// Gives a catalogue another name.
    ///
    /// # Errors
    /// [`Error::NotFound`] when the business has no such catalogue; [`Error::Refused`] when the name offers what may not be sold.
    pub async fn rename_catalog(&self, id: ObjectId, name: String) -> Result<Catalog, Error> {
        self.check_goods([name.as_str()])?;
        let business = self.id();
        self.db()
            .write(move |tx| {
                let sql = "UPDATE catalog SET name = ?3 WHERE business = ?1 AND id = ?2";
                tx.execute(sql, &[(&business).into(), id.number().into(), name.as_str().into()])?;
                rows::catalog(tx, business, id)
            })
            .await
    }

    /// Connects a catalogue in the place of the one that is, or takes the connection back.
    ///
    /// # Errors
    /// [`Error::NotFound`] when the business has no such catalogue.
    pub async fn connect_catalog(&self, id: ObjectId, connected: bool) -> Result<Catalog, Error> {
        let business = self.id();
        self.db().write(move |tx| connect(tx, business, id, connected)).await
    }

    /// Takes a catalogue away with its products. What was sent of them stays.
    ///
    /// # Errors
    /// [`Error::NotFound`] when the business has no such catalogue.
    pub async fn delete_catalog(&self, id: ObjectId) -> Result<(), Error> {
        let business = self.id();
        let removed = self
            .db()
            .write(move |tx| {
                rows::catalog(tx, business, id)?;
                let of = [(&business).into(), id.number().into()];
                let mut removed =
                    tx.query("SELECT id FROM product WHERE business = ?1 AND catalog = ?2", &of, |row| crate::business::object_id(row.get(0)?))?;
                removed.push(id);
                tx.execute("DELETE FROM product WHERE business = ?1 AND catalog = ?2", &of)?;
                tx.execute("DELETE FROM catalog WHERE business = ?1 AND id = ?2", &of)?;
                for one in &removed {
                    nodes::remove(tx, *one)?;
                }
                Ok::<_, Error>(removed)
            })
            .await?;
        removed.into_iter().for_each(|one| self.forget_node(one));
        Ok(())
    }

    /// The catalogue that customers see, if one is connected.
    ///
    /// # Errors
    /// When the store fails.
    pub async fn connected_catalog(&self) -> Result<Option<ObjectId>, Error> {
        let business = self.id();
        self.db().read(move |tx| Ok(rows::connected(tx, business)?)).await
    }
}

fn connect(tx: &mut Tx<'_>, business: AccountId, id: ObjectId, connected: bool) -> Result<Catalog, Error> {
    rows::catalog(tx, business, id)?;
    if connected {
        tx.execute("UPDATE catalog SET connected = 0 WHERE business = ?1 AND connected = 1", &[(&business).into()])?;
    }
    let sql = "UPDATE catalog SET connected = ?3 WHERE business = ?1 AND id = ?2";
    tx.execute(sql, &[(&business).into(), id.number().into(), connected.into()])?;
    rows::catalog(tx, business, id)
}
