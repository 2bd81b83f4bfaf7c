//! `POST /P/messages`: a text or a template; that a message was read; that an answer is being typed.
use super::{Call, api_error};
use axum::http::Method;
use serde_json::Value;
use suki_cloud_api::{
    ApiError, Code,
    messages::{self, Outbound, Recipient, Request, What},
    responses,
};
use suki_endpoint::{
    Error,
    contacts::Recipient as Contact,
    messages::Via,
    send::{self, Outgoing},
};
use suki_types::MessageId;

pub async fn answer(call: &Call<'_>) -> Result<Value, ApiError> {
    if call.method != Method::POST {
        return Err(call.unknown("/PHONE_NUMBER_ID/messages"));
    }
    match messages::parse(&call.params)? {
        Request::Send(sent) => send(call, *sent).await,
        Request::Read { message, typing } => read(call, message, typing).await.map_err(|error| match error {
            Error::NotFound(_) => ApiError::invalid_value("message_id: this business has received no such message"),
            other => api_error(&other),
        }),
    }
}

async fn send(call: &Call<'_>, sent: Outbound) -> Result<Value, ApiError> {
    if sent.identity_key_hash.is_some() {
        let details = "recipient_identity_key_hash: this server gives out no identity hashes, so none can be right; leave it out";
        return Err(ApiError::new(Code::from_number(137_000).unwrap_or(Code::InvalidParameter), details));
    }
    let recipient = match sent.to {
        Recipient::Phone(phone) if phone == call.business.record().phone => {
            return Err(ApiError::from_number(131_021, "The recipient is the sender; write to a customer's number"));
        }
        Recipient::Phone(phone) => Contact::Phone(phone),
        Recipient::User(id) => Contact::UserId(id),
    };
    let what = match sent.what {
        What::Text { body, preview_url } => send::What::Text { body, preview_url },
        What::Template(template) => send::What::Template(Box::new(call.business.fill(&template).await.map_err(|error| api_error(&error))?)),
    };
    let (contact, chat) = call.business.chat_with(recipient).await.map_err(|error| api_error(&error))?;
    let out = Outgoing {
        id: MessageId::new(call.business.env()),
        chat,
        what,
        reply_to: sent.reply_to,
        operator: None,
        via: Via::Api,
        app: Some(call.app),
        callback_data: sent.callback_data.unwrap_or_default(),
    };
    let message = call.business.send(out).await.map_err(|error| api_error(&error))?;
    Ok(responses::accepted(&sent.input, contact.phone.as_deref(), &contact.user_id, &message.wamid))
}

async fn read(call: &Call<'_>, message: MessageId, typing: bool) -> Result<Value, Error> {
    let chat = call.business.chat_of(message).await?;
    call.business.mark_read(chat, None, message).await?;
    if typing {
        call.business.typing(chat, None, true).await?;
    }
    Ok(responses::success())
}
