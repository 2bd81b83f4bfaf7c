//! The library of ready-made templates: `GET /message_template_library`, and `library_template_name` where a template is made (section 3a). The texts are
//! this platform's own, in English; those of one-time codes are in every language that such codes have.
use crate::{ApiError, Params, params::Object};
use serde::Deserialize;
use serde_json::{Value, json};
use std::sync::LazyLock;
use suki_template::{Category, Draft, authentication};

/// The library as it stands in its file.
static LIBRARY: LazyLock<Vec<Entry>> = LazyLock::new(|| serde_json::from_str(include_str!("library.json")).expect("the tests read the library"));

/// The language of all texts that are not those of one-time codes; with any region.
const LANGUAGE: &str = "en";
/// The most characters of what is searched for.
const SEARCH_CHARS: usize = 512;
/// The most inputs for buttons.
const MOST_INPUTS: usize = 10;
/// The parts of a text that other libraries have and this one has not.
const NO_SUCH_SENTENCE: [&str; 3] = ["add_contact_number", "add_learn_more_link", "add_track_package_link"];
/// What may be said of the text.
const BODY_INPUTS: [&str; 5] =
    ["add_contact_number", "add_learn_more_link", "add_track_package_link", "add_security_recommendation", "code_expiration_minutes"];

/// A ready-made template.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Entry {
    name: String,
    #[serde(default = "utility")]
    category: Category,
    topic: String,
    usecase: String,
    industry: Vec<String>,
    header: Option<String>,
    #[serde(default)]
    body: String,
    /// What may stand for each variable: its type, and an example.
    #[serde(default)]
    params: Vec<(String, String)>,
    #[serde(default)]
    warning: bool,
    minutes: Option<u32>,
    #[serde(default)]
    buttons: Vec<EntryButton>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct EntryButton {
    #[serde(rename = "type")]
    kind: String,
    text: String,
}

const fn utility() -> Category {
    Category::Utility
}

impl Entry {
    /// As the list tells of it.
    fn node(&self, place: usize) -> Value {
        let is_code = self.category == Category::Authentication;
        let body = if is_code { authentication::body(LANGUAGE, self.warning).unwrap_or_default() } else { self.body.clone() };
        let params: Vec<(&str, &str)> = match is_code {
            true => vec![("TEXT", "123456")],
            false => self.params.iter().map(|(kind, example)| (kind.as_str(), example.as_str())).collect(),
        };
        let mut node = json!({
            "id": (place + 1).to_string(),
            "name": self.name,
            "language": "en_US",
            "category": self.category,
            "topic": self.topic,
            "usecase": self.usecase,
            "industry": self.industry,
            "body": body,
            "body_params": params.iter().map(|(_, example)| *example).collect::<Vec<_>>(),
            "body_param_types": params.iter().map(|(kind, _)| *kind).collect::<Vec<_>>(),
        });
        if let Some(header) = &self.header {
            node["header"] = header.as_str().into();
        }
        if let Some(minutes) = self.minutes {
            node["footer"] = authentication::footer(LANGUAGE, minutes).unwrap_or_default().into();
        }
        if !self.buttons.is_empty() {
            node["buttons"] = self.buttons.iter().map(|button| json!({"type": button.kind, "text": button.text})).collect();
        }
        node
    }
}

/// The templates of the library that fit a search, as nodes.
///
/// # Errors
/// 100 for a text that is too long.
pub fn found(params: &Params) -> Result<Vec<Value>, ApiError> {
    let wanted = |name: &str| -> Result<String, ApiError> {
        let text = params.text(name).unwrap_or_default().trim().to_lowercase();
        if text.chars().count() > SEARCH_CHARS {
            return Err(ApiError::invalid_parameter(format!("{name} may have at most {SEARCH_CHARS} characters")));
        }
        Ok(text)
    };
    let (search, language) = (wanted("search")?, wanted("language")?);
    let (name, topic, usecase, industry, category) =
        (wanted("name")?, wanted("topic")?, wanted("usecase")?, wanted("industry")?, wanted("category")?);
    let is = |wanted: &str, word: &str| wanted.is_empty() || wanted == word.to_lowercase();
    let fits = |entry: &&Entry| {
        let words = format!("{} {} {}", entry.name, entry.header.as_deref().unwrap_or_default(), entry.body).to_lowercase();
        words.contains(&search)
            && is(&name, &entry.name)
            && is(&topic, &entry.topic)
            && is(&usecase, &entry.usecase)
            && is(&category, entry.category.as_str())
            && (industry.is_empty() || entry.industry.iter().any(|one| is(&industry, one)))
            && (language.is_empty() || language.split(['_', '-']).next() == Some(LANGUAGE))
    };
    Ok(LIBRARY.iter().filter(fits).map(|entry| entry.node(LIBRARY.iter().position(|one| one.name == entry.name).unwrap_or_default())).collect())
}

/// Makes a draft out of the library's template that `library_template_name` names, with its inputs.
///
/// # Errors
/// 100 when there is none of this name, it does not exist in the language, its category is another, or an input is missing or wrong; the details name it.
pub(super) fn draft(root: &Object<'_>, language: &str) -> Result<Draft, ApiError> {
    let wanted = root.required_text("library_template_name")?.trim();
    let unknown = || ApiError::invalid_parameter("library_template_name: there is no such template; GET /message_template_library lists them");
    let entry = LIBRARY.iter().find(|entry| entry.name.eq_ignore_ascii_case(wanted)).ok_or_else(unknown)?;
    if root.has("components") {
        return Err(ApiError::invalid_parameter(
            "components: a template of the library brings its own; leave either this or library_template_name out",
        ));
    }
    if root.text("category")?.is_some_and(|category| !category.eq_ignore_ascii_case(entry.category.as_str())) {
        return Err(ApiError::invalid_parameter(format!("category must be {}: that is what this template is for", entry.category)));
    }
    let base = language.split(['_', '-']).next().unwrap_or_default();
    if entry.category != Category::Authentication && base != LANGUAGE {
        return Err(ApiError::invalid_parameter("language: the library's texts are in English, such as en_US; create others with components"));
    }
    let Some(name) = root.text("name")? else { return Err(ApiError::invalid_parameter("the parameter name is required")) };
    let mut draft = json!({"name": name, "language": language, "category": entry.category, "components": components(entry, root)?});
    if let Some(seconds) = root.integer("message_send_ttl_seconds")? {
        draft["message_send_ttl_seconds"] = seconds.into();
    }
    serde_json::from_value(draft).map_err(|error| ApiError::invalid_parameter(error.to_string()))
}

fn components(entry: &Entry, root: &Object<'_>) -> Result<Vec<Value>, ApiError> {
    let inputs = body_inputs(entry, root)?;
    let mut parts = Vec::new();
    if let Some(header) = &entry.header {
        parts.push(json!({"type": "HEADER", "format": "TEXT", "text": header}));
    }
    if entry.category == Category::Authentication {
        parts.push(json!({"type": "BODY", "add_security_recommendation": inputs.warning}));
        parts.extend(inputs.minutes.map(|minutes| json!({"type": "FOOTER", "code_expiration_minutes": minutes})));
    } else {
        let examples: Vec<&str> = entry.params.iter().map(|(_, example)| example.as_str()).collect();
        parts.push(json!({"type": "BODY", "text": entry.body, "example": {"body_text": [examples]}}));
    }
    let buttons = buttons(entry, root)?;
    if !buttons.is_empty() {
        parts.push(json!({"type": "BUTTONS", "buttons": buttons}));
    }
    Ok(parts)
}

struct BodyInputs {
    warning: bool,
    minutes: Option<i64>,
}

/// An object, or a list of them.
fn body_inputs(entry: &Entry, root: &Object<'_>) -> Result<BodyInputs, ApiError> {
    let name = "library_template_body_inputs";
    let given: Vec<Object<'_>> = match root.json(name) {
        None => Vec::new(),
        Some(Value::Array(_)) => root.list(name, BODY_INPUTS.len())?.unwrap_or_default(),
        Some(_) => root.object(name)?.into_iter().collect(),
    };
    let mut inputs = BodyInputs { warning: entry.warning, minutes: entry.minutes.map(i64::from) };
    for one in given {
        one.only(&BODY_INPUTS)?;
        for sentence in NO_SUCH_SENTENCE {
            if one.boolean(sentence)? == Some(true) {
                return Err(ApiError::invalid_parameter(format!("{}: this template has no such sentence", one.path(sentence))));
            }
        }
        let is_code = entry.category == Category::Authentication;
        if !is_code && (one.has("add_security_recommendation") || one.has("code_expiration_minutes")) {
            return Err(ApiError::invalid_parameter(format!("{name}: only templates of one-time codes warn and expire")));
        }
        inputs.warning = one.boolean("add_security_recommendation")?.unwrap_or(inputs.warning);
        inputs.minutes = one.integer("code_expiration_minutes")?.or(inputs.minutes);
    }
    Ok(inputs)
}

/// Each button takes the next input of its type.
fn buttons(entry: &Entry, root: &Object<'_>) -> Result<Vec<Value>, ApiError> {
    let mut inputs = root.list("library_template_button_inputs", MOST_INPUTS)?.unwrap_or_default();
    let mut buttons = Vec::new();
    for button in &entry.buttons {
        let fits = |input: &Object<'_>| input.text("type").ok().flatten().is_some_and(|kind| kind.eq_ignore_ascii_case(&button.kind));
        let input = inputs.iter().position(fits).map(|place| inputs.remove(place));
        buttons.push(self::button(button, input.as_ref())?);
    }
    match inputs.first() {
        None => Ok(buttons),
        Some(input) => Err(ApiError::invalid_parameter(format!("{}: this template has no such button left", input.path("type")))),
    }
}

fn button(button: &EntryButton, input: Option<&Object<'_>>) -> Result<Value, ApiError> {
    let text = &button.text;
    let needed = |what: &str| {
        ApiError::invalid_parameter(format!("library_template_button_inputs: the button \"{text}\" needs {{\"type\": \"{}\", {what}}}", button.kind))
    };
    match button.kind.as_str() {
        "URL" => {
            let url = input.map(|input| input.object("url")).transpose()?.flatten().ok_or_else(|| needed("\"url\": {\"base_url\": …}"))?;
            let base = url.required_text("base_url")?;
            let mut made = json!({"type": "URL", "text": text, "url": base});
            if base.contains("{{1}}") {
                made["example"] = json!([url.required_text("url_suffix_example")?]);
            }
            Ok(made)
        }
        "PHONE_NUMBER" => {
            let number = input.map(|input| input.scalar("phone_number")).transpose()?.flatten().ok_or_else(|| needed("\"phone_number\": …"))?;
            Ok(json!({"type": "PHONE_NUMBER", "text": text, "phone_number": number}))
        }
        "OTP" => {
            let kind = input.map(|input| input.text("otp_type")).transpose()?.flatten().unwrap_or("COPY_CODE");
            let mut made = json!({"type": "OTP", "otp_type": kind});
            for name in ["supported_apps", "zero_tap_terms_accepted"] {
                if let Some(value) = input.and_then(|input| input.json(name)) {
                    made[name] = value;
                }
            }
            Ok(made)
        }
        kind => Ok(json!({"type": kind, "text": text})),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn params(body: &Value) -> Params {
        let mut params = Params::default();
        params.merge_body(None, body.to_string().as_bytes()).expect("JSON");
        params
    }

    fn made(body: &Value) -> Result<Draft, ApiError> {
        let params = params(body);
        draft(&params.root(), params.text("language").as_deref().unwrap_or_default())
    }

    #[test]
    fn every_template_has_a_name_of_its_own_and_an_example_for_each_variable() {
        let mut names: Vec<&str> = LIBRARY.iter().map(|entry| entry.name.as_str()).collect();
        names.sort_unstable();
        names.dedup();
        assert!(names.len() >= 12 && names.len() == LIBRARY.len());
        for entry in LIBRARY.iter().filter(|entry| entry.category != Category::Authentication) {
            assert_eq!(suki_template::variables(&entry.body).len(), entry.params.len(), "{}", entry.name);
        }
    }

    #[test]
    fn it_is_searched_by_words_and_kinds() {
        let found = |query: &str| found(&Params::from_query(query).expect("a query")).map(|found| found.len());
        assert_eq!(found(""), Ok(LIBRARY.len()));
        assert_eq!((found("name=refund_made_1"), found("search=REFUNDED"), found("topic=payments&usecase=refund")), (Ok(1), Ok(1), Ok(1)));
        assert_eq!((found("category=authentication"), found("language=fil"), found("industry=travel")), (Ok(2), Ok(0), Ok(1)));
        assert!(found(&format!("search={}", "x".repeat(513))).is_err());
    }

    #[test]
    fn a_template_is_made_with_its_inputs() {
        let button = json!([{"type": "URL", "url": {"base_url": "https://kape.example/{{1}}", "url_suffix_example": "https://kape.example/A-7"}}]);
        let body = json!({"name": "mine", "language": "en_GB", "category": "utility", "library_template_name": "order_confirmation_1",
                          "library_template_button_inputs": button});
        let draft = made(&body).expect("it is made");
        assert_eq!((draft.name.as_str(), draft.category, draft.components.len()), ("mine", Category::Utility, 3));
        let code = json!({"name": "code", "language": "fil", "library_template_name": "verify_code_1",
                          "library_template_body_inputs": [{"add_security_recommendation": true, "code_expiration_minutes": 5}],
                          "library_template_button_inputs": [{"type": "OTP", "otp_type": "COPY_CODE"}]});
        let draft = made(&code).expect("it is made");
        assert_eq!((draft.category, draft.components.len()), (Category::Authentication, 3));
    }

    #[test]
    fn what_does_not_fit_is_named() {
        let whole = json!({"name": "mine", "language": "en", "library_template_name": "order_confirmation_1",
                           "library_template_button_inputs": [{"type": "URL", "url": {"base_url": "https://kape.example/orders"}}]});
        for (key, value, says) in [
            ("library_template_name", json!("no_such_1"), "no such template"),
            ("language", json!("pl"), "in English"),
            ("category", json!("MARKETING"), "must be UTILITY"),
            ("components", json!([]), "brings its own"),
            ("name", Value::Null, "name is required"),
            ("library_template_button_inputs", json!([]), "needs {\"type\": \"URL\""),
            ("library_template_button_inputs", json!([{"type": "OTP"}]), "needs {\"type\": \"URL\""),
            ("library_template_body_inputs", json!({"add_track_package_link": true}), "no such sentence"),
            ("library_template_body_inputs", json!({"code_expiration_minutes": 5}), "one-time codes"),
            ("library_template_body_inputs", json!({"colour": 5}), "unexpected key"),
        ] {
            let mut body = whole.clone();
            body[key] = value;
            let error = made(&body).expect_err(says);
            assert!(error.code.number() == 100 && error.details.contains(says), "{}", error.details);
        }
    }
}
