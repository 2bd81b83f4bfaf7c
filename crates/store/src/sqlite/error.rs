//! SQLite's errors in the contract's terms.
use crate::error::StoreError;
use rusqlite::{Error, ErrorCode};

/// The contract's name for an error of SQLite. Its messages name tables and columns, never values.
pub(super) fn map(error: Error) -> StoreError {
    match error {
        Error::SqliteFailure(failure, message) => match failure.code {
            ErrorCode::DiskFull => StoreError::Full,
            ErrorCode::ReadOnly => StoreError::ReadOnly,
            ErrorCode::ConstraintViolation => StoreError::Constraint(message.unwrap_or_else(|| failure.to_string())),
            ErrorCode::DatabaseCorrupt | ErrorCode::NotADatabase => StoreError::Corrupt("the database file is damaged"),
            ErrorCode::SystemIoFailure
            | ErrorCode::CannotOpen
            | ErrorCode::DatabaseBusy
            | ErrorCode::DatabaseLocked
            | ErrorCode::OutOfMemory
            | ErrorCode::PermissionDenied
            | ErrorCode::FileLockingProtocolFailed => {
                StoreError::Unavailable(format!("SQLite error {}: {}", failure.extended_code, rusqlite::ffi::code_to_str(failure.extended_code)))
            }
            _ => StoreError::Statement(message.unwrap_or_else(|| failure.to_string())),
        },
        Error::SqlInputError { msg, .. } => StoreError::Statement(msg),
        other => StoreError::Statement(other.to_string()),
    }
}
