//! JSON whose every value knows where it stands: what is wrong with a flow is told by line and column.
use serde::de::IgnoredAny;

/// How deep values may nest.
const DEPTH: usize = 48;
/// How many values a document may have.
const VALUES: usize = 100_000;

/// From where to where something stands. Lines and columns are counted from 1, columns in characters, and both ends belong to it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Span {
    /// The line of its first character.
    pub line_start: u32,
    /// The line of its last.
    pub line_end: u32,
    /// The column of its first character.
    pub column_start: u32,
    /// The column of its last.
    pub column_end: u32,
}

/// A value and its place.
#[derive(Debug, Clone, PartialEq)]
pub struct Node {
    /// What it is.
    pub value: Value,
    /// Where.
    pub span: Span,
}

/// What stands there.
#[derive(Debug, Clone, PartialEq)]
pub enum Value {
    /// `null`.
    Null,
    /// `true` or `false`.
    Bool(bool),
    /// A number.
    Number(f64),
    /// A text.
    Text(String),
    /// An array.
    List(Vec<Node>),
    /// An object, its members in their order.
    Object(Vec<Member>),
}

/// A member of an object.
#[derive(Debug, Clone, PartialEq)]
pub struct Member {
    /// Its name.
    pub name: String,
    /// Where the name stands.
    pub key: Span,
    /// Its value.
    pub node: Node,
}

impl Node {
    /// A member's value; of several with one name the last.
    pub fn get(&self, name: &str) -> Option<&Self> {
        self.members().iter().rev().find(|member| member.name == name).map(|member| &member.node)
    }

    /// The members, of an object.
    pub fn members(&self) -> &[Member] {
        if let Value::Object(members) = &self.value { members } else { &[] }
    }

    /// The items, of an array.
    pub fn items(&self) -> &[Self] {
        if let Value::List(items) = &self.value { items } else { &[] }
    }

    /// The text, of one.
    pub fn text(&self) -> Option<&str> {
        if let Value::Text(text) = &self.value { Some(text) } else { None }
    }

    /// What it is, for people.
    pub fn type_word(&self) -> &'static str {
        match self.value {
            Value::Null => "null",
            Value::Bool(_) => "boolean",
            Value::Number(_) => "number",
            Value::Text(_) => "string",
            Value::List(_) => "array",
            Value::Object(_) => "object",
        }
    }
}

/// Reads a document.
///
/// # Errors
/// Where it is no JSON, or too deep or too rich, and why.
pub fn parse(text: &str) -> Result<Node, (Span, String)> {
    if let Err(error) = serde_json::from_str::<IgnoredAny>(text) {
        let (line, column) = (u32::try_from(error.line()).unwrap_or(1), u32::try_from(error.column()).unwrap_or(1).max(1));
        let span = Span { line_start: line, line_end: line, column_start: column, column_end: column };
        return Err((span, "The file is no JSON.".into()));
    }
    // From here on the text is known to be JSON: only its places are looked for.
    let mut reader = Reader { rest: text, line: 1, column: 1, values: 0 };
    reader.node(0)
}

struct Reader<'a> {
    rest: &'a str,
    line: u32,
    column: u32,
    values: usize,
}

impl Reader<'_> {
    fn advance(&mut self, bytes: usize) {
        let (passed, rest) = self.rest.split_at(bytes);
        for character in passed.chars() {
            if character == '\n' {
                (self.line, self.column) = (self.line + 1, 1);
            } else {
                self.column += 1;
            }
        }
        self.rest = rest;
    }

    /// The next character that is no space, which is not taken.
    fn peek(&mut self) -> u8 {
        let spaces = self.rest.len() - self.rest.trim_start_matches([' ', '\t', '\r', '\n']).len();
        self.advance(spaces);
        self.rest.bytes().next().unwrap_or(b'}')
    }

    fn wrong<T>(&self, why: &str) -> Result<T, (Span, String)> {
        let span = Span { line_start: self.line, line_end: self.line, column_start: self.column, column_end: self.column };
        Err((span, why.into()))
    }

    fn node(&mut self, depth: usize) -> Result<Node, (Span, String)> {
        let first = self.peek();
        self.values += 1;
        if depth > DEPTH {
            return self.wrong(&format!("The file nests deeper than {DEPTH} levels."));
        }
        if self.values > VALUES {
            return self.wrong(&format!("The file has more than {VALUES} values."));
        }
        let (line_start, column_start) = (self.line, self.column);
        let value = match first {
            b'{' => self.object(depth)?,
            b'[' => self.list(depth)?,
            b'"' => Value::Text(self.string()),
            _ => self.plain(),
        };
        let span = Span { line_start, column_start, line_end: self.line, column_end: self.column.saturating_sub(1).max(1) };
        Ok(Node { value, span })
    }

    fn object(&mut self, depth: usize) -> Result<Value, (Span, String)> {
        let mut members = Vec::new();
        self.advance(1);
        loop {
            match self.peek() {
                b'}' => break,
                b',' => self.advance(1),
                _ => {
                    let (line, column_start) = (self.line, self.column);
                    let name = self.string();
                    let key = Span { line_start: line, line_end: line, column_start, column_end: self.column - 1 };
                    self.peek();
                    self.advance(1);
                    members.push(Member { name, key, node: self.node(depth + 1)? });
                }
            }
        }
        self.advance(self.rest.len().min(1));
        Ok(Value::Object(members))
    }

    fn list(&mut self, depth: usize) -> Result<Value, (Span, String)> {
        let mut items = Vec::new();
        self.advance(1);
        loop {
            match self.peek() {
                b']' => break,
                b',' => self.advance(1),
                _ => items.push(self.node(depth + 1)?),
            }
        }
        self.advance(1);
        Ok(Value::List(items))
    }

    fn string(&mut self) -> String {
        let mut escaped = false;
        let mut inner = self.rest.bytes().enumerate().skip(1);
        let end = inner.find(|(_, byte)| {
            let ends = *byte == b'"' && !escaped;
            escaped = *byte == b'\\' && !escaped;
            ends
        });
        let bytes = end.map_or(self.rest.len(), |(place, _)| place + 1);
        let text = serde_json::from_str(&self.rest[..bytes]).unwrap_or_default();
        self.advance(bytes);
        text
    }

    fn plain(&mut self) -> Value {
        let bytes = self.rest.find([',', '}', ']', ' ', '\t', '\r', '\n']).unwrap_or(self.rest.len());
        let value = match &self.rest[..bytes] {
            "true" => Value::Bool(true),
            "false" => Value::Bool(false),
            "null" => Value::Null,
            number => Value::Number(number.parse().unwrap_or(0.0)),
        };
        self.advance(bytes);
        value
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn values_know_where_they_stand() {
        let text = "{\n  \"a\": [1, \"é\\\"\", true],\n  \"kapé\" : {}\n}";
        let root = parse(text).expect("JSON");
        let list = root.get("a").expect("a");
        assert_eq!(list.items()[0].value, Value::Number(1.0));
        assert_eq!(list.items()[1].text(), Some("é\""));
        assert_eq!(list.items()[1].span, Span { line_start: 2, line_end: 2, column_start: 12, column_end: 16 });
        assert_eq!(list.items()[2].span, Span { line_start: 2, line_end: 2, column_start: 19, column_end: 22 });
        assert_eq!(root.members()[1].key, Span { line_start: 3, line_end: 3, column_start: 3, column_end: 8 });
        assert_eq!(root.span, Span { line_start: 1, line_end: 4, column_start: 1, column_end: 1 });
    }

    #[test]
    fn what_is_no_json_is_refused_where_it_breaks() {
        let (span, why) = parse("{\n \"a\": }").expect_err("broken");
        assert_eq!((span.line_start, span.column_start, why.as_str()), (2, 7, "The file is no JSON."));
        let deep = format!("{}{}", "[".repeat(5000), "]".repeat(5000));
        assert!(parse(&deep).expect_err("too deep").1.contains("48 levels"));
        let rich = format!("[{}1]", "1,".repeat(VALUES));
        assert!(parse(&rich).expect_err("too rich").1.contains("100000 values"));
        assert!(parse("").is_err() && parse("[1] x").is_err());
    }

    fn plain(node: &Node) -> serde_json::Value {
        match &node.value {
            Value::Null => serde_json::Value::Null,
            Value::Bool(value) => (*value).into(),
            Value::Number(value) => (*value).into(),
            Value::Text(text) => text.as_str().into(),
            Value::List(items) => items.iter().map(plain).collect(),
            Value::Object(members) => members.iter().map(|one| (one.name.clone(), plain(&one.node))).collect(),
        }
    }

    fn document() -> impl Strategy<Value = serde_json::Value> {
        let leaf = prop_oneof![
            Just(serde_json::Value::Null),
            any::<bool>().prop_map(Into::into),
            (-1000i32..1000).prop_map(|number| f64::from(number).into()),
            "[a-z\"\\\\\\n{}\\[\\],: é]{0,8}".prop_map(Into::into),
        ];
        leaf.prop_recursive(4, 32, 4, |inner| {
            prop_oneof![
                prop::collection::vec(inner.clone(), 0..4).prop_map(Into::into),
                prop::collection::btree_map("[a-z\"\\\\ ]{0,5}", inner, 0..4).prop_map(|map| map.into_iter().collect()),
            ]
        })
    }

    proptest! {
        /// The same document as the library reads, however it is written.
        #[test]
        fn it_reads_what_serde_reads(value in document()) {
            for text in [value.to_string(), serde_json::to_string_pretty(&value).expect("JSON")] {
                prop_assert_eq!(&plain(&parse(&text).expect("JSON")), &value);
            }
        }
    }
}
