//! The people of the console, and what each role may do.
use super::{Console, ConsoleError};
use crate::audit::{self, Actor};
use serde::{Deserialize, Serialize};
use suki_store::{Row, StoreError, Tx};
use suki_types::{OperatorId, Timestamp, limits};

/// What an operator of the platform does.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Role {
    /// Decides cases and looks after businesses.
    Reviewer,
    /// Looks after prices and accounts.
    Finance,
    /// Everything, and the team.
    Admin,
}

/// A kind of work that a role may or may not do.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Duty {
    /// Look at businesses, rules and the audit log.
    Look,
    /// See and decide cases, with the documents and messages in them.
    Decide,
    /// Warn, restrict, ban and lift; set a level of trust.
    Sanction,
    /// Rate cards and ledgers.
    Money,
    /// Speak to all businesses in the platform's name.
    Announce,
    /// Who works here.
    Team,
}

impl Duty {
    /// All of them.
    pub const ALL: [Self; 6] = [Self::Look, Self::Decide, Self::Sanction, Self::Money, Self::Announce, Self::Team];

    /// As the console's API writes it.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Look => "look",
            Self::Decide => "decide",
            Self::Sanction => "sanction",
            Self::Money => "money",
            Self::Announce => "announce",
            Self::Team => "team",
        }
    }
}

impl Role {
    /// All of them.
    pub const ALL: [Self; 3] = [Self::Reviewer, Self::Finance, Self::Admin];

    /// Whether the role includes this work.
    pub fn may(self, duty: Duty) -> bool {
        match self {
            Self::Admin => true,
            Self::Reviewer => matches!(duty, Duty::Look | Duty::Decide | Duty::Sanction),
            Self::Finance => matches!(duty, Duty::Look | Duty::Money),
        }
    }

    /// As the store and the command line write it.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Reviewer => "reviewer",
            Self::Finance => "finance",
            Self::Admin => "admin",
        }
    }

    /// The role of this name.
    pub fn named(text: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|role| role.as_str() == text)
    }

    fn from_stored(text: &str) -> Result<Self, StoreError> {
        Self::named(text).ok_or(StoreError::Corrupt("console operator role"))
    }
}

/// A person of the console.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Operator {
    /// Who.
    pub id: OperatorId,
    /// What he is called.
    pub name: String,
    /// What he does.
    pub role: Role,
}

impl Operator {
    /// An error unless his role includes this work.
    ///
    /// # Errors
    /// [`ConsoleError::Forbidden`], with the roles that may.
    pub fn must(&self, duty: Duty) -> Result<(), ConsoleError> {
        if self.role.may(duty) {
            return Ok(());
        }
        let others: Vec<&str> = Role::ALL.into_iter().filter(|role| role.may(duty)).map(Role::as_str).collect();
        Err(ConsoleError::Forbidden(format!("the role {} may not do this; ask somebody who is {}", self.role.as_str(), others.join(" or "))))
    }
}

fn from_row(row: &Row<'_>) -> Result<Operator, StoreError> {
    Ok(Operator { id: row.get(0)?, name: row.get(1)?, role: Role::from_stored(&row.get::<String>(2)?)? })
}

/// An operator who may sign in.
pub(super) fn active(tx: &mut Tx<'_>, id: OperatorId) -> Result<Option<Operator>, StoreError> {
    tx.query_opt("SELECT operator, name, role FROM console_operator WHERE operator = ?1 AND removed_at = 0", &[(&id).into()], from_row)
}

/// An operator, also one who was removed: his decisions keep his name.
pub(crate) fn find(tx: &mut Tx<'_>, id: OperatorId) -> Result<Option<Operator>, StoreError> {
    tx.query_opt("SELECT operator, name, role FROM console_operator WHERE operator = ?1", &[(&id).into()], from_row)
}

/// Everybody who may sign in.
pub(super) fn all_active(tx: &mut Tx<'_>) -> Result<Vec<Operator>, StoreError> {
    tx.query("SELECT operator, name, role FROM console_operator WHERE removed_at = 0 ORDER BY created_at, operator", &[], from_row)
}

/// Whether anybody else may decide cases.
pub(crate) fn others_decide(tx: &mut Tx<'_>, but: OperatorId) -> Result<bool, StoreError> {
    Ok(all_active(tx)?.iter().any(|operator| operator.id != but && operator.role.may(Duty::Decide)))
}

/// The most operators of a console.
const MOST: usize = 200;

/// Stores a new operator. `by` is who asks; [`Actor::System`] is the command line.
pub(super) fn insert(tx: &mut Tx<'_>, now: Timestamp, by: Actor, new: &Operator) -> Result<(), ConsoleError> {
    let known = all_active(tx)?;
    if known.iter().any(|operator| operator.name == new.name) {
        return Err(ConsoleError::Conflict("somebody of this name works here already; decisions are told apart by the name, so give another".into()));
    }
    if known.len() >= MOST {
        return Err(ConsoleError::Conflict(format!("the console has {MOST} operators, the most that is allowed; remove one first")));
    }
    tx.execute(
        "INSERT INTO console_operator (operator, name, role, created_at) VALUES (?1, ?2, ?3, ?4)",
        &[(&new.id).into(), (&new.name).into(), new.role.as_str().into(), now.into()],
    )?;
    audit::record(tx, now, by, "operator.added", &new.id.to_string(), &format!("{}, {}", new.name, new.role.as_str()))?;
    Ok(())
}

/// A name that can be one.
///
/// # Errors
/// [`ConsoleError::Invalid`] when it is empty, too long or has control characters.
pub(super) fn check_name(name: &str) -> Result<String, ConsoleError> {
    let name = name.trim();
    let count = name.chars().count();
    if count == 0 || count > limits::NAME_CHARS || name.chars().any(char::is_control) {
        return Err(ConsoleError::Invalid(format!("a name has 1 to {} characters on one line", limits::NAME_CHARS)));
    }
    Ok(name.to_owned())
}

impl Console {
    /// Everybody who works here.
    ///
    /// # Errors
    /// When the store fails.
    pub async fn operators(&self, by: &Operator) -> Result<Vec<Operator>, ConsoleError> {
        by.must(Duty::Look)?;
        self.read(|tx| Ok(all_active(tx)?)).await
    }

    /// Adds a colleague.
    ///
    /// # Errors
    /// [`ConsoleError::Forbidden`] when his role does not; [`ConsoleError::Invalid`] for a name that is none; [`ConsoleError::Conflict`] for one in use.
    pub async fn add_operator(&self, by: &Operator, name: &str, role: Role) -> Result<Operator, ConsoleError> {
        by.must(Duty::Team)?;
        let new = Operator { id: OperatorId::new(self.network().env()), name: check_name(name)?, role };
        let (now, by, stored) = (self.now(), Actor::Console(by.id), new.clone());
        self.write(move |tx| insert(tx, now, by, &stored)).await?;
        Ok(new)
    }

    /// Removes a colleague; his sessions and links end at once, and what he had before him is free.
    ///
    /// # Errors
    /// [`ConsoleError::Conflict`] for the last admin; [`ConsoleError::NotFound`]; [`ConsoleError::Forbidden`] when his role does not.
    pub async fn remove_operator(&self, by: &Operator, id: OperatorId) -> Result<(), ConsoleError> {
        by.must(Duty::Team)?;
        let (now, by) = (self.now(), Actor::Console(by.id));
        self.write(move |tx| {
            let gone = active(tx, id)?.ok_or(ConsoleError::NotFound("operator"))?;
            let admins = all_active(tx)?.iter().filter(|operator| operator.role == Role::Admin).count();
            if gone.role == Role::Admin && admins < 2 {
                return Err(ConsoleError::Conflict("the console needs an admin; add another first".into()));
            }
            tx.execute("UPDATE console_operator SET removed_at = ?2 WHERE operator = ?1", &[(&id).into(), now.into()])?;
            tx.execute("DELETE FROM console_session WHERE operator = ?1", &[(&id).into()])?;
            tx.execute("DELETE FROM console_sign_in WHERE operator = ?1", &[(&id).into()])?;
            tx.execute("UPDATE review_case SET claimed_by = NULL, claimed_until = 0 WHERE state = 1 AND claimed_by = ?1", &[(&id).into()])?;
            audit::record(tx, now, by, "operator.removed", &id.to_string(), &gone.name)?;
            Ok(())
        })
        .await
    }
}
