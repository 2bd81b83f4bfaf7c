//! What a customer's device asks the business's own server, and what it answers: Meta's data channel, versions 3.0 and 4.0.
//!
//! A device says less than the server hears: which flow, and what was entered. The endpoint adds what it knows.
use crate::ObjectId;
use serde::Deserialize;
use serde_json::{Map, Value, json};

/// What the device asks for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Action {
    /// The first screen.
    Init,
    /// What follows from what was entered.
    DataExchange,
    /// The screen before, which is to be refreshed.
    Back,
}

impl Action {
    const ALL: [Self; 3] = [Self::Init, Self::DataExchange, Self::Back];

    /// As the channel writes it.
    pub const fn word(self) -> &'static str {
        match self {
            Self::Init => "INIT",
            Self::DataExchange => "data_exchange",
            Self::Back => "BACK",
        }
    }
}

/// A device's question.
#[derive(Debug, Clone, PartialEq)]
pub struct Question {
    /// Which flow.
    pub flow: ObjectId,
    /// The token of the message that opened it.
    pub token: String,
    /// What is asked for.
    pub action: Action,
    /// The screen it is asked from; "" at the beginning.
    pub screen: String,
    /// What was entered.
    pub data: Value,
}

#[derive(Deserialize)]
struct Raw {
    flow_id: String,
    #[serde(default)]
    flow_token: String,
    #[serde(default)]
    action: String,
    #[serde(default)]
    screen: String,
    #[serde(default)]
    data: Value,
}

/// Reads a device's question; `None` when it is none.
pub fn question(json: &[u8]) -> Option<Question> {
    let raw: Raw = serde_json::from_slice(json).ok()?;
    let action = Action::ALL.into_iter().find(|action| action.word().eq_ignore_ascii_case(&raw.action))?;
    Some(Question { flow: raw.flow_id.parse().ok()?, token: raw.flow_token, action, screen: raw.screen, data: raw.data })
}

/// What the server hears of a question.
pub fn payload(question: &Question, version: &str) -> Value {
    let mut payload = json!({"version": version, "action": question.action.word(), "flow_token": question.token});
    if !question.screen.is_empty() {
        payload["screen"] = question.screen.as_str().into();
    }
    if question.data.is_object() {
        payload["data"] = question.data.clone();
    } else if question.action == Action::DataExchange {
        payload["data"] = json!({});
    }
    payload
}

/// Whether the server is there: what it is asked, and what it has to say.
pub fn ping(version: &str) -> Value {
    json!({"version": version, "action": "ping"})
}

/// Whether an answer to [`ping`] is one.
pub fn is_pong(answer: &Value) -> bool {
    answer["data"]["status"] == "active"
}

/// What the server is told when a screen it has sent could not be shown.
pub fn failed(question: &Question, version: &str, error: &str, message: &str) -> Value {
    json!({
        "version": version, "action": question.action.word(), "flow_token": question.token, "screen": question.screen,
        "data": {"error": error, "error_message": message},
    })
}

/// Why an answer cannot be shown.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Unusable {
    /// It is no object with a screen.
    Shape,
    /// The flow has no such screen.
    Screen,
    /// It is over, and does not say with what.
    Ending,
}

impl Unusable {
    /// As Meta's clients name it to the server.
    pub const fn word(self) -> &'static str {
        match self {
            Self::Shape => "public-missing-required-field",
            Self::Screen => "invalid-screen-transition",
            Self::Ending => "public-invalid-ending",
        }
    }

    /// In words.
    pub const fn words(self) -> &'static str {
        match self {
            Self::Shape => "The answer is a JSON object with screen and data.",
            Self::Screen => "The answer names a screen that the flow does not have.",
            Self::Ending => "An answer with the screen SUCCESS has data.extension_message_response.params.",
        }
    }
}

/// What the device hears of the server's answer: the screen and its data, and nothing else.
///
/// # Errors
/// Why it cannot be shown.
pub fn answer(question: &Question, screens: &[String], said: &Value) -> Result<Value, Unusable> {
    let data = said.get("data").and_then(Value::as_object).cloned().unwrap_or_else(Map::new);
    let screen = said.get("screen").and_then(Value::as_str).unwrap_or_default();
    // What is wrong is said on the screen that the person is on.
    if screen.is_empty() && data.contains_key("error_message") && !question.screen.is_empty() {
        return Ok(json!({"screen": question.screen, "data": data}));
    }
    match screen {
        "" => Err(Unusable::Shape),
        "SUCCESS" => {
            let params = data.get("extension_message_response").and_then(|response| response.get("params"));
            let mut params = params.and_then(Value::as_object).cloned().ok_or(Unusable::Ending)?;
            // The token is what tells the program whose answer it is.
            params.insert("flow_token".into(), question.token.as_str().into());
            Ok(json!({"screen": "SUCCESS", "data": {"extension_message_response": {"params": params}}}))
        }
        screen if screens.iter().any(|known| known == screen) => Ok(json!({"screen": screen, "data": data})),
        _ => Err(Unusable::Screen),
    }
}

/// What the device hears when the server cannot be asked, or says nothing that can be shown.
pub fn cannot_go_on(words: &str) -> Value {
    json!({ "error": words })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn asked(action: &str, screen: &str) -> Question {
        let json = json!({"flow_id": "7", "flow_token": "t", "version": "3.0", "action": action, "screen": screen, "data": {"day": "friday"}});
        question(json.to_string().as_bytes()).expect("a question")
    }

    #[test]
    fn a_server_hears_what_was_entered() {
        assert_eq!(
            payload(&asked("data_exchange", "CAKE"), "3.0"),
            json!({"version": "3.0", "action": "data_exchange", "flow_token": "t", "screen": "CAKE", "data": {"day": "friday"}})
        );
        assert_eq!(payload(&asked("init", ""), "3.0")["action"], "INIT");
        assert!(payload(&asked("INIT", ""), "3.0").get("screen").is_none());
        for wrong in ["", "{}", "[]", r#"{"flow_id": "x", "action": "INIT"}"#, r#"{"flow_id": "7", "action": "ping"}"#] {
            assert_eq!(question(wrong.as_bytes()), None, "{wrong}");
        }
    }

    #[test]
    fn an_answer_is_a_screen_of_the_flow_or_its_end() {
        let (screens, ask) = (vec!["CAKE".to_owned()], asked("data_exchange", "CAKE"));
        let said = |value: Value| answer(&ask, &screens, &value);
        assert_eq!(said(json!({"screen": "CAKE", "data": {"a": 1}, "x": 2})), Ok(json!({"screen": "CAKE", "data": {"a": 1}})));
        assert_eq!(said(json!({"data": {"error_message": "Sold out"}})), Ok(json!({"screen": "CAKE", "data": {"error_message": "Sold out"}})));
        let end = json!({"screen": "SUCCESS", "data": {"extension_message_response": {"params": {"order": 7, "flow_token": "forged"}}}});
        let over = said(end).expect("it is over");
        assert_eq!(over["data"]["extension_message_response"]["params"], json!({"order": 7, "flow_token": "t"}));
        assert_eq!(said(json!({"screen": "PIE"})), Err(Unusable::Screen));
        assert_eq!(said(json!({"screen": "SUCCESS", "data": {}})), Err(Unusable::Ending));
        assert_eq!(said(json!("CAKE")), Err(Unusable::Shape));
        assert!(is_pong(&json!({"data": {"status": "active"}})) && !is_pong(&json!({"data": {}})));
    }
}
