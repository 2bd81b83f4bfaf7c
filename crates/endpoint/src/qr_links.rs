//! Links that open a chat with a text in the composer, and whose they are.
use crate::{Business, BusinessRecord, Endpoint, Error, business};
use suki_cloud_api::number::qr_links::{QrLink, new_code};
use suki_store::{Row, StoreError, Tx};
use suki_types::AccountId;

const COLUMNS: &str = "SELECT code, message, created_at FROM qr_link";

fn from_row(row: &Row<'_>) -> Result<QrLink, StoreError> {
    Ok(QrLink { code: row.get(0)?, message: row.get(1)?, created_at: row.get(2)? })
}

fn none() -> Error {
    Error::NotFound("link")
}

fn find(tx: &mut Tx<'_>, business: AccountId, code: &str) -> Result<QrLink, Error> {
    let sql = format!("{COLUMNS} WHERE business = ?1 AND code = ?2");
    tx.query_opt(&sql, &[(&business).into(), code.into()], from_row)?.ok_or_else(none)
}

impl Business {
    /// Makes a link.
    ///
    /// # Errors
    /// [`Error::Conflict`] when the number has as many as the policy allows.
    pub async fn create_qr_link(&self, message: String) -> Result<QrLink, Error> {
        let most = self.rules().map_or(u32::MAX, |rules| rules.number.qr_links);
        let link = QrLink { code: new_code(self.env()), message, created_at: self.env().now() };
        let (business, made) = (self.id(), link.clone());
        self.db()
            .write(move |tx| {
                let sql = "SELECT count(*) FROM qr_link WHERE business = ?1";
                let count: u64 = tx.query_one(sql, &[(&business).into()], |row| row.get(0))?;
                if count >= u64::from(most) {
                    return Err(Error::Conflict(format!("the number has {count} links; at most {most} are allowed: delete one first")));
                }
                let sql = "INSERT INTO qr_link (business, code, message, created_at) VALUES (?1, ?2, ?3, ?4)";
                tx.execute(sql, &[(&business).into(), made.code.as_str().into(), made.message.as_str().into(), made.created_at.into()])?;
                tx.execute("INSERT INTO qr_code (code, business) VALUES (?1, ?2)", &[made.code.as_str().into(), (&business).into()])?;
                Ok(())
            })
            .await?;
        Ok(link)
    }

    /// Changes the text of a link; what was printed of it leads to the new one.
    ///
    /// # Errors
    /// [`Error::NotFound`] when the business has no such link.
    pub async fn change_qr_link(&self, code: String, message: String) -> Result<QrLink, Error> {
        let business = self.id();
        self.db()
            .write(move |tx| {
                let sql = "UPDATE qr_link SET message = ?3 WHERE business = ?1 AND code = ?2";
                tx.execute(sql, &[(&business).into(), code.as_str().into(), message.as_str().into()])?;
                find(tx, business, &code)
            })
            .await
    }

    /// A link.
    ///
    /// # Errors
    /// [`Error::NotFound`] when the business has no such link.
    pub async fn qr_link(&self, code: String) -> Result<QrLink, Error> {
        let business = self.id();
        self.db().read(move |tx| find(tx, business, &code)).await
    }

    /// Every link, the oldest first: as many as the policy allows.
    ///
    /// # Errors
    /// When the store fails.
    pub async fn qr_links(&self) -> Result<Vec<QrLink>, Error> {
        let business = self.id();
        let sql = format!("{COLUMNS} WHERE business = ?1 ORDER BY created_at, code");
        self.db().read(move |tx| Ok(tx.query(&sql, &[(&business).into()], from_row)?)).await
    }

    /// Takes a link away.
    ///
    /// # Errors
    /// [`Error::NotFound`] when the business has no such link.
    pub async fn delete_qr_link(&self, code: String) -> Result<(), Error> {
        let business = self.id();
        self.db()
            .write(move |tx| {
                let sql = "DELETE FROM qr_link WHERE business = ?1 AND code = ?2";
                if tx.execute(sql, &[(&business).into(), code.as_str().into()])? == 0 {
                    return Err(none());
                }
                tx.execute("DELETE FROM qr_code WHERE code = ?1", &[code.as_str().into()])?;
                Ok(())
            })
            .await
    }
}

impl Endpoint {
    /// A link that somebody opens, and whose it is.
    ///
    /// # Errors
    /// [`Error::NotFound`] when there is no such link.
    pub async fn opened_link(&self, code: String) -> Result<(BusinessRecord, QrLink), Error> {
        let (business, link) = self
            .db()
            .read(move |tx| {
                let sql = "SELECT business FROM qr_code WHERE code = ?1";
                let business: AccountId = tx.query_opt(sql, &[code.as_str().into()], |row| row.get(0))?.ok_or_else(none)?;
                Ok::<_, Error>((business, find(tx, business, &code)?))
            })
            .await?;
        Ok((business::record(self.db(), business).await?, link))
    }
}
