//! Storage: units of work over SQLite and PostgreSQL, committed in groups.
//!
//! A caller hands over an ordinary function: `db.write(|tx| …).await`. The store queues it, runs all that wait in one transaction with a savepoint each,
//! commits once, and answers each. Nothing is answered as stored before it is durable. A failed commit fails every unit of its group.
//!
//! # What a unit may count on, on both engines
//! - It sees all that was committed before and its own changes; units of one [`Db`] run in the order of the calls of [`Db::write`]. On PostgreSQL that
//!   order holds among the units of one handle, that is of one key ([`Db::keyed`]) or of none.
//! - What it writes with [`log::append`], [`log::acknowledge`] and [`log::connected`] the functions of [`log`] see at once, and its own statements on the
//!   log's tables perhaps only when it is committed.
//! - An error or a panic rolls it back alone. A statement that failed dooms it, even if it goes on; a value that cannot be bound ([`Value::Unsigned`] above
//!   2^63 - 1, text with U+0000), a row that cannot be read and `NotFound` do not.
//! - It may run more than once before it is kept, so it changes nothing but the store, and does not begin or end transactions.
//! - `Full`, `ReadOnly`, `Unavailable` and `Overloaded` ([`StoreError::is_temporary`]) mean: try again later. The store recovers by itself. After an error of a
//!   commit the unit is not reported as stored, but may be when the connection to PostgreSQL broke in that moment: what is tried again must bear it.
//! - More units than [`SqliteOptions::queue_limit`] are refused, since a queue without a bound would grow until the memory is full.
//!
//! # Keys
//! On PostgreSQL many nodes write at once. What is about one business goes through [`Db::keyed`] with the business's id: those units run one after the
//! other, on whatever node, and beside those of other businesses. Everything else is SERIALIZABLE and runs again when others are in its way, which is for
//! what is cold: under load it would run again for ever. A node that alone may write for a business holds it by [`ownership`] and writes through
//! [`Db::owned`]. On SQLite one thread writes everything, and all of this costs nothing.
//!
//! # The SQL
//! One text per statement for both engines. Hence:
//! - Parameters are `?1`, `?2`, …, every one of them used, and every value comes as a parameter: blobs never as literals.
//! - Columns are `INTEGER`, `BLOB` or `TEXT`; booleans are `INTEGER` 0 and 1 and compared as such (`WHERE flag = 1`); tables are `STRICT` and their ids
//!   made by the program, never by the engine; types stand in capitals. Keys begin with their
//!   distribution key. A migration may have parts for one engine ([`Migration::sql`]).
//! - Not shared by both, so not used: JSON operators, `DELETE … USING`, changes inside `WITH`, `ILIKE`, `greatest`, scalar `max`, `FOR UPDATE`, `INSERT OR …`.
//! - To go on after a conflict: `ON CONFLICT`.
//! - A parameter that stands alone (`SELECT ?1`, `?1 IS NULL`) has no type on PostgreSQL: write `CAST(?1 AS BIGINT)`.
pub mod blobs;
#[cfg(feature = "conformance")]
pub mod conformance;
mod db;
mod dialect;
mod error;
mod key_check;
pub mod log;
mod meter;
mod migrate;
pub mod ownership;
mod postgres;
mod queue;
mod row;
mod scope;
mod split;
mod sqlite;
#[cfg(feature = "testing")]
pub mod testing;
pub mod transfer;
mod tx;
mod unit;
mod value;

pub use blobs::Blobs;
pub use db::Db;
pub use error::StoreError;
pub use key_check::check_key;
pub use migrate::Migration;
pub use postgres::PostgresOptions;
pub use row::{FromColumn, Row};
pub use scope::Key;
pub use split::{Kept, Split};
pub use sqlite::SqliteOptions;
pub use tx::Tx;
pub use unit::Answer;
pub use value::Value;
