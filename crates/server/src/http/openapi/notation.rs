//! JSON Schema from TypeScript's types: the inbox's and the console's API are written down in that notation already, in docs/INBOX-API.md and in the
//! console's own client, and are read from there, so that there is one text of each.
//!
//! What is understood: objects with optional fields, arrays, unions, `&`, texts, `null`, names, `Name["field"]`, `Record<…>`, `Readonly<…>`. A type with
//! parameters of its own is passed over. A name that nothing explains leads nowhere, which the document's tests find.
use serde_json::{Map, Value, json};

/// Every `type Name = …;` of a text, as schemas by name; `face` stands before each name.
pub fn types(text: &str, face: &str) -> Map<String, Value> {
    let mut all = Map::new();
    let mut reader = Reader { rest: text, face };
    while let Some(at) = reader.rest.find("type ") {
        let line = reader.rest[..at].rsplit('\n').next().unwrap_or_default().trim();
        let starts_line = line.is_empty() || line == "export";
        reader.rest = &reader.rest[at + 5..];
        let name = reader.word();
        if starts_line && reader.take("=") {
            all.insert(format!("{face}.{name}"), reader.union());
        }
    }
    all
}

/// One type.
pub fn one(text: &str, face: &str) -> Value {
    Reader { rest: text, face }.union()
}

/// Fields, as they stand in an object: names, whether each may be absent, and types.
pub fn fields(text: &str, face: &str) -> Vec<(String, bool, Value)> {
    Reader { rest: text, face }.fields()
}

/// The text of the first block of TypeScript in a page.
pub fn block(page: &str) -> &str {
    page.split_once("```ts\n").and_then(|(_, rest)| rest.split_once("```")).map_or("", |(block, _)| block)
}

struct Reader<'a> {
    rest: &'a str,
    face: &'a str,
}

impl<'a> Reader<'a> {
    /// Leaves out spaces and comments.
    fn skip(&mut self) {
        loop {
            self.rest = self.rest.trim_start();
            let after = match self.rest.get(..2) {
                Some("//") => self.rest.find('\n'),
                Some("/*") => self.rest.find("*/").map(|at| at + 2),
                _ => return,
            };
            self.rest = after.map_or("", |at| &self.rest[at..]);
        }
    }

    fn take(&mut self, sign: &str) -> bool {
        self.skip();
        let rest = self.rest.strip_prefix(sign);
        self.rest = rest.unwrap_or(self.rest);
        rest.is_some()
    }

    fn word(&mut self) -> &'a str {
        self.skip();
        let end = self.rest.find(|c: char| !c.is_ascii_alphanumeric() && c != '_').unwrap_or(self.rest.len());
        let (word, rest) = self.rest.split_at(end);
        self.rest = rest;
        word
    }

    fn text(&mut self) -> &'a str {
        let (text, rest) = self.rest.split_once('"').unwrap_or((self.rest, ""));
        self.rest = rest;
        text
    }

    fn union(&mut self) -> Value {
        self.take("|");
        let mut all = vec![self.both()];
        while self.take("|") {
            all.push(self.both());
        }
        if all.len() == 1 { all.remove(0) } else { union_of(all) }
    }

    fn both(&mut self) -> Value {
        let mut all = vec![self.array()];
        while self.take("&") {
            all.push(self.array());
        }
        if all.len() == 1 { all.remove(0) } else { json!({ "allOf": all }) }
    }

    fn array(&mut self) -> Value {
        let mut value = self.single();
        loop {
            if self.take("[]") {
                value = json!({"type": "array", "items": value});
            } else if self.take("[\"") {
                let reference = format!("{}/properties/{}", value["$ref"].as_str().unwrap_or_default(), self.text());
                self.take("]");
                value = json!({ "$ref": reference });
            } else {
                return value;
            }
        }
    }

    fn single(&mut self) -> Value {
        if self.take("\"") {
            return json!({"type": "string", "const": self.text()});
        }
        if self.take("(") {
            let value = self.union();
            self.take(")");
            return value;
        }
        if self.take("{") {
            let fields = self.fields();
            self.take("}");
            return object(fields);
        }
        match self.word() {
            kind @ ("string" | "number" | "integer" | "boolean" | "null" | "object") => json!({ "type": kind }),
            "unknown" => json!({}),
            "Readonly" => self.parameters().pop().unwrap_or_default(),
            "Record" => json!({"type": "object", "additionalProperties": self.parameters().pop().unwrap_or_default()}),
            name => json!({ "$ref": format!("#/components/schemas/{}.{name}", self.face) }),
        }
    }

    /// What stands between `<` and `>`.
    fn parameters(&mut self) -> Vec<Value> {
        let mut all = Vec::new();
        if self.take("<") {
            all.push(self.union());
            while self.take(",") {
                all.push(self.union());
            }
            self.take(">");
        }
        all
    }

    fn fields(&mut self) -> Vec<(String, bool, Value)> {
        let mut all = Vec::new();
        loop {
            let name = self.word();
            if name.is_empty() {
                return all;
            }
            let optional = self.take("?");
            self.take(":");
            all.push((name.to_owned(), optional, self.union()));
            let _ = self.take(";") || self.take(",");
        }
    }
}

fn object(fields: Vec<(String, bool, Value)>) -> Value {
    let required: Vec<&String> = fields.iter().filter(|(_, optional, _)| !optional).map(|(name, ..)| name).collect();
    let required = json!(required);
    let properties: Map<String, Value> = fields.into_iter().map(|(name, _, schema)| (name, schema)).collect();
    json!({"type": "object", "properties": properties, "required": required})
}

/// Texts become one list; `null` joins a plain type; all else is one of several.
fn union_of(all: Vec<Value>) -> Value {
    let texts: Vec<&Value> = all.iter().filter_map(|one| one.get("const")).collect();
    let nullable = all.iter().any(|one| one["type"] == "null");
    let others: Vec<Value> = all.iter().filter(|one| one.get("const").is_none() && one["type"] != "null").cloned().collect();
    if others.is_empty() {
        let nothing = Value::Null;
        let words: Vec<&Value> = texts.into_iter().chain(nullable.then_some(&nothing)).collect();
        return json!({ "enum": words });
    }
    if let ([one], true, true) = (&others[..], nullable, texts.is_empty())
        && let (Some(kind), true) = (one["type"].as_str(), one.as_object().is_some_and(|fields| fields.len() == 1))
    {
        return json!({"type": [kind, "null"]});
    }
    json!({ "anyOf": all })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn types_become_schemas() {
        let text = "
            export type Kind = \"a\" | \"b\";   // two
            type Row = { id: string; kind: Kind | null; /* why */ at?: number | null; tags: string[];
                         more: { x: integer }[]; by: Record<Kind, string[]> };
            type Page<T> = { data: T[] };
            type Whole = Row & { first: Row[\"kind\"]; any: Readonly<Record<string, unknown>> };
            type One = | Kind | Row;";
        let all = types(text, "F");
        assert_eq!(all.keys().collect::<Vec<_>>(), ["F.Kind", "F.One", "F.Row", "F.Whole"]);
        assert_eq!(all["F.Kind"], json!({"enum": ["a", "b"]}));
        let row = json!({"type": "object", "required": ["id", "kind", "tags", "more", "by"], "properties": {
            "id": {"type": "string"},
            "kind": {"anyOf": [{"$ref": "#/components/schemas/F.Kind"}, {"type": "null"}]},
            "at": {"type": ["number", "null"]},
            "tags": {"type": "array", "items": {"type": "string"}},
            "more": {"type": "array", "items": {"type": "object", "properties": {"x": {"type": "integer"}}, "required": ["x"]}},
            "by": {"type": "object", "additionalProperties": {"type": "array", "items": {"type": "string"}}},
        }});
        assert_eq!(all["F.Row"], row);
        assert_eq!(all["F.Whole"]["allOf"][1]["properties"]["first"], json!({"$ref": "#/components/schemas/F.Row/properties/kind"}));
        assert_eq!(all["F.Whole"]["allOf"][1]["properties"]["any"], json!({"type": "object", "additionalProperties": {}}));
        assert_eq!(one("\"x\" | null", "F"), json!({"enum": ["x", null]}));
        assert_eq!(
            fields("a: string; b?: integer", "F").iter().map(|(name, optional, _)| (name.as_str(), *optional)).collect::<Vec<_>>(),
            [("a", false), ("b", true)]
        );
    }

    #[test]
    fn a_pages_block_is_found() {
        assert_eq!(block("# A\n```ts\ntype A = string;\n```\nmore"), "type A = string;\n");
        assert_eq!(block("no block"), "");
    }
}
