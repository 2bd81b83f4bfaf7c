//! A customer opens the chat for the first time: programs of a number whose automation greets are told by a message of the type `request_welcome` (Cloud
//! API, section 3c).
use crate::{Business, Error, agent::Told, contacts, notices::Notice, settings, webhooks};
use suki_cloud_api::number::automation::Automation;
use suki_protocol::calls::conversation::ConversationEntered;
use suki_store::{StoreError, Tx};

/// Stores what programs are told of who came in.
///
/// # Errors
/// When the store fails.
pub(crate) fn entered(business: &Business, tx: &mut Tx<'_>, notice: &Notice, told: &mut Told) -> Result<(), Error> {
    let id = business.id();
    let (Ok(entered), Some(chat)) = (serde_json::from_slice::<ConversationEntered>(&notice.json), notice.chat) else {
        tracing::warn!(business = %id, "what the network says of a conversation cannot be read");
        return Ok(());
    };
    let greets = settings::find::<Automation>(tx, id)?.is_some_and(|automation| automation.enable_welcome_message);
    if !greets {
        return Ok(());
    }
    match contacts::get(tx, id, entered.customer) {
        Err(StoreError::NotFound) => Ok(()),
        Err(error) => Err(error.into()),
        Ok(contact) => {
            let contact = business.sight(contact);
            told.queued.extend(webhooks::welcome(business, tx, chat, &contact, notice.at)?);
            Ok(())
        }
    }
}
