//! What the platform's operators do: sign in, decide cases, look after businesses. The HTTP face and the command line call it.
//!
//! Every call takes the operator who asks and checks his role ([`operators::Duty`]); every change is in the audit log in the same unit.
//!
//! | file | subject |
//! |---|---|
//! | [`operators`] | who they are and what their roles may |
//! | [`session`] | one-time links and sessions |
//! | [`businesses`] | finding a business, and all that is known of it |
//! | [`records`] | the audit log with names |
//!
//! Queues and cases are in [`crate::review`].
pub mod businesses;
pub mod operators;
pub mod records;
pub mod session;

pub use operators::{Operator, Role};

use crate::{Network, refusal::Refusal};
use suki_rules::Policy;
use suki_store::{Db, StoreError, Tx};
use suki_types::Timestamp;

/// Why the console refuses.
#[derive(Debug, thiserror::Error)]
pub enum ConsoleError {
    /// There is no such thing.
    #[error("there is no such {0}")]
    NotFound(&'static str),
    /// The request is out of what is allowed.
    #[error("{0}")]
    Invalid(String),
    /// It contradicts what is stored.
    #[error("{0}")]
    Conflict(String),
    /// The operator's role does not allow it.
    #[error("{0}")]
    Forbidden(String),
    /// Nobody is signed in with this.
    #[error("{0}")]
    Unauthorized(String),
    /// The network refuses what would follow from it.
    #[error("{0}")]
    Refused(String),
    /// The store fails.
    #[error(transparent)]
    Store(#[from] StoreError),
}

impl From<Refusal> for ConsoleError {
    fn from(refusal: Refusal) -> Self {
        Self::Refused(refusal.0.message)
    }
}

/// The console of a network.
#[derive(Debug, Clone)]
pub struct Console(Network);

impl Network {
    /// What the platform's operators do.
    pub fn console(&self) -> Console {
        Console(self.clone())
    }
}

impl Console {
    pub(crate) fn network(&self) -> &Network {
        &self.0
    }
    /// The rules in force.
    pub fn policy(&self) -> &Policy {
        self.0.policy()
    }
    /// The time on the network's clock.
    pub fn time(&self) -> Timestamp {
        self.now()
    }
    pub(crate) fn now(&self) -> Timestamp {
        self.0.now()
    }
    fn db(&self) -> &Db {
        self.0.db()
    }

    pub(crate) async fn read<R: Send + 'static>(
        &self,
        unit: impl FnMut(&mut Tx<'_>) -> Result<R, ConsoleError> + Send + 'static,
    ) -> Result<R, ConsoleError> {
        self.db().read(unit).await
    }

    pub(crate) async fn write<R: Send + 'static>(
        &self,
        unit: impl FnMut(&mut Tx<'_>) -> Result<R, ConsoleError> + Send + 'static,
    ) -> Result<R, ConsoleError> {
        self.db().write(unit).await
    }
}
