//! Programs: apps with their secrets, and where their webhooks go.
use crate::{Business, Error, business::object_id, nodes};
use serde::Serialize;
use suki_cloud_api::{
    ObjectId,
    path::Version,
    subscriptions::{FIELDS, OBJECT, Override, Subscribe},
    verification,
};
use suki_store::Tx;
use suki_types::{AccountId, Timestamp, limits};
use url::Url;

pub use crate::{nodes::Node, tokens::Caller};

/// An app as its owner sees it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct App {
    /// Its id.
    pub id: ObjectId,
    /// What it is called.
    pub name: String,
    /// When it was made.
    pub created_at: Timestamp,
    /// Whether it takes requests with `appsecret_proof` only.
    pub proof_required: bool,
}

/// What an app's owner is given once: it cannot be shown again.
#[derive(Debug, Clone)]
pub struct NewApp {
    /// The app's id.
    pub id: ObjectId,
    /// Signs its webhooks and makes its app token.
    pub secret: String,
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
    /// The version of the Cloud API in which it is told.
    pub version: Version,
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

impl Business {
    /// Makes an app.
    ///
    /// # Errors
    /// When the store fails.
    pub async fn create_app(&self, name: &str) -> Result<NewApp, Error> {
        let env = self.env();
        let id = ObjectId::new(env);
        let secret = hex::encode(env.random::<16>());
        let sealed = self.common().vault().seal_app_secret(id, &secret);
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

    /// Makes an app that an owner names.
    ///
    /// # Errors
    /// [`Error::Invalid`] when the name is none, [`Error::Conflict`] when the business has as many apps as are allowed.
    pub async fn add_app(&self, name: &str) -> Result<NewApp, Error> {
        let name = name.trim();
        if name.is_empty() || name.chars().count() > limits::NAME_CHARS || name.chars().any(char::is_control) {
            return Err(Error::Invalid(format!("an app's name has 1 to {} characters", limits::NAME_CHARS)));
        }
        if self.apps().await?.len() >= limits::APPS {
            return Err(Error::Conflict(format!("the business has {} apps, as many as are allowed", limits::APPS)));
        }
        self.create_app(name).await
    }

    /// Every app, the oldest first.
    ///
    /// # Errors
    /// When the store fails.
    pub async fn apps(&self) -> Result<Vec<App>, Error> {
        let business = self.id();
        let sql = "SELECT id, name, created_at, proof_required FROM app WHERE business = ?1 ORDER BY created_at, id";
        let apps = move |tx: &mut Tx<'_>| {
            tx.query(sql, &[(&business).into()], |row| {
                Ok(App { id: object_id(row.get(0)?)?, name: row.get(1)?, created_at: row.get(2)?, proof_required: row.get(3)? })
            })
        };
        self.db().read(move |tx| Ok::<_, Error>(apps(tx)?)).await
    }

    /// Subscribes an app to fields, once its address has echoed the challenge. Without fields those it has stay, or all become subscribed. It is told of
    /// events as this version of the Cloud API words them.
    ///
    /// # Errors
    /// [`Error::Callback`] when the address does not answer as it should.
    pub async fn subscribe(&self, app: ObjectId, request: Subscribe, version: Version) -> Result<(), Error> {
        self.challenge(&request.callback, &request.verify_token).await?;
        let business = self.id();
        let fields = if request.fields.is_empty() { FIELDS.join(",") } else { request.fields.join(",") };
        let sql = if request.fields.is_empty() {
            "INSERT INTO subscription (business, app, object, callback_url, verify_token, fields, version) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)
             ON CONFLICT (business, app, object) DO UPDATE SET callback_url = excluded.callback_url, verify_token = excluded.verify_token,
               version = excluded.version"
        } else {
            "INSERT INTO subscription (business, app, object, callback_url, verify_token, fields, version) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)
             ON CONFLICT (business, app, object) DO UPDATE
               SET callback_url = excluded.callback_url, verify_token = excluded.verify_token, fields = excluded.fields, version = excluded.version"
        };
        self.db()
            .write(move |tx| {
                let (url, token) = (request.callback.as_str().into(), request.verify_token.as_str().into());
                let key = [(&business).into(), app.number().into(), OBJECT.into(), url, token, fields.as_str().into(), version.major.into()];
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
        let sql = "SELECT object, callback_url, fields, version FROM subscription WHERE business = ?1 AND app = ?2";
        self.db()
            .read(move |tx| {
                Ok(tx.query(sql, &[(&business).into(), app.number().into()], |row| {
                    let version = Version { major: row.get(3)?, minor: 0 };
                    Ok(Subscription { object: row.get(0)?, callback_url: row.get(1)?, fields: row.get(2)?, version })
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
        let answer = self.common().dispatcher().http().get(asked.as_str()).await;
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
