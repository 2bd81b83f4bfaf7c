//! What a business shows of itself before anybody wrote.
use crate::{Client, ClientError};
use suki_protocol::calls::profile::{GetProfile, ShownProfile};
use suki_types::AccountId;

impl Client {
    /// What a business says of itself, and what a customer may begin with: its prompts, and the commands that he finds when he types a slash.
    ///
    /// # Errors
    /// When there is no connection, or the network knows no such business.
    pub async fn profile(&self, business: AccountId) -> Result<ShownProfile, ClientError> {
        self.call(&GetProfile { business }).await
    }
}
