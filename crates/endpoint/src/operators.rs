//! Operators: the colleagues who answer in a business's name. Passwords, one-time sign-in links, sessions, roles.
use crate::{
    Business, BusinessRecord, Endpoint, Error, business, password,
    vault::{self, new_secret},
};
use serde::{Deserialize, Serialize};
use std::sync::Arc;
use suki_protocol::calls::rules::Rules;
use suki_store::{Db, Row, StoreError, Tx};
use suki_types::{AccountId, Env, OperatorId, Timestamp, limits};

/// What an operator may do.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Role {
    /// Answers customers.
    Operator,
    /// And manages colleagues who are not owners.
    Admin,
    /// And everything else. A business always has one.
    Owner,
}

impl Role {
    fn as_str(self) -> &'static str {
        match self {
            Self::Operator => "operator",
            Self::Admin => "admin",
            Self::Owner => "owner",
        }
    }

    fn from_stored(text: &str) -> Result<Self, StoreError> {
        match text {
            "operator" => Ok(Self::Operator),
            "admin" => Ok(Self::Admin),
            "owner" => Ok(Self::Owner),
            _ => Err(StoreError::Corrupt("operator role")),
        }
    }
}

/// An operator.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Operator {
    /// Who.
    pub id: OperatorId,
    /// What he is called.
    pub name: String,
    /// By what he signs in.
    pub email: String,
    /// What he may do.
    pub role: Role,
    /// Whether he can sign in without a link.
    pub has_password: bool,
}

/// Who has just signed in.
#[derive(Debug, Clone)]
pub struct Entered {
    /// The operator.
    pub operator: Operator,
    /// What is stored of the business he answers for, wherever it runs.
    pub business: BusinessRecord,
    /// The session's secret.
    pub secret: String,
}

/// Who holds a session.
#[derive(Clone)]
pub struct SignedIn {
    /// The business.
    pub business: Arc<Business>,
    /// The operator.
    pub operator: Operator,
}

// A removed operator keeps his row, without address and password, so that his messages keep his name.
const COLUMNS: &str = "SELECT id, name, email, role, password_hash FROM operator WHERE role <> 'removed' AND ";

fn from_row(row: &Row<'_>) -> Result<Operator, StoreError> {
    Ok(Operator {
        id: row.get(0)?,
        name: row.get(1)?,
        email: row.get(2)?,
        role: Role::from_stored(&row.get::<String>(3)?)?,
        has_password: !row.get::<String>(4)?.is_empty(),
    })
}

fn get(tx: &mut Tx<'_>, business: AccountId, id: OperatorId) -> Result<Option<Operator>, StoreError> {
    tx.query_opt(&format!("{COLUMNS} business = ?1 AND id = ?2"), &[(&business).into(), (&id).into()], from_row)
}

fn new(env: &Env, name: &str, email: &str, role: Role) -> Result<Operator, Error> {
    Ok(Operator { id: OperatorId::new(env), name: check_name(name)?, email: check_email(email)?, role, has_password: false })
}

/// Who is to own a business that is being made.
///
/// # Errors
/// [`Error::Invalid`] for a name or address that is none.
pub fn owner(env: &Env, name: &str, email: &str) -> Result<Operator, Error> {
    new(env, name, email, Role::Owner)
}

pub(crate) fn insert(tx: &mut Tx<'_>, business: AccountId, operator: &Operator, now: Timestamp) -> Result<(), StoreError> {
    tx.execute(
        "INSERT INTO operator (business, id, name, email, role, password_hash, created_at) VALUES (?1, ?2, ?3, ?4, ?5, '', ?6)",
        &[
            (&business).into(),
            (&operator.id).into(),
            operator.name.as_str().into(),
            operator.email.as_str().into(),
            operator.role.as_str().into(),
            now.into(),
        ],
    )?;
    Ok(())
}

impl Business {
    /// Everybody who answers for this business.
    ///
    /// # Errors
    /// When the store fails.
    pub async fn operators(&self) -> Result<Vec<Operator>, Error> {
        let id = self.id();
        let sql = format!("{COLUMNS} business = ?1 ORDER BY created_at, id");
        self.db().read(move |tx| Ok(tx.query(&sql, &[(&id).into()], from_row)?)).await
    }

    /// Adds an operator. `by` is who asks; none is the server itself.
    ///
    /// # Errors
    /// [`Error::Forbidden`] when `by` may not; [`Error::Invalid`] for a name or address that is none; [`Error::Conflict`] for an address in use, and
    /// when the business has as many operators as the network's policy allows (R90).
    pub async fn add_operator(&self, by: Option<&Operator>, name: &str, email: &str, role: Role) -> Result<Operator, Error> {
        may_manage(by, role)?;
        let operator = new(self.env(), name, email, role)?;
        let (business, now, added) = (self.id(), self.env().now(), operator.clone());
        let rules = self.rules();
        self.db()
            .write(move |tx| {
                if let Some(rules) = &rules {
                    check_staff(tx, business, rules)?;
                }
                let sql = "SELECT 1 FROM operator WHERE email = ?1 AND business = ?2";
                if tx.query_opt(sql, &[added.email.as_str().into(), (&business).into()], |_| Ok(()))?.is_some() {
                    return Err(Error::Conflict("somebody with this e-mail address answers for this business already".into()));
                }
                Ok(insert(tx, business, &added, now)?)
            })
            .await?;
        Ok(operator)
    }

    /// Removes an operator; his sessions and links end at once.
    ///
    /// # Errors
    /// [`Error::Forbidden`] when `by` may not; [`Error::Conflict`] for the last owner.
    pub async fn remove_operator(&self, by: &Operator, id: OperatorId) -> Result<(), Error> {
        let (business, by) = (self.id(), by.clone());
        self.db()
            .write(move |tx| {
                let gone = get(tx, business, id)?.ok_or(Error::NotFound("operator"))?;
                may_manage(Some(&by), gone.role)?;
                let sql = "SELECT count(*) FROM operator WHERE business = ?1 AND role = 'owner'";
                if gone.role == Role::Owner && tx.query_one(sql, &[(&business).into()], |row| row.get::<i64>(0))? < 2 {
                    return Err(Error::Conflict("a business needs an owner; make somebody else one first".into()));
                }
                let key = [(&business).into(), (&id).into()];
                tx.execute("DELETE FROM session WHERE business = ?1 AND operator = ?2", &key)?;
                tx.execute("DELETE FROM sign_in WHERE business = ?1 AND operator = ?2", &key)?;
                let nobody = id.to_string();
                tx.execute(
                    "UPDATE operator SET role = 'removed', email = ?3, password_hash = '' WHERE business = ?1 AND id = ?2",
                    &[(&business).into(), (&id).into(), nobody.as_str().into()],
                )?;
                Ok(())
            })
            .await
    }

    /// A secret with which an operator signs in once, within a day. `by` is who asks; none is the server itself.
    ///
    /// # Errors
    /// [`Error::Forbidden`] when `by` may not; [`Error::NotFound`] when there is no such operator.
    pub async fn create_sign_in(&self, by: Option<&Operator>, id: OperatorId) -> Result<String, Error> {
        issue_sign_in(self.db(), self.env(), self.id(), by.cloned(), id).await
    }

    /// Sets an operator's own password. Who has one already must show it.
    ///
    /// # Errors
    /// [`Error::Invalid`] for a password that is too short or long; [`Error::Forbidden`] when the current one is wrong.
    pub async fn set_password(&self, operator: OperatorId, new: String, current: Option<String>) -> Result<(), Error> {
        password::check_rules(&new)?;
        let business = self.id();
        let sql = "SELECT password_hash FROM operator WHERE business = ?1 AND id = ?2";
        let key = move |tx: &mut Tx<'_>| Ok::<_, Error>(tx.query_one(sql, &[(&business).into(), (&operator).into()], |row| row.get::<String>(0))?);
        let stored = self.db().read(key).await?;
        if !stored.is_empty() && !password::verify(current.unwrap_or_default(), stored).await? {
            return Err(Error::Forbidden("the current password is wrong".into()));
        }
        let hash = password::hash(self.env(), new).await?;
        self.db()
            .write(move |tx| {
                let sql = "UPDATE operator SET password_hash = ?3 WHERE business = ?1 AND id = ?2";
                tx.execute(sql, &[(&business).into(), (&operator).into(), hash.as_str().into()])?;
                Ok(())
            })
            .await
    }
}

/// The first owner of a business, without a running endpoint.
///
/// # Errors
/// When the store fails.
pub async fn first_owner(db: &Db, business: AccountId) -> Result<Option<OperatorId>, Error> {
    let sql = "SELECT id FROM operator WHERE business = ?1 AND role = 'owner' ORDER BY created_at, id LIMIT 1";
    db.read(move |tx| Ok(tx.query_opt(sql, &[(&business).into()], |row| row.get(0))?)).await
}

/// Makes a one-time sign-in secret, without a running endpoint: the command line does it from outside.
///
/// # Errors
/// [`Error::Forbidden`] when `by` may not; [`Error::NotFound`] when there is no such operator.
pub async fn issue_sign_in(db: &Db, env: &Env, business: AccountId, by: Option<Operator>, id: OperatorId) -> Result<String, Error> {
    let secret = new_secret(env);
    let hash = vault::hash(&secret);
    let until = env.now().plus_millis(limits::SIGN_IN_LINK_MILLIS);
    db.write(move |tx| {
        let operator = get(tx, business, id)?.ok_or(Error::NotFound("operator"))?;
        may_manage(by.as_ref(), operator.role)?;
        let sql = "INSERT INTO sign_in (hash, business, operator, expires_at) VALUES (?1, ?2, ?3, ?4)";
        tx.execute(sql, &[(&hash).into(), (&business).into(), (&id).into(), until.into()])?;
        Ok::<_, Error>(())
    })
    .await?;
    Ok(secret)
}

impl Endpoint {
    /// Signs in with a one-time secret, which is used up by it.
    ///
    /// # Errors
    /// [`Error::Unauthorized`] when it is unknown, used or too old.
    pub async fn sign_in_by_link(&self, secret: &str) -> Result<Entered, Error> {
        let (hash, now) = (vault::hash(secret), self.env().now());
        let found = self
            .db()
            .write(move |tx| {
                let sql = "DELETE FROM sign_in WHERE hash = ?1 RETURNING business, operator, expires_at";
                let row =
                    tx.query_opt(sql, &[(&hash).into()], |row| Ok((row.get::<AccountId>(0)?, row.get::<OperatorId>(1)?, row.get::<Timestamp>(2)?)))?;
                Ok::<_, Error>(row.filter(|(.., until)| *until > now))
            })
            .await?;
        let used = || Error::Unauthorized("this sign-in link was used already or is too old; ask for a new one".into());
        let (business, operator, _) = found.ok_or_else(used)?;
        self.begin_session(business, operator).await
    }

    /// Signs in with an address and a password.
    ///
    /// # Errors
    /// [`Error::Unauthorized`], whichever of the two is wrong.
    pub async fn sign_in_by_password(&self, email: &str, password: String) -> Result<Entered, Error> {
        let wrong = || Error::Unauthorized("the e-mail address or the password is wrong".into());
        if password.len() > password::MAX_BYTES {
            return Err(wrong());
        }
        let email = email.trim().to_lowercase();
        let sql = "SELECT business, id, password_hash FROM operator WHERE email = ?1 AND role <> 'removed' ORDER BY created_at LIMIT 8";
        let candidates = self
            .db()
            .read(move |tx| {
                Ok::<_, Error>(
                    tx.query(sql, &[email.as_str().into()], |row| Ok((row.get::<AccountId>(0)?, row.get::<OperatorId>(1)?, row.get::<String>(2)?)))?,
                )
            })
            .await?;
        if candidates.is_empty() {
            password::verify(password, String::new()).await?;
            return Err(wrong());
        }
        for (business, operator, hash) in candidates {
            if password::verify(password.clone(), hash).await? {
                return self.begin_session(business, operator).await;
            }
        }
        Err(wrong())
    }

    async fn begin_session(&self, business: AccountId, operator: OperatorId) -> Result<Entered, Error> {
        let secret = new_secret(self.env());
        let hash = vault::hash(&secret);
        let until = self.env().now().plus_millis(limits::OPERATOR_SESSION_MILLIS);
        let found = self
            .db()
            .write(move |tx| {
                let sql = "INSERT INTO session (hash, business, operator, expires_at) VALUES (?1, ?2, ?3, ?4)";
                tx.execute(sql, &[(&hash).into(), (&business).into(), (&operator).into(), until.into()])?;
                get(tx, business, operator)?.ok_or(Error::NotFound("operator"))
            })
            .await?;
        Ok(Entered { operator: found, business: business::record(self.db(), business).await?, secret })
    }

    /// Whose session this is. Using it keeps it alive.
    ///
    /// # Errors
    /// [`Error::Unauthorized`] when nobody's, or too old.
    pub async fn session(&self, secret: &str) -> Result<SignedIn, Error> {
        let (hash, now) = (vault::hash(secret), self.env().now());
        let key = hash.clone();
        let found = self
            .db()
            .read(move |tx| {
                let sql = "SELECT business, operator, expires_at FROM session WHERE hash = ?1";
                let row =
                    tx.query_opt(sql, &[(&key).into()], |row| Ok((row.get::<AccountId>(0)?, row.get::<OperatorId>(1)?, row.get::<Timestamp>(2)?)))?;
                let Some((business, operator, until)) = row.filter(|(.., until)| *until > now) else { return Ok::<_, Error>(None) };
                Ok(get(tx, business, operator)?.map(|operator| (business, operator, until)))
            })
            .await?;
        let over = || Error::Unauthorized("not signed in, or the session has ended; sign in again".into());
        let (business, operator, until) = found.ok_or_else(over)?;
        let fresh = now.plus_millis(limits::OPERATOR_SESSION_MILLIS);
        // Moved once a day at most, so that reading the inbox does not write.
        if fresh.since(until) > 24 * 3_600_000 {
            let sql = "UPDATE session SET expires_at = ?2 WHERE hash = ?1";
            self.db().write(move |tx| Ok::<_, Error>(tx.execute(sql, &[(&hash).into(), fresh.into()])?)).await?;
        }
        Ok(SignedIn { business: self.business(business)?, operator })
    }

    /// Ends a session.
    ///
    /// # Errors
    /// When the store fails.
    pub async fn sign_out(&self, secret: &str) -> Result<(), Error> {
        let hash = vault::hash(secret);
        self.db().write(move |tx| Ok::<_, Error>(tx.execute("DELETE FROM session WHERE hash = ?1", &[(&hash).into()])?)).await?;
        Ok(())
    }
}

/// An error when the business has as many operators as it may (R90).
fn check_staff(tx: &mut Tx<'_>, business: AccountId, rules: &Rules) -> Result<(), Error> {
    let sql = "SELECT count(*) FROM operator WHERE business = ?1 AND role <> 'removed'";
    let count: i64 = tx.query_one(sql, &[(&business).into()], |row| row.get(0))?;
    if count < i64::from(rules.staff_most) {
        return Ok(());
    }
    Err(Error::Conflict(format!(
        "this business has {count} operators, and {} are allowed (policy {}, staff.most); remove somebody first, or ask the platform for more",
        rules.staff_most, rules.policy
    )))
}

/// Owners manage everybody, admins everybody but owners, operators nobody.
fn may_manage(by: Option<&Operator>, role: Role) -> Result<(), Error> {
    match by.map(|operator| operator.role) {
        None | Some(Role::Owner) => Ok(()),
        Some(Role::Admin) if role < Role::Owner => Ok(()),
        Some(Role::Admin) => Err(Error::Forbidden("only an owner may manage owners".into())),
        Some(Role::Operator) => Err(Error::Forbidden("only owners and admins may manage the team".into())),
    }
}

fn check_name(name: &str) -> Result<String, Error> {
    let name = name.trim();
    let count = name.chars().count();
    if count == 0 || count > limits::NAME_CHARS || name.chars().any(char::is_control) {
        return Err(Error::Invalid(format!("a name has 1 to {} characters on one line", limits::NAME_CHARS)));
    }
    Ok(name.to_owned())
}

fn check_email(email: &str) -> Result<String, Error> {
    let email = email.trim().to_lowercase();
    let parts: Vec<&str> = email.split('@').collect();
    let plain = email.len() <= 254 && email.chars().all(|c| !c.is_whitespace() && !c.is_control());
    match parts[..] {
        [local, domain] if plain && !local.is_empty() && domain.contains('.') && !domain.starts_with('.') && !domain.ends_with('.') => Ok(email),
        _ => Err(Error::Invalid("an e-mail address is written name@example.com".into())),
    }
}
