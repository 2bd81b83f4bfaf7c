//! Components and their properties.
use super::{
    Checker,
    components::{COMPONENTS, Component, Property, Shape},
    located::{Node, Value},
    quoted,
};
use std::collections::BTreeMap;

/// The most components of a screen.
const PARTS: usize = 50;
/// How deep `If` and `Switch` may stand in each other.
const DEPTH: usize = 4;

/// Where a component stands.
#[derive(Clone, Copy)]
struct Place<'a> {
    screen: &'a str,
    in_form: bool,
    depth: usize,
}

/// What a screen has so far.
#[derive(Default)]
struct Count {
    by_name: BTreeMap<&'static str, usize>,
    names: Vec<String>,
    all: usize,
    footers: usize,
}

/// Whether a text refers to what is known only when the screen is shown.
pub(super) fn is_dynamic(text: &str) -> bool {
    text.contains("${") || text.starts_with('`')
}

impl Checker {
    /// Everything on a screen.
    pub(super) fn all_parts(&mut self, screen: &str, children: &Node, path: &str) {
        let mut count = Count::default();
        self.parts(Place { screen, in_form: false, depth: 0 }, children, &format!("{path}/children"), &mut count);
        if count.all > PARTS {
            let message = format!("The screen has {} components; at most {PARTS} are allowed.", count.all);
            self.meaning("MAX_COMPONENTS_EXCEEDED", message, (path, children.span));
        }
        for component in COMPONENTS {
            let number = count.by_name.get(component.name).copied().unwrap_or(0);
            if number > component.most {
                let message = format!("The screen has {number} components {}; at most {} are allowed.", component.name, component.most);
                self.meaning("MAX_COMPONENTS_EXCEEDED", message, (path, children.span));
            }
        }
        if count.footers == 0 && self.scopes.get(screen).is_some_and(|scope| scope.terminal) {
            let message = "A terminal screen has a Footer, on which the flow is completed.".to_owned();
            self.meaning("MISSING_FOOTER", message, (path, children.span));
        }
    }

    fn parts(&mut self, place: Place<'_>, children: &Node, path: &str, count: &mut Count) {
        if !matches!(children.value, Value::List(_)) {
            return self.not_of_type("children", "an array", children, path);
        }
        let mut footers = 0;
        for (number, part) in children.items().iter().enumerate() {
            footers += usize::from(part.get("type").and_then(Node::text) == Some("Footer"));
            self.part(place, part, &format!("{path}/{number}"), count);
        }
        if footers > 1 {
            self.meaning("MAX_COMPONENTS_EXCEEDED", "There is one Footer at most.".into(), (path, children.span));
        }
        count.footers += footers;
    }

    fn part(&mut self, place: Place<'_>, part: &Node, path: &str, count: &mut Count) {
        count.all += 1;
        let Some(kind) = self.text(part, "type", path) else {
            if part.type_word() != "object" {
                return self.not_of_type("component", "an object", part, path);
            }
            if part.get("type").is_none() {
                self.missing("type", (path, part.span));
            }
            return;
        };
        let name = kind.text().unwrap_or_default();
        let Some(component) = COMPONENTS.iter().find(|one| one.name == name && one.since <= self.version) else {
            let (major, minor) = self.version;
            return self.bad_value(format!("Version {major}.{minor} has no component \"{}\".", quoted(name)), kind, path);
        };
        *count.by_name.entry(component.name).or_default() += 1;
        if component.is_input && !place.in_form && self.version < (4, 0) {
            let message = format!("Before version 4.0 {} stands in a Form.", component.name);
            self.meaning("INVALID_COMPONENT_PLACE", message, (path, kind.span));
        }
        if let Some(node) = part.get("name").filter(|_| component.is_input) {
            let named = node.text().unwrap_or_default().to_owned();
            // Of the branches of a condition one is shown, so that they may have the same names.
            if place.depth == 0 && count.names.contains(&named) {
                let message = format!("There are two components named \"{}\" on this screen.", quoted(&named));
                self.meaning("DUPLICATE_FORM_COMPONENT_NAMES", message, (path, node.span));
            }
            count.names.push(named);
        }
        self.properties(place, component, part, path, count);
    }

    fn properties(&mut self, place: Place<'_>, component: &Component, part: &Node, path: &str, count: &mut Count) {
        for member in part.members().iter().filter(|member| member.name != "type") {
            let known = component.properties.iter().find(|one| one.name == member.name && one.since <= self.version);
            let Some(property) = known else {
                let message = format!("The property \"{}\" cannot be specified at \"{path}\".", quoted(&member.name));
                self.schema("INVALID_PROPERTY", message, (path, member.key));
                continue;
            };
            self.property(place, component, property, &member.node, path, count);
        }
        for property in component.properties.iter().filter(|one| one.required && part.get(one.name).is_none()) {
            self.missing(property.name, (path, part.span));
        }
    }

    fn property(&mut self, place: Place<'_>, component: &Component, property: &Property, node: &Node, path: &str, count: &mut Count) {
        let at = format!("{path}/{}", property.name);
        match property.shape {
            Shape::Children => self.children(place, component, node, &at, count),
            Shape::Cases => {
                for case in node.members() {
                    self.children(place, component, &case.node, &format!("{at}/{}", quoted(&case.name)), count);
                }
            }
            Shape::Action(allowed) => self.action(place.screen, node, allowed, &at),
            shape => {
                self.shape(property.name, shape, node, path);
                self.references(place.screen, node, &at);
            }
        }
    }

    fn children(&mut self, place: Place<'_>, component: &Component, node: &Node, path: &str, count: &mut Count) {
        let branches = component.name != "Form";
        let place = Place { depth: place.depth + usize::from(branches), in_form: place.in_form || component.name == "Form", ..place };
        if place.depth > DEPTH {
            let message = format!("If and Switch stand in each other {DEPTH} deep at most.");
            return self.meaning("MAX_DEPTH_EXCEEDED", message, (path, node.span));
        }
        self.parts(place, node, path, count);
    }

    fn shape(&mut self, name: &str, shape: Shape, node: &Node, path: &str) {
        let words = node.text();
        if words.is_some_and(is_dynamic) {
            return;
        }
        match (shape, &node.value) {
            (Shape::Text(most), Value::Text(text)) => {
                let count = text.chars().count();
                if count == 0 || count > most {
                    self.bad_value(format!("The property \"{name}\" has 1 to {most} characters, and this one has {count}."), node, path);
                }
            }
            (Shape::Word(words), Value::Text(text)) if !words.iter().any(|word| word.eq_ignore_ascii_case(text)) => {
                self.bad_value(format!("The property \"{name}\" is one of {}.", words.join(", ")), node, path);
            }
            (Shape::Choices(most), Value::List(items)) => self.choices(name, most, items, node, path),
            (Shape::Texts | Shape::List, Value::List(items)) if items.iter().all(|item| item.text().is_some()) => {}
            (Shape::Texts, Value::Text(_))
            | (Shape::Word(_), Value::Text(_))
            | (Shape::Flag, Value::Bool(_))
            | (Shape::Number, Value::Number(_))
            | (Shape::Any | Shape::Action(_) | Shape::Children | Shape::Cases, _) => {}
            (Shape::Text(_) | Shape::Word(_), _) => self.not_of_type(name, "a string", node, path),
            (Shape::Flag, _) => self.not_of_type(name, "a boolean", node, path),
            (Shape::Number, _) => self.not_of_type(name, "a number", node, path),
            (Shape::Texts, _) => self.not_of_type(name, "a string or an array of strings", node, path),
            (Shape::List, _) => self.not_of_type(name, "an array of strings", node, path),
            (Shape::Choices(_), _) => self.not_of_type(name, "an array", node, path),
        }
    }

    fn choices(&mut self, name: &str, most: usize, items: &[Node], node: &Node, path: &str) {
        if !(1..=most).contains(&items.len()) {
            self.bad_value(format!("The property \"{name}\" has 1 to {most} items, and this one has {}.", items.len()), node, path);
        }
        for (place, item) in items.iter().enumerate() {
            let at = format!("{path}/{name}/{place}");
            if item.get("id").and_then(Node::text).is_none() {
                self.missing("id", (&at, item.span));
            }
            if name == "data-source" && item.get("title").and_then(Node::text).is_none() {
                self.missing("title", (&at, item.span));
            }
        }
    }
}
