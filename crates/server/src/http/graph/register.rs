//! `POST /P/register` and `/P/deregister`: whether programs may write in the number's name.
use super::{BodyKind, Call, Described, Handle, On, Operation, Reply, Scope, Verb, api_error, schema};
use serde_json::json;
use suki_cloud_api::{ApiError, Code, number::registration, responses};

/// `POST /P/register`.
pub const REGISTER: Operation = Operation {
    name: "number.register",
    method: Verb::Post,
    on: On::PhoneNumber,
    edge: "register",
    scope: Scope::Management,
    body: BodyKind::Params,
    describe: describe_register,
    handle: Handle::Caller(|call| Box::pin(register(call))),
};

/// `POST /P/deregister`.
pub const DEREGISTER: Operation = Operation {
    name: "number.deregister",
    edge: "deregister",
    describe: describe_deregister,
    handle: Handle::Caller(|call| Box::pin(deregister(call))),
    ..REGISTER
};

fn describe_register() -> Described {
    Described {
        summary: "Let programs write in the number's name",
        description: "A number is registered from the start. Its first PIN is the one it is registered with; from then on that one is asked for. What is \
                      said of tiers, backups and regions has no effect.",
        query: Vec::new(),
        request: Some(schema::object(
            &["messaging_product", "pin"],
            [
                ("messaging_product", schema::messaging_product()),
                ("pin", json!({"type": "string", "pattern": "^[0-9]{6}$"})),
                ("data_localization_region", schema::text("Has no effect: data lies where the server stands")),
                ("tier", schema::text("Has no effect")),
                ("backup", json!({"type": "object", "description": "Has no effect"})),
            ],
        )),
        response: schema::success(),
        errors: &[
            Code::MissingParameter,
            Code::InvalidParameter,
            Code::PinMismatch,
            Code::NumberNotVerified,
            Code::PinTooManyGuesses,
            Code::PinGuessedTooFast,
            Code::NumberRecentlyDeleted,
            Code::RegistrationLimit,
        ],
    }
}

fn describe_deregister() -> Described {
    Described {
        summary: "Take the number from programs",
        description: "Messages by programs are refused with 133010 until the number is registered again; operators go on in the inbox. Its PIN stays.",
        query: Vec::new(),
        request: Some(schema::object(&[], [])),
        response: schema::success(),
        errors: &[Code::NumberNotRegistered, Code::RegistrationLimit],
    }
}

async fn register(call: &Call) -> Result<Reply, ApiError> {
    let pin = registration::register(&call.params)?;
    call.business.register_number(pin).await.map_err(|error| api_error(&error))?;
    Ok(responses::success().into())
}

async fn deregister(call: &Call) -> Result<Reply, ApiError> {
    call.business.deregister_number().await.map_err(|error| api_error(&error))?;
    Ok(responses::success().into())
}
