//! `POST /`: several requests in one, answered in one array (section 2.1, row 16).
use crate::{ApiError, Params, params::Object};
use serde_json::{Value, json};
use std::collections::{BTreeSet, HashMap};

/// The most requests of one batch.
pub const MOST: usize = 50;
/// The most files that go with one request of a batch.
pub const ATTACHED: usize = 4;
/// The most bytes of a request's address, after everything was filled in.
const URL_BYTES: usize = 8 * 1024;
/// The most bytes of a request's body, after everything was filled in.
const BODY_BYTES: usize = 256 * 1024;
/// The most characters of a request's name.
const NAME_CHARS: usize = 64;
/// What stands before and after a reference to another request's answer.
const REFERENCE: (&str, &str) = ("{result=", "}");

/// One request of a batch.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Item {
    /// `GET`, `POST` or `DELETE`.
    pub method: String,
    /// Its path with its query, without the host.
    pub relative_url: String,
    /// Its parameters as a form, or JSON.
    pub body: String,
    /// What others call it; "" without.
    pub name: String,
    /// The one it waits for; "" without.
    pub depends_on: String,
    /// The names of the batch's own files that go with it, at most [`ATTACHED`].
    pub attached: Vec<String>,
    /// Whether its answer is left out when others made use of it and it succeeded.
    pub omit_on_success: bool,
}

/// A batch.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Batch {
    /// The requests, in order.
    pub items: Vec<Item>,
    /// Whether answers carry headers.
    pub include_headers: bool,
}

/// Reads a batch.
///
/// # Errors
/// 100 when there is none, it has more than 50 requests, or one of them is none; the details name it.
pub fn parse(params: &Params) -> Result<Batch, ApiError> {
    let root = params.root();
    let list = root.list("batch", MOST)?.filter(|list| !list.is_empty());
    let list =
        list.ok_or_else(|| ApiError::invalid_parameter(format!("batch must be an array of 1 to {MOST} requests, each with a relative_url")))?;
    let items: Vec<Item> = list.iter().map(item).collect::<Result<_, _>>()?;
    let mut known = BTreeSet::new();
    for (place, item) in items.iter().enumerate() {
        if let Some(missing) = item.needs().into_iter().find(|name| !known.contains(name)) {
            let missing: String = missing.chars().take(NAME_CHARS).collect();
            return Err(ApiError::invalid_parameter(format!("batch[{place}] refers to {missing:?}: no request before it has that name")));
        }
        if !item.name.is_empty() && !known.insert(item.name.as_str()) {
            return Err(ApiError::invalid_parameter(format!("batch[{place}].name: another request has it")));
        }
    }
    Ok(Batch { include_headers: root.boolean("include_headers")?.unwrap_or(true), items })
}

fn item(object: &Object<'_>) -> Result<Item, ApiError> {
    let method = object.text("method")?.unwrap_or("GET").to_ascii_uppercase();
    if !matches!(method.as_str(), "GET" | "POST" | "DELETE") {
        return Err(ApiError::invalid_parameter(format!("{} must be GET, POST or DELETE", object.path("method"))));
    }
    let name = object.text("name")?.unwrap_or_default().to_owned();
    if name.chars().count() > NAME_CHARS {
        return Err(ApiError::invalid_parameter(format!("{} may have at most {NAME_CHARS} characters", object.path("name"))));
    }
    let relative_url = object.text("relative_url")?.unwrap_or_default().trim_start_matches('/').to_owned();
    if relative_url.is_empty() || relative_url.len() > URL_BYTES {
        return Err(ApiError::invalid_parameter(format!("{} must have 1 to {URL_BYTES} bytes", object.path("relative_url"))));
    }
    let body = match object.json("body") {
        None => String::new(),
        Some(Value::String(text)) => text,
        Some(other) => other.to_string(),
    };
    if body.len() > BODY_BYTES {
        return Err(ApiError::invalid_parameter(format!("{} may have at most {BODY_BYTES} bytes", object.path("body"))));
    }
    let depends_on = object.text("depends_on")?.unwrap_or_default().to_owned();
    let attached = attached(object)?;
    let omit_on_success = object.boolean("omit_response_on_success")?.unwrap_or(true);
    Ok(Item { method, relative_url, body, name, depends_on, attached, omit_on_success })
}

/// `attached_files`: names with commas between them.
fn attached(object: &Object<'_>) -> Result<Vec<String>, ApiError> {
    let names = object.text("attached_files")?.unwrap_or_default();
    let names: Vec<String> = names.split(',').map(str::trim).filter(|name| !name.is_empty()).map(str::to_owned).collect();
    if names.len() > ATTACHED || names.iter().any(|name| name.chars().count() > NAME_CHARS) {
        let path = object.path("attached_files");
        return Err(ApiError::invalid_parameter(format!("{path} names at most {ATTACHED} files, each by at most {NAME_CHARS} characters")));
    }
    Ok(names)
}

impl Item {
    /// The requests whose answers it makes use of, or waits for.
    pub fn needs(&self) -> BTreeSet<&str> {
        let waits = Some(self.depends_on.as_str()).filter(|name| !name.is_empty());
        let texts = [self.relative_url.as_str(), self.body.as_str()];
        texts.into_iter().flat_map(|text| pieces(text).filter_map(Piece::name)).chain(waits).collect()
    }

    /// Its address and body with what others answered filled in.
    ///
    /// # Errors
    /// 100 when an answer has nothing there, or it becomes too long.
    pub fn fill(&self, answers: &HashMap<String, Value>) -> Result<(String, String), ApiError> {
        let url = fill(&self.relative_url, answers, URL_BYTES)?;
        Ok((url, fill(&self.body, answers, BODY_BYTES)?))
    }
}

/// A request's parameters one by one: its body is a form, or a JSON object.
pub fn fields(body: &str) -> Vec<(String, String)> {
    if let Ok(Value::Object(object)) = serde_json::from_str(body) {
        let text = |value: Value| if let Value::String(text) = value { text } else { value.to_string() };
        return object.into_iter().map(|(name, value)| (name, text(value))).collect();
    }
    url::form_urlencoded::parse(body.as_bytes()).into_owned().collect()
}

/// A part of a text.
enum Piece<'a> {
    Text(&'a str),
    /// The name of a request, and where in its answer.
    Reference(&'a str, &'a str),
}

impl<'a> Piece<'a> {
    fn name(self) -> Option<&'a str> {
        if let Self::Reference(name, _) = self { Some(name) } else { None }
    }
}

fn pieces(text: &str) -> impl Iterator<Item = Piece<'_>> {
    text.split_inclusive(REFERENCE.1).flat_map(|part| {
        let reference = part.find(REFERENCE.0).and_then(|at| {
            let inner = part[at + REFERENCE.0.len()..].strip_suffix(REFERENCE.1)?;
            let (name, path) = inner.split_once(":$")?;
            Some((at, Piece::Reference(name, path)))
        });
        match reference {
            Some((at, found)) => vec![Piece::Text(&part[..at]), found],
            None => vec![Piece::Text(part)],
        }
    })
}

fn fill(text: &str, answers: &HashMap<String, Value>, most: usize) -> Result<String, ApiError> {
    let mut filled = String::new();
    for piece in pieces(text) {
        match piece {
            Piece::Text(text) => filled.push_str(text),
            Piece::Reference(name, path) => {
                let found = answers.get(name).map(|answer| at(answer, path)).unwrap_or_default();
                if found.is_empty() {
                    let path: String = path.chars().take(100).collect();
                    return Err(ApiError::invalid_parameter(format!("the answer that is referred to has nothing at ${path}")));
                }
                let words: Vec<String> = found.into_iter().map(word).collect();
                filled.extend(url::form_urlencoded::byte_serialize(words.join(",").as_bytes()));
            }
        }
        if filled.len() > most {
            return Err(ApiError::invalid_parameter(format!("with the answers filled in it has more than {most} bytes")));
        }
    }
    Ok(filled)
}

fn word(value: &Value) -> String {
    value.as_str().map_or_else(|| value.to_string(), ToOwned::to_owned)
}

/// What stands at a path such as `.data[0].id` or `.data.*.id`.
fn at<'a>(answer: &'a Value, path: &str) -> Vec<&'a Value> {
    let path = path.replace('[', ".").replace(']', "");
    path.split('.').filter(|step| !step.is_empty()).fold(vec![answer], |found, step| {
        found
            .into_iter()
            .flat_map(|value| match (value, step) {
                (Value::Array(items), "*") => items.iter().collect(),
                (Value::Object(fields), "*") => fields.values().collect(),
                (Value::Array(items), step) => step.parse::<usize>().ok().and_then(|place| items.get(place)).into_iter().collect::<Vec<_>>(),
                (Value::Object(fields), step) => fields.get(step).into_iter().collect(),
                _ => Vec::new(),
            })
            .take(1000)
            .collect()
    })
}

/// The answer to one request: its status, its headers if they are wanted, and its body as text.
pub fn answer(code: u16, headers: Option<&[(String, String)]>, body: &str) -> Value {
    let mut answer = json!({"code": code, "body": body});
    if let Some(headers) = headers {
        answer["headers"] = headers.iter().map(|(name, value)| json!({"name": name, "value": value})).collect();
    }
    answer
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(batch: &Value) -> Result<Batch, ApiError> {
        let mut params = Params::default();
        params.merge_pairs([("batch", batch.to_string()), ("include_headers", "false".into())]).expect("pairs");
        parse(&params)
    }

    #[test]
    fn requests_are_read_in_order() {
        let batch = json!([
            {"method": "post", "relative_url": "/v23.0/7/messages", "body": "to=1&type=text", "name": "first"},
            {"relative_url": "8?ids={result=first:$.messages[0].id}", "attached_files": "cover, inside"},
            {"method": "DELETE", "relative_url": "9", "body": {"a": 1}, "depends_on": "first", "omit_response_on_success": false},
        ]);
        let read = read(&batch).expect("a batch");
        assert!(!read.include_headers);
        assert_eq!((read.items[0].method.as_str(), read.items[0].relative_url.as_str()), ("POST", "v23.0/7/messages"));
        assert_eq!((read.items[1].needs(), &read.items[1].attached[..]), (BTreeSet::from(["first"]), &["cover".to_owned(), "inside".to_owned()][..]));
        assert_eq!((read.items[2].body.as_str(), read.items[2].omit_on_success), (r#"{"a":1}"#, false));
    }

    #[test]
    fn what_is_no_batch_is_refused() {
        let one = json!({"relative_url": "7"});
        for (batch, says) in [
            (json!([]), "1 to 50"),
            (json!("x"), "array"),
            (Value::Array(vec![one; MOST + 1]), "51 items"),
            (json!([{"method": "GET"}]), "relative_url"),
            (json!([{"method": "PUT", "relative_url": "7"}]), "GET, POST or DELETE"),
            (json!([{"relative_url": "7", "attached_files": "a,b,c,d,e"}]), "at most 4 files"),
            (json!([{"relative_url": "7", "depends_on": "later"}, {"relative_url": "7", "name": "later"}]), "no request before it"),
            (json!([{"relative_url": "{result=x:$.id}"}]), "no request before it"),
            (json!([{"relative_url": "7", "name": "a"}, {"relative_url": "7", "name": "a"}]), "another request has it"),
            (json!([{"relative_url": "x".repeat(URL_BYTES + 1)}]), "bytes"),
            (json!([{"relative_url": "7", "body": "x".repeat(BODY_BYTES + 1)}]), "bytes"),
        ] {
            let error = read(&batch).expect_err(says);
            assert!(error.code.number() == 100 && error.details.contains(says), "{says}: {}", error.details);
        }
    }

    #[test]
    fn answers_are_filled_into_those_that_come_later() {
        let answers = HashMap::from([("list".to_owned(), json!({"data": [{"id": "1"}, {"id": 2}], "name": "a&b"}))]);
        let item = |url: &str| Item {
            method: "GET".into(),
            relative_url: url.into(),
            body: String::new(),
            name: String::new(),
            attached: Vec::new(),
            depends_on: String::new(),
            omit_on_success: true,
        };
        for (url, filled) in [
            ("{result=list:$.data[0].id}/x", Ok("1/x")),
            ("?ids={result=list:$.data.*.id}&n={result=list:$.name}", Ok("?ids=1%2C2&n=a%26b")),
            ("?ids={result=list:$.data[*].id}", Ok("?ids=1%2C2")),
            ("{no reference}", Ok("{no reference}")),
            ("{result=list:$.none}", Err(100)),
            ("{result=list:$.data[9].id}", Err(100)),
        ] {
            let got = item(url).fill(&answers).map(|(url, _)| url).map_err(|error| error.code.number());
            assert_eq!(got, filled.map(str::to_owned), "{url}");
        }
    }

    #[test]
    fn an_answer_has_its_body_as_text() {
        let headers = [("Content-Type".to_owned(), "application/json".to_owned())];
        assert_eq!(answer(200, None, "{}"), json!({"code": 200, "body": "{}"}));
        assert_eq!(answer(200, Some(&headers), "{}")["headers"], json!([{"name": "Content-Type", "value": "application/json"}]));
    }
}
