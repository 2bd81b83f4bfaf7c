//! Storage: units of work over SQLite and PostgreSQL, committed in groups.
//!
//! A caller hands over an ordinary function: `db.write(|tx| …).await`. The store queues it, runs all that wait in one transaction with a savepoint each,
//! commits once, and answers each. Nothing is answered as stored before it is durable. A failed commit fails every unit of its group.
//!
//! # The SQL
//! One text per statement for both engines. Hence:
//! - Parameters are `?1`, `?2`, …, every one of them used, and every value comes as a parameter: blobs never as literals.
//! - Columns are `INTEGER`, `BLOB` or `TEXT`; booleans are `INTEGER` 0 and 1 and compared as such (`WHERE flag = 1`); tables are `STRICT` and their ids
//!   made by the program, never by the engine. Keys begin with their distribution key.
//! - Not shared by both, so not used: JSON operators, `DELETE … USING`, changes inside `WITH`, `ILIKE`, `greatest`, scalar `max`, `FOR UPDATE`, `INSERT OR …`.
//! - To go on after a conflict: `ON CONFLICT`. A statement that fails dooms its unit.
//! - A parameter that stands alone (`SELECT ?1`, `?1 IS NULL`) has no type on PostgreSQL: write `CAST(?1 AS BIGINT)`.
#[cfg(feature = "conformance")]
pub mod conformance;
mod db;
mod dialect;
mod error;
pub mod log;
mod migrate;
mod postgres;
mod queue;
mod row;
mod sqlite;
#[cfg(feature = "testing")]
pub mod testing;
mod tx;
mod unit;
mod value;

pub use db::Db;
pub use error::StoreError;
pub use migrate::Migration;
pub use postgres::PostgresOptions;
pub use row::{FromColumn, Row};
pub use sqlite::SqliteOptions;
pub use tx::Tx;
pub use unit::Answer;
pub use value::Value;
