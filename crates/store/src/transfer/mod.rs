//! Moving a whole store from one engine to the other, while nobody uses it.
//!
//! The tables are taken from the schema itself, so that none can be forgotten; what differs between the engines is named in [`tables`]. Rows go over in the
//! order of their keys, a page and the place it ends at in one transaction, so that a move that was killed goes on where it was. At the end the rows of
//! both sides are counted and summed up anew. The source is read only; the target cannot be opened as a store before the move is over.
mod cell;
mod page;
mod run;
mod schema;
mod side;
mod state;
mod sum;
mod tables;

pub use run::{Moved, Phase, Progress, run};
pub use sum::Sum;

use crate::{db::Db, error::StoreError};
use std::path::PathBuf;

/// Where a store is.
#[derive(Clone, PartialEq, Eq)]
pub enum Place {
    /// A file.
    Sqlite(PathBuf),
    /// A schema in a database.
    Postgres {
        /// `postgresql://USER:PASSWORD@HOST:PORT/DATABASE`.
        url: String,
        /// The schema.
        schema: String,
    },
}

/// Without the address, which holds a password.
impl std::fmt::Debug for Place {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Sqlite(path) => write!(f, "{}", path.display()),
            Self::Postgres { schema, .. } => write!(f, "the schema {schema}"),
        }
    }
}

/// One of the two sides of a move.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum End {
    /// Where the rows are.
    Source,
    /// Where they go.
    Target,
}

impl std::fmt::Display for End {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(match self {
            Self::Source => "source",
            Self::Target => "target",
        })
    }
}

/// Why a store was not moved. No text shows a stored value.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum TransferError {
    /// An engine failed. What was copied stays; the move goes on from there when it is started again.
    #[error("the {0}: {1}")]
    Store(End, StoreError),
    /// Somebody uses it.
    #[error("the {0} is in use: stop every server that uses it, then start the move again")]
    InUse(End),
    /// There is no store where the source should be.
    #[error("the source is no store: it has no table suki_migration")]
    NoSource,
    /// A move into the source is not over.
    #[error("a move into the source is not over: finish that one first")]
    Unfinished,
    /// The source's schema is older than the program.
    #[error("the source was last used by an older version: start this version's server on it once, stop it, then start the move again")]
    Old,
    /// The target holds something that this move did not put there.
    #[error("the target has data already, which no unfinished move put there; name an empty target")]
    Occupied,
    /// The target holds the beginning of another move, or the source has changed since.
    #[error(
        "the target holds the beginning of a move of other data, or the source was used since it began; remove what is in the target and start the move again"
    )]
    Other,
    /// The schemas differ in a way that nobody has described.
    #[error("the schemas of the two engines differ: {0}")]
    Schema(String),
    /// What arrived is not what was sent.
    #[error(
        "the table {table} differs: the source has {} rows (checksum {}), the target {} ({}); remove what is in the target and start the move again",
        source_sum.rows, source_sum, target_sum.rows, target_sum
    )]
    Differs {
        /// The table.
        table: String,
        /// Of the source's rows.
        source_sum: Sum,
        /// Of the target's.
        target_sum: Sum,
    },
}

/// Names the side of an engine's error.
trait At<T> {
    fn at(self, end: End) -> Result<T, TransferError>;
}

impl<T> At<T> for Result<T, StoreError> {
    fn at(self, end: End) -> Result<T, TransferError> {
        self.map_err(|error| TransferError::Store(end, error))
    }
}

/// Whether a store is the target of a move that is not over: nothing else may use it.
///
/// # Errors
/// As a read.
pub async fn is_unfinished(db: &Db) -> Result<bool, StoreError> {
    let sql = if db.is_shared() { state::ON_POSTGRES } else { state::ON_SQLITE };
    db.read(move |tx| tx.query_one(sql, &[], |row| row.get(0))).await
}
