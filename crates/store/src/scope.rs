//! Whom a unit of work keeps out while it runs.
use std::sync::Arc;
use suki_types::NodeId;

/// What units are kept apart by: a business's id, as a rule.
pub type Key = [u8; 16];

/// What a handle's units are about.
#[derive(Clone, Default)]
pub(crate) enum Scope {
    /// Anything: nothing may get between what such a unit reads and what it writes.
    #[default]
    Any,
    /// One key.
    One(Key),
    /// Several keys, sorted; or none at all.
    Many(Arc<[Key]>),
    /// One key, for as long as this node owns it.
    Owned(Claim),
}

/// That a node owns a key.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Claim {
    pub(crate) key: Key,
    pub(crate) node: NodeId,
    pub(crate) epoch: i64,
}

impl Scope {
    pub(crate) fn many(keys: &[Key]) -> Self {
        let mut keys = keys.to_vec();
        keys.sort_unstable();
        keys.dedup();
        match keys[..] {
            [key] => Self::One(key),
            _ => Self::Many(keys.into()),
        }
    }

    pub(crate) fn keys(&self) -> &[Key] {
        match self {
            Self::Any => &[],
            Self::One(key) | Self::Owned(Claim { key, .. }) => std::slice::from_ref(key),
            Self::Many(keys) => keys,
        }
    }

    /// Which of so many writers takes the units, so that those of one key stand in one queue; none for those about anything.
    pub(crate) fn writer(&self, writers: usize) -> Option<usize> {
        if matches!(self, Self::Any) || writers == 0 {
            return None;
        }
        // An id begins with the time; its end is random.
        let end = self.keys().first().map_or(0, |key| u64::from_be_bytes([key[8], key[9], key[10], key[11], key[12], key[13], key[14], key[15]]));
        usize::try_from(end % writers as u64).ok()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_key_has_one_writer_however_it_is_named() {
        let (key, claim) = ([7; 16], Claim { key: [7; 16], node: NodeId::from_bytes([1; 16]), epoch: 3 });
        for writers in 1..9 {
            let writer = Scope::One(key).writer(writers);
            assert_eq!(writer, Scope::Owned(claim).writer(writers));
            assert_eq!(writer, Scope::many(&[key, key]).writer(writers));
            assert!(writer.is_some_and(|writer| writer < writers));
        }
        assert_eq!((Scope::Any.writer(4), Scope::One(key).writer(0), Scope::many(&[]).writer(4)), (None, None, Some(0)));
        assert_eq!(Scope::many(&[[9; 16], key, [9; 16]]).keys(), [key, [9; 16]]);
    }
}
