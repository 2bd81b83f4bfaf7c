//! What every request of a program asks first, kept in memory: whose a token is, and what an id names.
use crate::{nodes::Node, tokens::Grant};
use parking_lot::RwLock;
use std::collections::HashMap;
use suki_cloud_api::ObjectId;
use suki_types::AccountId;

/// How many of each are remembered; when there are more, all are forgotten and read again.
const REMEMBERED: usize = 10_000;

/// Whose a token is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct TokenOwner {
    pub business: AccountId,
    pub app: ObjectId,
    pub grant: Grant,
    /// Whether the app takes requests with a proof only.
    pub proof_required: bool,
}

/// Only what is there is remembered: what is not may come into being at any moment.
#[derive(Debug, Default)]
pub(crate) struct Directory {
    tokens: RwLock<Tokens>,
    nodes: RwLock<Nodes>,
}

/// An id names the same thing of the same business until it names nothing.
#[derive(Debug, Default)]
struct Nodes {
    by_id: HashMap<ObjectId, (Node, AccountId)>,
    removals: u64,
}

#[derive(Debug, Default)]
struct Tokens {
    by_hash: HashMap<Vec<u8>, TokenOwner>,
    revocations: u64,
}

impl Directory {
    pub fn token(&self, hash: &[u8]) -> Option<TokenOwner> {
        self.tokens.read().by_hash.get(hash).copied()
    }

    /// How many tokens were revoked so far: to be asked before a token is read from the store.
    pub fn revocations(&self) -> u64 {
        self.tokens.read().revocations
    }

    /// Remembers a token that was read after so many revocations; if there was another since then, it may have been this one.
    pub fn remember_token(&self, hash: Vec<u8>, owner: TokenOwner, revocations: u64) {
        let mut tokens = self.tokens.write();
        if tokens.revocations == revocations {
            forget_when_full(&mut tokens.by_hash);
            tokens.by_hash.insert(hash, owner);
        }
    }

    /// To be called when the revocation is committed.
    pub fn revoked(&self, hash: &[u8]) {
        let mut tokens = self.tokens.write();
        tokens.revocations += 1;
        tokens.by_hash.remove(hash);
    }

    /// To be called when something that is remembered with tokens was changed, and that is committed.
    pub fn forget_tokens(&self) {
        let mut tokens = self.tokens.write();
        tokens.revocations += 1;
        tokens.by_hash.clear();
    }

    /// A business was taken up that other nodes may have changed meanwhile.
    pub fn forget_all(&self) {
        self.forget_tokens();
        let mut nodes = self.nodes.write();
        nodes.removals += 1;
        nodes.by_id.clear();
    }

    pub fn node(&self, id: ObjectId) -> Option<(Node, AccountId)> {
        self.nodes.read().by_id.get(&id).copied()
    }

    /// How many ids were taken away so far: to be asked before one is read from the store.
    pub fn removals(&self) -> u64 {
        self.nodes.read().removals
    }

    /// Remembers an id that was read after so many removals; if there was another since then, it may have been this one.
    pub fn remember_node(&self, id: ObjectId, node: Node, business: AccountId, removals: u64) {
        let mut nodes = self.nodes.write();
        if nodes.removals == removals {
            forget_when_full(&mut nodes.by_id);
            nodes.by_id.insert(id, (node, business));
        }
    }

    /// To be called when the removal is committed.
    pub fn forget_node(&self, id: ObjectId) {
        let mut nodes = self.nodes.write();
        nodes.removals += 1;
        nodes.by_id.remove(&id);
    }
}

fn forget_when_full<K, V>(map: &mut HashMap<K, V>) {
    if map.len() >= REMEMBERED {
        map.clear();
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use suki_cloud_api::permission::Permissions;
    use suki_types::Env;

    #[test]
    fn a_token_that_was_read_before_its_revocation_is_not_remembered_after_it() {
        let env = Env::for_tests(1);
        let (directory, hash) = (Directory::default(), vec![1; 32]);
        let owner = TokenOwner {
            business: AccountId::new(&env),
            app: ObjectId::new(&env),
            grant: Grant { permissions: Permissions::ALL, created_at: env.now(), expires_at: None },
            proof_required: false,
        };
        let read_at = directory.revocations();
        directory.remember_token(hash.clone(), owner, read_at);
        assert_eq!(directory.token(&hash), Some(owner));
        directory.revoked(&hash);
        assert_eq!(directory.token(&hash), None);
        directory.remember_token(hash.clone(), owner, read_at);
        assert_eq!(directory.token(&hash), None);
    }

    #[test]
    fn an_id_that_was_read_before_its_removal_is_not_remembered_after_it() {
        let env = Env::for_tests(2);
        let (directory, id, business) = (Directory::default(), ObjectId::new(&env), AccountId::new(&env));
        let read_at = directory.removals();
        directory.remember_node(id, Node::Media, business, read_at);
        assert_eq!(directory.node(id), Some((Node::Media, business)));
        directory.forget_node(id);
        directory.remember_node(id, Node::Media, business, read_at);
        assert_eq!(directory.node(id), None);
    }

    #[test]
    fn it_does_not_grow_without_end() {
        let env = Env::for_tests(1);
        let (directory, business) = (Directory::default(), AccountId::new(&env));
        for _ in 0..=REMEMBERED {
            directory.remember_node(ObjectId::new(&env), Node::App, business, 0);
        }
        assert!(directory.nodes.read().by_id.len() <= REMEMBERED);
    }
}
