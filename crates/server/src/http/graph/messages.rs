//! `POST /P/messages`: a message of any type; that a message was read; that an answer is being typed.
use super::{BodyKind, Call, Handle, On, Operation, Reply, Scope, Verb, api_error, errors::elsewhere, message_shapes};
use serde_json::Value;
use suki_cloud_api::{
    ApiError, Code,
    account::AccountSettings,
    groups::GroupId,
    messages::{self, Outbound, Recipient, Request, What as Asked},
    responses, wamid,
};
use suki_endpoint::{
    Error,
    contacts::{Contact as Known, Recipient as Contact},
    messages::{Failure, Message, Via},
    react::Reacting,
    send::{Outgoing, What},
};
use suki_store::StoreError;
use suki_types::{ConversationId, MessageId};

/// The customer's keys are not those the program knows.
const IDENTITY_MISMATCH: i32 = 137_000;
const OTHER_KEYS: &str = "recipient_identity_key_hash: the customer's keys are others by now; the hash of today's stands in contacts of the webhooks of \
                          his messages, once user_identity_change is switched on in the settings";
const NO_HASH: &str = "recipient_identity_key_hash: a group has several customers, and no hash of their keys; leave it out";

/// `POST /P/messages`.
pub const OPERATION: Operation = Operation {
    name: "messages.send",
    method: Verb::Post,
    on: On::PhoneNumber,
    edge: "messages",
    scope: Scope::Messaging,
    body: BodyKind::Params,
    describe: message_shapes::describe,
    handle: Handle::Caller(|call| Box::pin(answer(call))),
};

async fn answer(call: &Call) -> Result<Reply, ApiError> {
    call.business.must_be_registered().map_err(|error| api_error(&error))?;
    let answer = match messages::parse(&call.params)? {
        Request::Send(sent) => send(call, *sent).await?,
        Request::Read { message, typing } => read(call, message, typing).await.map_err(|error| match error {
            Error::NotFound(_) => ApiError::invalid_value("message_id: this business has received no such message"),
            other => api_error(&other),
        })?,
    };
    Ok(answer.into())
}

async fn send(call: &Call, sent: Outbound) -> Result<Value, ApiError> {
    send_over(call, sent, Over::Messages).await
}

/// By which of the two edges a message comes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Over {
    /// `messages`.
    Messages,
    /// `marketing_messages`.
    MarketingMessages,
}

/// Whether a message may go this way; a marketing template is marked with its way.
async fn pass(call: &Call, over: Over, what: &mut What) -> Result<(), ApiError> {
    let is_marketing = matches!(what, What::Template(filled) if filled.shown.category == "MARKETING");
    match (over, what) {
        (Over::Messages, _) if !is_marketing => Ok(()),
        (Over::Messages, _) => {
            let settings: AccountSettings = call.business.setting().await.map_err(|error| api_error(&error))?;
            if !settings.disable_marketing_messages_on_cloud_api {
                return Ok(());
            }
            let details = "The account sends marketing over POST /{phone_number_id}/marketing_messages alone: send this template there, or set \
                           disable_marketing_messages_on_cloud_api of the account to false";
            Err(ApiError::new(Code::MarketingDisabled, details))
        }
        (Over::MarketingMessages, What::Template(filled)) if is_marketing => {
            filled.lite = true;
            Ok(())
        }
        (Over::MarketingMessages, _) => {
            let details = "Only templates of the category MARKETING go this way; send others over POST /{phone_number_id}/messages";
            Err(ApiError::new(Code::OnlyMarketing, details))
        }
    }
}

/// Sends a message to one customer or to a group.
///
/// # Errors
/// With the code of why it is not taken.
pub async fn send_over(call: &Call, sent: Outbound, over: Over) -> Result<Value, ApiError> {
    // What is stored is stored in one unit: when that is refused nothing was done.
    let refuse = |error: Error| if matches!(error, Error::Store(StoreError::NotOwner)) { elsewhere().moved() } else { api_error(&error) };
    if let Some(ban) = call.business.ban() {
        return Err(ban);
    }
    let recipient = match sent.to {
        Recipient::Group(id) => return send_to_group(call, id, sent, over).await,
        Recipient::Phone(ref phone) if *phone == call.business.record().phone => {
            return Err(ApiError::from_number(131_021, "The recipient is the sender; write to a customer's number"));
        }
        Recipient::Phone(ref phone) => Contact::Phone(phone.clone()),
        Recipient::User(ref id) => Contact::UserId(id.clone()),
    };
    if let Asked::Reaction(reaction) = sent.what {
        let (contact, chat) = call.business.chat_with(recipient).await.map_err(refuse)?;
        let id = MessageId::new(call.business.env());
        let callback_data = sent.callback_data.unwrap_or_default();
        let reacting = Reacting { id, chat, message: reaction.message, emoji: reaction.emoji, app: Some(call.app), callback_data };
        call.business.react(reacting).await.map_err(refuse)?;
        return Ok(responses::accepted(&sent.input, contact.phone.as_deref(), &contact.user_id, &wamid::encode(id)));
    }
    let mut what = call.business.compose(sent.what).await.map_err(refuse)?;
    may_go_to(&what, &recipient)?;
    pass(call, over, &mut what).await?;
    let (contact, chat) = call.business.chat_with(recipient).await.map_err(refuse)?;
    let out = outgoing(call, chat, what, sent.reply_to, sent.callback_data).await.map_err(refuse)?;
    let message = match sent.identity_key_hash {
        None => call.business.send(out).await,
        Some(hash) => send_for_keys(call, out, &contact, hash).await,
    };
    let message = message.map_err(refuse)?;
    Ok(responses::accepted(&sent.input, contact.phone.as_deref(), &contact.user_id, &message.wamid))
}

/// Whether a template may go to who is named so: a one-time code goes to a number.
fn may_go_to(what: &What, recipient: &Contact) -> Result<(), ApiError> {
    let is_code = matches!(what, What::Template(filled) if filled.shown.category.eq_ignore_ascii_case("authentication"));
    if !is_code || matches!(recipient, Contact::Phone(_)) {
        return Ok(());
    }
    let details = "recipient: a template of the category authentication goes to a phone number; name it in to";
    Err(ApiError::new(Code::UserIdNotAllowed, details))
}

/// A message for certain keys of the customer: if they are others by now it fails, and nobody gets it.
async fn send_for_keys(call: &Call, out: Outgoing, contact: &Known, hash: String) -> Result<Message, Error> {
    let is_right = call.business.identity_key_hash(contact.id).await?.as_deref() == Some(hash.as_str());
    call.business.note_identity(out.id, hash).await?;
    match is_right {
        true => call.business.send(out).await,
        false => call.business.send_in_vain(out, Failure::new(IDENTITY_MISMATCH, OTHER_KEYS)).await,
    }
}

/// One message to everybody in a group; what becomes of it is told of each of them.
async fn send_to_group(call: &Call, id: GroupId, sent: Outbound, over: Over) -> Result<Value, ApiError> {
    let refuse = |error: Error| api_error(&error);
    let unknown = || ApiError::new(Code::GroupUnknown, "to: this number has no group of this id; GET /{phone_number_id}/groups lists them");
    let group = call.business.group(id.0).await.map_err(|_| unknown())?;
    if group.participants == 0 {
        let details = "Nobody but the business is in this group yet: send its invitation to those who shall come in";
        return Err(ApiError::new(Code::GroupSingleMember, details));
    }
    if matches!(sent.what, Asked::Reaction(_)) {
        return Err(ApiError::new(Code::UnsupportedType, "reactions cannot be sent to a group; answer the message instead"));
    }
    let mut what = call.business.compose(sent.what).await.map_err(refuse)?;
    pass(call, over, &mut what).await?;
    let out = outgoing(call, group.chat, what, sent.reply_to, sent.callback_data).await.map_err(refuse)?;
    let message = match sent.identity_key_hash {
        None => call.business.send(out).await,
        Some(_) => call.business.send_in_vain(out, Failure::new(IDENTITY_MISMATCH, NO_HASH)).await,
    };
    let message = message.map_err(refuse)?;
    Ok(responses::accepted_by_group(&sent.input, &id.to_string(), &message.wamid))
}

async fn outgoing(
    call: &Call,
    chat: ConversationId,
    what: What,
    reply_to: Option<MessageId>,
    callback_data: Option<String>,
) -> Result<Outgoing, Error> {
    Ok(Outgoing {
        id: MessageId::new(call.business.env()),
        chat,
        what,
        reply_to: call.business.quotable(chat, reply_to).await?,
        operator: None,
        via: Via::Api,
        app: Some(call.app),
        callback_data: callback_data.unwrap_or_default(),
    })
}

async fn read(call: &Call, message: MessageId, typing: bool) -> Result<Value, Error> {
    let chat = call.business.chat_of(message).await?;
    call.business.mark_read(chat, None, message).await?;
    if typing {
        call.business.typing(chat, None, true).await?;
    }
    Ok(responses::success())
}
