//! What programs show: an app's own token, and tokens with permissions that may end, be revoked, and be asked about.
use crate::{
    Business, Endpoint, Error,
    business::object_id,
    directory::TokenOwner,
    vault::{self, new_secret},
};
use serde::Serialize;
use std::sync::Arc;
use suki_cloud_api::{ApiError, ObjectId, permission::Permissions, signature, token::Credential};
use suki_store::{Row, StoreError, Tx};
use suki_types::{AccountId, Timestamp, limits};

/// Who shows a token.
#[derive(Clone)]
pub struct Caller {
    /// The business it is for.
    pub business: Arc<Business>,
    /// The app it was given to.
    pub app: ObjectId,
    /// What it is good for; none of the app's own token.
    pub grant: Option<Grant>,
}

/// What a token is good for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Grant {
    /// What may be done with it.
    pub permissions: Permissions,
    /// When it was made.
    pub created_at: Timestamp,
    /// When it ends.
    pub expires_at: Option<Timestamp>,
}

/// A token to be made.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewToken {
    /// What its owner calls it; may be empty.
    pub name: String,
    /// What it is good for.
    pub permissions: Permissions,
    /// When it ends; none for one that is good until it is revoked.
    pub expires_at: Option<Timestamp>,
}

/// A token as its owner sees it: never itself.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Token {
    /// What it is revoked by.
    pub id: String,
    /// The app it was given to.
    pub app: ObjectId,
    /// What its owner calls it.
    pub name: String,
    /// What it is good for.
    pub permissions: Vec<&'static str>,
    /// When it was made.
    pub created_at: Timestamp,
    /// When it ends.
    pub expires_at: Option<Timestamp>,
}

/// How many hexadecimal digits of its hash a token is told apart by.
const ID_DIGITS: usize = 16;

impl Endpoint {
    /// Who shows this credential. `proof` is the request's `appsecret_proof`.
    ///
    /// # Errors
    /// [`Error::Unauthorized`] when nobody, [`Error::Expired`] when its time is over, [`Error::Refused`] when the proof is wrong, or missing where the
    /// app demands it.
    pub async fn caller(&self, credential: &Credential, proof: Option<&str>) -> Result<Caller, Error> {
        let token = match credential {
            Credential::App { app, secret } => return self.app_caller(*app, secret.expose(), proof).await,
            Credential::Token(token) => token,
        };
        let owner = self.token(token.expose()).await?;
        if owner.grant.expires_at.is_some_and(|until| until <= self.env().now()) {
            return Err(Error::Expired);
        }
        match proof {
            Some(proof) => {
                let (_, secret) = self.app_secret(owner.app).await?.ok_or(Error::NotFound("app"))?;
                prove(&secret, token.expose(), proof)?;
            }
            None if owner.proof_required => return Err(Error::Refused(ApiError::proof_required())),
            None => {}
        }
        Ok(Caller { business: self.business(owner.business)?, app: owner.app, grant: Some(owner.grant) })
    }

    /// Who a token is for and what it is good for, whether or not its time is over and without any proof: for telling of it.
    ///
    /// # Errors
    /// [`Error::Unauthorized`] when it is none, or was revoked.
    pub async fn inspect(&self, credential: &Credential) -> Result<Caller, Error> {
        match credential {
            Credential::App { app, secret } => self.app_caller(*app, secret.expose(), None).await,
            Credential::Token(token) => {
                let owner = self.token(token.expose()).await?;
                Ok(Caller { business: self.business(owner.business)?, app: owner.app, grant: Some(owner.grant) })
            }
        }
    }

    pub(crate) async fn token(&self, token: &str) -> Result<TokenOwner, Error> {
        let hash = vault::hash(token);
        if let Some(owner) = self.directory().token(&hash) {
            return Ok(owner);
        }
        let revocations = self.directory().revocations();
        let wanted = hash.clone();
        let found = self.db().read(move |tx| Ok::<_, Error>(owner(tx, &wanted)?)).await?;
        let owner = found.ok_or_else(|| Error::Unauthorized("the access token is none of this server's, or was revoked".into()))?;
        self.directory().remember_token(hash, owner, revocations);
        Ok(owner)
    }

    async fn app_caller(&self, app: ObjectId, secret: &str, proof: Option<&str>) -> Result<Caller, Error> {
        let wrong = || Error::Unauthorized("the app id or the app secret is wrong".into());
        let (business, real) = self.app_secret(app).await?.ok_or_else(wrong)?;
        // Hashes are compared, so that the time it takes says nothing of the secret.
        if vault::hash(secret) != vault::hash(&real) {
            return Err(wrong());
        }
        if let Some(proof) = proof {
            prove(&real, &format!("{app}|{secret}"), proof)?;
        }
        Ok(Caller { business: self.business(business)?, app, grant: None })
    }

    async fn app_secret(&self, app: ObjectId) -> Result<Option<(AccountId, String)>, Error> {
        let sql = "SELECT a.business, a.secret_sealed FROM graph_id g JOIN app a ON a.business = g.business AND a.id = g.id WHERE g.id = ?1";
        let key = move |tx: &mut Tx<'_>| {
            let found = tx.query_opt(sql, &[app.number().into()], |row| Ok((row.get::<AccountId>(0)?, row.get::<Vec<u8>>(1)?)))?;
            Ok::<_, Error>(found)
        };
        let Some((business, sealed)) = self.db().read(key).await? else { return Ok(None) };
        Ok(Some((business, self.vault().open_app_secret(app, &sealed)?)))
    }
}

fn prove(secret: &str, token: &str, proof: &str) -> Result<(), Error> {
    if signature::verify_proof(secret, token, proof) { Ok(()) } else { Err(Error::Refused(ApiError::wrong_proof())) }
}

fn owner(tx: &mut Tx<'_>, hash: &[u8]) -> Result<Option<TokenOwner>, StoreError> {
    let sql = "SELECT t.business, t.app, t.permissions, t.created_at, t.expires_at, a.proof_required
        FROM token t JOIN app a ON a.business = t.business AND a.id = t.app WHERE t.hash = ?1 AND t.revoked_at IS NULL";
    tx.query_opt(sql, &[hash.into()], |row| {
        let grant = Grant { permissions: permissions(row, 2)?, created_at: row.get(3)?, expires_at: row.get(4)? };
        Ok(TokenOwner { business: row.get(0)?, app: object_id(row.get(1)?)?, grant, proof_required: row.get(5)? })
    })
}

fn permissions(row: &Row<'_>, column: usize) -> Result<Permissions, StoreError> {
    row.get::<String>(column)?.parse().map_err(|_| StoreError::Corrupt("permissions"))
}

impl Business {
    /// Makes an access token for an app that is good for everything. It is shown once; only its hash is stored.
    ///
    /// # Errors
    /// As [`Business::grant`].
    pub async fn create_token(&self, app: ObjectId, expires_at: Option<Timestamp>) -> Result<String, Error> {
        self.grant(app, NewToken { name: String::new(), permissions: Permissions::ALL, expires_at }).await
    }

    /// Makes an access token for an app. It is shown once; only its hash is stored.
    ///
    /// # Errors
    /// [`Error::NotFound`] when this business has no such app; [`Error::Invalid`] when it would be good for nothing, or its name is too long;
    /// [`Error::Conflict`] when there are too many.
    pub async fn grant(&self, app: ObjectId, new: NewToken) -> Result<String, Error> {
        check(&new, self.env().now())?;
        let token = format!("EAA{}", new_secret(self.env()));
        let (business, hash, now) = (self.id(), vault::hash(&token), self.env().now());
        self.db().write(move |tx| insert(tx, business, app, &hash, &new, now)).await?;
        Ok(token)
    }

    /// The tokens that are good now, the oldest first.
    ///
    /// # Errors
    /// When the store fails.
    pub async fn tokens(&self) -> Result<Vec<Token>, Error> {
        let (business, now) = (self.id(), self.env().now());
        let sql = "SELECT hash, app, name, permissions, created_at, expires_at FROM token
            WHERE business = ?1 AND revoked_at IS NULL AND (expires_at IS NULL OR expires_at > ?2) ORDER BY created_at, hash";
        let tokens = move |tx: &mut Tx<'_>| {
            tx.query(sql, &[(&business).into(), now.into()], |row| {
                Ok(Token {
                    id: id_of(&row.get::<Vec<u8>>(0)?),
                    app: object_id(row.get(1)?)?,
                    name: row.get(2)?,
                    permissions: permissions(row, 3)?.words(),
                    created_at: row.get(4)?,
                    expires_at: row.get(5)?,
                })
            })
        };
        self.db().read(move |tx| Ok::<_, Error>(tokens(tx)?)).await
    }

    /// Ends a token at once.
    ///
    /// # Errors
    /// [`Error::NotFound`] when this business has no such token.
    pub async fn revoke_token(&self, token: &str) -> Result<(), Error> {
        self.revoke(vault::hash(token)).await
    }

    /// Ends the token of an app with this id at once.
    ///
    /// # Errors
    /// [`Error::NotFound`] when this app has no such token.
    pub async fn revoke_token_with_id(&self, app: ObjectId, id: &str) -> Result<(), Error> {
        let business = self.id();
        let sql = "SELECT hash FROM token WHERE business = ?1 AND app = ?2 AND revoked_at IS NULL";
        let hashes: Vec<Vec<u8>> =
            self.db().read(move |tx| Ok::<_, Error>(tx.query(sql, &[(&business).into(), app.number().into()], |row| row.get::<Vec<u8>>(0))?)).await?;
        let hash = hashes.into_iter().find(|hash| id_of(hash) == id).ok_or(Error::NotFound("token"))?;
        self.revoke(hash).await
    }

    async fn revoke(&self, hash: Vec<u8>) -> Result<(), Error> {
        let (business, now, revoked) = (self.id(), self.env().now(), hash.clone());
        let sql = "UPDATE token SET revoked_at = ?3 WHERE hash = ?1 AND business = ?2 AND revoked_at IS NULL";
        let changed = self.db().write(move |tx| Ok::<_, Error>(tx.execute(sql, &[(&hash).into(), (&business).into(), now.into()])?)).await?;
        self.common().directory().revoked(&revoked);
        if changed == 0 { Err(Error::NotFound("token")) } else { Ok(()) }
    }

    /// Whom tokens are made for: the business's one system user, whose id names nothing that can be asked for.
    pub fn system_user(&self) -> ObjectId {
        let mut tail = [0; 8];
        tail.copy_from_slice(&self.id().as_bytes()[8..]);
        ObjectId::folded(u64::from_be_bytes(tail))
    }

    /// Whether an app takes requests with `appsecret_proof` only.
    ///
    /// # Errors
    /// [`Error::NotFound`] when this business has no such app.
    pub async fn require_proof(&self, app: ObjectId, required: bool) -> Result<(), Error> {
        let business = self.id();
        let sql = "UPDATE app SET proof_required = ?3 WHERE business = ?1 AND id = ?2";
        let key = move |tx: &mut Tx<'_>| Ok::<_, Error>(tx.execute(sql, &[(&business).into(), app.number().into(), required.into()])?);
        let changed = self.db().write(key).await?;
        self.common().directory().forget_tokens();
        if changed == 0 { Err(Error::NotFound("app")) } else { Ok(()) }
    }
}

fn id_of(hash: &[u8]) -> String {
    let mut id = hex::encode(hash);
    id.truncate(ID_DIGITS);
    id
}

/// Whether such a token may be made at `now`.
pub(crate) fn check(new: &NewToken, now: Timestamp) -> Result<(), Error> {
    if new.permissions.is_empty() {
        return Err(Error::Invalid(format!("name at least one permission; they are {}", Permissions::ALL)));
    }
    if new.name.chars().count() > limits::NAME_CHARS || new.name.chars().any(char::is_control) {
        return Err(Error::Invalid(format!("the name of a token may have at most {} characters", limits::NAME_CHARS)));
    }
    if new.expires_at.is_some_and(|until| until <= now) {
        return Err(Error::Invalid("the token would have ended already: expires_at must be in the future".into()));
    }
    Ok(())
}

pub(crate) fn insert(tx: &mut Tx<'_>, business: AccountId, app: ObjectId, hash: &[u8], new: &NewToken, now: Timestamp) -> Result<(), Error> {
    let known = tx.query_opt("SELECT 1 FROM app WHERE business = ?1 AND id = ?2", &[(&business).into(), app.number().into()], |_| Ok(()))?;
    known.ok_or(Error::NotFound("app"))?;
    // What ended or was revoked stays for a while, so that whoever shows it is told which of the two it is.
    let gone = now.plus_millis(-limits::TOKEN_KEPT_MILLIS);
    tx.execute("DELETE FROM token WHERE business = ?1 AND (revoked_at < ?2 OR expires_at < ?2)", &[(&business).into(), gone.into()])?;
    let sql = "SELECT count(*) FROM token WHERE business = ?1 AND revoked_at IS NULL AND (expires_at IS NULL OR expires_at > ?2)";
    let count: u64 = tx.query_one(sql, &[(&business).into(), now.into()], |row| row.get(0))?;
    if count >= limits::TOKENS {
        return Err(Error::Conflict(format!("the business has {count} tokens, as many as are allowed; revoke one that is not in use")));
    }
    tx.execute(
        "INSERT INTO token (hash, business, app, name, permissions, created_at, expires_at) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)",
        &[
            hash.into(),
            (&business).into(),
            app.number().into(),
            new.name.as_str().into(),
            new.permissions.to_string().as_str().into(),
            now.into(),
            new.expires_at.into(),
        ],
    )?;
    Ok(())
}
