//! The `fields` selector: `id,name,quality_score{score},preview.invalidate(true)` (section 2.1, row 4).
use crate::ApiError;
use serde_json::{Map, Value};

/// The longest selector that is read, in bytes.
const MAX_BYTES: usize = 8 * 1024;
/// How deep selectors may nest.
const MAX_DEPTH: usize = 8;
/// How many fields a selector may have, all levels together.
const MAX_FIELDS: usize = 500;

/// Which fields an answer shall have.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Selector(pub Vec<Field>);

/// One field of a selector.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Field {
    /// Its name.
    pub name: String,
    /// What follows it: `.start(1700000000)` is `("start", "1700000000")`.
    pub modifiers: Vec<(String, String)>,
    /// Which of its own fields; all when empty.
    pub nested: Selector,
}

impl Field {
    /// The argument of a modifier.
    pub fn modifier(&self, name: &str) -> Option<&str> {
        self.modifiers.iter().find(|(key, _)| key == name).map(|(_, argument)| argument.as_str())
    }
}

impl Selector {
    /// The selector of plain names.
    pub fn of(names: &[&str]) -> Self {
        Self(names.iter().map(|name| Field { name: (*name).into(), ..Field::default() }).collect())
    }

    /// Reads a selector. Spaces between its parts are ignored, and so are empty parts.
    ///
    /// # Errors
    /// 100 when brackets do not match, a name has other characters than letters, digits and `_`, or it is longer than 8 KiB, nests deeper than 8
    /// levels or has more than 500 fields.
    pub fn parse(text: &str) -> Result<Self, ApiError> {
        if text.len() > MAX_BYTES {
            return Err(ApiError::invalid_parameter(format!("fields has {} bytes; at most {MAX_BYTES} are read", text.len())));
        }
        let mut parser = Parser { text, at: 0, fields: 0 };
        let selector = parser.list(0)?;
        if parser.at < text.len() { Err(parser.wrong("a comma or the end")) } else { Ok(selector) }
    }

    /// What the selector leaves of a node: the named fields it has, and always its `id`. Unknown fields are ignored. An array, and the `data` of a
    /// list, are selected from item by item; `limit(n)` keeps the first n.
    pub fn apply(&self, node: &Value) -> Value {
        match node {
            Value::Object(object) if self.0.is_empty() => Value::Object(object.clone()),
            Value::Object(object) => Value::Object(self.pick(object)),
            Value::Array(items) => items.iter().map(|item| self.apply(item)).collect(),
            other => other.clone(),
        }
    }

    fn pick(&self, object: &Map<String, Value>) -> Map<String, Value> {
        let mut picked = Map::new();
        for field in &self.0 {
            let Some(value) = object.get(&field.name) else { continue };
            let limit = field.modifier("limit").and_then(|limit| limit.parse().ok()).unwrap_or(usize::MAX);
            let value = match value.get("data") {
                Some(data) => {
                    let mut list = value.clone();
                    list["data"] = first(field.nested.apply(data), limit);
                    list
                }
                None => first(field.nested.apply(value), limit),
            };
            picked.insert(field.name.clone(), value);
        }
        if let Some(id) = object.get("id") {
            picked.insert("id".into(), id.clone());
        }
        picked
    }
}

fn first(value: Value, limit: usize) -> Value {
    match value {
        Value::Array(items) => items.into_iter().take(limit).collect(),
        other => other,
    }
}

/// What a request asks of a node: the fields it names, or the default ones.
///
/// # Errors
/// 100 when the selector cannot be read.
pub fn select(fields: Option<&str>, default: &[&str], node: &Value) -> Result<Value, ApiError> {
    let selector = fields.map(Selector::parse).transpose()?.filter(|selector| !selector.0.is_empty());
    Ok(selector.unwrap_or_else(|| Selector::of(default)).apply(node))
}

struct Parser<'a> {
    text: &'a str,
    at: usize,
    fields: usize,
}

impl Parser<'_> {
    fn wrong(&self, expected: &str) -> ApiError {
        ApiError::invalid_parameter(format!("syntax error in fields at character {}: expected {expected}", self.text[..self.at].chars().count() + 1))
    }

    fn peek(&mut self) -> Option<u8> {
        let bytes = self.text.as_bytes();
        while bytes.get(self.at).is_some_and(u8::is_ascii_whitespace) {
            self.at += 1;
        }
        bytes.get(self.at).copied()
    }

    fn eat(&mut self, byte: u8) -> bool {
        let there = self.peek() == Some(byte);
        self.at += usize::from(there);
        there
    }

    fn name(&mut self) -> Option<String> {
        self.peek();
        let rest = &self.text.as_bytes()[self.at..];
        let length = rest.iter().take_while(|byte| byte.is_ascii_alphanumeric() || **byte == b'_').count();
        let name = self.text[self.at..self.at + length].to_owned();
        self.at += length;
        (length > 0).then_some(name)
    }

    fn list(&mut self, depth: usize) -> Result<Selector, ApiError> {
        if depth > MAX_DEPTH {
            return Err(self.wrong(&format!("at most {MAX_DEPTH} levels")));
        }
        let mut fields = Vec::new();
        loop {
            match self.peek() {
                Some(b',') => self.at += 1,
                None | Some(b'}') => return Ok(Selector(fields)),
                Some(_) => {
                    fields.push(self.field(depth)?);
                    if !matches!(self.peek(), None | Some(b',' | b'}')) {
                        return Err(self.wrong("a comma"));
                    }
                }
            }
        }
    }

    fn field(&mut self, depth: usize) -> Result<Field, ApiError> {
        self.fields += 1;
        if self.fields > MAX_FIELDS {
            return Err(self.wrong(&format!("at most {MAX_FIELDS} fields")));
        }
        let name = self.name().ok_or_else(|| self.wrong("a field's name"))?;
        let mut field = Field { name, ..Field::default() };
        while self.eat(b'.') {
            let modifier = self.name().ok_or_else(|| self.wrong("a modifier's name"))?;
            let argument = self.argument()?;
            field.modifiers.push((modifier, argument));
        }
        if self.eat(b'{') {
            field.nested = self.list(depth + 1)?;
            if !self.eat(b'}') {
                return Err(self.wrong("}"));
            }
        }
        Ok(field)
    }

    /// What stands in round brackets; square, curly and round brackets within must match in number.
    fn argument(&mut self) -> Result<String, ApiError> {
        if !self.eat(b'(') {
            return Err(self.wrong("("));
        }
        let mut open = 1usize;
        let length = self.text.as_bytes()[self.at..].iter().position(|byte| {
            open = match byte {
                b'(' | b'[' | b'{' => open + 1,
                b')' | b']' | b'}' => open - 1,
                _ => open,
            };
            open == 0
        });
        let length = length.ok_or_else(|| self.wrong("a matching )"))?;
        let argument = self.text[self.at..self.at + length].to_owned();
        self.at += length + 1;
        Ok(argument)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use serde_json::json;

    fn node() -> Value {
        json!({
            "id": "7",
            "name": "Aling Nena",
            "score": {"score": "GREEN", "date": 5, "id": "s"},
            "lines": {"data": [{"id": "1", "a": 1, "b": 1}, {"id": "2", "a": 2, "b": 2}], "paging": {}},
            "tags": ["x", "y", "z"],
        })
    }

    #[test]
    fn it_picks_and_always_has_the_id() {
        for (fields, picked) in [
            ("name", json!({"id": "7", "name": "Aling Nena"})),
            ("id , name,", json!({"id": "7", "name": "Aling Nena"})),
            ("nothing,name_status", json!({"id": "7"})),
            ("score{date}", json!({"id": "7", "score": {"date": 5, "id": "s"}})),
            ("score.invalidate(true){score}", json!({"id": "7", "score": {"score": "GREEN", "id": "s"}})),
            ("lines.limit(1){b}", json!({"id": "7", "lines": {"data": [{"id": "1", "b": 1}], "paging": {}}})),
            ("tags.limit(2)", json!({"id": "7", "tags": ["x", "y"]})),
            ("name{a,b{c}}", json!({"id": "7", "name": "Aling Nena"})),
        ] {
            assert_eq!(select(Some(fields), &[], &node()), Ok(picked), "{fields}");
        }
        assert_eq!(select(None, &["name"], &node()), Ok(json!({"id": "7", "name": "Aling Nena"})));
        assert_eq!(select(Some(" , "), &["tags"], &node()), Ok(json!({"id": "7", "tags": ["x", "y", "z"]})));
    }

    #[test]
    fn modifiers_keep_their_arguments() {
        let selector = Selector::parse("analytics.start(1).end(2).phone_numbers([\"1\",\"(2)\"]).granularity(DAY)").expect("it is one");
        let field = &selector.0[0];
        assert_eq!(field.modifier("phone_numbers"), Some("[\"1\",\"(2)\"]"));
        assert_eq!((field.modifier("granularity"), field.modifier("other")), (Some("DAY"), None));
    }

    #[test]
    fn what_cannot_be_read_is_refused_with_the_place() {
        for (fields, says) in [
            ("name}", "character 5: expected a comma or the end"),
            ("score{date", "character 11: expected }"),
            ("na-me", "character 3: expected a comma"),
            ("é", "character 1: expected a field's name"),
            ("a.", "expected a modifier's name"),
            ("a.b", "expected ("),
            ("a.b(", "expected a matching )"),
            (&"a{".repeat(20), "at most 8 levels"),
            (&"a,".repeat(501), "at most 500 fields"),
            (&"a".repeat(9000), "at most 8192"),
        ] {
            let error = Selector::parse(fields).expect_err(fields);
            assert!(error.code.number() == 100 && error.details.contains(says), "{}", error.details);
        }
    }

    proptest! {
        #[test]
        fn no_selector_panics(text in "[a-z,{}().\\[\\] é]{0,80}") {
            if let Ok(selector) = Selector::parse(&text) {
                prop_assert_eq!(&selector.apply(&node())["id"], "7");
            }
        }
    }
}
