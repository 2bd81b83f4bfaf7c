//! What can go wrong between a caller and what is durable.

/// Why a unit of work, a statement or a value failed. No text in it carries a stored value.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum StoreError {
    /// The disk, the quota or the database's own limit is reached. Nothing of the unit was stored; it may be tried again when there is space.
    #[error("storage is full: nothing was stored; free space or raise the quota, then try again")]
    Full,
    /// The storage takes no writes now. Nothing of the unit was stored; it may be tried again when it is writable.
    #[error("storage is read-only: nothing was stored; make it writable, then try again")]
    ReadOnly,
    /// The engine cannot be reached, is locked by another program or failed to read or write. Nothing of the unit was stored; it may be tried again.
    #[error("storage is unavailable: {0}")]
    Unavailable(String),
    /// The engine did not say whether the unit was stored. It may be tried again where that does no harm.
    #[error("storage is unavailable: {0}: the outcome is unknown")]
    InDoubt(String),
    /// More units wait than the queue's limit allows. Nothing of the unit was stored; it may be tried again.
    #[error("storage is overloaded: more than {0} units of work wait; try again later")]
    Overloaded(usize),
    /// A statement would break a constraint of the schema, named in the text.
    #[error("a constraint of the schema refuses this: {0}")]
    Constraint(String),
    /// A query for one row found none.
    #[error("there is no such row")]
    NotFound,
    /// A stored value is not what the reader expects, or the database file is damaged.
    #[error("stored data is not what was expected: {0}")]
    Corrupt(&'static str),
    /// A number is beyond what there is: an acknowledgement of what was never sent, or a value above 2^63 - 1.
    #[error("the number is beyond the allowed range")]
    OutOfRange,
    /// The store has been closed.
    #[error("the store is closed")]
    Closed,
    /// The key of the unit is another node's, or was since: nothing of it was stored, and nothing of this owner's will be any more.
    #[error("another node owns this now: nothing was stored")]
    NotOwner,
    /// The unit panicked, and was rolled back.
    #[error("the unit of work panicked and was rolled back")]
    Panicked,
    /// The engine does not understand a statement: a mistake in the program, not in the data.
    #[error("the statement is wrong: {0}")]
    Statement(String),
    /// The database's schema and the program's migrations do not fit.
    #[error("the schema cannot be brought up to date: {0}")]
    Migration(String),
}

impl StoreError {
    /// Whether the same unit may succeed later without anything about it being changed.
    pub fn is_temporary(&self) -> bool {
        matches!(self, Self::Full | Self::ReadOnly | Self::Unavailable(_) | Self::InDoubt(_) | Self::Overloaded(_))
    }
}
