//! What programs ask of flows: `POST /W/flows`, `POST /FLOW`, `POST /W/migrate_flows` (section 3a).
use super::Category;
use crate::{ApiError, ObjectId, Params, params::Object};
use serde_json::Value;
use suki_types::limits;
use url::Url;

const NAME_CHARS: usize = 200;
/// How many flows one call migrates.
const MIGRATED: usize = 100;
/// The subcode of a name that another flow of the account has.
const NAME_TAKEN: i32 = 4_016_019;

/// A flow to be made.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct New {
    /// What it is called; no two of an account have one name.
    pub name: String,
    /// What it is for.
    pub categories: Vec<Category>,
    /// Where its server is; "" without one.
    pub endpoint: String,
    /// The flow it begins as a copy of.
    pub clone_of: Option<ObjectId>,
    /// Its file, if it was sent along.
    pub json: Option<String>,
    /// Whether it is published at once, if its file is right.
    pub publish: bool,
}

/// What is to change; what is absent stays.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Change {
    /// What it is called.
    pub name: Option<String>,
    /// What it is for.
    pub categories: Option<Vec<Category>>,
    /// Where its server is; "" takes it away.
    pub endpoint: Option<String>,
    /// The app whose secret signs what its server is asked.
    pub app: Option<ObjectId>,
}

/// Which flows are copied, and from where.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Migration {
    /// The account they are of.
    pub source: ObjectId,
    /// Their names; none for all of them.
    pub names: Vec<String>,
}

/// `POST /W/flows`.
///
/// # Errors
/// 100 when name or categories are missing, or something is none.
pub fn create(params: &Params) -> Result<New, ApiError> {
    let root = params.root();
    let Some(name) = name(&root)? else { return Err(ApiError::invalid_parameter("name is required: what the flow is called")) };
    let clone_of = id(&root, "clone_flow_id")?;
    let categories = match categories(&root)? {
        Some(categories) => categories,
        // A copy is for what the first one is for.
        None if clone_of.is_some() => Vec::new(),
        None => return Err(ApiError::invalid_parameter(format!("categories is required: one or several of {}", known()))),
    };
    let json = file(&root)?;
    let publish = root.boolean("publish")?.unwrap_or(false);
    if publish && json.is_none() && clone_of.is_none() {
        return Err(ApiError::invalid_parameter("publish goes together with flow_json: a flow without screens is not published"));
    }
    Ok(New { name, categories, endpoint: endpoint(&root)?.unwrap_or_default(), clone_of, json, publish })
}

/// `POST /FLOW`.
///
/// # Errors
/// 100 when nothing is to change, or something is none.
pub fn change(params: &Params) -> Result<Change, ApiError> {
    let root = params.root();
    let change = Change { name: name(&root)?, categories: categories(&root)?, endpoint: endpoint(&root)?, app: id(&root, "application_id")? };
    if change == (Change { name: None, categories: None, endpoint: None, app: None }) {
        return Err(ApiError::invalid_parameter("one of name, categories, endpoint_uri, application_id is needed; the screens change with /assets"));
    }
    Ok(change)
}

/// `POST /W/migrate_flows`.
///
/// # Errors
/// 100 when the source is missing, or there are more than a hundred names.
pub fn migrate(params: &Params) -> Result<Migration, ApiError> {
    let root = params.root();
    let source = id(&root, "source_waba_id")?.ok_or_else(|| ApiError::invalid_parameter("source_waba_id is required: the account to copy from"))?;
    let names = match root.json("source_flow_names") {
        None => Vec::new(),
        Some(Value::Array(names)) => names.iter().filter_map(Value::as_str).map(str::to_owned).collect(),
        Some(Value::String(text)) => text.split(',').map(|name| name.trim().to_owned()).collect(),
        Some(_) => return Err(ApiError::invalid_parameter("source_flow_names is a list of names")),
    };
    let names: Vec<String> = names.into_iter().filter(|name| !name.is_empty()).collect();
    if names.len() > MIGRATED || names.iter().any(|name| name.chars().count() > NAME_CHARS) {
        return Err(ApiError::invalid_parameter(format!("source_flow_names has at most {MIGRATED} names, of at most {NAME_CHARS} characters each")));
    }
    Ok(Migration { source, names })
}

/// Another flow of the account has this name.
pub fn name_taken() -> ApiError {
    ApiError::with_subcode(NAME_TAKEN, "name: another flow of this account has this name; choose another one, or delete that one while it is a draft")
}

/// A file of too many bytes.
pub fn too_large(bytes: usize) -> ApiError {
    let most = limits::FLOW_JSON_BYTES;
    ApiError::invalid_parameter(format!("the flow's file has more than {most} bytes ({bytes} and more); make its pictures smaller"))
}

fn name(root: &Object<'_>) -> Result<Option<String>, ApiError> {
    let Some(name) = root.text("name")?.map(str::trim) else { return Ok(None) };
    if name.is_empty() || name.chars().count() > NAME_CHARS || name.chars().any(char::is_control) {
        return Err(ApiError::invalid_parameter(format!("name has 1 to {NAME_CHARS} characters, on one line")));
    }
    Ok(Some(name.to_owned()))
}

fn known() -> String {
    let words: Vec<&str> = Category::ALL.iter().map(|one| one.word()).collect();
    words.join(", ")
}

/// A list, a list as text, or words between commas.
fn categories(root: &Object<'_>) -> Result<Option<Vec<Category>>, ApiError> {
    let words: Vec<String> = match root.json("categories") {
        None => return Ok(None),
        Some(Value::Array(items)) => items.iter().map(|item| item.as_str().unwrap_or_default().to_owned()).collect(),
        Some(Value::String(text)) => text.split(',').map(|word| word.trim().to_owned()).collect(),
        Some(_) => vec![String::new()],
    };
    let found: Option<Vec<Category>> = words.iter().map(|word| Category::of(word)).collect();
    let mut found = found
        .filter(|found| !found.is_empty() && words.len() <= Category::ALL.len())
        .ok_or_else(|| ApiError::invalid_parameter(format!("categories is a list of one or several of {}", known())))?;
    let mut seen = Vec::new();
    found.retain(|one| {
        !seen.contains(one) && {
            seen.push(*one);
            true
        }
    });
    Ok(Some(found))
}

fn endpoint(root: &Object<'_>) -> Result<Option<String>, ApiError> {
    let Some(text) = root.text("endpoint_uri")?.map(str::trim) else { return Ok(None) };
    if text.is_empty() {
        return Ok(Some(String::new()));
    }
    let url = if text.len() > limits::ADDRESS_BYTES { None } else { Url::parse(text).ok() };
    let fits = |url: &Url| matches!(url.scheme(), "https" | "http") && url.has_host() && url.username().is_empty() && url.password().is_none();
    if !url.as_ref().is_some_and(fits) {
        let most = limits::ADDRESS_BYTES;
        return Err(ApiError::invalid_parameter(format!("endpoint_uri is a web address of at most {most} bytes, without a user's name")));
    }
    Ok(Some(text.to_owned()))
}

fn id(root: &Object<'_>, name: &str) -> Result<Option<ObjectId>, ApiError> {
    let Some(text) = root.scalar(name)?.filter(|text| !text.is_empty()) else { return Ok(None) };
    text.parse().map(Some).map_err(|_| ApiError::invalid_parameter(format!("{name} is no id: ids are decimal numbers")))
}

/// The file, as text or as an object.
fn file(root: &Object<'_>) -> Result<Option<String>, ApiError> {
    let text = match root.json("flow_json") {
        None => return Ok(None),
        Some(value @ Value::Object(_)) => match root.text("flow_json") {
            // As it was written, so that places are right.
            Ok(Some(text)) => text.to_owned(),
            _ => value.to_string(),
        },
        Some(Value::String(text)) => text,
        Some(_) => return Err(ApiError::invalid_parameter("flow_json is the flow's JSON, as text")),
    };
    if text.len() > limits::FLOW_JSON_BYTES { Err(too_large(text.len())) } else { Ok(Some(text).filter(|text| !text.trim().is_empty())) }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn params(body: &Value) -> Params {
        let mut params = Params::default();
        params.merge_body(None, body.to_string().as_bytes()).expect("JSON");
        params
    }

    #[test]
    fn categories_and_files_are_read_as_programs_write_them() {
        for categories in [json!(["SIGN_UP", "survey", "SIGN_UP"]), json!("[\"SIGN_UP\", \"SURVEY\"]"), json!("sign_up, SURVEY")] {
            let new = create(&params(&json!({"name": " Signup ", "categories": categories}))).expect("a flow");
            assert_eq!((new.name.as_str(), new.categories), ("Signup", vec![Category::SignUp, Category::Survey]));
        }
        let text = "{\"version\": \"7.1\",\n \"screens\": []}";
        let new = create(&params(&json!({"name": "A", "categories": ["OTHER"], "flow_json": text, "publish": true}))).expect("a flow");
        assert_eq!((new.json.as_deref(), new.publish), (Some(text), true));
        let new = create(&params(&json!({"name": "A", "clone_flow_id": 7}))).expect("a copy");
        assert_eq!(new.clone_of.map(ObjectId::number), Some(7));
    }

    #[test]
    fn what_is_none_is_refused() {
        for (body, says) in [
            (json!({"categories": ["OTHER"]}), "name is required"),
            (json!({"name": "A"}), "categories is required"),
            (json!({"name": "A", "categories": ["PARTY"]}), "SIGN_UP, SIGN_IN"),
            (json!({"name": "A", "categories": []}), "one or several"),
            (json!({"name": "A", "categories": 7}), "one or several"),
            (json!({"name": "x".repeat(201), "categories": ["OTHER"]}), "1 to 200"),
            (json!({"name": "A", "categories": ["OTHER"], "endpoint_uri": "ftp://example.com"}), "endpoint_uri"),
            (json!({"name": "A", "categories": ["OTHER"], "endpoint_uri": "https://me@example.com"}), "endpoint_uri"),
            (json!({"name": "A", "categories": ["OTHER"], "publish": true}), "flow_json"),
            (json!({"name": "A", "categories": ["OTHER"], "flow_json": [1]}), "flow_json"),
            (json!({"name": "A", "categories": ["OTHER"], "clone_flow_id": "x"}), "clone_flow_id"),
        ] {
            let error = create(&params(&body)).expect_err(says);
            assert!(error.code.number() == 100 && error.details.contains(says), "{}", error.details);
        }
        assert!(change(&params(&json!({}))).is_err());
        assert_eq!(change(&params(&json!({"endpoint_uri": ""}))).map(|change| change.endpoint), Ok(Some(String::new())));
    }

    #[test]
    fn names_to_migrate_come_as_a_list_or_between_commas() {
        for names in [json!(["a", "b"]), json!("[\"a\", \"b\"]"), json!("a,b")] {
            let asked = migrate(&params(&json!({"source_waba_id": "7", "source_flow_names": names}))).expect("a migration");
            assert_eq!(asked.names, ["a", "b"]);
        }
        assert!(migrate(&params(&json!({}))).is_err());
        let many: Vec<String> = (0..=MIGRATED).map(|number| number.to_string()).collect();
        assert!(migrate(&params(&json!({"source_waba_id": "7", "source_flow_names": many}))).is_err());
    }
}
