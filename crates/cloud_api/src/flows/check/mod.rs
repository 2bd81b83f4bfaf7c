//! Whether a file is a flow: Flow JSON 2.1 to 7.3, checked as a whole, and what is wrong told by line and column.
//!
//! | file | subject |
//! |---|---|
//! | [`located`] | JSON whose values know where they stand |
//! | [`components`] | what a screen may be made of |
//! | [`problem`] | what is wrong, as programs are told |
//! | `screens` | screens, their data, and how one leads to another |
//! | `parts` | components and their properties |
//! | `actions` | what is done when something is pressed |
//! | `references` | `${data.x}` and `${form.x}` |
mod actions;
pub mod components;
pub mod located;
mod parts;
pub mod problem;
mod references;
mod screens;

use components::{VERSIONS, Version};
use located::{Node, Span};
use problem::{Kind, Problem};
use serde::{Deserialize, Serialize};
use std::collections::{BTreeMap, BTreeSet};

/// How many problems are told at once.
const PROBLEMS: usize = 100;
/// How many screens a flow has at most.
const SCREENS: usize = 100;
/// What a person's own words are cut to in messages.
const QUOTED_CHARS: usize = 60;

/// What a flow's file says of it.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Outline {
    /// The version of Flow JSON, such as `7.1`; "" when it says none.
    pub json_version: String,
    /// The version in which it speaks with the business's server; "" when it does not.
    pub data_api_version: String,
    /// The server it names itself, as the first versions do; "" otherwise.
    pub data_channel_uri: String,
    /// Its screens, the one it begins with first.
    pub screens: Vec<String>,
    /// What is wrong with it.
    pub problems: Vec<Problem>,
}

/// Reads a flow's file and tells everything that is wrong with it, at most a hundred things.
pub fn check(text: &str) -> Outline {
    let root = match located::parse(text) {
        Ok(root) => root,
        Err((span, why)) => {
            let problem = Problem::new(Kind::Schema, "INVALID_JSON", why, ("$root", span));
            return Outline { problems: vec![problem], ..Outline::default() };
        }
    };
    let mut checker = Checker { version: (2, 1), has_server: false, scopes: BTreeMap::new(), problems: Vec::new() };
    let mut outline = checker.flow(&root);
    let mut problems = checker.problems;
    problems.sort_by_key(|problem| (problem.line_start, problem.column_start));
    problems.truncate(PROBLEMS);
    outline.problems = problems;
    outline
}

/// What a screen's own parts may refer to.
#[derive(Debug, Default)]
struct Scope {
    data: BTreeSet<String>,
    inputs: BTreeSet<String>,
    terminal: bool,
}

struct Checker {
    version: Version,
    /// Whether it speaks with the business's server.
    has_server: bool,
    /// By the screen's id.
    scopes: BTreeMap<String, Scope>,
    problems: Vec<Problem>,
}

const ROOT: &str = "$root";
const FLOW_PROPERTIES: &[&str] = &["version", "screens", "routing_model", "data_api_version", "data_channel_uri", "name"];

/// Words of the file in a message: short, and on one line.
fn quoted(text: &str) -> String {
    text.chars().filter(|c| !c.is_control()).take(QUOTED_CHARS).collect()
}

impl Checker {
    fn schema(&mut self, error: &str, message: String, place: (&str, Span)) {
        self.problems.push(Problem::new(Kind::Schema, error, message, place));
    }

    fn meaning(&mut self, error: &str, message: String, place: (&str, Span)) {
        self.problems.push(Problem::new(Kind::Meaning, error, message, place));
    }

    fn missing(&mut self, name: &str, place: (&str, Span)) {
        self.schema("MISSING_REQUIRED_PROPERTY", format!("The property \"{name}\" is required at \"{}\".", place.0), place);
    }

    fn not_of_type(&mut self, name: &str, expected: &str, node: &Node, path: &str) {
        let message = format!("The property \"{name}\" at \"{path}\" is of type {}; {expected} is expected.", node.type_word());
        self.schema("INVALID_PROPERTY_TYPE", message, (path, node.span));
    }

    fn bad_value(&mut self, message: String, node: &Node, path: &str) {
        self.schema("INVALID_PROPERTY_VALUE", message, (path, node.span));
    }

    /// Refuses members that are not in the list.
    fn only(&mut self, node: &Node, allowed: &[&str], path: &str) {
        for member in node.members().iter().filter(|member| !allowed.contains(&member.name.as_str())) {
            let message = format!("The property \"{}\" cannot be specified at \"{path}\".", quoted(&member.name));
            self.schema("INVALID_PROPERTY", message, (path, member.key));
        }
    }

    /// A member that is a text; what is no text is told.
    fn text<'a>(&mut self, node: &'a Node, name: &str, path: &str) -> Option<&'a Node> {
        let found = node.get(name)?;
        if found.text().is_none() {
            self.not_of_type(name, "a string", found, path);
            return None;
        }
        Some(found)
    }

    fn flow(&mut self, root: &Node) -> Outline {
        if root.type_word() != "object" {
            self.not_of_type("flow", "an object", root, ROOT);
            return Outline::default();
        }
        self.only(root, FLOW_PROPERTIES, ROOT);
        let json_version = self.json_version(root);
        let text = |node: Option<&Node>| node.and_then(Node::text).unwrap_or_default().to_owned();
        let data_api_version = text(self.text(root, "data_api_version", ROOT));
        let data_channel_uri = text(self.text(root, "data_channel_uri", ROOT));
        self.has_server = !data_api_version.is_empty();
        if let Some(node) = root.get("data_api_version").filter(|_| self.has_server && !["3.0", "4.0"].contains(&data_api_version.as_str())) {
            self.bad_value(format!("The data_api_version \"{}\" is not known: 3.0 and 4.0 are.", quoted(&data_api_version)), node, ROOT);
        }
        if let Some(node) = root.get("data_channel_uri").filter(|_| self.version >= (3, 0)) {
            let message = "From version 3.0 on data_channel_uri is no property: the flow's endpoint_uri says where its server is.";
            self.schema("INVALID_PROPERTY", message.into(), (ROOT, node.span));
        }
        let screens = self.screens(root);
        Outline { json_version, data_api_version, data_channel_uri, screens, problems: Vec::new() }
    }

    fn json_version(&mut self, root: &Node) -> String {
        let Some(node) = self.text(root, "version", ROOT) else {
            if root.get("version").is_none() {
                self.missing("version", (ROOT, root.span));
            }
            return String::new();
        };
        let said = node.text().unwrap_or_default();
        let numbers = said.split_once('.').and_then(|(major, minor)| Some((major.parse().ok()?, minor.parse().ok()?)));
        match numbers.filter(|numbers| VERSIONS.contains(numbers)) {
            Some(version) => self.version = version,
            None => {
                let known: Vec<String> = VERSIONS.iter().map(|(major, minor)| format!("{major}.{minor}")).collect();
                self.bad_value(format!("The version \"{}\" is not known: it is one of {}.", quoted(said), known.join(", ")), node, ROOT);
                self.version = VERSIONS.last().copied().unwrap_or_default();
            }
        }
        quoted(said)
    }
}

#[cfg(test)]
mod tests;
