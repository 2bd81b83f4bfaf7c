//! Whether a value is as its JSON Schema says, for the keywords that the document uses; one that is not known here is a fault itself, so that none is
//! passed over. Patterns and formats are left to the run against a real server (`scripts/test-schemathesis`), which has a whole validator.
use serde_json::{Map, Value};

/// Says nothing about which values there may be, or is checked elsewhere.
const WORDS: [&str; 8] = ["description", "title", "examples", "default", "format", "pattern", "contentMediaType", "contentEncoding"];

/// What is wrong with a value. References lead into `document`.
pub fn violations(document: &Value, schema: &Value, value: &Value) -> Vec<String> {
    let mut check = Check { document, faults: Vec::new() };
    check.value(schema, value, "");
    check.faults
}

struct Check<'a> {
    document: &'a Value,
    faults: Vec<String>,
}

impl<'a> Check<'a> {
    fn value(&mut self, schema: &'a Value, value: &Value, place: &str) {
        let Some(keywords) = schema.as_object() else { return };
        for (keyword, wanted) in keywords {
            match keyword.as_str() {
                "$ref" => match wanted.as_str().and_then(|name| self.document.pointer(name.trim_start_matches('#'))) {
                    Some(schema) => self.value(schema, value, place),
                    None => self.fault(place, format!("{wanted} leads nowhere")),
                },
                "allOf" => wanted.as_array().into_iter().flatten().for_each(|schema| self.value(schema, value, place)),
                "anyOf" | "oneOf" => self.any(wanted, value, place),
                "properties" | "required" | "additionalProperties" => self.object(keyword, wanted, keywords, value, place),
                "items" => self.items(wanted, value, place),
                _ if WORDS.contains(&keyword.as_str()) => (),
                _ => self.plain(keyword, wanted, value, place),
            }
        }
    }

    fn plain(&mut self, keyword: &str, wanted: &Value, value: &Value, place: &str) {
        let fits = match keyword {
            "type" => match wanted {
                Value::Array(kinds) => kinds.iter().any(|kind| is(kind, value)),
                kind => is(kind, value),
            },
            "const" => wanted == value,
            "enum" => wanted.as_array().is_some_and(|words| words.contains(value)),
            "minLength" => value.as_str().is_none_or(|text| count(text) >= number(wanted)),
            "maxLength" => value.as_str().is_none_or(|text| count(text) <= number(wanted)),
            "minItems" => value.as_array().is_none_or(|items| items.len() as f64 >= number(wanted)),
            "maxItems" => value.as_array().is_none_or(|items| items.len() as f64 <= number(wanted)),
            "minimum" => value.as_f64().is_none_or(|value| value >= number(wanted)),
            "maximum" => value.as_f64().is_none_or(|value| value <= number(wanted)),
            _ => return self.fault(place, format!("the keyword {keyword} is not known to the tests")),
        };
        if !fits {
            self.fault(place, format!("{value} is not of {keyword} {wanted}"));
        }
    }

    fn any(&mut self, schemas: &'a Value, value: &Value, place: &str) {
        let all = schemas.as_array().into_iter().flatten();
        let tried: Vec<Vec<String>> = all.map(|schema| violations(self.document, schema, value)).collect();
        if !tried.iter().any(Vec::is_empty) {
            self.fault(place, format!("none of the shapes fits: {tried:?}"));
        }
    }

    fn object(&mut self, keyword: &str, wanted: &'a Value, all: &Map<String, Value>, value: &Value, place: &str) {
        let Some(fields) = value.as_object() else { return };
        match keyword {
            "required" => {
                for name in wanted.as_array().into_iter().flatten().filter_map(Value::as_str).filter(|name| !fields.contains_key(*name)) {
                    self.fault(place, format!("{name} is missing"));
                }
            }
            "properties" => {
                for (name, value) in fields {
                    self.value(&wanted[name], value, &format!("{place}/{name}"));
                }
            }
            _ => {
                let known = |name: &str| all.get("properties").is_some_and(|known| known.get(name).is_some());
                for (name, value) in fields.iter().filter(|(name, _)| !known(name)) {
                    match wanted {
                        Value::Bool(false) => self.fault(place, format!("{name} may not be there")),
                        schema => self.value(schema, value, &format!("{place}/{name}")),
                    }
                }
            }
        }
    }

    fn items(&mut self, schema: &'a Value, value: &Value, place: &str) {
        for (index, item) in value.as_array().into_iter().flatten().enumerate() {
            self.value(schema, item, &format!("{place}/{index}"));
        }
    }

    fn fault(&mut self, place: &str, words: String) {
        self.faults.push(format!("{place}: {words}"));
    }
}

fn is(kind: &Value, value: &Value) -> bool {
    match kind.as_str().unwrap_or_default() {
        "null" => value.is_null(),
        "boolean" => value.is_boolean(),
        "string" => value.is_string(),
        "integer" => value.as_f64().is_some_and(|number| number.fract() == 0.0),
        "number" => value.is_number(),
        "array" => value.is_array(),
        "object" => value.is_object(),
        _ => false,
    }
}

fn count(text: &str) -> f64 {
    text.chars().count() as f64
}

fn number(value: &Value) -> f64 {
    value.as_f64().unwrap_or_default()
}

#[test]
fn what_does_not_fit_is_found() {
    use serde_json::json;
    let schema = json!({"type": "object", "required": ["a"], "properties": {
        "a": {"type": "string", "maxLength": 2}, "b": {"type": "array", "items": {"type": ["integer", "null"], "minimum": 1}, "maxItems": 2},
        "c": {"anyOf": [{"const": "x"}, {"enum": ["y"]}]}, "d": {"$ref": "#/wanted"}}, "additionalProperties": false});
    let document = json!({"wanted": {"type": "boolean"}});
    let faults = |value: Value| violations(&document, &schema, &value).len();
    assert_eq!(faults(json!({"a": "é2", "b": [1, null], "c": "y", "d": true})), 0);
    for wrong in [
        json!([]),
        json!({}),
        json!({"a": "é23"}),
        json!({"a": "", "b": [0]}),
        json!({"a": "", "b": [1.5]}),
        json!({"a": "", "b": [1, 1, 1]}),
        json!({"a": "", "c": "z"}),
        json!({"a": "", "d": "true"}),
        json!({"a": "", "e": 1}),
    ] {
        assert_eq!(faults(wrong.clone()), 1, "{wrong}");
    }
    assert_eq!(violations(&document, &json!({"multipleOf": 2}), &json!(1)).len(), 1, "an unknown keyword is a fault");
}
