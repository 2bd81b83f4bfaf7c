//! Codes that an owner makes for an app, as Meta's embedded signup does: the app gives one back with its secret, and gets a token for it, once.
use crate::{
    Business, Endpoint, Error,
    tokens::{self, Caller, NewToken},
    vault::{self, new_secret},
};
use suki_cloud_api::{
    ApiError, ObjectId,
    oauth::{CodeFault, wrong_code},
    permission::Permissions,
    token::{Credential, Secret},
};
use suki_store::Tx;
use suki_types::{AccountId, Timestamp, limits};

/// A code as it is stored.
struct Code {
    app: u64,
    permissions: String,
    redirect_uri: String,
    expires_at: Timestamp,
    used: bool,
}

impl Business {
    /// Makes a code for an app; none may be given for nothing. `redirect_uri` is the address that must be named again, "" for none. Says the code and
    /// when it ends.
    ///
    /// # Errors
    /// [`Error::NotFound`] when this business has no such app, [`Error::Invalid`] when the token would be good for nothing or the address is too long.
    pub async fn create_login_code(&self, app: ObjectId, permissions: Permissions, redirect_uri: String) -> Result<(String, Timestamp), Error> {
        let now = self.env().now();
        tokens::check(&NewToken { name: String::new(), permissions, expires_at: None }, now)?;
        if redirect_uri.len() > limits::ADDRESS_BYTES {
            return Err(Error::Invalid(format!("redirect_uri may have at most {} bytes", limits::ADDRESS_BYTES)));
        }
        let (business, code, until) = (self.id(), new_secret(self.env()), now.plus_millis(self.program_rules().code_millis));
        let hash = vault::hash(&code);
        let store = move |tx: &mut Tx<'_>| {
            let known = tx.query_opt("SELECT 1 FROM app WHERE business = ?1 AND id = ?2", &[(&business).into(), app.number().into()], |_| Ok(()))?;
            known.ok_or(Error::NotFound("app"))?;
            let gone = now.plus_millis(-limits::TOKEN_KEPT_MILLIS);
            tx.execute("DELETE FROM login_code WHERE business = ?1 AND expires_at < ?2", &[(&business).into(), gone.into()])?;
            tx.execute(
                "INSERT INTO login_code (business, hash, app, permissions, redirect_uri, expires_at, used) VALUES (?1, ?2, ?3, ?4, ?5, ?6, 0)",
                &[
                    (&business).into(),
                    (&hash).into(),
                    app.number().into(),
                    permissions.to_string().as_str().into(),
                    redirect_uri.as_str().into(),
                    until.into(),
                ],
            )?;
            Ok::<_, Error>(())
        };
        self.db().write(store).await?;
        Ok((code, until))
    }
}

impl Endpoint {
    /// The token for a code, given back by the app that proved who it is.
    ///
    /// # Errors
    /// [`Error::Refused`] when the code is none, was used, or belongs to another app or address.
    pub async fn redeem_code(&self, app: &Caller, code: &Secret, redirect_uri: String) -> Result<String, Error> {
        let (business, id, hash) = (app.business.id(), app.app, vault::hash(code.expose()));
        let (now, token) = (self.env().now(), format!("EAA{}", new_secret(self.env())));
        let token_hash = vault::hash(&token);
        app.business.db().write(move |tx| redeem(tx, business, id, &hash, &redirect_uri, &token_hash, now)).await?;
        Ok(token)
    }

    /// A token that ends later, for one of the app's that ends. With it, in how many seconds. One that does not end comes back as it is.
    ///
    /// # Errors
    /// [`Error::Unauthorized`] when it is none of this app's, [`Error::Expired`] when its time is over.
    pub async fn exchange_token(&self, app: &Caller, token: &Secret) -> Result<(String, Option<i64>), Error> {
        let shown = self.inspect(&Credential::Token(token.clone())).await?;
        let grant = shown.grant.filter(|_| shown.app == app.app);
        let grant = grant.ok_or_else(|| Error::Unauthorized("the access token is none of this app's".into()))?;
        let now = self.env().now();
        match grant.expires_at {
            None => return Ok((token.expose().to_owned(), None)),
            Some(until) if until <= now => return Err(Error::Expired),
            Some(_) => {}
        }
        let life = app.business.program_rules().token_millis;
        let new = NewToken { name: String::new(), permissions: grant.permissions, expires_at: Some(now.plus_millis(life)) };
        Ok((app.business.grant(app.app, new).await?, Some(life / 1000)))
    }
}

fn redeem(tx: &mut Tx<'_>, business: AccountId, app: ObjectId, hash: &[u8], redirect_uri: &str, token: &[u8], now: Timestamp) -> Result<(), Error> {
    let sql = "SELECT app, permissions, redirect_uri, expires_at, used FROM login_code WHERE business = ?2 AND hash = ?1";
    let found = tx.query_opt(sql, &[hash.into(), (&business).into()], |row| {
        Ok(Code { app: row.get(0)?, permissions: row.get(1)?, redirect_uri: row.get(2)?, expires_at: row.get(3)?, used: row.get(4)? })
    })?;
    let refused = |fault| Error::Refused(wrong_code(fault));
    let code = found.filter(|code| code.app == app.number()).ok_or_else(|| refused(CodeFault::Unknown))?;
    match code {
        Code { used: true, .. } => return Err(refused(CodeFault::Used)),
        Code { expires_at, .. } if expires_at <= now => return Err(refused(CodeFault::Unknown)),
        Code { redirect_uri: ref named, .. } if named != redirect_uri => return Err(refused(CodeFault::Redirect)),
        _ => {}
    }
    tx.execute("UPDATE login_code SET used = 1 WHERE business = ?2 AND hash = ?1", &[hash.into(), (&business).into()])?;
    let permissions = code.permissions.parse().map_err(|_| Error::Refused(ApiError::invalid_token()))?;
    tokens::insert(tx, business, app, token, &NewToken { name: String::new(), permissions, expires_at: None }, now)
}
