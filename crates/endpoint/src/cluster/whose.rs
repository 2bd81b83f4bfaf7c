//! Which business a request is for, by what it shows. Whether it may do what it asks is decided where that business runs.
use crate::{Endpoint, Error, vault};
use suki_cloud_api::{ObjectId, token::Credential};
use suki_store::{Tx, Value};
use suki_types::{AccountId, Timestamp};

impl Endpoint {
    /// Whose a program's credential is; none when nobody's.
    ///
    /// # Errors
    /// When the store fails.
    pub async fn business_of_credential(&self, credential: &Credential) -> Result<Option<AccountId>, Error> {
        match credential {
            Credential::App { app, .. } => self.business_of_object(*app).await,
            Credential::Token(token) => known(self.token(token.expose()).await.map(|owner| owner.business)),
        }
    }

    /// Whose an object of the Cloud API is; none when nobody's.
    ///
    /// # Errors
    /// When the store fails.
    pub async fn business_of_object(&self, id: ObjectId) -> Result<Option<AccountId>, Error> {
        known(self.node(id).await.map(|(_, business)| business))
    }

    /// Whose operator holds a session; none when nobody does any more.
    ///
    /// # Errors
    /// When the store fails.
    pub async fn business_of_session(&self, secret: &str) -> Result<Option<AccountId>, Error> {
        let (hash, now) = (vault::hash(secret), self.env().now());
        let found = self.db().read(move |tx| {
            let sql = "SELECT business, expires_at FROM session WHERE hash = ?1";
            Ok::<_, Error>(tx.query_opt(sql, &[(&hash).into()], |row| Ok((row.get::<AccountId>(0)?, row.get::<Timestamp>(1)?)))?)
        });
        Ok(found.await?.filter(|(_, until)| *until > now).map(|(business, _)| business))
    }

    /// Where somebody with this address answers first; none when nowhere. All tries of one address come together there.
    ///
    /// # Errors
    /// When the store fails.
    pub async fn business_of_email(&self, email: &str) -> Result<Option<AccountId>, Error> {
        let email = email.trim().to_lowercase();
        let sql = "SELECT business FROM operator WHERE email = ?1 AND role <> 'removed' ORDER BY created_at LIMIT 1";
        self.db().read(move |tx| one(tx, sql, email.as_str().into())).await
    }

    /// Whose link has this code; none when nobody's.
    ///
    /// # Errors
    /// When the store fails.
    pub async fn business_of_link(&self, code: &str) -> Result<Option<AccountId>, Error> {
        let code = code.to_owned();
        self.db().read(move |tx| one(tx, "SELECT business FROM qr_code WHERE code = ?1", code.as_str().into())).await
    }
}

fn one(tx: &mut Tx<'_>, sql: &str, param: Value<'_>) -> Result<Option<AccountId>, Error> {
    Ok(tx.query_opt(sql, &[param], |row| row.get(0))?)
}

fn known(found: Result<AccountId, Error>) -> Result<Option<AccountId>, Error> {
    match found {
        Ok(business) => Ok(Some(business)),
        Err(Error::NotFound(_) | Error::Unauthorized(_)) => Ok(None),
        Err(error) => Err(error),
    }
}
