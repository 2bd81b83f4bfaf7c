//! Groups of several customers: a person comes by a business's invitation, sees who writes, and leaves when he likes.
use crate::{Client, ClientError};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use suki_protocol::calls::{
    Done,
    groups::{JoinGroup, Joined, LeaveGroup, Preview, PreviewGroup},
};
use suki_types::{AccountId, ConversationId};

/// A group as a device sees it.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct GroupThread {
    /// Its name.
    pub subject: String,
    /// What it is for, "" for nothing.
    pub description: String,
    /// The other customers who are in it, and this one.
    pub participants: Vec<AccountId>,
    /// How those who have written call themselves.
    pub names: BTreeMap<AccountId, String>,
    /// Whether this person is in it no longer.
    pub left: bool,
}

impl GroupThread {
    /// How a participant calls himself; `None` as long as he has not said it.
    pub fn name(&self, account: AccountId) -> Option<&str> {
        self.names.get(&account).map(String::as_str).filter(|name| !name.is_empty())
    }
}

/// What an invitation's link ends with: the link itself will do.
fn code(link: &str) -> String {
    let path = link.split(['?', '#']).next().unwrap_or_default().trim_end_matches('/');
    path.rsplit('/').next().unwrap_or_default().to_owned()
}

impl Client {
    /// What an invitation invites to.
    ///
    /// # Errors
    /// When there is no connection, or the invitation holds no longer.
    pub async fn preview_group(&self, link: &str) -> Result<Preview, ClientError> {
        self.call(&PreviewGroup { link: code(link) }).await
    }

    /// Follows an invitation: the person is in the group then, or waits to be let in.
    ///
    /// # Errors
    /// When there is no connection, the invitation holds no longer, the group is full, or one of the two has blocked the other.
    pub async fn join_group(&self, link: &str) -> Result<Joined, ClientError> {
        self.call(&JoinGroup { link: code(link) }).await
    }

    /// Leaves a group, or takes back the request to be let in.
    ///
    /// # Errors
    /// When there is no connection, or the person is in no such group.
    pub async fn leave_group(&self, group: ConversationId) -> Result<(), ClientError> {
        let Done {} = self.call(&LeaveGroup { group }).await?;
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::code;

    #[test]
    fn a_link_or_its_end() {
        for link in ["AB12", "https://suki.example/g/AB12", "https://suki.example/g/AB12/?from=mail#x"] {
            assert_eq!(code(link), "AB12", "{link}");
        }
    }
}
