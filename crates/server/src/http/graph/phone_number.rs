//! `GET` and `POST /P`: what a number says of itself, and what can be changed of it.
use super::{BodyKind, Call, Described, Handle, On, Operation, Reply, Scope, Verb, api_error, schema, trust};
use serde_json::{Value, json};
use suki_cloud_api::{
    ApiError, Code, identity,
    nodes::{self, NameStatus},
    responses, subscriptions,
};
use suki_protocol::http::Trust;

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

fn describe_get() -> Described {
    let level = schema::object(&["level"], [("level", schema::word(&["STANDARD", "HIGH"], "How fast it may write"))]);
    Described {
        summary: "Read a phone number",
        description: "Without fields the answer has verified_name, code_verification_status, display_phone_number, quality_rating, platform_type, \
                      throughput, webhook_configuration and id.",
        query: vec![schema::fields()],
        request: None,
        response: schema::node([
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
        ]),
        errors: &[],
    }
}

fn describe_change() -> Described {
    Described {
        summary: "Change a phone number",
        description: "With new_display_name another name is asked for; a decision comes by webhook where a person looks at it. With webhook_configuration \
                      the number's messages go to an address of their own, before the account's and the app's; it is challenged first, and an empty one \
                      takes it back.",
        query: Vec::new(),
        request: Some(schema::object(
            &[],
            [("new_display_name", json!({"type": "string", "minLength": 2, "maxLength": 75})), (subscriptions::CONFIGURATION, own_address())],
        )),
        response: schema::success(),
        errors: &[Code::InvalidParameter, Code::CallbackVerification],
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
    if call.params.root().has(subscriptions::CONFIGURATION) {
        let overriding = subscriptions::phone_override(&call.params)?;
        call.business.override_for_number(call.app, overriding).await.map_err(|error| api_error(&error))?;
        return Ok(responses::success().into());
    }
    let name = identity::new_display_name(&call.params).ok_or_else(|| {
        ApiError::invalid_parameter("of a phone number new_display_name and webhook_configuration can be changed, and nothing else here")
    })?;
    call.business.request_name_by_program(name).await.map_err(|error| api_error(&error))?;
    Ok(responses::success().into())
}

async fn get(call: &Call) -> Result<Reply, ApiError> {
    let record = call.business.record();
    let own = call.business.subscriptions(call.app).await.map_err(|error| api_error(&error))?;
    let apps = call.business.subscribed_apps().await.map_err(|error| api_error(&error))?;
    let subscribed = apps.iter().find(|one| one.app == call.app);
    let account_callback = subscribed.and_then(|one| one.override_callback_uri.as_deref());
    let phone_callback = subscribed.and_then(|one| one.phone_callback_uri.as_deref());
    let display = record.phone.display();
    let standing = call.business.standing_for_programs().await;
    // Before the network ever said anything, nothing is claimed of the number.
    let trust = call.business.trust();
    let (name_status, new_name) = trust.as_deref().map_or((NameStatus::Approved, None), trust::names);
    let number = nodes::PhoneNumber {
        account: record.waba_id,
        standing: &standing,
        id: record.phone_number_id,
        display_phone_number: &display,
        verified_name: &record.name,
        name_status,
        new_name,
        number_proven: trust.as_ref().is_some_and(|trust| trust.phone.as_ref() == Some(&record.phone)),
        official: trust.as_ref().is_some_and(|trust| trust.level == Trust::Confirmed),
        sandbox: record.phone.is_test(),
        app_callback: own.first().map(|one| one.callback_url.as_str()),
        account_callback,
        phone_callback,
    };
    Ok(nodes::phone_number(&number, &call.params)?.into())
}
