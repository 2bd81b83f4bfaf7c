//! What `POST /P/messages` takes and answers, as JSON Schema.
use super::{Described, schema};
use serde_json::{Value, json};
use suki_cloud_api::{Code, messages::INTERACTIVE_TYPES};

/// The description of `POST /P/messages`.
pub fn describe() -> Described {
    Described {
        summary: "Send a message, or mark one as read",
        description: "A message is accepted here; what becomes of it is told by webhook. With status read a customer's message and all before it \
                      become read, and with typing_indicator he sees that an answer is being typed.",
        query: Vec::new(),
        request: Some(request()),
        response: json!({"anyOf": [accepted(), schema::success()]}),
        errors: ERRORS,
    }
}

/// What a message that was taken is answered with.
pub fn accepted() -> Value {
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
    schema::object(
        &["messaging_product", "contacts", "messages"],
        [("messaging_product", schema::messaging_product()), ("contacts", schema::array(contact)), ("messages", schema::array(message))],
    )
}

const ERRORS: &[Code] = &[
    Code::MissingParameter,
    Code::ParameterValueInvalid,
    Code::UnsupportedType,
    Code::RecipientIsSender,
    Code::GroupUnknown,
    Code::GroupSingleMember,
    Code::Undeliverable,
    Code::MediaUpload,
    Code::ThroughputReached,
    Code::PairRateLimit,
    Code::NumberNotRegistered,
    Code::TemplateParameterCount,
    Code::TemplateMissing,
    Code::TemplateTooLong,
    Code::TemplateParameterValue,
    Code::TemplateParameterFormat,
    Code::TemplatePaused,
    Code::TemplateDisabled,
    Code::TemplateValidation,
    Code::CallingNotEnabled,
    Code::MarketingDisabled,
    Code::PolicyViolation,
    Code::UserIdNotAllowed,
];

fn request() -> Value {
    let mut request = schema::object(
        &["messaging_product"],
        [
            ("messaging_product", schema::messaging_product()),
            ("recipient_type", schema::word(&["individual", "group"], "To whom")),
            ("to", text_or_number("The customer's number, in any form people write one; or the id of a group")),
            ("recipient", schema::text("His business-scoped user id; `to` wins")),
            ("type", schema::word(&TYPES, "What is sent; where it is missing, the object that is there says it")),
            ("text", text()),
            ("location", location()),
            ("contacts", contacts()),
            ("reaction", reaction()),
            ("interactive", interactive()),
            ("template", template()),
            ("context", schema::object(&["message_id"], [("message_id", schema::text("The message that is answered"))])),
            ("biz_opaque_callback_data", json!({"type": "string", "maxLength": 512, "description": "Comes back with every status"})),
            ("recipient_identity_key_hash", json!({"type": "string", "maxLength": 256})),
            ("status", json!({"type": "string", "const": "read"})),
            ("message_id", schema::text("The customer's message that was read")),
            ("typing_indicator", schema::object(&["type"], [("type", json!({"type": "string", "const": "text"}))])),
        ],
    );
    for kind in ["image", "video", "audio", "document", "sticker"] {
        request["properties"][kind] = file(kind);
    }
    request["examples"] = examples();
    request
}

/// One of each kind that programs send most.
fn examples() -> Value {
    let to = |kind: &str, object: Value| json!({"messaging_product": "whatsapp", "to": "639171234567", "type": kind, kind: object});
    let reply = |id: &str, title: &str| json!({"type": "reply", "reply": {"id": id, "title": title}});
    let buttons = json!({
        "type": "button",
        "body": {"text": "Shall we keep two loaves for you?"},
        "action": {"buttons": [reply("yes", "Yes, please"), reply("no", "Not today")]},
    });
    let component = json!({"type": "body", "parameters": [{"type": "text", "text": "Ana"}]});
    json!([
        to("text", json!({"body": "Fresh from the oven at six."})),
        to("image", json!({"link": "https://example.com/bread.jpg", "caption": "Today's bread"})),
        to("template", json!({"name": "order_ready", "language": {"code": "en"}, "components": [component]})),
        to("interactive", buttons),
        to("location", json!({"latitude": 14.6507, "longitude": 121.1029, "name": "The bakery"})),
        to("reaction", json!({"message_id": "wamid.…", "emoji": "❤️"})),
        {"messaging_product": "whatsapp", "status": "read", "message_id": "wamid.…", "typing_indicator": {"type": "text"}},
    ])
}

const TYPES: [&str; 11] = ["text", "image", "video", "audio", "document", "sticker", "location", "contacts", "reaction", "interactive", "template"];

fn text_or_number(description: &str) -> Value {
    json!({"type": ["string", "integer"], "description": description})
}

fn text() -> Value {
    let body = json!({"type": "string", "minLength": 1, "maxLength": 4096});
    schema::object(&["body"], [("body", body), ("preview_url", schema::boolean("Whether links may be previewed"))])
}

fn file(kind: &str) -> Value {
    let mut file = schema::object(
        &[],
        [("id", text_or_number("Of an upload; either this or link")), ("link", json!({"type": "string", "format": "uri", "maxLength": 2048}))],
    );
    let fields: &[(&str, Value)] = match kind {
        "audio" => &[("voice", schema::boolean("Whether it is a voice message, whose playing is told"))],
        "sticker" => &[],
        "document" => &[("caption", json!({"type": "string", "maxLength": 1024})), ("filename", json!({"type": "string", "maxLength": 240}))],
        _ => &[("caption", json!({"type": "string", "maxLength": 1024}))],
    };
    for (name, schema) in fields {
        file["properties"][name] = schema.clone();
    }
    file
}

fn location() -> Value {
    let degrees = || json!({"type": ["number", "string"]});
    schema::object(
        &["latitude", "longitude"],
        [("latitude", degrees()), ("longitude", degrees()), ("name", schema::text("Its name")), ("address", schema::text("Its address"))],
    )
}

fn contacts() -> Value {
    let name = schema::object(&["formatted_name"], [("formatted_name", schema::text("As it is shown"))]);
    let list = || schema::array(json!({"type": "object"}));
    let person = schema::object(
        &["name"],
        [
            ("name", name),
            ("phones", list()),
            ("emails", list()),
            ("urls", list()),
            ("addresses", list()),
            ("org", json!({"type": "object"})),
            ("birthday", schema::text("YYYY-MM-DD")),
        ],
    );
    json!({"type": "array", "items": person, "minItems": 1, "maxItems": 257})
}

fn reaction() -> Value {
    let emoji = schema::text("One emoji; empty takes it back");
    schema::object(&["message_id", "emoji"], [("message_id", schema::text("The message it stands on")), ("emoji", emoji)])
}

fn interactive() -> Value {
    let words = |most: u32| schema::object(&["text"], [("text", json!({"type": "string", "maxLength": most}))]);
    schema::object(
        &["type", "action"],
        [
            ("type", schema::word(&INTERACTIVE_TYPES, "What can be done")),
            ("header", schema::object(&["type"], [("type", schema::word(&["text", "image", "video", "document"], "What it is"))])),
            ("body", words(4096)),
            ("footer", words(60)),
            ("action", json!({"type": "object", "description": "Depends on the type"})),
        ],
    )
}

/// A template and what fills it.
pub fn template() -> Value {
    let policy = schema::word(&["deterministic", "fallback"], "Exactly this language, or each reader's own");
    let language = schema::object(&["code"], [("code", schema::text("Such as en_US")), ("policy", policy)]);
    schema::object(
        &["name", "language"],
        [("name", schema::text("The template's name")), ("language", language), ("components", schema::array(json!({"type": "object"})))],
    )
}
