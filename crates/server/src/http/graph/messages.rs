//! `POST /P/messages`: a text or a template; that a message was read; that an answer is being typed.
use super::{BodyKind, Call, Described, Handle, On, Operation, Reply, Scope, Verb, api_error, schema};
use serde_json::{Value, json};
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

/// `POST /P/messages`.
pub const OPERATION: Operation = Operation {
    name: "messages.send",
    method: Verb::Post,
    on: On::PhoneNumber,
    edge: "messages",
    scope: Scope::Messaging,
    body: BodyKind::Params,
    describe,
    handle: Handle::Caller(|call| Box::pin(answer(call))),
};

fn describe() -> Described {
    let contact = schema::object(
        &["input"],
        [
            ("input", schema::text("The recipient as the request wrote it")),
            ("wa_id", schema::text("His number, digits alone")),
            ("user_id", schema::text("His business-scoped user id")),
        ],
    );
    let message = schema::object(
        &["id"],
        [("id", schema::text("The message's id, `wamid.…`")), ("message_status", schema::word(&["accepted"], "What becomes of it next"))],
    );
    let accepted = schema::object(
        &["messaging_product", "contacts", "messages"],
        [("messaging_product", schema::messaging_product()), ("contacts", schema::array(contact)), ("messages", schema::array(message))],
    );
    Described {
        summary: "Send a message, or mark one as read",
        description: "A message is accepted here; what becomes of it is told by webhook. With status read a customer's message and all before it \
                      become read, and with typing_indicator he sees that an answer is being typed.",
        query: Vec::new(),
        request: Some(request()),
        response: json!({"anyOf": [accepted, schema::success()]}),
        errors: &[
            Code::MissingParameter,
            Code::ParameterValueInvalid,
            Code::UnsupportedType,
            Code::RecipientIsSender,
            Code::Undeliverable,
            Code::ThroughputReached,
            Code::PairRateLimit,
            Code::TemplateParameterCount,
            Code::TemplateMissing,
            Code::TemplateParameterFormat,
        ],
    }
}

fn request() -> Value {
    let text = schema::object(
        &["body"],
        [("body", json!({"type": "string", "maxLength": 4096})), ("preview_url", schema::boolean("Whether links may be previewed"))],
    );
    let language =
        schema::object(&["code"], [("code", schema::text("Such as en_US")), ("policy", schema::word(&["deterministic"], "Has no effect"))]);
    let template = schema::object(
        &["name", "language"],
        [("name", schema::text("The template's name")), ("language", language), ("components", schema::array(json!({"type": "object"})))],
    );
    schema::object(
        &["messaging_product"],
        [
            ("messaging_product", schema::messaging_product()),
            ("recipient_type", schema::word(&["individual"], "To whom")),
            ("to", schema::text("The customer's number, in any form people write one")),
            ("recipient", schema::text("His business-scoped user id; `to` wins")),
            ("type", schema::word(&["text", "template"], "What is sent")),
            ("text", text),
            ("template", template),
            ("context", schema::object(&["message_id"], [("message_id", schema::text("The message that is answered"))])),
            ("biz_opaque_callback_data", json!({"type": "string", "maxLength": 512, "description": "Comes back with every status"})),
            ("recipient_identity_key_hash", json!({"type": "string", "maxLength": 256})),
            ("status", json!({"type": "string", "const": "read"})),
            ("message_id", schema::text("The customer's message that was read")),
            ("typing_indicator", schema::object(&["type"], [("type", json!({"type": "string", "const": "text"}))])),
        ],
    )
}

async fn answer(call: &Call) -> Result<Reply, ApiError> {
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

async fn read(call: &Call, message: MessageId, typing: bool) -> Result<Value, Error> {
    let chat = call.business.chat_of(message).await?;
    call.business.mark_read(chat, None, message).await?;
    if typing {
        call.business.typing(chat, None, true).await?;
    }
    Ok(responses::success())
}
