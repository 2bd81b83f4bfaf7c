//! A request's parameters, wherever they stand: JSON body, form, multipart fields or query (section 2.1, row 3).
use crate::ApiError;
use serde_json::{Map, Value};
use std::borrow::Cow;
use suki_types::limits;

/// How many parameters a query, a form or a multipart body may have.
const MAX_PAIRS: usize = 500;
/// How many bytes a query may have.
const QUERY_BYTES: usize = 64 * 1024;

/// The parameters of one request, merged; what stands in the body wins over what stands in the query.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Params(Map<String, Value>);

impl Params {
    /// The parameters of a query, without its question mark.
    ///
    /// # Errors
    /// 100 when it has more than 64 KiB or 500 parameters.
    pub fn from_query(query: &str) -> Result<Self, ApiError> {
        if query.len() > QUERY_BYTES {
            return Err(ApiError::invalid_parameter(format!("the query has {} bytes; at most {QUERY_BYTES} are read", query.len())));
        }
        let mut params = Self::default();
        params.merge_pairs(url::form_urlencoded::parse(query.as_bytes()))?;
        Ok(params)
    }

    /// Adds the parameters of a body, whatever its content type claims: what begins with `{` is JSON, all else a form. No body adds nothing.
    ///
    /// # Errors
    /// 100 when it has more than 1 MiB, is no UTF-8, no JSON object, nested deeper than 127 levels, or has more than 500 form fields.
    pub fn merge_body(&mut self, content_type: Option<&str>, body: &[u8]) -> Result<(), ApiError> {
        if body.len() > limits::JSON_BYTES {
            return Err(ApiError::invalid_parameter(format!("the body has {} bytes; at most {} are read", body.len(), limits::JSON_BYTES)));
        }
        let text = std::str::from_utf8(body)
            .map_err(|error| ApiError::invalid_parameter(format!("the body is not UTF-8: byte {} belongs to no character", error.valid_up_to())))?;
        // Some programs put a byte order mark in front of JSON.
        let text = text.trim_start_matches('\u{feff}').trim();
        let form = content_type.is_some_and(|kind| kind.trim().to_ascii_lowercase().starts_with("application/x-www-form-urlencoded"));
        // Each of the two is sent in the other's name: ERPNext's uploads are forms that are called JSON.
        let is_form = if form { !text.starts_with('{') } else { !text.starts_with(['{', '[', '"']) && text.contains('=') };
        if text.is_empty() {
            Ok(())
        } else if is_form {
            self.merge_pairs(url::form_urlencoded::parse(text.as_bytes()))
        } else {
            self.merge_json(text)
        }
    }

    fn merge_json(&mut self, text: &str) -> Result<(), ApiError> {
        let read = |text: &str| {
            serde_json::from_str::<Value>(text).map_err(|error| {
                // The parser's own text may quote the body, so only the place is told.
                let (line, column) = (error.line(), error.column());
                ApiError::invalid_parameter(format!(
                    "the body is not JSON: the mistake is at line {line}, column {column}; nesting may be 127 levels deep"
                ))
            })
        };
        let value = match read(text)? {
            // pywa's templates of one-time codes come as JSON within JSON.
            Value::String(inner) if inner.starts_with('{') => read(&inner)?,
            value => value,
        };
        let Value::Object(object) = value else {
            return Err(ApiError::invalid_parameter(format!("the body must be a JSON object, not {}", type_of(&value))));
        };
        self.0.extend(object);
        Ok(())
    }

    /// Adds the text fields of a form or a multipart body; of equal names the last wins.
    ///
    /// # Errors
    /// 100 when there are more than 500.
    pub fn merge_pairs<K: AsRef<str>, V: AsRef<str>>(&mut self, pairs: impl IntoIterator<Item = (K, V)>) -> Result<(), ApiError> {
        for (count, (name, value)) in pairs.into_iter().enumerate() {
            if count == MAX_PAIRS {
                return Err(ApiError::invalid_parameter(format!("there are more than {MAX_PAIRS} parameters")));
            }
            self.0.insert(name.as_ref().to_owned(), Value::String(value.as_ref().to_owned()));
        }
        Ok(())
    }

    /// All of them, for reading.
    pub fn root(&self) -> Object<'_> {
        Object { map: Cow::Borrowed(&self.0), path: String::new() }
    }

    /// A parameter as text, when it is there: a string or a number. Empty text is absent.
    pub fn text(&self, name: &str) -> Option<Cow<'_, str>> {
        match self.0.get(name)? {
            Value::String(text) if text.is_empty() => None,
            Value::String(text) => Some(Cow::Borrowed(text)),
            Value::Number(number) => Some(Cow::Owned(number.to_string())),
            _ => None,
        }
    }
}

/// An object within the parameters, which knows its path so that a refusal can name the field.
#[derive(Debug, Clone)]
pub struct Object<'a> {
    map: Cow<'a, Map<String, Value>>,
    path: String,
}

impl Object<'_> {
    /// The path of a field, such as `text.body`.
    pub fn path(&self, name: &str) -> String {
        if self.path.is_empty() { name.to_owned() } else { format!("{}.{name}", self.path) }
    }

    /// Whether a field is there; `null` counts as absent.
    pub fn has(&self, name: &str) -> bool {
        self.get(name).is_some()
    }

    fn get(&self, name: &str) -> Option<&Value> {
        self.map.get(name).filter(|value| !value.is_null())
    }

    fn wrong_type(&self, name: &str, needs: &str, value: &Value) -> ApiError {
        ApiError::invalid_parameter(format!("{} must be {needs}, not {}", self.path(name), type_of(value)))
    }

    /// A string field.
    ///
    /// # Errors
    /// 100 when it is something else.
    pub fn text(&self, name: &str) -> Result<Option<&str>, ApiError> {
        match self.get(name) {
            None => Ok(None),
            Some(Value::String(text)) => Ok(Some(text)),
            Some(other) => Err(self.wrong_type(name, "a string", other)),
        }
    }

    /// A string field that must be there and not be blank.
    ///
    /// # Errors
    /// 131008 when it is absent or blank, 100 when it is something else.
    pub fn required_text(&self, name: &str) -> Result<&str, ApiError> {
        self.text(name)?.filter(|text| !text.trim().is_empty()).ok_or_else(|| ApiError::missing(&self.path(name)))
    }

    /// A field as text: a string as it stands, a number or a truth value as it is written, because programs send ids as both.
    ///
    /// # Errors
    /// 100 when it is something else.
    pub fn scalar(&self, name: &str) -> Result<Option<Cow<'_, str>>, ApiError> {
        match self.get(name) {
            None => Ok(None),
            Some(Value::String(text)) => Ok(Some(Cow::Borrowed(text))),
            Some(value @ (Value::Number(_) | Value::Bool(_))) => Ok(Some(Cow::Owned(value.to_string()))),
            Some(other) => Err(self.wrong_type(name, "a string", other)),
        }
    }

    /// A boolean field; the words true and false are read as well, because forms have nothing else.
    ///
    /// # Errors
    /// 100 when it is something else.
    pub fn boolean(&self, name: &str) -> Result<Option<bool>, ApiError> {
        match self.get(name) {
            None => Ok(None),
            Some(Value::Bool(value)) => Ok(Some(*value)),
            Some(Value::String(text)) if text.eq_ignore_ascii_case("true") => Ok(Some(true)),
            Some(Value::String(text)) if text.eq_ignore_ascii_case("false") => Ok(Some(false)),
            Some(other) => Err(self.wrong_type(name, "true or false", other)),
        }
    }

    /// An object field; a string that holds one is read as well, because forms have nothing else.
    ///
    /// # Errors
    /// 100 when it is something else.
    pub fn object(&self, name: &str) -> Result<Option<Object<'_>>, ApiError> {
        let map = match self.get(name) {
            None => return Ok(None),
            Some(Value::Object(map)) => Cow::Borrowed(map),
            Some(value @ Value::String(text)) => match serde_json::from_str(text) {
                Ok(Value::Object(map)) => Cow::Owned(map),
                _ => return Err(self.wrong_type(name, "an object", value)),
            },
            Some(other) => return Err(self.wrong_type(name, "an object", other)),
        };
        Ok(Some(Object { map, path: self.path(name) }))
    }

    /// A whole number; digits in a string are read as well, because programs send both.
    ///
    /// # Errors
    /// 100 when it is something else.
    pub fn integer(&self, name: &str) -> Result<Option<i64>, ApiError> {
        let Some(value) = self.get(name) else { return Ok(None) };
        let read = match value {
            Value::Number(number) => number.as_i64(),
            Value::String(text) => text.trim().parse().ok(),
            _ => None,
        };
        read.map(Some).ok_or_else(|| self.wrong_type(name, "a whole number", value))
    }

    /// A number; one in a string is read as well, because programs send both.
    ///
    /// # Errors
    /// 100 when it is something else.
    pub fn number(&self, name: &str) -> Result<Option<f64>, ApiError> {
        let Some(value) = self.get(name) else { return Ok(None) };
        let read = match value {
            Value::Number(number) => number.as_f64(),
            Value::String(text) => text.trim().parse().ok(),
            _ => None,
        };
        read.filter(|number: &f64| number.is_finite()).map(Some).ok_or_else(|| self.wrong_type(name, "a number", value))
    }

    /// An array of objects; a string that holds one is read as well. None when it is absent.
    ///
    /// # Errors
    /// 100 when it is something else, holds something else, or has more than `most`.
    pub fn list(&self, name: &str, most: usize) -> Result<Option<Vec<Object<'static>>>, ApiError> {
        let items: Vec<Value> = match self.get(name) {
            None => return Ok(None),
            Some(Value::Array(items)) => items.clone(),
            Some(value @ Value::String(text)) => serde_json::from_str(text).map_err(|_| self.wrong_type(name, "an array", value))?,
            Some(other) => return Err(self.wrong_type(name, "an array", other)),
        };
        if items.len() > most {
            return Err(ApiError::invalid_parameter(format!("{} has {} items; at most {most} are allowed", self.path(name), items.len())));
        }
        let object = |(place, item)| {
            let path = format!("{}[{place}]", self.path(name));
            match item {
                Value::Object(map) => Ok(Object { map: Cow::Owned(map), path }),
                other => Err(ApiError::invalid_parameter(format!("{path} must be an object, not {}", type_of(&other)))),
            }
        };
        items.into_iter().enumerate().map(object).collect::<Result<_, _>>().map(Some)
    }

    /// A field as it stands, of whatever type; a string that holds an object or an array is read as that.
    pub fn json(&self, name: &str) -> Option<Value> {
        let value = self.get(name)?;
        let read = value.as_str().filter(|text| text.trim_start().starts_with(['{', '['])).and_then(|text| serde_json::from_str(text).ok());
        Some(read.unwrap_or_else(|| value.clone()))
    }

    /// Refuses fields that are not in the list.
    ///
    /// # Errors
    /// 100 with the first of them, in alphabetical order, and with what is allowed.
    pub fn only(&self, allowed: &[&str]) -> Result<(), ApiError> {
        let Some(unknown) = self.map.keys().filter(|key| !allowed.contains(&key.as_str())).min() else { return Ok(()) };
        let unknown: String = unknown.chars().filter(|c| !c.is_control()).take(64).collect();
        let allowed = if allowed.len() <= 8 { format!("; it may have {}", allowed.join(", ")) } else { String::new() };
        let place = if self.path.is_empty() { "the request".to_owned() } else { self.path.clone() };
        Err(ApiError::invalid_parameter(format!("unexpected key {unknown:?} in {place}{allowed}")))
    }
}

fn type_of(value: &Value) -> &'static str {
    match value {
        Value::Null => "null",
        Value::Bool(_) => "a boolean",
        Value::Number(_) => "a number",
        Value::String(_) => "a string",
        Value::Array(_) => "an array",
        Value::Object(_) => "an object",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn merged(query: &str, kind: Option<&str>, body: &[u8]) -> Result<Params, ApiError> {
        let mut params = Params::from_query(query)?;
        params.merge_body(kind, body).map(|()| params)
    }

    #[test]
    fn the_same_parameters_arrive_by_every_road() {
        let form = Some("application/x-www-form-urlencoded; charset=UTF-8");
        for (query, kind, body) in [
            ("a=1+2&b=%7B%22c%22%3Atrue%7D", None, ""),
            ("", form, "a=1+2&b=%7B%22c%22%3Atrue%7D"),
            ("", Some("application/json"), r#"{"a": "1 2", "b": {"c": true}}"#),
            ("", None, "\u{feff}{\"a\": \"1 2\", \"b\": {\"c\": true}}"),
            ("", Some("application/json"), "a=1+2&b=%7B%22c%22%3Atrue%7D"),
            ("", Some("application/json"), r#""{\"a\": \"1 2\", \"b\": {\"c\": true}}""#),
            ("a=other", form, r#"{"a": "1 2", "b": {"c": "true"}}"#),
            ("b=%7B%22c%22%3A%22TRUE%22%7D", form, "a=1%202"),
        ] {
            let params = merged(query, kind, body.as_bytes()).expect(body);
            let root = params.root();
            assert_eq!(root.text("a"), Ok(Some("1 2")), "{query} {body}");
            let b = root.object("b").expect("an object").expect("is there");
            assert_eq!(b.boolean("c"), Ok(Some(true)), "{query} {body}");
        }
    }

    #[test]
    fn bad_bodies_are_refused_with_the_reason() {
        let deep = format!("{{\"a\":{}1{}}}", "[".repeat(2000), "]".repeat(2000));
        let huge = vec![b' '; limits::JSON_BYTES + 1];
        let many: String = (0..=MAX_PAIRS).map(|i| format!("p{i}=1&")).collect();
        for (kind, body, says) in [
            (None, &b"{"[..], "line 1, column 1"),
            (None, b"[1]", "not an array"),
            (None, b"\"text\"", "not a string"),
            (None, b"null", "not null"),
            (None, b"{\"a\": \"\xff\"}", "not UTF-8: byte 7"),
            (None, b"{\"a\": 1} x", "line 1, column 10"),
            (None, deep.as_bytes(), "nesting"),
            (None, &huge, "at most 1048576"),
            (Some("application/x-www-form-urlencoded"), many.as_bytes(), "more than 500"),
        ] {
            let error = merged("", kind, body).expect_err(says);
            assert_eq!(error.code.number(), 100);
            assert!(error.details.contains(says), "{}", error.details);
        }
        assert!(Params::from_query(&"a".repeat(QUERY_BYTES + 1)).is_err());
    }

    #[test]
    fn lists_and_numbers_are_read_as_programs_write_them() {
        let params = merged("", None, br#"{"a": [{"n": 1}, {"n": "2"}], "b": "[{\"n\": 3}]", "x": "14.5", "y": -1, "z": "[1]"}"#).expect("JSON");
        let root = params.root();
        let numbers = |name: &str| root.list(name, 2).map(|list| list.unwrap_or_default().iter().map(|one| one.integer("n")).collect::<Vec<_>>());
        assert_eq!(numbers("a"), Ok(vec![Ok(Some(1)), Ok(Some(2))]));
        assert_eq!((numbers("b"), numbers("c")), (Ok(vec![Ok(Some(3))]), Ok(vec![])));
        assert_eq!((root.number("x"), root.integer("y"), root.number("c")), (Ok(Some(14.5)), Ok(Some(-1)), Ok(None)));
        for (error, says) in [
            (root.list("a", 1).expect_err("two"), "a has 2 items; at most 1 are allowed"),
            (root.list("x", 1).expect_err("a number"), "x must be an array, not a string"),
            (root.list("z", 1).expect_err("a number"), "z[0] must be an object, not a number"),
            (root.integer("x").expect_err("a fraction"), "x must be a whole number, not a string"),
            (root.number("a").expect_err("an array"), "a must be a number, not an array"),
        ] {
            assert_eq!((error.code.number(), error.details.as_str()), (100, says));
        }
    }

    #[test]
    fn a_wrong_type_names_the_path() {
        let params = merged("", None, br#"{"text": {"body": 7, "preview_url": "yes"}, "to": []}"#).expect("JSON");
        let root = params.root();
        let text = root.object("text").expect("an object").expect("is there");
        for (error, says) in [
            (text.text("body").expect_err("a number"), "text.body must be a string, not a number"),
            (text.boolean("preview_url").expect_err("a word"), "text.preview_url must be true or false, not a string"),
            (root.text("to").expect_err("an array"), "to must be a string, not an array"),
            (root.object("to").expect_err("an array"), "to must be an object, not an array"),
            (root.only(&["to"]).expect_err("text"), "unexpected key \"text\" in the request; it may have to"),
        ] {
            assert_eq!((error.code.number(), error.details.as_str()), (100, says));
        }
    }
}
