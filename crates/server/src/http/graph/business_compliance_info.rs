//! `GET` and `POST /P/business_compliance_info`: who is responsible, as the law of India wants it said.
use super::{BodyKind, Call, Described, Handle, On, Operation, Reply, Scope, Verb, api_error, schema};
use serde_json::{Value, json};
use suki_cloud_api::{
    ApiError, Code,
    number::compliance::{self, Compliance, ENTITY_TYPES},
    responses,
};

/// `GET /P/business_compliance_info`.
pub const GET: Operation = Operation {
    name: "compliance.get",
    method: Verb::Get,
    on: On::PhoneNumber,
    edge: "business_compliance_info",
    scope: Scope::Management,
    body: BodyKind::Params,
    describe: describe_get,
    handle: Handle::Caller(|call| Box::pin(get(call))),
};

/// `POST /P/business_compliance_info`.
pub const SET: Operation =
    Operation { name: "compliance.set", method: Verb::Post, describe: describe_set, handle: Handle::Caller(|call| Box::pin(set(call))), ..GET };

fn contact(required: &[&str]) -> Value {
    let text = |most: usize| json!({"type": "string", "maxLength": most});
    schema::object(required, [("name", text(128)), ("email", text(128)), ("mobile_number", text(40)), ("landline_number", text(40))])
}

fn info(required: &[&str]) -> Value {
    schema::object(
        required,
        [
            ("messaging_product", schema::messaging_product()),
            ("entity_name", json!({"type": "string", "minLength": 2, "maxLength": 128})),
            ("entity_type", schema::word(&ENTITY_TYPES, "What the business is")),
            ("entity_type_custom", json!({"type": "string", "maxLength": 1024, "description": "With OTHER: what else it is"})),
            ("is_registered", schema::boolean("Whether it is registered")),
            ("grievance_officer_details", contact(&["email"])),
            ("customer_care_details", contact(&["email"])),
        ],
    )
}

fn describe_get() -> Described {
    let mut shown = info(&["whatsapp_business_account_id"]);
    shown["properties"]["whatsapp_business_account_id"] = schema::id("The account");
    Described {
        summary: "Read who is responsible for a business",
        description: "The list is empty as long as nothing was said.",
        query: vec![schema::fields()],
        request: None,
        response: schema::object(&["data"], [("data", schema::array(shown))]),
        errors: &[],
    }
}

fn describe_set() -> Described {
    Described {
        summary: "Say who is responsible for a business",
        description: "What the law of India asks of businesses there. It takes the place of what was said before.",
        query: Vec::new(),
        request: Some(info(&["messaging_product", "entity_name", "entity_type", "grievance_officer_details", "customer_care_details"])),
        response: schema::success(),
        errors: &[Code::MissingParameter, Code::InvalidParameter],
    }
}

async fn get(call: &Call) -> Result<Reply, ApiError> {
    let said: Compliance = call.business.setting().await.map_err(|error| api_error(&error))?;
    Ok(compliance::answer(call.business.record().waba_id, &said, &call.params)?.into())
}

async fn set(call: &Call) -> Result<Reply, ApiError> {
    let new = compliance::set(&call.params)?;
    call.business.change_setting(move |said: &mut Compliance| said.clone_from(&new)).await.map_err(|error| api_error(&error))?;
    Ok(responses::success().into())
}
