//! This process as one of several nodes over one database: its id, where the others reach it, and whose place it took.
use crate::cli::{Failure, Serve};
use std::{
    fs::{File, OpenOptions, TryLockError},
    io::{self, Read as _, Seek as _, Write as _},
    os::unix::fs::OpenOptionsExt as _,
    path::Path,
};
use suki_endpoint::cluster::{DEAD_AFTER_MILLIS, Here};
use suki_types::{Env, NodeId};
use url::Url;

/// A node, as long as it runs.
pub struct ThisNode {
    /// Its id and its address, and the node that ran in its data folder before.
    pub here: Here,
    /// Held for as long as the node runs, so that the next one in this data folder knows that it does not run any more.
    _place: Option<File>,
}

impl ThisNode {
    /// This process, when it shares a database.
    ///
    /// # Errors
    /// When its address is none, or its data folder cannot be written.
    pub fn open(serve: &Serve, env: &Env) -> Result<Option<Self>, Failure> {
        if serve.storage.database.is_none() {
            return Ok(None);
        }
        let address = address(serve.node_address.as_deref(), &format!("http://{}", serve.listen))?;
        let id = NodeId::new(env);
        let path = serve.storage.data.join("node");
        let (place, before) = take_place(&path, id).map_err(|error| format!("cannot write {}: {error}", path.display()))?;
        Ok(Some(Self { here: Here { id, address, before, dead_after_millis: DEAD_AFTER_MILLIS }, _place: place }))
    }
}

/// Where other nodes reach this one, without a slash at its end.
fn address(named: Option<&str>, own: &str) -> Result<String, Failure> {
    let Some(named) = named else { return Ok(own.to_owned()) };
    let wrong = || {
        format!("--node-address {named} is no address: write http://HOST:PORT, at which the other nodes reach this one and nothing stands before it")
    };
    let url = Url::parse(named).map_err(|_| wrong())?;
    let is_plain = matches!(url.scheme(), "http" | "https") && url.has_host() && url.path() == "/" && url.query().is_none();
    if is_plain { Ok(named.trim_end_matches('/').to_owned()) } else { Err(wrong().into()) }
}

/// Writes this node's id into the file of its data folder, and reads whose stood there. Who holds the file's lock is certain that the former has ended;
/// where another process holds it, nothing is said of anybody.
fn take_place(path: &Path, id: NodeId) -> io::Result<(Option<File>, Option<NodeId>)> {
    let mut file = OpenOptions::new().read(true).write(true).create(true).truncate(false).mode(0o600).open(path)?;
    match file.try_lock() {
        Ok(()) => {}
        Err(TryLockError::WouldBlock) => {
            tracing::warn!("another process runs in this data folder: give each node a folder of its own with --data");
            return Ok((None, None));
        }
        Err(TryLockError::Error(error)) => return Err(error),
    }
    let mut text = String::new();
    // What is no id of a node says nothing of anybody.
    let before = file.read_to_string(&mut text).ok().and_then(|_| text.trim().parse().ok());
    file.rewind()?;
    file.set_len(0)?;
    writeln!(file, "{id}")?;
    file.sync_all()?;
    Ok((Some(file), before))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_next_node_of_a_folder_knows_who_has_ended_there() {
        let folder = tempfile::tempdir().expect("a folder");
        let (path, env) = (folder.path().join("node"), Env::for_tests(1));
        let (first, second, third) = (NodeId::new(&env), NodeId::new(&env), NodeId::new(&env));
        let (place, before) = take_place(&path, first).expect("it is written");
        assert_eq!(before, None);
        let (none, before) = take_place(&path, second).expect("it is read");
        assert!(none.is_none() && before.is_none(), "the first still runs");
        drop(place);
        let (_place, before) = take_place(&path, third).expect("it is written");
        assert_eq!(before, Some(first));
    }

    #[test]
    fn an_address_is_a_host_and_a_port() {
        let own = "http://127.0.0.1:8080";
        assert_eq!(address(None, own).expect("its own"), own);
        assert_eq!(address(Some("http://10.0.0.2:8080/"), own).expect("an address"), "http://10.0.0.2:8080");
        for wrong in ["10.0.0.2:8080", "ftp://10.0.0.2", "http://10.0.0.2/suki", "http://", "http://a?b"] {
            assert!(address(Some(wrong), own).is_err(), "{wrong}");
        }
    }
}
