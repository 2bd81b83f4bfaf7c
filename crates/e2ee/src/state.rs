//! A group's state as it is stored: a cold part that changes with the group, and a hot part that changes with every message.
//!
//! The library keeps all message secrets, those of past epochs and members' leaves among them, as one value that changes with every
//! message. The cold part holds that value as it was at its export; the hot part says only what differs since, between what both have in
//! common at the front and at the back. Without a change of the group a message rewrites a few hundred bytes.
use crate::{
    Device, Error, Group, Suite,
    storage::{Kind, Storage, Values, decode, encode},
};
use aws_lc_rs::digest::{SHA256, digest};
use serde::{Deserialize, Serialize};
use std::sync::Arc;
use suki_types::ConversationId;

/// Raised whenever the encoding changes; state of another version is refused, and its device rejoins.
const VERSION: u8 = 1;
/// A hot part that grew to more than this is folded into a new cold part.
const HOT_BYTES: usize = 4096;

/// What has to be stored of a group, in one transaction. Both parts are secret.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct State {
    /// Some when it changed since the last export: it replaces the stored one.
    pub cold: Option<Vec<u8>>,
    /// Always replaces the stored one.
    pub hot: Vec<u8>,
}

/// What the hot part refers to.
pub(crate) struct Exported {
    mark: [u8; 8],
    secrets: Arc<[u8]>,
}

#[derive(Serialize, Deserialize)]
struct Cold<'a> {
    version: u8,
    suite: u16,
    conversation: [u8; 16],
    #[serde(borrow)]
    values: Vec<(u8, &'a [u8], &'a [u8])>,
}

#[derive(Serialize, Deserialize)]
struct Hot<'a> {
    version: u8,
    /// Of which cold part.
    mark: [u8; 8],
    front: u32,
    back: u32,
    middle: &'a [u8],
}

fn mark(cold: &[u8]) -> [u8; 8] {
    let mut mark = [0; 8];
    mark.copy_from_slice(&digest(&SHA256, cold).as_ref()[..8]);
    mark
}

fn message_secrets(values: &Values) -> Result<Arc<[u8]>, Error> {
    let secrets = values.range((Kind::MessageSecrets as u8, Vec::new())..).next();
    secrets.filter(|((kind, _), _)| *kind == Kind::MessageSecrets as u8).map(|(_, value)| value.clone()).ok_or(Error::CorruptState)
}

fn common(a: impl Iterator<Item = u8>, b: impl Iterator<Item = u8>) -> usize {
    a.zip(b).take_while(|(a, b)| a == b).count()
}

fn hot(base: &Exported, secrets: &[u8]) -> Result<Vec<u8>, Error> {
    let front = common(base.secrets.iter().copied(), secrets.iter().copied());
    let back = common(base.secrets[front..].iter().rev().copied(), secrets[front..].iter().rev().copied());
    let length = |n: usize| u32::try_from(n).map_err(|_| Error::CorruptState);
    let middle = &secrets[front..secrets.len() - back];
    Ok(encode(&Hot { version: VERSION, mark: base.mark, front: length(front)?, back: length(back)?, middle })?)
}

fn patched(base: &[u8], hot: &Hot<'_>) -> Option<Arc<[u8]>> {
    let front = base.get(..usize::try_from(hot.front).ok()?)?;
    let back = base.len().checked_sub(usize::try_from(hot.back).ok()?)?;
    Some([front, hot.middle, base.get(back..)?].concat().into())
}

impl Group {
    /// What has to be stored now. The next export counts from here on, so what this returns must be stored or the group be dropped.
    ///
    /// # Errors
    /// When the library's state has no message secrets, which cannot be.
    pub fn export(&mut self) -> Result<State, Error> {
        let (values, cold_changed) = self.provider.storage.snapshot();
        let secrets = message_secrets(&values)?;
        if let Some(base) = self.exported.as_ref().filter(|_| !cold_changed) {
            let hot = hot(base, &secrets)?;
            if hot.len() <= HOT_BYTES {
                return Ok(State { cold: None, hot });
            }
        }
        let listed = values.iter().map(|((kind, key), value)| (*kind, &key[..], &value[..])).collect();
        let cold = encode(&Cold { version: VERSION, suite: self.suite().number(), conversation: *self.conversation.as_bytes(), values: listed })?;
        let base = Exported { mark: mark(&cold), secrets: secrets.clone() };
        let hot = hot(&base, &secrets)?;
        self.exported = Some(base);
        self.provider.storage.mark_exported();
        Ok(State { cold: Some(cold), hot })
    }

    /// The group from its stored state.
    ///
    /// # Errors
    /// [`Error::CorruptState`] when the bytes are not a state of this version, or when the parts are not of one time.
    pub fn import(device: &Device, cold: &[u8], hot: &[u8]) -> Result<Self, Error> {
        let mark = mark(cold);
        let cold: Cold<'_> = decode(cold)?;
        let hot: Hot<'_> = decode(hot)?;
        let suite = Suite::from_number(cold.suite.into()).ok_or(Error::CorruptState)?;
        if (cold.version, hot.version) != (VERSION, VERSION) || hot.mark != mark {
            return Err(Error::CorruptState);
        }
        let mut values: Values = cold.values.iter().map(|(kind, key, value)| ((*kind, key.to_vec()), (*value).into())).collect();
        let base = message_secrets(&values)?;
        let secrets = patched(&base, &hot).ok_or(Error::CorruptState)?;
        let place = values.iter_mut().find(|((kind, _), _)| *kind == Kind::MessageSecrets as u8);
        *place.ok_or(Error::CorruptState)?.1 = secrets;
        let provider = device.provider(suite, Storage::with(values));
        let mut group = Self::load(provider, ConversationId::from_bytes(cold.conversation))?;
        group.exported = Some(Exported { mark, secrets: base });
        Ok(group)
    }
}
