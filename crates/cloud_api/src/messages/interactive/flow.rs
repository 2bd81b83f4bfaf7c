//! A form of several screens: a flow.
use super::named;
use crate::{
    ApiError, ObjectId,
    messages::bounds::{object, object_id, optional, required, word},
    params::Object,
};
use suki_types::limits;

/// Which flow, and how it begins.
#[derive(Debug, Clone, PartialEq)]
pub struct FlowCall {
    /// Which.
    pub flow: FlowName,
    /// What stands on the button that opens it: at most 60 characters.
    pub call_to_action: String,
    /// Comes back with what was filled in; `unused` when the program gave none.
    pub token: String,
    /// Whether the draft is opened, and not what was published.
    pub draft: bool,
    /// Whether the first screen comes from the business's own server.
    pub exchange: bool,
    /// The first screen; "" for the flow's own first.
    pub screen: String,
    /// The first screen's data, a JSON object; "" when there is none.
    pub data: String,
}

/// How a program names a flow.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum FlowName {
    /// By its id.
    Id(ObjectId),
    /// By its name.
    Name(String),
}

const LABEL_CHARS: usize = 60;
const NAME_CHARS: usize = 200;
const TOKEN_CHARS: usize = 1000;
const SCREEN_CHARS: usize = 200;
/// The token of a flow whose sender does not tell its openings apart.
const NO_TOKEN: &str = "unused";
/// The only version of flow messages there is.
const VERSION: &str = "3";

/// `{"name": "flow", "parameters": {…}}`.
pub(super) fn flow(action: &Object<'_>) -> Result<FlowCall, ApiError> {
    action.only(&["name", "parameters"])?;
    named(action, "flow")?;
    let given = object(action, "parameters")?;
    given.only(&["flow_message_version", "flow_id", "flow_name", "flow_cta", "flow_token", "mode", "flow_action", "flow_action_payload"])?;
    if optional(&given, "flow_message_version", LABEL_CHARS)?.is_some_and(|version| version != VERSION) {
        return Err(ApiError::invalid_value(format!("{} must be {VERSION}", given.path("flow_message_version"))));
    }
    let name = optional(&given, "flow_name", NAME_CHARS)?;
    let flow = match (object_id(&given, "flow_id")?, name) {
        (Some(id), None) => FlowName::Id(id),
        (None, Some(name)) => FlowName::Name(name),
        (None, None) => return Err(ApiError::missing(&given.path("flow_id"))),
        (Some(_), Some(_)) => {
            return Err(ApiError::invalid_parameter(format!("{} and {} exclude each other", given.path("flow_id"), given.path("flow_name"))));
        }
    };
    let exchange = word(&given, "flow_action", &["navigate", "data_exchange"])? == Some("data_exchange");
    let (screen, data) = start(&given)?;
    Ok(FlowCall {
        flow,
        call_to_action: required(&given, "flow_cta", LABEL_CHARS)?,
        token: optional(&given, "flow_token", TOKEN_CHARS)?.unwrap_or_else(|| NO_TOKEN.into()),
        draft: word(&given, "mode", &["draft", "published"])? == Some("draft"),
        exchange,
        screen,
        data,
    })
}

/// The first screen and its data.
fn start(given: &Object<'_>) -> Result<(String, String), ApiError> {
    let Some(payload) = given.object("flow_action_payload")? else { return Ok(Default::default()) };
    payload.only(&["screen", "data"])?;
    let screen = optional(&payload, "screen", SCREEN_CHARS)?.unwrap_or_default();
    Ok((screen, payload.object("data")?.map(|_| json_text(&payload, "data")).transpose()?.unwrap_or_default()))
}

/// A field's JSON as text, of a bounded size.
pub(super) fn json_text(given: &Object<'_>, name: &str) -> Result<String, ApiError> {
    let text = given.json(name).map(|value| value.to_string()).unwrap_or_default();
    if text.len() > limits::CONTENT_JSON_BYTES {
        let (path, most) = (given.path(name), limits::CONTENT_JSON_BYTES);
        return Err(ApiError::invalid_value(format!("{path} has {} bytes of JSON; at most {most} are allowed", text.len())));
    }
    Ok(text)
}
