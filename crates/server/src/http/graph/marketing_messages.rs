//! `POST /P/marketing_messages`: a marketing template, over the interface that the Cloud API has for them.
use super::{
    BodyKind, Call, Described, Handle, On, Operation, Reply, Scope, Verb, api_error, message_shapes,
    messages::{Over, send_over},
    schema,
};
use serde_json::json;
use suki_cloud_api::{
    ApiError, Code,
    messages::{What, marketing},
    templates::sent::SentTemplate,
};
use suki_protocol::template::Status;

/// `POST /P/marketing_messages`.
pub const OPERATION: Operation = Operation {
    name: "marketing_messages.send",
    method: Verb::Post,
    on: On::PhoneNumber,
    edge: "marketing_messages",
    scope: Scope::Messaging,
    body: BodyKind::Params,
    describe,
    handle: Handle::Caller(|call| Box::pin(send(call))),
};

fn describe() -> Described {
    Described {
        summary: "Send a marketing template",
        description: "What becomes of it is told by webhook, where its price is of the category marketing_lite if the platform's rules say so.",
        query: Vec::new(),
        request: Some(schema::object(
            &["messaging_product", "to", "type", "template"],
            [
                ("messaging_product", schema::messaging_product()),
                ("recipient_type", schema::word(&["individual"], "To whom")),
                ("to", json!({"type": ["string", "integer"], "description": "The customer's number, in any form people write one"})),
                ("recipient", schema::text("His business-scoped user id; `to` wins")),
                ("type", schema::word(&["template"], "What is sent")),
                ("template", message_shapes::template()),
                ("product_policy", schema::word(&["CLOUD_API_FALLBACK", "STRICT"], "Without effect: every account has this interface")),
                ("message_activity_sharing", schema::boolean("Without effect: nothing is shared with anybody")),
                ("biz_opaque_callback_data", json!({"type": "string", "maxLength": 512, "description": "Comes back with every status"})),
                ("context", schema::object(&["message_id"], [("message_id", schema::text("The message that is answered"))])),
            ],
        )),
        response: message_shapes::accepted(),
        errors: ERRORS,
    }
}

const ERRORS: &[Code] = &[
    Code::MissingParameter,
    Code::ParameterValueInvalid,
    Code::InvalidParameter,
    Code::UnsupportedType,
    Code::MethodNotAllowed,
    Code::OnlyMarketing,
    Code::TemplateSyncing,
    Code::RecipientIsSender,
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
    Code::PolicyViolation,
];

async fn send(call: &Call) -> Result<Reply, ApiError> {
    call.business.must_be_registered().map_err(|error| api_error(&error))?;
    let asked = marketing::read(&call.params)?;
    if let What::Template(template) = &asked.message.what {
        synchronised(call, template).await?;
    }
    Ok(send_over(call, asked.message, Over::MarketingMessages).await?.into())
}

/// A template that is still being looked at is not here yet: the program waits, and need not look for a mistake.
async fn synchronised(call: &Call, template: &SentTemplate) -> Result<(), ApiError> {
    let found = call.business.template_named(&template.name, &template.language).await.map_err(|error| api_error(&error))?;
    if found.is_some_and(|found| found.status == Status::Pending) {
        let details = "The template is being looked at; it can be sent once it is approved, which message_template_status_update tells";
        return Err(ApiError::new(Code::TemplateSyncing, details));
    }
    Ok(())
}
