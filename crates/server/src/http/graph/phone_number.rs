//! `GET` and `POST /P`: what a number says of itself, and what can be changed of it.
use super::{BodyKind, Call, Described, Handle, On, Operation, Reply, Scope, Verb, api_error, number, schema};
use serde_json::{Value, json};
use suki_cloud_api::{
    ApiError, Code, fields, identity,
    nodes::PHONE_NUMBER_DEFAULT,
    number::{
        profile::{VISIBILITIES, Visibility},
        registration, username,
    },
    responses, subscriptions,
};

/// `GET /P`.
pub const GET: Operation = Operation {
    name: "phone_number.get",
    method: Verb::Get,
    on: On::PhoneNumber,
    edge: "",
    scope: Scope::Management,
    body: BodyKind::Params,
    describe: describe_get,
    handle: Handle::Caller(|call| Box::pin(get(call))),
};

/// `POST /P`.
pub const CHANGE: Operation = Operation {
    name: "phone_number.change",
    method: Verb::Post,
    describe: describe_change,
    handle: Handle::Caller(|call| Box::pin(change(call))),
    ..GET
};

/// A number as it is described wherever one is answered with.
pub fn described() -> Value {
    let level = schema::object(&["level"], [("level", schema::word(&["STANDARD", "HIGH"], "How fast it may write"))]);
    schema::node([
        ("display_phone_number", schema::text("As people write it")),
        ("verified_name", schema::text("The business's name")),
        ("account_mode", schema::word(&["SANDBOX", "LIVE"], "Whether it writes to test numbers only")),
        ("code_verification_status", schema::word(&["VERIFIED", "NOT_VERIFIED"], "Whether the business knew the code that was sent to it")),
        ("is_official_business_account", json!({"type": "boolean"})),
        ("name_status", schema::word(&["APPROVED", "PENDING_REVIEW", "DECLINED"], "Where the name stands")),
        ("platform_type", json!({"type": "string", "const": "CLOUD_API"})),
        ("quality_rating", schema::word(&["GREEN", "YELLOW", "RED", "UNKNOWN"], "How customers take its messages")),
        ("status", schema::text("How it stands with the platform")),
        ("throughput", level),
        ("whatsapp_business_manager_messaging_limit", schema::text("How many customers it may write to first in a day, `TIER_…`")),
        ("health_status", json!({"type": "object"})),
        ("webhook_configuration", json!({"type": "object"})),
        ("country_code", schema::text("ISO 3166; absent for a number of no country")),
        ("country_dial_code", schema::text("The calling code, without its plus")),
        ("conversational_automation", json!({"type": "object"})),
        ("host_platform", json!({"type": "string", "const": "CLOUD_API"})),
        ("is_pin_enabled", json!({"type": "boolean"})),
        ("search_visibility", schema::word(&VISIBILITIES, "Whether customers find it by the words of its name")),
        ("username", schema::text("Its username; absent when it has none")),
        ("last_onboarded_time", schema::text("When it came, such as 2026-01-01T00:00:00+0000")),
    ])
}

fn describe_get() -> Described {
    Described {
        summary: "Read a phone number",
        description: "Without fields the answer has verified_name, code_verification_status, display_phone_number, quality_rating, platform_type, \
                      throughput, webhook_configuration and id.",
        query: vec![schema::fields()],
        request: None,
        response: described(),
        errors: &[],
    }
}

fn describe_change() -> Described {
    Described {
        summary: "Change a phone number",
        description: "With pin the number gets another PIN, and programs are told on the field security. With new_display_name another name is asked \
                      for; a decision comes by webhook where a person looks at it. With webhook_configuration the number's messages go to an address \
                      of their own, before the account's and the app's; it is challenged first, and an empty one takes it back.",
        query: Vec::new(),
        request: Some(schema::object(
            &[],
            [
                ("new_display_name", json!({"type": "string", "minLength": 2, "maxLength": 75})),
                ("pin", json!({"type": "string", "pattern": "^[0-9]{6}$"})),
                ("search_visibility", schema::word(&VISIBILITIES, "Whether customers find it by the words of its name")),
                ("username", schema::text("As POST /{phone_number_id}/username takes it")),
                (subscriptions::CONFIGURATION, own_address()),
            ],
        )),
        response: schema::success(),
        errors: &[Code::InvalidParameter, Code::CallbackVerification, Code::UsernameUnavailable, Code::UsernameNotEligible],
    }
}

fn own_address() -> Value {
    schema::object(
        &[],
        [
            (
                "override_callback_uri",
                json!({"type": "string", "maxLength": 200, "description": "Where the number's messages go; \"\" takes it back"}),
            ),
            ("verify_token", json!({"type": "string", "maxLength": 512, "description": "What the receiver compares"})),
        ],
    )
}

async fn change(call: &Call) -> Result<Reply, ApiError> {
    let name = identity::new_display_name(&call.params);
    let pin = registration::new_pin(&call.params)?;
    let username = call.params.root().has("username").then(|| username::wanted(&call.params)).transpose()?;
    let visibility = Visibility::asked(&call.params)?;
    let webhooks = call.params.root().has(subscriptions::CONFIGURATION);
    if name.is_none() && pin.is_none() && username.is_none() && visibility.is_none() && !webhooks {
        return Err(ApiError::invalid_parameter(
            "of a phone number pin, new_display_name, username, search_visibility and webhook_configuration can be changed, and nothing else here",
        ));
    }
    if webhooks {
        let overriding = subscriptions::phone_override(&call.params)?;
        call.business.override_for_number(call.app, overriding).await.map_err(|error| api_error(&error))?;
    }
    if let Some(name) = name {
        call.business.request_name_by_program(name).await.map_err(|error| api_error(&error))?;
    }
    if let Some(visibility) = visibility {
        call.business.change_visibility(visibility).await.map_err(|error| api_error(&error))?;
    }
    if let Some(username) = username {
        call.business.adopt_username(username).await.map_err(|error| api_error(&error))?;
    }
    if let Some(pin) = pin {
        call.business.set_pin(pin, call.app).await.map_err(|error| api_error(&error))?;
    }
    Ok(responses::success().into())
}

async fn get(call: &Call) -> Result<Reply, ApiError> {
    Ok(fields::select(call.params.text("fields").as_deref(), &PHONE_NUMBER_DEFAULT, &number::node(call).await?)?.into())
}
