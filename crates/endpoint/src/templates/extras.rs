//! What programs said of templates that no rule asks about: the network does not know it, so it is kept here.
use crate::{Business, Error};
use std::collections::HashMap;
use suki_cloud_api::templates::extras::Extras;
use suki_store::{StoreError, Tx};
use suki_types::AccountId;

impl Business {
    /// Adds what a request says of a template to what is known; nothing when it says nothing.
    ///
    /// # Errors
    /// When the store fails.
    pub async fn keep_extras(&self, template: u64, said: Extras) -> Result<(), Error> {
        if said.is_empty() {
            return Ok(());
        }
        let business = self.id();
        self.db()
            .write(move |tx| {
                let mut extras = get(tx, business, template)?.unwrap_or_default();
                extras.update(said.clone());
                let json = serde_json::to_string(&extras).map_err(|_| StoreError::Corrupt("a template's extras"))?;
                tx.execute(
                    "INSERT INTO template_extra (business, template, json) VALUES (?1, ?2, ?3) \
                     ON CONFLICT (business, template) DO UPDATE SET json = excluded.json",
                    &[(&business).into(), template.into(), json.as_str().into()],
                )?;
                Ok::<_, Error>(())
            })
            .await
    }

    /// What was said of these templates; those of which nothing was said are missing.
    ///
    /// # Errors
    /// When the store fails.
    pub async fn extras(&self, templates: Vec<u64>) -> Result<HashMap<u64, Extras>, Error> {
        let business = self.id();
        let read = move |tx: &mut Tx<'_>| {
            let mut found = HashMap::new();
            for template in &templates {
                found.extend(get(tx, business, *template)?.map(|extras| (*template, extras)));
            }
            Ok::<_, Error>(found)
        };
        self.db().read(read).await
    }
}

fn get(tx: &mut Tx<'_>, business: AccountId, template: u64) -> Result<Option<Extras>, StoreError> {
    let sql = "SELECT json FROM template_extra WHERE business = ?1 AND template = ?2";
    let json = tx.query_opt(sql, &[(&business).into(), template.into()], |row| row.get::<String>(0))?;
    json.map(|json| serde_json::from_str(&json).map_err(|_| StoreError::Corrupt("a template's extras"))).transpose()
}
