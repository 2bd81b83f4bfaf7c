//! What programs ask of templates: to make, to change, to remove (section 3a).
use super::{extras::Extras, library};
use crate::{ApiError, Params, params::Object};
use serde_json::{Value, json};
use suki_template::{Category, Component, Draft};

/// What requests may say beside what a draft has, and what is kept of it ([`super::extras`]).
const KEPT: [&str; 3] = ["cta_url_link_tracking_opted_out", "sub_category", "degrees_of_freedom_spec"];
/// What they may say beside that is read over.
const WITHOUT_EFFECT: [&str; 3] = ["display_format", "bid_spec", "send"];
/// What a draft made of the library has beside.
const LIBRARY: [&str; 3] = ["library_template_name", "library_template_body_inputs", "library_template_button_inputs"];
/// What every request may carry.
const COMMON: [&str; 4] = ["access_token", "appsecret_proof", "fields", "format"];
/// What a draft has.
const DRAFT: [&str; 7] = ["name", "language", "category", "components", "parameter_format", "message_send_ttl_seconds", "allow_category_change"];

/// A change of a template; what is not named stays.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Edit {
    /// Its new parts, all of them.
    pub components: Option<Vec<Component>>,
    /// Its new category.
    pub category: Option<Category>,
    /// For how many seconds a message of it is worth delivering.
    pub message_send_ttl_seconds: Option<i64>,
}

/// Which templates to remove.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Remove {
    /// All languages of this name.
    pub name: String,
    /// Only the one with this id (`hsm_id`).
    pub id: Option<u64>,
}

/// Reads `POST /W/message_templates`.
///
/// # Errors
/// 100 when a field is missing, unknown or cannot be read; the details name it.
pub fn create(params: &Params) -> Result<Draft, ApiError> {
    let root = params.root();
    root.only(&[&DRAFT[..], &LIBRARY, &KEPT, &WITHOUT_EFFECT, &COMMON].concat())?;
    let Some(language) = root.text("language")? else { return Err(required("language")) };
    if root.has("library_template_name") {
        return library::draft(&root, language);
    }
    draft(&root, language)
}

/// The most languages of one request to [`upsert`].
const MOST_LANGUAGES: usize = 100;

/// Reads `POST /W/upsert_message_templates`: the same in several languages. For templates of one-time codes alone, since their texts are the platform's.
///
/// # Errors
/// 100 when a field is missing, unknown or cannot be read, or the category is another; the details name it.
pub fn upsert(params: &Params) -> Result<Vec<Draft>, ApiError> {
    let root = params.root();
    root.only(&[&DRAFT[..], &["languages"], &KEPT, &WITHOUT_EFFECT, &COMMON].concat())?;
    let languages: Vec<String> = match root.json("languages") {
        None => return Err(required("languages")),
        Some(Value::String(text)) => text.split(',').map(|language| language.trim().to_owned()).collect(),
        Some(list) => serde_json::from_value(list).map_err(|_| ApiError::invalid_parameter("languages must be an array of codes such as en_US"))?,
    };
    if languages.is_empty() || languages.len() > MOST_LANGUAGES {
        return Err(ApiError::invalid_parameter(format!("languages must name 1 to {MOST_LANGUAGES} languages, not {}", languages.len())));
    }
    let drafts: Vec<Draft> = languages.iter().map(|language| draft(&root, language)).collect::<Result<_, _>>()?;
    if drafts.iter().any(|draft| draft.category != Category::Authentication) {
        let details = "category must be AUTHENTICATION: the texts of other templates differ from language to language, so create them one by one";
        return Err(ApiError::invalid_parameter(details));
    }
    Ok(drafts)
}

fn required(name: &str) -> ApiError {
    ApiError::invalid_parameter(format!("the parameter {name} is required"))
}

fn draft(root: &Object<'_>, language: &str) -> Result<Draft, ApiError> {
    for name in ["name", "category", "components"] {
        if !root.has(name) {
            return Err(required(name));
        }
    }
    let mut draft = json!({"language": language});
    for name in ["name", "category", "parameter_format"] {
        if let Some(text) = root.text(name)? {
            draft[name] = text.into();
        }
    }
    draft["components"] = components(root)?;
    if let Some(seconds) = root.integer("message_send_ttl_seconds")? {
        draft["message_send_ttl_seconds"] = seconds.into();
    }
    if let Some(may) = root.boolean("allow_category_change")? {
        draft["allow_category_change"] = may.into();
    }
    serde_json::from_value(draft).map_err(|error| ApiError::invalid_parameter(error.to_string()))
}

/// Reads `POST /T`.
///
/// # Errors
/// 100 when nothing is to be changed, or a field is unknown or cannot be read; the details name it.
pub fn edit(params: &Params) -> Result<Edit, ApiError> {
    let root = params.root();
    // Programs send the template back as they read it: its name and language cannot be changed, and are ignored when they are there.
    root.only(&[&DRAFT[..], &KEPT, &WITHOUT_EFFECT, &COMMON].concat())?;
    let mut edit = Edit { message_send_ttl_seconds: root.integer("message_send_ttl_seconds")?, ..Edit::default() };
    if root.has("components") {
        let parts = serde_json::from_value(components(&root)?);
        edit.components = Some(parts.map_err(|error| ApiError::invalid_parameter(format!("components: {error}")))?);
    }
    if let Some(category) = root.text("category")? {
        edit.category = Some(category.parse().map_err(|error| ApiError::invalid_parameter(format!("category: {error}")))?);
    }
    if edit == Edit::default() && Extras::read(params)?.is_empty() {
        return Err(ApiError::invalid_parameter(
            "name what to change: components, category, message_send_ttl_seconds, cta_url_link_tracking_opted_out or degrees_of_freedom_spec",
        ));
    }
    Ok(edit)
}

fn components(root: &Object<'_>) -> Result<Value, ApiError> {
    let parts = root.json("components").filter(Value::is_array);
    parts.ok_or_else(|| ApiError::invalid_parameter("components must be an array of objects, each with a type"))
}

/// Reads `DELETE /W/message_templates`.
///
/// # Errors
/// 100 when there is no name, or the id is none.
pub fn remove(params: &Params) -> Result<Remove, ApiError> {
    let name = params.text("name").ok_or_else(|| ApiError::invalid_parameter("the parameter name is required"))?.into_owned();
    let id = match params.text("hsm_id") {
        None => None,
        Some(text) => Some(text.parse().map_err(|_| ApiError::invalid_parameter("hsm_id must be the id of a template, in digits"))?),
    };
    Ok(Remove { name, id })
}

/// The answer of `POST /W/message_templates`.
pub fn created(id: u64, status: &str, category: &str) -> Value {
    json!({"id": id.to_string(), "status": status, "category": category})
}

#[cfg(test)]
mod tests {
    use super::*;

    fn params(body: &Value) -> Params {
        let mut params = Params::default();
        params.merge_body(None, body.to_string().as_bytes()).expect("JSON");
        params
    }

    fn whole() -> Value {
        json!({"name": "order_update", "language": "en_US", "category": "utility", "allow_category_change": "true",
               "components": [{"type": "body", "text": "Hello {{1}}, it is on its way.", "example": {"body_text": [["Ana"]]}}]})
    }

    #[test]
    fn a_draft_is_read_from_json_and_from_a_form() {
        let draft = create(&params(&whole())).expect("it is one");
        assert_eq!((draft.name.as_str(), draft.language.as_str(), draft.category), ("order_update", "en_US", Category::Utility));
        assert_eq!((draft.components.len(), draft.allow_category_change), (1, Some(true)));
        let mut form = whole();
        form["components"] = form["components"].to_string().into();
        assert_eq!(create(&params(&form)), Ok(draft));
    }

    #[test]
    fn what_is_missing_or_unknown_is_named() {
        for (key, value, says) in [
            ("name", Value::Null, "the parameter name is required"),
            ("components", Value::Null, "the parameter components is required"),
            ("components", json!({"type": "BODY"}), "components must be an array"),
            ("components", json!([{"type": "SIDEBAR"}]), "SIDEBAR"),
            ("category", json!("NEWS"), "MARKETING, UTILITY, AUTHENTICATION"),
            ("parameter_format", json!("numbered"), "POSITIONAL, NAMED"),
            ("library_template_name", json!("x"), "no such template"),
            ("colour", json!("red"), "unexpected key \"colour\""),
            ("message_send_ttl_seconds", json!("soon"), "must be a whole number"),
        ] {
            let mut body = whole();
            body[key] = value;
            let error = create(&params(&body)).expect_err(says);
            assert!(error.code.number() == 100 && error.details.contains(says), "{}", error.details);
        }
    }

    #[test]
    fn one_time_codes_are_made_in_several_languages_at_once() {
        let mut body = json!({"name": "code", "languages": ["en_US", "pl"], "category": "authentication", "components": [{"type": "BODY"}]});
        let drafts = upsert(&params(&body)).expect("they are");
        assert_eq!(drafts.iter().map(|draft| draft.language.as_str()).collect::<Vec<_>>(), ["en_US", "pl"]);
        for (key, value, says) in [
            ("category", json!("UTILITY"), "category must be AUTHENTICATION"),
            ("languages", json!([]), "1 to 100 languages"),
            ("languages", json!([7]), "array of codes"),
            ("languages", Value::Null, "languages is required"),
        ] {
            let before = std::mem::replace(&mut body[key], value);
            let error = upsert(&params(&body)).expect_err(says);
            assert!(error.details.contains(says), "{}", error.details);
            body[key] = before;
        }
    }

    #[test]
    fn a_change_names_what_it_changes() {
        let change = edit(&params(&json!({"category": "MARKETING", "message_send_ttl_seconds": 60}))).expect("it is one");
        assert_eq!((change.category, change.message_send_ttl_seconds, change.components), (Some(Category::Marketing), Some(60), None));
        assert!(edit(&params(&json!({"components": whole()["components"]}))).expect("it is one").components.is_some());
        for body in [json!({}), json!({"name": "other"}), json!({"components": "x"}), json!({"category": "x"})] {
            assert_eq!(edit(&params(&body)).map_err(|error| error.code.number()), Err(100), "{body}");
        }
    }

    #[test]
    fn what_is_removed_is_named_by_name_and_perhaps_by_id() {
        let read = |query: &str| remove(&Params::from_query(query).expect("a query"));
        assert_eq!(read("name=a"), Ok(Remove { name: "a".into(), id: None }));
        assert_eq!(read("name=a&hsm_id=77"), Ok(Remove { name: "a".into(), id: Some(77) }));
        assert!(read("").is_err() && read("name=a&hsm_id=x").is_err());
    }
}
