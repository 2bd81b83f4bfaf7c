//! Who the person is to others: username and number.
use crate::{Client, ClientError};
use suki_protocol::{
    calls::{
        Done,
        phone::{Move, RequestMove},
        username::{RemoveUsername, SetUsername},
    },
    http::CodeChannel,
};
use suki_types::Phone;

impl Client {
    /// Takes a username, by which businesses find the person; "" gives it up. What it is then.
    ///
    /// # Errors
    /// When there is no connection, or the network refuses: somebody else has it, or it is none.
    pub async fn set_username(&self, username: &str) -> Result<Option<String>, ClientError> {
        let own = match username {
            "" => self.call(&RemoveUsername {}).await?,
            wanted => self.call(&SetUsername { username: wanted.to_owned() }).await?,
        };
        Ok(own.username)
    }

    /// Has a code sent to the number by which the person wants to be known from now on.
    ///
    /// # Errors
    /// When there is no connection, or the network refuses: it sends no codes, or sent too many.
    pub async fn request_number_code(&self, phone: &Phone, channel: CodeChannel) -> Result<(), ClientError> {
        let Done {} = self.call(&RequestMove { phone: phone.clone(), channel }).await?;
        Ok(())
    }

    /// Takes that number: the account and its conversations stay, and the businesses are told. A number for tests needs no code.
    ///
    /// # Errors
    /// When there is no connection, or the network refuses: the code is wrong, or somebody else has the number.
    pub async fn change_number(&self, phone: &Phone, code: &str) -> Result<(), ClientError> {
        let Done {} = self.call(&Move { phone: phone.clone(), code: code.to_owned() }).await?;
        Ok(())
    }
}
