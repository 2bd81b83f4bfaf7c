//! What the MLS library stores of one group: a small map in memory, from which a group's state is exported and to which it is imported.
mod provider;

use crate::{Error, configuration};
use serde::{Deserialize, Serialize, de::DeserializeOwned};
use std::{
    collections::BTreeMap,
    sync::{Arc, Mutex, MutexGuard},
};

/// What a value is. The number is part of the stored state.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
#[repr(u8)]
pub(crate) enum Kind {
    Tree = 1,
    Context = 2,
    InterimTranscriptHash = 3,
    ConfirmationTag = 4,
    GroupState = 5,
    MessageSecrets = 6,
    ResumptionPsks = 7,
    OwnLeafIndex = 8,
    EpochSecrets = 9,
    OwnLeafNode = 10,
    Proposal = 11,
    EpochKeys = 12,
    EncryptionKey = 13,
    SignatureKey = 14,
    KeyPackage = 15,
    Psk = 16,
}

/// Values by kind and key. Cloning shares the values.
pub(crate) type Values = BTreeMap<(u8, Vec<u8>), Arc<[u8]>>;

/// One group's values. Every value is of the one group, so the library's group ids are not part of the keys.
#[derive(Default)]
pub(crate) struct Storage(Mutex<State>);

#[derive(Default)]
struct State {
    values: Values,
    /// Whether anything but the message secrets changed since the last export.
    cold_changed: bool,
}

/// Why a value cannot be stored or read.
#[derive(Debug, thiserror::Error)]
#[error("a value of the group's state cannot be encoded or decoded")]
pub(crate) struct StorageError;

impl From<StorageError> for Error {
    fn from(_: StorageError) -> Self {
        Self::CorruptState
    }
}

pub(crate) fn encode(value: &impl Serialize) -> Result<Vec<u8>, StorageError> {
    postcard::to_allocvec(value).map_err(|_| StorageError)
}

pub(crate) fn decode<'a, T: Deserialize<'a>>(bytes: &'a [u8]) -> Result<T, StorageError> {
    postcard::from_bytes(bytes).map_err(|_| StorageError)
}

impl Storage {
    /// These values, none of them changed.
    pub(crate) fn with(values: Values) -> Self {
        Self(Mutex::new(State { values, cold_changed: false }))
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.0.lock().unwrap_or_else(std::sync::PoisonError::into_inner)
    }

    /// All values as they are now, and whether the cold ones changed since the last export.
    pub(crate) fn snapshot(&self) -> (Values, bool) {
        let state = self.state();
        (state.values.clone(), state.cold_changed)
    }

    /// Makes the values those of an earlier snapshot.
    pub(crate) fn restore(&self, (values, cold_changed): (Values, bool)) {
        *self.state() = State { values, cold_changed };
    }

    /// From now on, cold values count as unchanged until one of them is written.
    pub(crate) fn mark_exported(&self) {
        self.state().cold_changed = false;
    }

    /// Puts a key package's secret where the library looks for it while it joins.
    pub(crate) fn lend_key_package(&self, reference: &impl Serialize, secret: &[u8]) -> Result<(), StorageError> {
        self.state().values.insert((Kind::KeyPackage as u8, encode(reference)?), secret.into());
        Ok(())
    }

    /// Forgets what only joining needed.
    pub(crate) fn forget_key_packages(&self) {
        self.state().values.retain(|(kind, _), _| *kind != Kind::KeyPackage as u8);
    }

    fn set(&self, kind: Kind, key: Vec<u8>, value: Option<Vec<u8>>) {
        let mut state = self.state();
        let key = (kind as u8, key);
        let changed = match value {
            Some(value) if state.values.get(&key).is_some_and(|old| **old == *value) => false,
            Some(value) => {
                state.values.insert(key, value.into());
                true
            }
            None => state.values.remove(&key).is_some(),
        };
        state.cold_changed |= changed && kind != Kind::MessageSecrets;
    }

    fn put(&self, kind: Kind, key: &impl Serialize, value: &impl Serialize) -> Result<(), StorageError> {
        self.set(kind, encode(key)?, Some(encode(value)?));
        Ok(())
    }

    fn get<T: DeserializeOwned>(&self, kind: Kind, key: &impl Serialize) -> Result<Option<T>, StorageError> {
        let value = self.state().values.get(&(kind as u8, encode(key)?)).cloned();
        value.map(|bytes| decode(&bytes)).transpose()
    }

    fn remove(&self, kind: Kind, key: &impl Serialize) -> Result<(), StorageError> {
        self.set(kind, encode(key)?, None);
        Ok(())
    }

    fn entries(&self, kind: Kind) -> Vec<(Vec<u8>, Arc<[u8]>)> {
        let of_kind = (kind as u8, Vec::new())..(kind as u8 + 1, Vec::new());
        self.state().values.range(of_kind).map(|((_, key), value)| (key.clone(), value.clone())).collect()
    }

    fn all<T: DeserializeOwned>(&self, kind: Kind) -> Result<Vec<T>, StorageError> {
        self.entries(kind).iter().map(|(_, value)| decode(value)).collect()
    }

    fn keys<T: DeserializeOwned>(&self, kind: Kind) -> Result<Vec<T>, StorageError> {
        self.entries(kind).iter().map(|(key, _)| decode(key)).collect()
    }

    fn append(&self, kind: Kind, value: &impl Serialize) -> Result<(), StorageError> {
        let position = u32::try_from(self.entries(kind).len()).map_err(|_| StorageError)?;
        self.set(kind, position.to_be_bytes().to_vec(), Some(encode(value)?));
        Ok(())
    }

    fn clear(&self, kind: Kind) -> Result<(), StorageError> {
        self.entries(kind).into_iter().for_each(|(key, _)| self.set(kind, key, None));
        Ok(())
    }

    /// The configuration is the program's, not the state's: a newer program's holds for old groups at once.
    fn configuration<T: DeserializeOwned>(&self) -> Result<T, StorageError> {
        serde_json::to_value(configuration::join()).and_then(serde_json::from_value).map_err(|_| StorageError)
    }
}
