//! `/P/message_qrdls`: links, and their QR codes, that open a chat with a text in the composer.
use super::{BodyKind, Call, Described, Handle, On, Operation, Parameter, Reply, Scope, Verb, api_error, schema};
use serde_json::{Value, json};
use suki_cloud_api::{
    ApiError, Code,
    number::qr_links::{self, QrLink},
    responses,
};
use suki_endpoint::Error;

/// `GET /P/message_qrdls`.
pub const LIST: Operation = Operation {
    name: "qr_links.list",
    method: Verb::Get,
    on: On::PhoneNumber,
    edge: "message_qrdls",
    scope: Scope::Management,
    body: BodyKind::Params,
    describe: || describe_read("List a number's links", "All of them, the oldest first."),
    handle: Handle::Caller(|call| Box::pin(list(call))),
};

/// `POST /P/message_qrdls`.
pub const SAVE: Operation =
    Operation { name: "qr_links.save", method: Verb::Post, describe: describe_save, handle: Handle::Caller(|call| Box::pin(save(call))), ..LIST };

/// `GET /P/message_qrdls/CODE`.
pub const GET: Operation = Operation {
    name: "qr_links.get",
    edge: "message_qrdls/{code}",
    describe: || describe_read("Read a link", "It comes as a list of one."),
    handle: Handle::Caller(|call| Box::pin(get(call))),
    ..LIST
};

/// `POST /P/message_qrdls/CODE`: programs change a link at its own address, too (seen of whatsapp-api-js 6.3.0).
pub const CHANGE: Operation = Operation {
    name: "qr_links.change",
    method: Verb::Post,
    describe: describe_change,
    handle: Handle::Caller(|call| Box::pin(change(call))),
    ..GET
};

/// `DELETE /P/message_qrdls/CODE`.
pub const DELETE: Operation = Operation {
    name: "qr_links.delete",
    method: Verb::Delete,
    describe: describe_delete,
    handle: Handle::Caller(|call| Box::pin(delete(call))),
    ..GET
};

fn described() -> Value {
    schema::object(
        &[],
        [
            ("code", json!({"type": "string", "pattern": "^[A-Z2-7]{14}$"})),
            ("prefilled_message", schema::text("What stands in the composer")),
            ("deep_link_url", schema::text("What opens the chat")),
            ("qr_image_url", schema::text("The link as a QR code")),
            ("creation_time", schema::integer("When it was made, in seconds since 1970")),
        ],
    )
}

fn describe_read(summary: &'static str, description: &'static str) -> Described {
    let fields = "Which fields to answer with; qr_image_url.format(SVG) or .format(PNG) gives the picture's address";
    Described {
        summary,
        description,
        query: vec![Parameter { description: fields, ..schema::fields() }],
        request: None,
        response: schema::object(&["data"], [("data", schema::array(described()))]),
        errors: &[Code::InvalidParameter],
    }
}

fn describe_save() -> Described {
    let mut answer = described();
    answer["required"] = json!(["code", "prefilled_message", "deep_link_url"]);
    Described {
        summary: "Make or change a link",
        description: "With code the text of that link changes, and what was printed of it leads to the new text. How many a number may have is the policy's to say.",
        query: Vec::new(),
        request: Some(schema::object(
            &["prefilled_message"],
            [
                ("prefilled_message", json!({"type": "string", "minLength": 1, "maxLength": 140})),
                ("generate_qr_image", schema::word(&["PNG", "SVG"], "The picture whose address is answered with")),
                ("code", schema::text("The link to change")),
            ],
        )),
        response: answer,
        errors: &[Code::InvalidParameter],
    }
}

fn describe_change() -> Described {
    let mut saved = describe_save();
    if let Some(request) = &mut saved.request
        && let Some(properties) = request["properties"].as_object_mut()
    {
        properties.remove("code");
    }
    Described { summary: "Change a link", description: "What was printed of it leads to the new text.", ..saved }
}

fn describe_delete() -> Described {
    Described {
        summary: "Take a link away",
        description: "What was printed of it leads nowhere from then on.",
        query: Vec::new(),
        request: None,
        response: schema::success(),
        errors: &[Code::InvalidParameter],
    }
}

/// A link that is not the number's does not exist.
fn refusal(error: &Error, code: &str) -> ApiError {
    match error {
        Error::NotFound(_) => qr_links::unknown(code),
        other => api_error(other),
    }
}

/// A person opens it, so it is at the address that people use.
fn address(call: &Call, code: &str) -> String {
    call.faces.qr_link(code)
}

fn answer(call: &Call, links: &[QrLink]) -> Result<Reply, ApiError> {
    Ok(qr_links::list(links, |code| address(call, code), &call.params)?.into())
}

async fn list(call: &Call) -> Result<Reply, ApiError> {
    answer(call, &call.business.qr_links().await.map_err(|error| api_error(&error))?)
}

async fn get(call: &Call) -> Result<Reply, ApiError> {
    let code = qr_links::code(&call.item)?;
    match call.business.qr_link(code.into()).await {
        Ok(link) => answer(call, &[link]),
        // An empty list: that is how pywa learns that there is none.
        Err(Error::NotFound(_)) => answer(call, &[]),
        Err(error) => Err(api_error(&error)),
    }
}

async fn save(call: &Call) -> Result<Reply, ApiError> {
    let request = qr_links::request(&call.params)?;
    let link = match &request.code {
        None => call.business.create_qr_link(request.message).await.map_err(|error| api_error(&error))?,
        Some(code) => changed(call, code, request.message).await?,
    };
    Ok(qr_links::node(&link, &address(call, &link.code), request.picture).into())
}

async fn change(call: &Call) -> Result<Reply, ApiError> {
    let request = qr_links::request(&call.params)?;
    let link = changed(call, &call.item, request.message).await?;
    Ok(qr_links::node(&link, &address(call, &link.code), request.picture).into())
}

async fn changed(call: &Call, code: &str, message: String) -> Result<QrLink, ApiError> {
    let code = qr_links::code(code)?;
    call.business.change_qr_link(code.into(), message).await.map_err(|error| refusal(&error, code))
}

async fn delete(call: &Call) -> Result<Reply, ApiError> {
    let code = qr_links::code(&call.item)?;
    call.business.delete_qr_link(code.into()).await.map_err(|error| refusal(&error, code))?;
    Ok(responses::success().into())
}
