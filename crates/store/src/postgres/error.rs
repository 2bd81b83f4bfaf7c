//! PostgreSQL's errors in the contract's terms.
use super::wire::Failure;
use crate::error::StoreError;
use std::time::Duration;
use tokio_postgres::Error;

/// What an error means, beside its name in the contract.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Trouble {
    /// Another transaction was in the way (40001, 40P01): the same transaction may pass when it is run again.
    Conflict,
    /// The connection is gone, or of no use.
    Lost,
    /// It took longer than is allowed, and would again.
    Slow,
    /// None of these.
    Plain,
}

/// The contract's name for what came instead of an answer, and what it means.
pub(super) fn name(failure: &Failure) -> (StoreError, Trouble) {
    match failure {
        Failure::Told(error) => map(error),
        Failure::Silent => (StoreError::Unavailable("PostgreSQL did not answer in time; the connection was given up".into()), Trouble::Lost),
    }
}

/// The contract's name for an error of PostgreSQL, and what it means. Its messages name tables, columns and constraints; those that could show a value (class
/// 22) are left out.
fn map(error: &Error) -> (StoreError, Trouble) {
    let Some(from_server) = error.as_db_error() else {
        return if lost(error) {
            (StoreError::Unavailable("the connection to PostgreSQL is lost".into()), Trouble::Lost)
        } else {
            (StoreError::Statement(format!("PostgreSQL's client: {error}")), Trouble::Plain)
        };
    };
    let code = from_server.code().code();
    let message = from_server.message().to_owned();
    match code {
        "40001" | "40P01" => (StoreError::Unavailable(format!("other transactions are in the way (PostgreSQL {code})")), Trouble::Conflict),
        "53100" => (StoreError::Full, Trouble::Plain),
        // A server that was the primary; another host of the address may be it now.
        "25006" => (StoreError::ReadOnly, Trouble::Lost),
        "25P03" => (StoreError::Unavailable("PostgreSQL ended a transaction that this node left idle".into()), Trouble::Lost),
        "57014" | "55P03" => (StoreError::Unavailable(format!("PostgreSQL took too long (PostgreSQL {code})")), Trouble::Slow),
        "57P01" | "57P02" | "57P03" => (StoreError::Unavailable(format!("PostgreSQL is going down or starting (PostgreSQL {code})")), Trouble::Lost),
        "XX001" | "XX002" => (StoreError::Corrupt("PostgreSQL finds its data damaged"), Trouble::Plain),
        _ => match &code[..2] {
            "08" => (StoreError::Unavailable(format!("the connection to PostgreSQL is lost (PostgreSQL {code})")), Trouble::Lost),
            "22" => (StoreError::Statement(format!("a value does not fit (PostgreSQL {code})")), Trouble::Plain),
            "23" => (StoreError::Constraint(message), Trouble::Plain),
            "53" | "54" | "55" | "57" | "58" | "28" | "3D" => (StoreError::Unavailable(format!("{message} (PostgreSQL {code})")), Trouble::Plain),
            _ => (StoreError::Statement(format!("{message} (PostgreSQL {code})")), Trouble::Plain),
        },
    }
}

/// Why no connection was made, in words for whoever chose the address. What the client says of it shows no password.
pub(super) fn unreachable(failure: &Failure, patience: Duration) -> StoreError {
    let error = match failure {
        Failure::Told(error) => error,
        Failure::Silent => {
            return StoreError::Unavailable(format!("PostgreSQL cannot be reached: it let nobody in within {} seconds", patience.as_secs_f32()));
        }
    };
    let mut text = format!("PostgreSQL cannot be reached: {error}");
    let mut cause = std::error::Error::source(error);
    while let Some(deeper) = cause {
        let said = deeper.to_string();
        if !text.contains(&said) {
            text = format!("{text}: {said}");
        }
        cause = deeper.source();
    }
    StoreError::Unavailable(text)
}

fn lost(error: &Error) -> bool {
    use std::error::Error as _;
    let in_transport = error.source().is_some_and(|source| source.is::<std::io::Error>());
    // The crate keeps its kinds to itself; a time-out while connecting has neither source nor code.
    in_transport || error.is_closed() || error.to_string().starts_with("error connecting") || error.to_string().starts_with("timeout")
}
