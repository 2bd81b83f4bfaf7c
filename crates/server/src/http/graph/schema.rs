//! Pieces of the operations' descriptions, as JSON Schema 2020-12.
use super::operation::{Parameter, Stands};
use serde_json::{Value, json};

/// A text.
pub fn text(description: &str) -> Value {
    json!({"type": "string", "description": description})
}

/// One of these words; upper and lower case are the same.
pub fn word(words: &[&str], description: &str) -> Value {
    json!({"type": "string", "description": description, "examples": words})
}

/// A whole number.
pub fn integer(description: &str) -> Value {
    json!({"type": "integer", "description": description})
}

/// True or false; forms write it as a word.
pub fn boolean(description: &str) -> Value {
    json!({"type": ["boolean", "string"], "description": description})
}

/// The id of an object.
pub fn id(description: &str) -> Value {
    json!({"type": "string", "pattern": "^[1-9][0-9]{0,15}$", "description": description})
}

/// An object with these fields; those with a name in `required` are always there.
pub fn object<const N: usize>(required: &[&str], fields: [(&str, Value); N]) -> Value {
    let fields: serde_json::Map<String, Value> = fields.into_iter().map(|(name, schema)| (name.to_owned(), schema)).collect();
    json!({"type": "object", "properties": fields, "required": required})
}

/// An array.
pub fn array(items: Value) -> Value {
    json!({"type": "array", "items": items})
}

/// `{"success": true}`.
pub fn success() -> Value {
    object(&["success"], [("success", json!({"type": "boolean"}))])
}

/// A page of a list: `{"data": […], "paging": {…}}`.
pub fn page(item: Value) -> Value {
    let address = |of: &str| json!({"type": "string", "format": "uri", "description": format!("The {of} page; absent when there is none")});
    let cursors = object(&[], [("before", text("The cursor of the first")), ("after", text("The cursor of the last"))]);
    let paging = object(&[], [("cursors", cursors), ("next", address("next")), ("previous", address("previous"))]);
    object(&["data"], [("data", array(item)), ("paging", paging)])
}

/// A node: `id` is always there, what else depends on `fields`.
pub fn node<const N: usize>(fields: [(&str, Value); N]) -> Value {
    let mut node = object(&["id"], fields);
    node["properties"]["id"] = id("Its id");
    node
}

/// The field that every request about messages and media has.
pub fn messaging_product() -> Value {
    json!({"type": "string", "const": "whatsapp"})
}

/// A parameter that may be absent.
pub fn parameter(name: &'static str, schema: Value, description: &'static str) -> Parameter {
    Parameter { name, stands: Stands::Query, description, required: false, schema }
}

/// A parameter that there must be.
pub fn required(name: &'static str, schema: Value, description: &'static str) -> Parameter {
    Parameter { required: true, ..parameter(name, schema, description) }
}

/// A header that may be absent.
pub fn header(name: &'static str, schema: Value, description: &'static str) -> Parameter {
    Parameter { stands: Stands::Header, ..parameter(name, schema, description) }
}

/// `fields`.
pub fn fields() -> Parameter {
    parameter("fields", json!({"type": "string"}), "Which fields to answer with, separated by commas; unknown ones are passed over, id always comes")
}

/// `limit`, `after`, `before`.
pub fn paging() -> Vec<Parameter> {
    vec![
        parameter("limit", json!({"type": "integer", "minimum": 1}), "How many a page has"),
        parameter("after", json!({"type": "string"}), "The cursor after which the page begins, from paging.cursors of another page"),
        parameter("before", json!({"type": "string"}), "The cursor before which the page ends"),
    ]
}
