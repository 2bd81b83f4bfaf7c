//! `GET` and `POST /P/whatsapp_business_profile`: what a business says of itself to its customers.
use super::{BodyKind, Call, Described, Handle, On, Operation, Reply, Scope, Verb, api_error, schema};
use serde_json::{Value, json};
use suki_cloud_api::{
    ApiError, Code,
    number::profile::{self, VERTICALS},
    responses,
};

/// `GET /P/whatsapp_business_profile`.
pub const GET: Operation = Operation {
    name: "profile.get",
    method: Verb::Get,
    on: On::PhoneNumber,
    edge: "whatsapp_business_profile",
    scope: Scope::Messaging,
    body: BodyKind::Params,
    describe: describe_get,
    handle: Handle::Caller(|call| Box::pin(get(call))),
};

/// `POST /P/whatsapp_business_profile`.
pub const CHANGE: Operation =
    Operation { name: "profile.change", method: Verb::Post, describe: describe_change, handle: Handle::Caller(|call| Box::pin(change(call))), ..GET };

fn describe_get() -> Described {
    let shown = schema::object(
        &["messaging_product"],
        [
            ("messaging_product", schema::messaging_product()),
            ("about", schema::text("One line")),
            ("address", schema::text("Where it is")),
            ("description", schema::text("Some sentences")),
            ("email", schema::text("How else to reach it")),
            ("websites", schema::array(schema::text("A page of its own"))),
            ("vertical", schema::word(&VERTICALS, "What sort of business it is")),
            ("profile_picture_url", json!({"type": "string", "format": "uri", "description": "Its picture, for everybody"})),
        ],
    );
    Described {
        summary: "Read a business's profile",
        description: "What the business does not say is absent. Without fields the answer has all there is.",
        query: vec![schema::fields()],
        request: None,
        response: schema::object(&["data"], [("data", schema::array(shown))]),
        errors: &[],
    }
}

fn text(least: usize, most: usize) -> Value {
    json!({"type": "string", "minLength": least, "maxLength": most})
}

fn describe_change() -> Described {
    Described {
        summary: "Change a business's profile",
        description: "What is absent stays; an empty text takes away what was there. Customers see the profile with the business's name. The picture has sides of at least 192 pixels; it is shown as a small JPEG.",
        query: Vec::new(),
        request: Some(schema::object(
            &["messaging_product"],
            [
                ("messaging_product", schema::messaging_product()),
                ("about", text(1, 139)),
                ("address", text(0, 256)),
                ("description", text(0, 512)),
                ("email", text(0, 128)),
                ("websites", json!({"type": "array", "maxItems": 2, "items": text(0, 256)})),
                ("vertical", schema::word(&VERTICALS, "What sort of business it is")),
                (
                    "profile_picture_handle",
                    json!({"type": "string", "maxLength": 1024, "description": "What an upload answered as h: a square JPEG or PNG"}),
                ),
            ],
        )),
        response: schema::success(),
        errors: &[Code::MissingParameter, Code::InvalidParameter, Code::ServiceDown],
    }
}

async fn get(call: &Call) -> Result<Reply, ApiError> {
    let profile = call.business.profile().await.map_err(|error| api_error(&error))?;
    let picture = call.business.picture_url().await.map_err(|error| api_error(&error))?;
    Ok(profile::answer(&profile, picture.as_deref(), &call.params)?.into())
}

async fn change(call: &Call) -> Result<Reply, ApiError> {
    let change = profile::change(&call.params)?;
    call.business.change_profile(change).await.map_err(|error| api_error(&error))?;
    Ok(responses::success().into())
}
