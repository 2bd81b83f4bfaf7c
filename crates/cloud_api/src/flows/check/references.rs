//! What texts refer to: `${data.x}` what a screen was given, `${form.x}` what was entered on it, `${screen.ID.form.x}` what was on another.
use super::{
    Checker,
    located::{Node, Value},
    quoted,
};

impl Checker {
    /// Looks at every text of a value, however deep.
    pub(super) fn references(&mut self, screen: &str, node: &Node, path: &str) {
        match &node.value {
            Value::Text(text) => {
                let mut rest = text.as_str();
                while let Some((_, from)) = rest.split_once("${") {
                    let Some((reference, after)) = from.split_once('}') else {
                        let message = "A reference that begins with ${ ends with }.".to_owned();
                        return self.meaning("INVALID_DYNAMIC_DATA", message, (path, node.span));
                    };
                    self.reference(screen, reference.trim(), node, path);
                    rest = after;
                }
            }
            Value::List(items) => items.iter().for_each(|item| self.references(screen, item, path)),
            Value::Object(members) => {
                for member in members {
                    // Choices may act by themselves.
                    match member.name.as_str() {
                        "on-click-action" => self.action(screen, &member.node, &["navigate", "data_exchange", "open_url"], path),
                        "on-select-action" | "on-unselect-action" => self.action(screen, &member.node, &["update_data", "data_exchange"], path),
                        _ => self.references(screen, &member.node, path),
                    }
                }
            }
            Value::Null | Value::Bool(_) | Value::Number(_) => {}
        }
    }

    fn reference(&mut self, screen: &str, reference: &str, node: &Node, path: &str) {
        let names: Vec<&str> = reference.split('.').collect();
        let (screen, names) = match names.as_slice() {
            ["screen", other, rest @ ..] => (*other, rest),
            all => (screen, all),
        };
        let Some(scope) = self.scopes.get(screen) else {
            // A screen whose own id is wrong was told already.
            if reference.starts_with("screen.") {
                let message = format!("${{{}}} refers to a screen that is not there.", quoted(reference));
                self.meaning("INVALID_DYNAMIC_DATA", message, (path, node.span));
            }
            return;
        };
        let is_known = match names {
            ["data", name, ..] => scope.data.contains(*name),
            ["form", name, ..] => scope.inputs.contains(*name),
            _ => false,
        };
        if !is_known {
            let message = format!("${{{}}} refers to nothing: data is what the screen declares, form what is entered on it.", quoted(reference));
            self.meaning("INVALID_DYNAMIC_DATA", message, (path, node.span));
        }
    }
}
