//! Programs: apps with their secrets, access tokens, and where their webhooks go.
use crate::{
    Business, Endpoint, Error,
    business::object_id,
    directory::TokenOwner,
    nodes,
    vault::{self, new_secret},
};
use std::sync::Arc;
use suki_cloud_api::{
    ObjectId,
    subscriptions::{FIELDS, OBJECT, Override, Subscribe},
    token::Credential,
    verification,
};
use suki_store::{StoreError, Tx};
use suki_types::{AccountId, Timestamp};
use url::Url;

pub use crate::nodes::Node;

/// What an app's owner is given once: it cannot be shown again.
#[derive(Debug, Clone)]
pub struct NewApp {
    /// The app's id.
    pub id: ObjectId,
    /// Signs its webhooks and makes its app token.
    pub secret: String,
}

/// Who shows a token.
#[derive(Clone)]
pub struct Caller {
    /// The business it is for.
    pub business: Arc<Business>,
    /// The app it was given to.
    pub app: ObjectId,
}

/// Where an app's webhooks of an object go.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Subscription {
    /// Always [`OBJECT`].
    pub object: String,
    /// Where.
    pub callback_url: String,
    /// What about, joined by commas.
    pub fields: String,
}

/// An app's subscription to a WhatsApp Business Account.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SubscribedApp {
    /// The app.
    pub app: ObjectId,
    /// Its name.
    pub name: String,
    /// Where this account's webhooks go instead of the app's own address.
    pub override_callback_uri: Option<String>,
    /// Where those of its number go instead of either.
    pub phone_callback_uri: Option<String>,
}

impl Endpoint {
    /// Who shows this credential.
    ///
    /// # Errors
    /// [`Error::Unauthorized`] when nobody, [`Error::Expired`] when its time is over.
    pub async fn caller(&self, credential: &Credential) -> Result<Caller, Error> {
        let token = match credential {
            Credential::App { app, secret } => return self.app_caller(*app, secret.expose()).await,
            Credential::Token(token) => token,
        };
        let hash = vault::hash(token.expose());
        let owner = match self.directory().token(&hash) {
            Some(owner) => owner,
            None => self.token_owner(hash).await?,
        };
        if owner.expires_at.is_some_and(|until| until <= self.env().now()) {
            return Err(Error::Expired);
        }
        Ok(Caller { business: self.business(owner.business)?, app: owner.app })
    }

    async fn token_owner(&self, hash: Vec<u8>) -> Result<TokenOwner, Error> {
        let revocations = self.directory().revocations();
        let wanted = hash.clone();
        let found = self
            .db()
            .read(move |tx| {
                let sql = "SELECT business, app, expires_at FROM token WHERE hash = ?1 AND revoked_at IS NULL";
                Ok::<_, Error>(tx.query_opt(sql, &[(&wanted).into()], |row| {
                    Ok(TokenOwner { business: row.get(0)?, app: object_id(row.get(1)?)?, expires_at: row.get(2)? })
                })?)
            })
            .await?;
        let owner = found.ok_or_else(|| Error::Unauthorized("the access token is none of this server's, or was revoked".into()))?;
        self.directory().remember_token(hash, owner, revocations);
        Ok(owner)
    }

    async fn app_caller(&self, app: ObjectId, secret: &str) -> Result<Caller, Error> {
        let wrong = || Error::Unauthorized("the app id or the app secret is wrong".into());
        let found = self.db().read(move |tx| Ok::<_, Error>(sealed_secret(tx, app)?)).await?;
        let (business, sealed) = found.ok_or_else(wrong)?;
        let real = self.vault().open_app_secret(app, &sealed)?;
        // Hashes are compared, so that the time it takes says nothing of the secret.
        if vault::hash(secret) != vault::hash(&real) {
            return Err(wrong());
        }
        Ok(Caller { business: self.business(business)?, app })
    }
}

fn sealed_secret(tx: &mut Tx<'_>, app: ObjectId) -> Result<Option<(AccountId, Vec<u8>)>, StoreError> {
    let sql = "SELECT a.business, a.secret_sealed FROM graph_id g JOIN app a ON a.business = g.business AND a.id = g.id WHERE g.id = ?1";
    tx.query_opt(sql, &[app.number().into()], |row| Ok((row.get(0)?, row.get(1)?)))
}

impl Business {
    /// Makes an app.
    ///
    /// # Errors
    /// When the store fails.
    pub async fn create_app(&self, name: &str) -> Result<NewApp, Error> {
        let env = self.env();
        let id = ObjectId::new(env);
        let secret = hex::encode(env.random::<16>());
        let sealed = self.endpoint().vault().seal_app_secret(id, &secret);
        let (business, name, now) = (self.id(), name.to_owned(), env.now());
        self.db()
            .write(move |tx| {
                tx.execute(
                    "INSERT INTO app (business, id, name, secret_sealed, created_at) VALUES (?1, ?2, ?3, ?4, ?5)",
                    &[(&business).into(), id.number().into(), name.as_str().into(), (&sealed).into(), now.into()],
                )?;
                Ok::<_, Error>(nodes::insert(tx, business, Node::App, id)?)
            })
            .await?;
        Ok(NewApp { id, secret })
    }

    /// What an app is called.
    ///
    /// # Errors
    /// [`Error::NotFound`] when it is not this business's.
    pub async fn app_name(&self, app: ObjectId) -> Result<String, Error> {
        let business = self.id();
        let sql = "SELECT name FROM app WHERE business = ?1 AND id = ?2";
        let key = move |tx: &mut Tx<'_>| Ok::<_, Error>(tx.query_opt(sql, &[(&business).into(), app.number().into()], |row| row.get::<String>(0))?);
        self.db().read(key).await?.ok_or(Error::NotFound("app"))
    }

    /// Makes an access token for an app. It is shown once; only its hash is stored.
    ///
    /// # Errors
    /// When the store fails.
    pub async fn create_token(&self, app: ObjectId, expires_at: Option<Timestamp>) -> Result<String, Error> {
        let token = format!("EAA{}", new_secret(self.env()));
        let (business, hash, now) = (self.id(), vault::hash(&token), self.env().now());
        self.db()
            .write(move |tx| {
                tx.execute(
                    "INSERT INTO token (hash, business, app, created_at, expires_at) VALUES (?1, ?2, ?3, ?4, ?5)",
                    &[(&hash).into(), (&business).into(), app.number().into(), now.into(), expires_at.into()],
                )?;
                Ok::<_, Error>(())
            })
            .await?;
        Ok(token)
    }

    /// Ends a token at once.
    ///
    /// # Errors
    /// [`Error::NotFound`] when this business has no such token.
    pub async fn revoke_token(&self, token: &str) -> Result<(), Error> {
        let (business, hash, now) = (self.id(), vault::hash(token), self.env().now());
        let sql = "UPDATE token SET revoked_at = ?3 WHERE hash = ?1 AND business = ?2 AND revoked_at IS NULL";
        let revoked = hash.clone();
        let changed = self.db().write(move |tx| Ok::<_, Error>(tx.execute(sql, &[(&hash).into(), (&business).into(), now.into()])?)).await?;
        self.endpoint().directory().revoked(&revoked);
        if changed == 0 { Err(Error::NotFound("token")) } else { Ok(()) }
    }

    /// Subscribes an app to fields, once its address has echoed the challenge. Without fields those it has stay, or all become subscribed.
    ///
    /// # Errors
    /// [`Error::Callback`] when the address does not answer as it should.
    pub async fn subscribe(&self, app: ObjectId, request: Subscribe) -> Result<(), Error> {
        self.challenge(&request.callback, &request.verify_token).await?;
        let business = self.id();
        let fields = if request.fields.is_empty() { FIELDS.join(",") } else { request.fields.join(",") };
        let sql = if request.fields.is_empty() {
            "INSERT INTO subscription (business, app, object, callback_url, verify_token, fields) VALUES (?1, ?2, ?3, ?4, ?5, ?6)
             ON CONFLICT (business, app, object) DO UPDATE SET callback_url = excluded.callback_url, verify_token = excluded.verify_token"
        } else {
            "INSERT INTO subscription (business, app, object, callback_url, verify_token, fields) VALUES (?1, ?2, ?3, ?4, ?5, ?6)
             ON CONFLICT (business, app, object) DO UPDATE
               SET callback_url = excluded.callback_url, verify_token = excluded.verify_token, fields = excluded.fields"
        };
        self.db()
            .write(move |tx| {
                let (url, token) = (request.callback.as_str().into(), request.verify_token.as_str().into());
                let key = [(&business).into(), app.number().into(), OBJECT.into(), url, token, fields.as_str().into()];
                Ok::<_, Error>(tx.execute(sql, &key)?)
            })
            .await?;
        self.hooks_changed(app).await
    }

    /// What an app is subscribed to.
    ///
    /// # Errors
    /// When the store fails.
    pub async fn subscriptions(&self, app: ObjectId) -> Result<Vec<Subscription>, Error> {
        let business = self.id();
        let sql = "SELECT object, callback_url, fields FROM subscription WHERE business = ?1 AND app = ?2";
        self.db()
            .read(move |tx| {
                Ok(tx.query(sql, &[(&business).into(), app.number().into()], |row| {
                    Ok(Subscription { object: row.get(0)?, callback_url: row.get(1)?, fields: row.get(2)? })
                })?)
            })
            .await
    }

    /// Ends an app's subscription: of these fields, or of all.
    ///
    /// # Errors
    /// When the store fails.
    pub async fn unsubscribe(&self, app: ObjectId, fields: Vec<&'static str>) -> Result<(), Error> {
        let business = self.id();
        self.db().write(move |tx| unsubscribe(tx, business, app, &fields)).await?;
        self.hooks_changed(app).await
    }

    /// Subscribes an app to this business's account, with or without an address of its own, which is challenged first.
    ///
    /// # Errors
    /// [`Error::Callback`] when the address does not answer as it should.
    pub async fn subscribe_app(&self, app: ObjectId, overriding: Option<Override>) -> Result<(), Error> {
        if let Some(overriding) = &overriding {
            self.challenge(&overriding.callback, &overriding.verify_token).await?;
        }
        let business = self.id();
        self.db()
            .write(move |tx| {
                let (url, token) = overriding.as_ref().map(|one| (one.callback.as_str(), one.verify_token.as_str())).unzip();
                tx.execute(
                    "INSERT INTO waba_app (business, app, override_callback_uri, override_verify_token) VALUES (?1, ?2, ?3, ?4)
                     ON CONFLICT (business, app) DO UPDATE
                       SET override_callback_uri = excluded.override_callback_uri, override_verify_token = excluded.override_verify_token",
                    &[(&business).into(), app.number().into(), url.into(), token.into()],
                )?;
                Ok::<_, Error>(())
            })
            .await?;
        self.hooks_changed(app).await
    }

    /// Gives this business's number an address of its own for an app's messages, once it has echoed the challenge, or takes it back.
    ///
    /// # Errors
    /// [`Error::Refused`] when the app is not subscribed to the account, [`Error::Callback`] when the address does not answer as it should.
    pub async fn override_for_number(&self, app: ObjectId, overriding: Option<Override>) -> Result<(), Error> {
        if let Some(overriding) = &overriding {
            self.challenge(&overriding.callback, &overriding.verify_token).await?;
        }
        let business = self.id();
        let sql = "UPDATE waba_app SET phone_callback_uri = ?3, phone_verify_token = ?4 WHERE business = ?1 AND app = ?2";
        let changed = self
            .db()
            .write(move |tx| {
                let (url, token) = overriding.as_ref().map(|one| (one.callback.as_str(), one.verify_token.as_str())).unzip();
                Ok::<_, Error>(tx.execute(sql, &[(&business).into(), app.number().into(), url.into(), token.into()])?)
            })
            .await?;
        if changed == 0 {
            let text = "the app is not subscribed to the business account: POST /WABA_ID/subscribed_apps comes first";
            return Err(Error::Refused(suki_cloud_api::ApiError::invalid_parameter(text)));
        }
        self.hooks_changed(app).await
    }

    /// The apps that are subscribed to this business's account.
    ///
    /// # Errors
    /// When the store fails.
    pub async fn subscribed_apps(&self) -> Result<Vec<SubscribedApp>, Error> {
        let business = self.id();
        let sql = "SELECT w.app, a.name, w.override_callback_uri, w.phone_callback_uri FROM waba_app w JOIN app a ON a.business = w.business AND a.id = w.app
             WHERE w.business = ?1 ORDER BY w.app";
        self.db()
            .read(move |tx| {
                Ok(tx.query(sql, &[(&business).into()], |row| {
                    Ok(SubscribedApp {
                        app: object_id(row.get(0)?)?,
                        name: row.get(1)?,
                        override_callback_uri: row.get(2)?,
                        phone_callback_uri: row.get(3)?,
                    })
                })?)
            })
            .await
    }

    /// Ends an app's subscription to this business's account.
    ///
    /// # Errors
    /// When the store fails.
    pub async fn unsubscribe_app(&self, app: ObjectId) -> Result<(), Error> {
        let business = self.id();
        let sql = "DELETE FROM waba_app WHERE business = ?1 AND app = ?2";
        self.db().write(move |tx| Ok::<_, Error>(tx.execute(sql, &[(&business).into(), app.number().into()])?)).await?;
        self.hooks_changed(app).await
    }

    /// Asks a callback address to echo a challenge (Cloud API, section 3g).
    pub(crate) async fn challenge(&self, callback: &Url, verify_token: &str) -> Result<(), Error> {
        let challenge = verification::challenge(self.env());
        let asked = verification::address(callback, verify_token, &challenge);
        let answer = self.endpoint().dispatcher().http().get(asked.as_str()).await;
        let (status, body) = answer.map_err(|why| Error::Callback(verification::failed(&why)))?;
        verification::judge(status, &body, &challenge).map_err(Error::Callback)
    }
}

fn unsubscribe(tx: &mut Tx<'_>, business: AccountId, app: ObjectId, fields: &[&str]) -> Result<(), Error> {
    let sql = "SELECT fields FROM subscription WHERE business = ?1 AND app = ?2 AND object = ?3";
    let key = [(&business).into(), app.number().into(), OBJECT.into()];
    let Some(now) = tx.query_opt(sql, &key, |row| row.get::<String>(0))? else { return Ok(()) };
    let left: Vec<&str> = now.split(',').filter(|field| !fields.is_empty() && !fields.contains(field)).collect();
    if left.is_empty() {
        tx.execute("DELETE FROM subscription WHERE business = ?1 AND app = ?2 AND object = ?3", &key)?;
    } else {
        let sql = "UPDATE subscription SET fields = ?4 WHERE business = ?1 AND app = ?2 AND object = ?3";
        tx.execute(sql, &[(&business).into(), app.number().into(), OBJECT.into(), left.join(",").as_str().into()])?;
    }
    Ok(())
}
