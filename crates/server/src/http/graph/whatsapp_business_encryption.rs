//! `GET` and `POST /P/whatsapp_business_encryption`: the key that the data exchange of flows is encrypted to.
use super::{BodyKind, Call, Described, Handle, On, Operation, Reply, Scope, Verb, api_error, schema};
use suki_cloud_api::{
    ApiError, Code,
    number::encryption_key::{self, EncryptionKey},
    responses,
};

/// `GET /P/whatsapp_business_encryption`.
pub const GET: Operation = Operation {
    name: "encryption_key.get",
    method: Verb::Get,
    on: On::PhoneNumber,
    edge: "whatsapp_business_encryption",
    scope: Scope::Messaging,
    body: BodyKind::Params,
    describe: describe_get,
    handle: Handle::Caller(|call| Box::pin(get(call))),
};

/// `POST /P/whatsapp_business_encryption`.
pub const SET: Operation =
    Operation { name: "encryption_key.set", method: Verb::Post, describe: describe_set, handle: Handle::Caller(|call| Box::pin(set(call))), ..GET };

fn describe_get() -> Described {
    let key = schema::object(
        &["business_public_key", "business_public_key_signature_status"],
        [("business_public_key", schema::text("In PEM")), ("business_public_key_signature_status", schema::word(&["VALID"], "Whether it is in use"))],
    );
    Described {
        summary: "Read the key that flows' data is encrypted to",
        description: "The list is empty as long as no key was set.",
        query: Vec::new(),
        request: None,
        response: schema::object(&["data"], [("data", schema::array(key))]),
        errors: &[],
    }
}

fn describe_set() -> Described {
    Described {
        summary: "Set the key that flows' data is encrypted to",
        description: "An RSA key of 2,048 bits in PEM, as openssl rsa -pubout writes it. It takes the place of the one before at once.",
        query: Vec::new(),
        request: Some(schema::object(&["business_public_key"], [("business_public_key", schema::text("In PEM"))])),
        response: schema::success(),
        errors: &[Code::InvalidParameter],
    }
}

async fn get(call: &Call) -> Result<Reply, ApiError> {
    let key: EncryptionKey = call.business.setting().await.map_err(|error| api_error(&error))?;
    Ok(encryption_key::answer(&key).into())
}

async fn set(call: &Call) -> Result<Reply, ApiError> {
    let new = encryption_key::set(&call.params)?;
    call.business.change_setting(move |key: &mut EncryptionKey| key.clone_from(&new)).await.map_err(|error| api_error(&error))?;
    Ok(responses::success().into())
}
