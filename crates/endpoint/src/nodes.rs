//! What the Cloud API names by a bare id (section 2.1, row 12), so that `GET /ID` is one route. Templates are not among these: their ids come from the network.
use crate::{Business, Endpoint, Error};
use suki_cloud_api::ObjectId;
use suki_store::{StoreError, Tx};
use suki_types::{AccountId, Env};

macro_rules! nodes {
    ($($(#[$doc:meta])* $name:ident $word:literal,)*) => {
        /// What a Cloud API id names.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
        pub enum Node { $($(#[$doc])* $name,)* }

        impl Node {
            /// All of them.
            pub const ALL: &[Self] = &[$(Self::$name,)*];

            /// The word it is stored under.
            pub const fn word(self) -> &'static str {
                match self { $(Self::$name => $word,)* }
            }
        }
    };
}

nodes! {
    /// A phone number.
    PhoneNumber "phone_number",
    /// A WhatsApp Business Account.
    Waba "waba",
    /// An app.
    App "app",
    /// A business: the portfolio that owns accounts and catalogues.
    Business "business",
    /// A file that was uploaded or received.
    Media "media",
    /// A flow.
    Flow "flow",
    /// A group.
    Group "group",
    /// A catalogue.
    Catalog "catalog",
    /// A product of a catalogue.
    Product "product",
}

impl Node {
    fn from_word(word: &str) -> Option<Self> {
        Self::ALL.iter().copied().find(|node| node.word() == word)
    }
}

/// Gives a new object an id, in the unit of work that stores the object.
///
/// # Errors
/// When the store fails.
pub fn name(tx: &mut Tx<'_>, env: &Env, business: AccountId, node: Node) -> Result<ObjectId, StoreError> {
    let id = ObjectId::new(env);
    insert(tx, business, node, id)?;
    Ok(id)
}

pub(crate) fn insert(tx: &mut Tx<'_>, business: AccountId, node: Node, id: ObjectId) -> Result<(), StoreError> {
    let sql = "INSERT INTO graph_id (id, kind, business) VALUES (?1, ?2, ?3)";
    tx.execute(sql, &[id.number().into(), node.word().into(), (&business).into()])?;
    Ok(())
}

/// Takes an object's id away with the object. Once that is committed, [`Business::forget_node`] is to be called.
///
/// # Errors
/// When the store fails.
pub fn remove(tx: &mut Tx<'_>, id: ObjectId) -> Result<(), StoreError> {
    tx.execute("DELETE FROM graph_id WHERE id = ?1", &[id.number().into()])?;
    Ok(())
}

impl Business {
    /// An id names nothing any more, and its removal is committed.
    pub fn forget_node(&self, id: ObjectId) {
        self.common().directory().forget_node(id);
    }
}

impl Endpoint {
    /// What an id names, and whose it is.
    ///
    /// # Errors
    /// [`Error::NotFound`] when nothing.
    pub async fn node(&self, id: ObjectId) -> Result<(Node, AccountId), Error> {
        if let Some(known) = self.directory().node(id) {
            return Ok(known);
        }
        let removals = self.directory().removals();
        let sql = "SELECT kind, business FROM graph_id WHERE id = ?1";
        let found = self
            .db()
            .read(move |tx| Ok::<_, Error>(tx.query_opt(sql, &[id.number().into()], |row| Ok((row.get::<String>(0)?, row.get::<AccountId>(1)?)))?))
            .await?;
        let (kind, business) = found.ok_or(Error::NotFound("object"))?;
        let node = Node::from_word(&kind).ok_or(StoreError::Corrupt("graph id kind"))?;
        self.directory().remember_node(id, node, business, removals);
        Ok((node, business))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_kind_comes_back_from_its_word() {
        for node in Node::ALL {
            assert_eq!(Node::from_word(node.word()), Some(*node));
        }
        assert_eq!(Node::from_word("planet"), None);
    }
}
