//! What is done when something is pressed or chosen.
use super::{Checker, located::Node, parts::is_dynamic, quoted};

impl Checker {
    pub(super) fn action(&mut self, screen: &str, node: &Node, allowed: &[&str], path: &str) {
        if node.type_word() != "object" {
            return self.not_of_type("action", "an object", node, path);
        }
        let Some(name) = self.text(node, "name", path) else {
            if node.get("name").is_none() {
                self.missing("name", (path, node.span));
            }
            return;
        };
        let word = name.text().unwrap_or_default();
        if !allowed.contains(&word) {
            let message = format!("The action \"{}\" cannot stand here: it is one of {}.", quoted(word), allowed.join(", "));
            return self.bad_value(message, name, path);
        }
        self.only(node, &["name", "next", "payload", "url"], path);
        if matches!(word, "open_url" | "update_data") && self.version < (6, 0) {
            let message = format!("The action {word} is there from version 6.0 on.");
            self.bad_value(message, name, path);
        }
        match word {
            "navigate" => self.navigate(node, path),
            "complete" if !self.scopes.get(screen).is_some_and(|scope| scope.terminal) => {
                let message = "A flow is completed on a screen with \"terminal\": true.".to_owned();
                self.meaning("INVALID_COMPLETE_ACTION", message, (path, name.span));
            }
            "data_exchange" if !self.has_server => {
                let message = "The action data_exchange asks the business's server, so that the flow needs a data_api_version.".to_owned();
                self.meaning("MISSING_DATA_API_VERSION", message, (path, name.span));
            }
            "open_url" if node.get("url").and_then(Node::text).is_none_or(|url| !is_dynamic(url) && !url.starts_with("https://")) => {
                self.meaning("INVALID_URL", "The action open_url has a url that begins with https://.".into(), (path, node.span));
            }
            _ => {}
        }
        if let Some(payload) = node.get("payload") {
            if payload.type_word() != "object" {
                self.not_of_type("payload", "an object", payload, path);
            }
            self.references(screen, payload, &format!("{path}/payload"));
        }
    }

    fn navigate(&mut self, node: &Node, path: &str) {
        let Some(next) = node.get("next") else {
            return self.missing("next", (path, node.span));
        };
        let name = next.get("name");
        let is_plugin = next.get("type").and_then(Node::text) == Some("plugin");
        match name.map(|name| (name, name.text())) {
            Some((_, Some(to))) if is_plugin || self.scopes.contains_key(to) => {}
            Some((name, to)) => {
                let message = format!("The action leads to a screen \"{}\" that is not there.", quoted(to.unwrap_or_default()));
                self.meaning("INVALID_NAVIGATE_ACTION_NEXT_SCREEN_NAME", message, (path, name.span));
            }
            None => self.missing("name", (path, next.span)),
        }
    }
}
