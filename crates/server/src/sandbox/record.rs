//! What a sandbox remembers beside the stores: how far its clock was moved, its secret, and who its customers are.
use super::Behaviour;
use serde::{Deserialize, Serialize};
use std::{io, io::Write as _, os::unix::fs::OpenOptionsExt as _, path::Path};
use suki_types::{AccountId, ConversationId, DeviceId, Env};

const FILE: &str = "sandbox.json";

/// The record of a data folder; readable by its owner alone.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Record {
    /// The secret with which programs use the sandbox.
    pub token: String,
    /// How far the clock was moved on, in milliseconds.
    pub moved_millis: i64,
    /// The simulated customers.
    pub customers: Vec<Kept>,
    /// Where the server was reached when it ran last.
    pub url: String,
}

/// A customer as he is remembered. His device's state lies in a file of its own.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Kept {
    /// His device.
    pub device: DeviceId,
    /// His test number, digits alone.
    pub phone: String,
    /// How he is called.
    pub name: String,
    /// The business he writes to.
    pub business: AccountId,
    /// His conversation with it.
    pub conversation: ConversationId,
    /// What he does by himself.
    pub behaviour: Behaviour,
}

impl Record {
    /// Whether this folder is a sandbox's.
    pub fn is_there(folder: &Path) -> bool {
        folder.join(FILE).exists()
    }

    /// Reads it.
    ///
    /// # Errors
    /// When it is not there or cannot be read.
    pub fn load(folder: &Path) -> io::Result<Self> {
        Ok(serde_json::from_slice(&std::fs::read(folder.join(FILE))?)?)
    }

    /// Reads it, or makes one with a new secret.
    ///
    /// # Errors
    /// When it cannot be read or stored.
    pub fn load_or_create(folder: &Path, env: &Env) -> io::Result<Self> {
        match Self::load(folder) {
            Err(error) if error.kind() == io::ErrorKind::NotFound => {
                let record = Self {
                    token: format!("sandbox_{}", hex::encode(env.random::<24>())),
                    moved_millis: 0,
                    customers: Vec::new(),
                    url: String::new(),
                };
                record.save(folder)?;
                Ok(record)
            }
            other => other,
        }
    }

    /// Stores it whole: the old one or the new one is there, at any moment.
    ///
    /// # Errors
    /// When it cannot be stored.
    pub fn save(&self, folder: &Path) -> io::Result<()> {
        let (path, fresh) = (folder.join(FILE), folder.join("sandbox.json.new"));
        let mut file = std::fs::OpenOptions::new().write(true).create(true).truncate(true).mode(0o600).open(&fresh)?;
        file.write_all(&serde_json::to_vec(self)?)?;
        file.sync_all()?;
        std::fs::rename(fresh, path)
    }
}
