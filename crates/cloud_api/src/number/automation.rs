//! `POST /P/conversational_automation`: what stands in a customer's chat before anybody wrote (limits: section 3e).
use super::bounds;
use crate::{ApiError, ObjectId, Params};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

const PROMPTS: usize = 4;
const PROMPT_CHARS: usize = 80;
const COMMANDS: usize = 30;
const COMMAND_CHARS: usize = 32;
const DESCRIPTION_CHARS: usize = 256;

/// What stands in a customer's chat before anybody wrote.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Automation {
    /// Whether programs are told, as `request_welcome`, that a customer has opened the chat for the first time.
    pub enable_welcome_message: bool,
    /// What he may begin with, by one press.
    pub prompts: Vec<String>,
    /// What he finds when he types a slash.
    pub commands: Vec<Command>,
}

/// A word that customers find when they type a slash.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Command {
    /// The word, without its slash.
    pub command_name: String,
    /// What it does.
    pub command_description: String,
}

/// What a request changes; the rest stays.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Change {
    welcome: Option<bool>,
    prompts: Option<Vec<String>>,
    commands: Option<Vec<Command>>,
}

impl Change {
    /// Does it.
    pub fn apply(&self, automation: &mut Automation) {
        automation.enable_welcome_message = self.welcome.unwrap_or(automation.enable_welcome_message);
        if let Some(prompts) = &self.prompts {
            automation.prompts.clone_from(prompts);
        }
        if let Some(commands) = &self.commands {
            automation.commands.clone_from(commands);
        }
    }
}

/// `POST`: what is to change.
///
/// # Errors
/// 100 when there are too many of something, when something is too long, or when two commands have one name.
pub fn change(params: &Params) -> Result<Change, ApiError> {
    let root = params.root();
    let prompts = bounds::texts(&root, "prompts", PROMPTS)?;
    let checked = prompts.map(|all| all.iter().map(|one| bounds::check("prompts", one, 1, PROMPT_CHARS)).collect::<Result<Vec<_>, _>>());
    Ok(Change { welcome: root.boolean("enable_welcome_message")?, prompts: checked.transpose()?, commands: commands(params)? })
}

fn commands(params: &Params) -> Result<Option<Vec<Command>>, ApiError> {
    let Some(list) = params.root().list("commands", COMMANDS)? else { return Ok(None) };
    let mut commands: Vec<Command> = Vec::with_capacity(list.len());
    for one in &list {
        let name = bounds::check(&one.path("command_name"), one.required_text("command_name")?.trim_start_matches('/'), 1, COMMAND_CHARS)?;
        let path = one.path("command_description");
        let description = bounds::check(&path, one.required_text("command_description")?.trim(), 1, DESCRIPTION_CHARS)?;
        if !name.chars().all(|c| c.is_alphanumeric() || c == '_') {
            return Err(ApiError::invalid_parameter(format!("{} has letters, digits and _ only", one.path("command_name"))));
        }
        if commands.iter().any(|known| known.command_name.to_lowercase() == name.to_lowercase()) {
            return Err(ApiError::invalid_parameter(format!("{} stands there twice", one.path("command_name"))));
        }
        commands.push(Command { command_name: name, command_description: description });
    }
    Ok(Some(commands))
}

/// The field `conversational_automation` of the number's node. `id` is the number's.
pub fn node(id: ObjectId, automation: &Automation) -> Value {
    let Automation { enable_welcome_message, prompts, commands } = automation;
    json!({"id": id, "enable_welcome_message": enable_welcome_message, "prompts": prompts, "commands": commands})
}

#[cfg(test)]
mod tests {
    use super::*;

    fn asked(json: &Value) -> Result<Change, ApiError> {
        let mut params = Params::default();
        params.merge_body(None, json.to_string().as_bytes()).expect("JSON");
        change(&params)
    }

    #[test]
    fn each_part_changes_alone() {
        let mut automation = Automation::default();
        let commands = json!([{"command_name": "/menu", "command_description": "What there is today"}]);
        asked(&json!({"enable_welcome_message": true, "commands": commands})).expect("it is one").apply(&mut automation);
        asked(&json!({"prompts": ["Are you open?", "Order"]})).expect("it is one").apply(&mut automation);
        assert_eq!(
            node("7".parse().expect("an id"), &automation),
            json!({"id": "7", "enable_welcome_message": true, "prompts": ["Are you open?", "Order"],
                   "commands": [{"command_name": "menu", "command_description": "What there is today"}]})
        );
        asked(&json!({"prompts": []})).expect("it is one").apply(&mut automation);
        assert!(automation.prompts.is_empty() && automation.commands.len() == 1);
    }

    #[test]
    fn limits_are_named() {
        let command = |name: &str, description: &str| json!({"commands": [{"command_name": name, "command_description": description}]});
        for (body, says) in [
            (json!({"prompts": ["1", "2", "3", "4", "5"]}), "at most 4"),
            (json!({"prompts": ["x".repeat(81)]}), "1 to 80"),
            (json!({"prompts": [""]}), "1 to 80"),
            (json!({"enable_welcome_message": "perhaps"}), "true or false"),
            (command(&"x".repeat(33), "d"), "1 to 32"),
            (command("a b", "d"), "letters, digits"),
            (command("a", &"x".repeat(257)), "1 to 256"),
            (command("a", ""), "commands[0].command_description is required"),
            (json!({"commands": vec![json!({"command_name": "a", "command_description": "d"}); 31]}), "at most 30"),
            (json!({"commands": vec![json!({"command_name": "a", "command_description": "d"}); 2]}), "twice"),
        ] {
            let error = asked(&body).expect_err(says);
            assert!(error.details.contains(says), "{}", error.details);
        }
    }
}
