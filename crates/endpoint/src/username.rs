//! The business's username, in the network's one namespace; customers find the business by it.
use crate::{Business, Error, webhooks};
use std::sync::Arc;
use suki_cloud_api::number::username::{USERNAME_FIELD, candidates, update};
use suki_protocol::calls::username::{FreeUsernames, GetUsername, RemoveUsername, SetUsername};

impl Business {
    /// The username, if it has one.
    ///
    /// # Errors
    /// When the network cannot be asked.
    pub async fn username(&self) -> Result<Option<String>, Error> {
        Ok(self.link.call(&GetUsername {}).await?.username)
    }

    /// Takes a username in the place of the one it has, and has programs told.
    ///
    /// # Errors
    /// 147001 when nobody can have it, or somebody has it; when the network cannot be asked.
    pub async fn adopt_username(self: &Arc<Self>, username: String) -> Result<(), Error> {
        let before = self.username().await?;
        let now = self.link.call(&SetUsername { username }).await?.username;
        if now == before { Ok(()) } else { self.tell_username(now).await }
    }

    /// Gives the username up, and has programs told when there was one.
    ///
    /// # Errors
    /// When the network cannot be asked.
    pub async fn give_up_username(self: &Arc<Self>) -> Result<(), Error> {
        let before = self.username().await?;
        self.link.call(&RemoveUsername {}).await?;
        if before.is_some() { self.tell_username(None).await } else { Ok(()) }
    }

    /// Usernames that are free, made of the business's name and link.
    ///
    /// # Errors
    /// When the network cannot be asked.
    pub async fn suggested_usernames(&self) -> Result<Vec<String>, Error> {
        let record = self.record();
        let usernames = candidates(&record.name, &record.slug);
        Ok(self.link.call(&FreeUsernames { usernames }).await?.free)
    }

    async fn tell_username(self: &Arc<Self>, username: Option<String>) -> Result<(), Error> {
        let (business, now) = (self.clone(), self.env().now());
        let queued = self
            .db()
            .write(move |tx| webhooks::account(&business, tx, USERNAME_FIELD, &update(&business.record().phone, username.as_deref()), now))
            .await?;
        self.common().dispatcher().notify(queued);
        Ok(())
    }
}
