//! Flows on buttons of templates: the message carries the form that the approved button names, beside what fills the template.
use super::send::wrong;
use crate::{Business, Error};
use base64::{Engine as _, engine::general_purpose::STANDARD};
use serde_json::{Value, json};
use suki_cloud_api::{
    ObjectId,
    flows::check,
    messages::{FlowCall, FlowName},
};
use suki_protocol::{calls::templates::Template, pb};
use suki_template::{Button, Component};
use suki_types::limits;

/// How a form's button is named in a message.
const SUB_TYPE: &str = "flow";
/// The token of a form whose sender does not tell its openings apart.
const NO_TOKEN: &str = "unused";

/// What a program said of a button: its token, and the first screen's data.
fn said(sent: &pb::Template, index: u32) -> Result<(String, String), Error> {
    let given = sent.buttons.iter().find(|one| one.index == index).and_then(|one| one.parameters.first());
    let given: Value = given.and_then(|text| serde_json::from_str(text).ok()).unwrap_or_default();
    let token = given["flow_token"].as_str().filter(|token| !token.is_empty()).unwrap_or(NO_TOKEN).to_owned();
    let data = match &given["flow_action_data"] {
        Value::Null => String::new(),
        data @ Value::Object(_) => data.to_string(),
        _ => return Err(wrong(format!("button {index}: flow_action_data is an object"))),
    };
    Ok((token, data))
}

/// What the device is told of a form, in the place of what the program said. Documents stand in it as such: as texts they would be twice as long.
fn told(call: &pb::FlowCall) -> String {
    let document = |text: &str| serde_json::from_str(text).unwrap_or(Value::Null);
    let mut told = json!({
        "flow_id": call.flow_id, "flow_token": call.token, "exchange": call.exchange, "screen": call.screen, "data": document(&call.data),
        "data_version": call.data_version,
    });
    match &call.definition {
        None => told["flow_json"] = document(&call.json),
        Some(file) => {
            let [blob, key, sha256] = [&file.blob, &file.key, &file.sha256].map(|bytes| STANDARD.encode(bytes));
            told["flow_file"] = json!({"blob": blob, "key": key, "sha256": sha256, "bytes": file.bytes, "media_type": file.media_type});
        }
    }
    told.to_string()
}

impl Business {
    /// Puts the forms of a template's buttons into what is sent for it.
    ///
    /// # Errors
    /// [`Error::Refused`] as [`Business::flow_call`]; [`Error::Unavailable`] when a large form cannot be put on the network at the moment.
    pub(crate) async fn put_template_flows(&self, template: &Template, sent: &mut pb::Template) -> Result<(), Error> {
        for (button, index) in Component::buttons(&template.components).iter().zip(0..) {
            let Button::Flow { flow_id, flow_name, flow_json, flow_action, navigate_screen, .. } = button else { continue };
            let (token, data) = said(sent, index)?;
            let exchange = flow_action.as_deref().is_some_and(|action| action.eq_ignore_ascii_case("data_exchange"));
            let screen = navigate_screen.clone().unwrap_or_default();
            let call = match flow_json {
                Some(file) => inline(file, token, screen, data)?,
                None => {
                    let named = flow_id.as_ref().and_then(|id| id.parse::<ObjectId>().ok()).map(FlowName::Id);
                    let flow = named.unwrap_or_else(|| FlowName::Name(flow_name.clone().unwrap_or_default()));
                    let asked = FlowCall { flow, call_to_action: String::new(), token, draft: false, exchange, screen, data };
                    self.carried_flow(&asked).await?
                }
            };
            let parameters = vec![told(&call)];
            match sent.buttons.iter_mut().find(|one| one.index == index) {
                Some(one) => one.parameters = parameters,
                None => sent.buttons.push(pb::TemplateButton { index, kind: SUB_TYPE.into(), parameters }),
            }
        }
        Ok(())
    }
}

/// A form whose file stands in the template itself.
fn inline(file: &str, token: String, screen: String, data: String) -> Result<pb::FlowCall, Error> {
    let outline = check::check(file);
    if !outline.problems.is_empty() || file.len() > limits::FLOW_INSIDE_BYTES {
        return Err(wrong(format!("The template's flow_json has mistakes, or more than {} bytes: name a flow instead", limits::FLOW_INSIDE_BYTES)));
    }
    let screen = if screen.is_empty() { outline.screens.first().cloned().unwrap_or_default() } else { screen };
    Ok(pb::FlowCall { token, screen, data, json: file.to_owned(), ..Default::default() })
}
