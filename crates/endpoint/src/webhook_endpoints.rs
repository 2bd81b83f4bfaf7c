//! The owner's own webhook endpoints, beside those of Meta's API: made, changed, removed; and how every receiver is doing.
use crate::{Business, Error, business::object_id, dispatch::Failing, hooks::Filter};
use serde::{Deserialize, Serialize};
use suki_cloud_api::{
    ObjectId,
    subscriptions::FIELDS,
    verification::{CALLBACK_CHARS, VERIFY_TOKEN_CHARS, callback},
};
use suki_store::{Row, StoreError, Tx};
use suki_types::{AccountId, Timestamp, limits};
use url::Url;

/// The statuses that a filter may name.
const STATUSES: [&str; 5] = ["sent", "delivered", "read", "played", "failed"];
/// The most types that a filter may name, and the most characters of one.
const TYPES: (usize, usize) = (32, 32);
/// How many characters an endpoint's own secret has.
const SECRET_CHARS: std::ops::RangeInclusive<usize> = 16..=128;
/// Up to how many the deliveries that wait are counted.
const COUNTED: i64 = 10_000;

/// An endpoint to be made.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct NewEndpoint {
    /// What its owner calls it; 1 to 75 characters.
    pub name: String,
    /// Where deliveries go.
    pub url: String,
    /// What the receiver compares before it echoes the challenge; up to 512 characters.
    pub verify_token: String,
    /// The app whose secret signs; the first one where it is not said.
    #[serde(default)]
    pub app: Option<ObjectId>,
    /// A secret of its own instead: 16 to 128 characters of ASCII.
    #[serde(default)]
    pub secret: Option<String>,
    /// What it is told of.
    #[serde(default)]
    pub filter: Filter,
    /// Whether it is told anything.
    #[serde(default = "yes")]
    pub enabled: bool,
}

fn yes() -> bool {
    true
}

/// A change of an endpoint: what is absent stays.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Change {
    /// See [`NewEndpoint::name`].
    pub name: Option<String>,
    /// See [`NewEndpoint::url`]. The new address is challenged.
    pub url: Option<String>,
    /// See [`NewEndpoint::verify_token`]. The address is challenged with it.
    pub verify_token: Option<String>,
    /// See [`NewEndpoint::app`].
    pub app: Option<ObjectId>,
    /// See [`NewEndpoint::secret`]; "" takes it back, and the app's signs again.
    pub secret: Option<String>,
    /// See [`NewEndpoint::filter`].
    pub filter: Option<Filter>,
    /// Switched off, it is told nothing, and what waits for it is dropped: the log keeps it, for a replay.
    pub enabled: Option<bool>,
}

/// Who is told of events, as the owner sees it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Shown {
    /// The app's, or the endpoint's.
    pub id: ObjectId,
    /// `app` for those of Meta's API, which are changed there; `endpoint` for the owner's own.
    pub kind: &'static str,
    /// What it is called.
    pub name: String,
    /// Where what belongs to messages goes.
    pub url: Option<String>,
    /// Where what belongs to the account goes, if that is somewhere else.
    pub account_url: Option<String>,
    /// Whether it is told anything.
    pub enabled: bool,
    /// Whose secret signs; none: one of its own.
    pub app: Option<ObjectId>,
    /// What it is told of.
    pub filter: Filter,
    /// When it was made; none of apps.
    pub created_at: Option<Timestamp>,
    /// Since when and how often it fails; none while it does not.
    pub failing: Option<Failing>,
    /// How many deliveries wait for it, counted up to 10,000.
    pub waiting: i64,
}

struct Stored {
    id: ObjectId,
    name: String,
    url: String,
    verify_token: String,
    app: Option<ObjectId>,
    secret_sealed: Option<Vec<u8>>,
    filter: Filter,
    enabled: bool,
    created_at: Timestamp,
}

const COLUMNS: &str = "SELECT id, name, url, verify_token, app, secret_sealed, filter, enabled, created_at FROM webhook_endpoint WHERE business = ?1";

fn from_row(row: &Row<'_>) -> Result<Stored, StoreError> {
    Ok(Stored {
        id: object_id(row.get(0)?)?,
        name: row.get(1)?,
        url: row.get(2)?,
        verify_token: row.get(3)?,
        app: row.get::<Option<u64>>(4)?.map(object_id).transpose()?,
        secret_sealed: row.get(5)?,
        filter: serde_json::from_str(&row.get::<String>(6)?).map_err(|_| StoreError::Corrupt("webhook filter"))?,
        enabled: row.get(7)?,
        created_at: row.get(8)?,
    })
}

fn store(tx: &mut Tx<'_>, business: AccountId, one: &Stored) -> Result<(), Error> {
    let filter = serde_json::to_string(&one.filter).map_err(|error| Error::Internal(error.to_string()))?;
    tx.execute(
        "INSERT INTO webhook_endpoint (business, id, name, url, verify_token, app, secret_sealed, filter, enabled, created_at)
         VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10)
         ON CONFLICT (business, id) DO UPDATE SET name = excluded.name, url = excluded.url, verify_token = excluded.verify_token, app = excluded.app,
           secret_sealed = excluded.secret_sealed, filter = excluded.filter, enabled = excluded.enabled",
        &[
            (&business).into(),
            one.id.number().into(),
            one.name.as_str().into(),
            one.url.as_str().into(),
            one.verify_token.as_str().into(),
            one.app.map(ObjectId::number).into(),
            one.secret_sealed.as_ref().into(),
            filter.as_str().into(),
            one.enabled.into(),
            one.created_at.into(),
        ],
    )?;
    Ok(())
}

impl Business {
    /// Everybody who is told of this business's events: the apps first.
    ///
    /// # Errors
    /// When the store fails.
    pub async fn webhooks(&self) -> Result<Vec<Shown>, Error> {
        let business = self.id();
        let mut all = self.db().read(move |tx| Ok::<_, Error>(shown(tx, business)?)).await?;
        for one in &mut all {
            one.failing = self.common().dispatcher().failing(business, one.id);
        }
        Ok(all)
    }

    /// One of them.
    ///
    /// # Errors
    /// [`Error::NotFound`] when there is none with this id.
    pub async fn webhook(&self, id: ObjectId) -> Result<Shown, Error> {
        self.webhooks().await?.into_iter().find(|one| one.id == id).ok_or(Error::NotFound("webhook endpoint"))
    }

    /// Makes an endpoint, once its address has echoed the challenge.
    ///
    /// # Errors
    /// [`Error::Invalid`] and [`Error::Refused`] for what is not allowed, [`Error::Conflict`] when there are as many as a business may have,
    /// [`Error::Callback`] when the address does not answer as it should.
    pub async fn add_webhook(&self, new: NewEndpoint) -> Result<Shown, Error> {
        let url = checked_url(&new.url)?;
        check_token(&new.verify_token)?;
        check_filter(&new.filter)?;
        let id = ObjectId::new(self.env());
        let one = Stored {
            id,
            name: checked_name(&new.name)?,
            url: url.to_string(),
            verify_token: new.verify_token,
            app: new.app,
            secret_sealed: self.sealed(id, new.secret.as_deref())?,
            filter: new.filter,
            enabled: new.enabled,
            created_at: self.env().now(),
        };
        self.challenge(&url, &one.verify_token).await?;
        self.keep_webhook(one, true).await?;
        self.webhook(id).await
    }

    /// Changes an endpoint; its address is challenged when it or the token is changed.
    ///
    /// # Errors
    /// As [`Business::add_webhook`], and [`Error::NotFound`] when there is none with this id.
    pub async fn change_webhook(&self, id: ObjectId, change: Change) -> Result<Shown, Error> {
        let business = self.id();
        let sql = format!("{COLUMNS} AND id = ?2");
        let found = self.db().read(move |tx| Ok::<_, Error>(tx.query_opt(&sql, &[(&business).into(), id.number().into()], from_row)?)).await?;
        let mut one = found.ok_or(Error::NotFound("webhook endpoint"))?;
        let is_challenged = change.url.is_some() || change.verify_token.is_some();
        if let Some(name) = change.name {
            one.name = checked_name(&name)?;
        }
        if let Some(url) = change.url {
            one.url = checked_url(&url)?.to_string();
        }
        if let Some(token) = change.verify_token {
            check_token(&token)?;
            one.verify_token = token;
        }
        if let Some(filter) = change.filter {
            check_filter(&filter)?;
            one.filter = filter;
        }
        if let Some(secret) = change.secret {
            one.secret_sealed = self.sealed(id, Some(secret.as_str()).filter(|secret| !secret.is_empty()))?;
        }
        one.app = change.app.or(one.app);
        one.enabled = change.enabled.unwrap_or(one.enabled);
        if is_challenged {
            self.challenge(&checked_url(&one.url)?, &one.verify_token).await?;
        }
        self.keep_webhook(one, false).await?;
        self.webhook(id).await
    }

    /// Removes an endpoint. What waits for it is dropped; the log keeps it.
    ///
    /// # Errors
    /// [`Error::NotFound`] when there is none with this id.
    pub async fn remove_webhook(&self, id: ObjectId) -> Result<(), Error> {
        let business = self.id();
        let sql = "DELETE FROM webhook_endpoint WHERE business = ?1 AND id = ?2";
        let removed = self.db().write(move |tx| Ok::<_, Error>(tx.execute(sql, &[(&business).into(), id.number().into()])?)).await?;
        if removed == 0 {
            return Err(Error::NotFound("webhook endpoint"));
        }
        self.hooks_changed(id).await
    }

    /// The hooks were changed in the store: they are read again, and who was changed is asked at once.
    pub(crate) async fn hooks_changed(&self, hook: ObjectId) -> Result<(), Error> {
        self.hooks.reload(self.db()).await?;
        self.common().dispatcher().changed(self.id(), hook);
        Ok(())
    }

    fn sealed(&self, id: ObjectId, secret: Option<&str>) -> Result<Option<Vec<u8>>, Error> {
        let Some(secret) = secret else { return Ok(None) };
        if !SECRET_CHARS.contains(&secret.len()) || !secret.bytes().all(|byte| byte.is_ascii_graphic()) {
            return Err(Error::Invalid("secret has 16 to 128 characters of ASCII, without spaces".into()));
        }
        Ok(Some(self.common().vault().seal_webhook_secret(id, secret)))
    }

    async fn keep_webhook(&self, mut one: Stored, is_new: bool) -> Result<(), Error> {
        let (business, id) = (self.id(), one.id);
        self.db()
            .write(move |tx| {
                let sql = "SELECT count(*) FROM webhook_endpoint WHERE business = ?1";
                let count: usize = tx.query_one(sql, &[(&business).into()], |row| row.get(0))?;
                if is_new && count >= limits::WEBHOOK_ENDPOINTS {
                    let text = format!("a business has at most {} endpoints of its own: remove one first", limits::WEBHOOK_ENDPOINTS);
                    return Err(Error::Conflict(text));
                }
                one.app = signing_app(tx, business, one.app)?;
                if one.app.is_none() && one.secret_sealed.is_none() {
                    return Err(Error::Invalid("secret is needed: the business has no app whose secret could sign".into()));
                }
                store(tx, business, &one)
            })
            .await?;
        self.hooks_changed(id).await
    }
}

/// The app whose secret signs: the one that is named, or the first.
fn signing_app(tx: &mut Tx<'_>, business: AccountId, named: Option<ObjectId>) -> Result<Option<ObjectId>, Error> {
    let sql = "SELECT id FROM app WHERE business = ?1 AND id >= ?2 ORDER BY id LIMIT 1";
    let from = named.map_or(0, ObjectId::number);
    let found = tx.query_opt(sql, &[(&business).into(), from.into()], |row| object_id(row.get(0)?))?;
    match named {
        Some(named) if found != Some(named) => Err(Error::Invalid("app is none of this business's apps".into())),
        _ => Ok(found),
    }
}

fn shown(tx: &mut Tx<'_>, business: AccountId) -> Result<Vec<Shown>, StoreError> {
    let sql =
        "SELECT w.app, a.name, s.callback_url, coalesce(w.phone_callback_uri, w.override_callback_uri, s.callback_url), s.fields FROM waba_app w
         JOIN app a ON a.business = w.business AND a.id = w.app
         LEFT JOIN subscription s ON s.business = w.business AND s.app = w.app AND s.object = 'whatsapp_business_account'
         WHERE w.business = ?1 ORDER BY w.app";
    let mut all = tx.query(sql, &[(&business).into()], |row| {
        let (id, account, messages) = (object_id(row.get(0)?)?, row.get::<Option<String>>(2)?, row.get::<Option<String>>(3)?);
        let fields: Option<String> = row.get(4)?;
        let filter = Filter { fields: fields.iter().flat_map(|fields| fields.split(',')).map(str::to_owned).collect(), ..Filter::default() };
        Ok(Shown {
            id,
            kind: "app",
            name: row.get(1)?,
            account_url: account.filter(|account| Some(account) != messages.as_ref()),
            enabled: messages.is_some(),
            url: messages,
            app: Some(id),
            filter,
            created_at: None,
            failing: None,
            waiting: 0,
        })
    })?;
    for one in tx.query(&format!("{COLUMNS} ORDER BY created_at, id"), &[(&business).into()], from_row)? {
        all.push(Shown {
            id: one.id,
            kind: "endpoint",
            name: one.name,
            url: Some(one.url),
            account_url: None,
            enabled: one.enabled,
            app: one.app.filter(|_| one.secret_sealed.is_none()),
            filter: one.filter,
            created_at: Some(one.created_at),
            failing: None,
            waiting: 0,
        });
    }
    let sql = "SELECT seq FROM delivery WHERE business = ?1 AND hook = ?2 AND state = 0 LIMIT ?3";
    for one in &mut all {
        let waiting: Vec<i64> = tx.query(sql, &[(&business).into(), one.id.number().into(), COUNTED.into()], |row| row.get(0))?;
        one.waiting = waiting.len() as i64;
    }
    Ok(all)
}

fn checked_url(text: &str) -> Result<Url, Error> {
    callback("url", text, CALLBACK_CHARS).map_err(|error| Error::Invalid(error.details))
}

fn checked_name(name: &str) -> Result<String, Error> {
    let name = name.trim();
    if !(1..=limits::NAME_CHARS).contains(&name.chars().count()) || name.chars().any(char::is_control) {
        return Err(Error::Invalid(format!("name has 1 to {} characters", limits::NAME_CHARS)));
    }
    Ok(name.to_owned())
}

fn check_token(token: &str) -> Result<(), Error> {
    if !(1..=VERIFY_TOKEN_CHARS).contains(&token.chars().count()) || token.contains('\0') {
        return Err(Error::Invalid(format!("verify_token has 1 to {VERIFY_TOKEN_CHARS} characters")));
    }
    Ok(())
}

fn check_filter(filter: &Filter) -> Result<(), Error> {
    let invalid = |text: String| Err(Error::Invalid(text));
    if filter.fields.len() > FIELDS.len() || filter.fields.iter().any(|field| !FIELDS.contains(&field.as_str())) {
        return invalid(format!("filter.fields holds fields such as {}, each once; none for all", FIELDS[..3].join(", ")));
    }
    if filter.types.iter().flatten().any(|kind| kind.is_empty() || kind.len() > TYPES.1) || filter.types.iter().flatten().count() > TYPES.0 {
        return invalid(format!("filter.types holds up to {} types of messages, such as text or image", TYPES.0));
    }
    if filter.statuses.iter().flatten().count() > STATUSES.len() || filter.statuses.iter().flatten().any(|one| !STATUSES.contains(&one.as_str())) {
        return invalid(format!("filter.statuses holds some of {}", STATUSES.join(", ")));
    }
    if filter.chats.len() > limits::WEBHOOK_FILTER_CHATS {
        return invalid(format!("filter.chats holds up to {} conversations", limits::WEBHOOK_FILTER_CHATS));
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn filters_are_bounded_and_name_what_there_is() {
        let words = |words: &[&str]| words.iter().map(|word| (*word).to_owned()).collect::<Vec<_>>();
        assert!(
            check_filter(&Filter { fields: words(&["messages"]), types: Some(words(&["text"])), statuses: Some(vec![]), ..Filter::default() })
                .is_ok()
        );
        for wrong in [
            Filter { fields: words(&["mesages"]), ..Filter::default() },
            Filter { types: Some(words(&[""])), ..Filter::default() },
            Filter { types: Some(vec!["text".into(); 33]), ..Filter::default() },
            Filter { statuses: Some(words(&["seen"])), ..Filter::default() },
            Filter { chats: vec![suki_types::ConversationId::from_bytes([1; 16]); 101], ..Filter::default() },
        ] {
            assert!(matches!(check_filter(&wrong), Err(Error::Invalid(_))), "{wrong:?}");
        }
    }
}
