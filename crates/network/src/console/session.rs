//! One-time links and sessions of the console. Of every secret only a hash is stored.
use super::{Console, ConsoleError, Operator, Role, operators};
use crate::audit::{self, Actor};
use aws_lc_rs::digest;
use suki_store::{Db, StoreError, Tx};
use suki_types::{Env, OperatorId, Timestamp, limits};

/// A secret text of 256 random bits.
fn new_secret(env: &Env) -> String {
    env.random::<32>().iter().map(|byte| format!("{byte:02x}")).collect()
}

fn hash(secret: &str) -> Vec<u8> {
    digest::digest(&digest::SHA256, secret.as_bytes()).as_ref().to_vec()
}

/// Makes a one-time sign-in for the operator of this name, who is added when there is none: the command line does it, beside a running server or
/// without one. With no `role` a new operator is an admin, and one who is there keeps his.
///
/// # Errors
/// [`ConsoleError::Conflict`] when he is there with another role; [`ConsoleError::Invalid`] for a name that is none; when the store fails, or was never
/// opened by a network.
pub async fn issue_sign_in(db: &Db, env: &Env, name: &str, role: Option<Role>) -> Result<String, ConsoleError> {
    let name = operators::check_name(name)?;
    let fresh = Operator { id: OperatorId::new(env), name, role: role.unwrap_or(Role::Admin) };
    let secret = new_secret(env);
    let (hashed, now) = (hash(&secret), env.now());
    db.write(move |tx| {
        let known = operators::all_active(tx)?.into_iter().find(|operator| operator.name == fresh.name);
        let operator = match known {
            Some(known) if role.is_some_and(|role| role != known.role) => {
                return Err(ConsoleError::Conflict("he is there with another role; leave --role out, or remove him in the console first".into()));
            }
            Some(known) => known.id,
            None => {
                operators::insert(tx, now, Actor::System, &fresh)?;
                fresh.id
            }
        };
        insert_sign_in(tx, now, &hashed, operator)?;
        audit::record(tx, now, Actor::System, "operator.link", &operator.to_string(), "made on the command line")?;
        Ok(())
    })
    .await?;
    Ok(secret)
}

fn insert_sign_in(tx: &mut Tx<'_>, now: Timestamp, hash: &[u8], operator: OperatorId) -> Result<(), StoreError> {
    let until = now.plus_millis(limits::SIGN_IN_LINK_MILLIS);
    let sql = "INSERT INTO console_sign_in (hash, operator, expires_at) VALUES (?1, ?2, ?3)";
    tx.execute(sql, &[hash.into(), (&operator).into(), until.into()])?;
    Ok(())
}

impl Console {
    /// A secret with which a colleague signs in once, within a day.
    ///
    /// # Errors
    /// [`ConsoleError::Forbidden`] when his role does not; [`ConsoleError::NotFound`].
    pub async fn create_sign_in(&self, by: &Operator, id: OperatorId) -> Result<String, ConsoleError> {
        by.must(operators::Duty::Team)?;
        let secret = new_secret(self.network().env());
        let (hashed, now, by) = (hash(&secret), self.now(), Actor::Console(by.id));
        self.write(move |tx| {
            operators::active(tx, id)?.ok_or(ConsoleError::NotFound("operator"))?;
            insert_sign_in(tx, now, &hashed, id)?;
            audit::record(tx, now, by, "operator.link", &id.to_string(), "")?;
            Ok(())
        })
        .await?;
        Ok(secret)
    }

    /// Signs in with a one-time secret, which is used up by it. Returns the session's secret.
    ///
    /// # Errors
    /// [`ConsoleError::Unauthorized`] when it is unknown, used or too old.
    pub async fn sign_in(&self, secret: &str) -> Result<(Operator, String), ConsoleError> {
        let session = new_secret(self.network().env());
        let (link, stored, now) = (hash(secret), hash(&session), self.now());
        let signed = self.write(move |tx| {
            let sql = "DELETE FROM console_sign_in WHERE hash = ?1 RETURNING operator, expires_at";
            let found = tx.query_opt(sql, &[(&link).into()], |row| Ok((row.get::<OperatorId>(0)?, row.get::<Timestamp>(1)?)))?;
            let Some((id, _)) = found.filter(|(_, until)| *until > now) else { return Ok(None) };
            let Some(operator) = operators::active(tx, id)? else { return Ok(None) };
            let until = now.plus_millis(limits::CONSOLE_SESSION_MILLIS);
            let sql = "INSERT INTO console_session (hash, operator, expires_at) VALUES (?1, ?2, ?3)";
            tx.execute(sql, &[(&stored).into(), (&id).into(), until.into()])?;
            audit::record(tx, now, Actor::Console(id), "operator.signed_in", &id.to_string(), "")?;
            Ok(Some(operator))
        });
        let used = || ConsoleError::Unauthorized("this sign-in link was used already or is too old; ask for a new one".into());
        Ok((signed.await?.ok_or_else(used)?, session))
    }

    /// Whose session this is. Using it keeps it alive.
    ///
    /// # Errors
    /// [`ConsoleError::Unauthorized`] when nobody's, or too old.
    pub async fn session(&self, secret: &str) -> Result<Operator, ConsoleError> {
        let (key, now) = (hash(secret), self.now());
        let hashed = key.clone();
        let found = self
            .read(move |tx| {
                let sql = "SELECT operator, expires_at FROM console_session WHERE hash = ?1";
                let row = tx.query_opt(sql, &[(&key).into()], |row| Ok((row.get::<OperatorId>(0)?, row.get::<Timestamp>(1)?)))?;
                let Some((id, until)) = row.filter(|(_, until)| *until > now) else { return Ok(None) };
                Ok(operators::active(tx, id)?.map(|operator| (operator, until)))
            })
            .await?;
        let over = || ConsoleError::Unauthorized("not signed in, or the session has ended; sign in again".into());
        let (operator, until) = found.ok_or_else(over)?;
        let fresh = now.plus_millis(limits::CONSOLE_SESSION_MILLIS);
        // Moved once an hour at most, so that looking does not write.
        if fresh.since(until) > 3_600_000 {
            let sql = "UPDATE console_session SET expires_at = ?2 WHERE hash = ?1";
            self.write(move |tx| Ok(tx.execute(sql, &[(&hashed).into(), fresh.into()])?)).await?;
        }
        Ok(operator)
    }

    /// Ends a session.
    ///
    /// # Errors
    /// When the store fails.
    pub async fn sign_out(&self, secret: &str) -> Result<(), ConsoleError> {
        let hash = hash(secret);
        self.write(move |tx| Ok(tx.execute("DELETE FROM console_session WHERE hash = ?1", &[(&hash).into()])?)).await?;
        Ok(())
    }
}
