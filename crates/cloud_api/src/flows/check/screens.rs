//! Screens, their data, and how one leads to another.
use super::{
    Checker, ROOT, SCREENS, Scope,
    components::COMPONENTS,
    located::{Node, Value},
    quoted,
};
use std::collections::{BTreeMap, BTreeSet};

const SCREEN_PROPERTIES: &[&str] = &["id", "title", "terminal", "success", "data", "layout", "refresh_on_back", "sensitive"];
/// The most ways that lead from one screen.
const BRANCHES: usize = 10;
/// The id by which a server says that a flow is over.
const SUCCESS: &str = "SUCCESS";

impl Checker {
    /// Checks the screens, and names them: the one it begins with first.
    pub(super) fn screens(&mut self, root: &Node) -> Vec<String> {
        let Some(list) = root.get("screens") else {
            self.missing("screens", (ROOT, root.span));
            return Vec::new();
        };
        if !matches!(list.value, Value::List(_)) {
            self.not_of_type("screens", "an array", list, ROOT);
            return Vec::new();
        }
        let screens = list.items();
        if !(1..=SCREENS).contains(&screens.len()) {
            self.bad_value(format!("A flow has 1 to {SCREENS} screens, and this one has {}.", screens.len()), list, "$root/screens");
        }
        // All of them first, since they refer to each other.
        let mut ids = Vec::new();
        for (place, screen) in screens.iter().take(SCREENS).enumerate() {
            ids.extend(self.name(screen, &format!("{ROOT}/screens/{place}")));
        }
        for (place, screen) in screens.iter().take(SCREENS).enumerate() {
            self.screen(screen, &format!("{ROOT}/screens/{place}"));
        }
        if !screens.is_empty() && !self.scopes.values().any(|scope| scope.terminal) {
            let message = "A flow ends on a screen with \"terminal\": true, and none has that.".to_owned();
            self.meaning("MISSING_TERMINAL_SCREEN", message, ("$root/screens", list.span));
        }
        let first = self.routing(root, &ids);
        if let Some(place) = first.and_then(|first| ids.iter().position(|id| *id == first)) {
            ids.swap(0, place);
        }
        ids
    }

    fn name(&mut self, screen: &Node, path: &str) -> Option<String> {
        if screen.type_word() != "object" {
            self.not_of_type("screen", "an object", screen, path);
            return None;
        }
        let Some(node) = self.text(screen, "id", path) else {
            if screen.get("id").is_none() {
                self.missing("id", (path, screen.span));
            }
            return None;
        };
        let id = node.text().unwrap_or_default();
        let fits = (1..=200).contains(&id.len()) && id.bytes().all(|byte| byte.is_ascii_alphabetic() || byte == b'_');
        if !fits || id == SUCCESS {
            self.bad_value("A screen's id has letters and underscores alone, and is not SUCCESS.".into(), node, path);
            return None;
        }
        let mut scope = Scope { terminal: matches!(screen.get("terminal").map(|node| &node.value), Some(Value::Bool(true))), ..Scope::default() };
        scope.data = screen.get("data").map(|data| data.members().iter().map(|member| member.name.clone()).collect()).unwrap_or_default();
        if let Some(children) = screen.get("layout").and_then(|layout| layout.get("children")) {
            inputs(children, &mut scope.inputs);
        }
        if self.scopes.insert(id.to_owned(), scope).is_some() {
            self.meaning("DUPLICATE_SCREEN_ID", format!("There are two screens {}.", quoted(id)), (path, node.span));
            return None;
        }
        Some(id.to_owned())
    }

    fn screen(&mut self, screen: &Node, path: &str) {
        self.only(screen, SCREEN_PROPERTIES, path);
        for flag in ["terminal", "success", "refresh_on_back"] {
            if let Some(node) = screen.get(flag).filter(|node| !matches!(node.value, Value::Bool(_))) {
                self.not_of_type(flag, "a boolean", node, path);
            }
        }
        self.text(screen, "title", path);
        if let Some(data) = screen.get("data") {
            self.data(data, &format!("{path}/data"));
        }
        let id = screen.get("id").and_then(Node::text).unwrap_or_default().to_owned();
        let Some(layout) = screen.get("layout") else {
            return self.missing("layout", (path, screen.span));
        };
        let path = format!("{path}/layout");
        self.only(layout, &["type", "children"], &path);
        match layout.get("type").map(|node| (node, node.text())) {
            Some((_, Some("SingleColumnLayout"))) => {}
            Some((node, _)) => self.bad_value("The only layout is SingleColumnLayout.".into(), node, &path),
            None => self.missing("type", (&path, layout.span)),
        }
        match layout.get("children") {
            Some(children) => self.all_parts(&id, children, &path),
            None => self.missing("children", (&path, layout.span)),
        }
    }

    /// What a screen is given: each with its type and an example.
    fn data(&mut self, data: &Node, path: &str) {
        if data.type_word() != "object" {
            return self.not_of_type("data", "an object", data, path);
        }
        for member in data.members() {
            let path = format!("{path}/{}", quoted(&member.name));
            match member.node.get("type").map(|node| (node, node.text())) {
                Some((_, Some("string" | "number" | "boolean" | "object" | "array"))) => {}
                Some((node, _)) => self.bad_value("A datum's type is string, number, boolean, object or array.".into(), node, &path),
                None => self.missing("type", (&path, member.node.span)),
            }
            if member.node.get("__example__").is_none() {
                self.missing("__example__", (&path, member.node.span));
            }
        }
    }

    /// How screens lead to each other; answers with the screen that the flow begins with.
    fn routing(&mut self, root: &Node, ids: &[String]) -> Option<String> {
        let path = "$root/routing_model";
        let Some(model) = root.get("routing_model") else {
            if self.has_server {
                self.missing("routing_model", (ROOT, root.span));
            }
            return None;
        };
        if model.type_word() != "object" {
            self.not_of_type("routing_model", "an object", model, ROOT);
            return None;
        }
        let mut ways: BTreeMap<&str, BTreeSet<&str>> = BTreeMap::new();
        for member in model.members() {
            if !ids.contains(&member.name) {
                let message = format!("The routing model names a screen {} that is not there.", quoted(&member.name));
                self.meaning("INVALID_ROUTING_MODEL", message, (path, member.key));
            }
            if member.node.items().len() > BRANCHES {
                let message = format!("From one screen {} ways lead; at most {BRANCHES} may.", member.node.items().len());
                self.meaning("INVALID_ROUTING_MODEL", message, (path, member.node.span));
            }
            for node in member.node.items() {
                match node.text().filter(|to| ids.iter().any(|id| id == to)) {
                    Some(to) if to != member.name => drop(ways.entry(&member.name).or_default().insert(to)),
                    Some(_) => self.meaning("INVALID_ROUTING_MODEL", "A screen does not lead to itself.".into(), (path, node.span)),
                    None => self.meaning("INVALID_ROUTING_MODEL", "The routing model leads to a screen that is not there.".into(), (path, node.span)),
                }
            }
        }
        if goes_round(&ways) {
            let message = "The routing model goes round: ways lead forward, and back is the way the person came.".to_owned();
            self.meaning("INVALID_ROUTING_MODEL", message, (path, model.span));
        }
        let reached: BTreeSet<&str> = ways.values().flatten().copied().collect();
        ids.iter().find(|id| !reached.contains(id.as_str())).cloned()
    }
}

/// The names of everything that a person enters, however deep it stands.
fn inputs(children: &Node, found: &mut BTreeSet<String>) {
    for part in children.items() {
        let kind = part.get("type").and_then(Node::text).unwrap_or_default();
        if COMPONENTS.iter().any(|one| one.name == kind && one.is_input) {
            found.extend(part.get("name").and_then(Node::text).map(str::to_owned));
        }
        for inner in ["children", "then", "else"] {
            if let Some(inner) = part.get(inner) {
                inputs(inner, found);
            }
        }
        for case in part.get("cases").map(Node::members).unwrap_or_default() {
            inputs(&case.node, found);
        }
    }
}

fn goes_round(ways: &BTreeMap<&str, BTreeSet<&str>>) -> bool {
    let mut left: BTreeMap<&str, BTreeSet<&str>> = ways.clone();
    loop {
        let ends: Vec<&str> = left.iter().filter(|(_, to)| to.iter().all(|to| !left.contains_key(to))).map(|(from, _)| *from).collect();
        if ends.is_empty() {
            return !left.is_empty();
        }
        for end in ends {
            left.remove(end);
        }
    }
}
