//! What programs say of a template that the platform's rules do not ask about: kept as it was said, and told again (section 3a).
use crate::{ApiError, Params};
use serde::{Deserialize, Serialize};
use serde_json::Value;

/// The most bytes of `degrees_of_freedom_spec`, the most features it names, and the most characters of a name.
const SPEC_BYTES: usize = 4 * 1024;
const MOST_FEATURES: usize = 30;
const WORD_CHARS: usize = 64;

/// What was said; what was not, is absent.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Extras {
    /// The library's template that it was made of.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub library_template_name: Option<String>,
    /// Whether presses of its links shall not be counted. Nobody counts them here.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub cta_url_link_tracking_opted_out: Option<bool>,
    /// Which of its parts may be changed to please readers. Nobody changes any here.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub degrees_of_freedom_spec: Option<Value>,
    /// What kind of its category it is.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub sub_category: Option<String>,
}

impl Extras {
    /// Reads what a request says.
    ///
    /// # Errors
    /// 100 for what is of another form; the details name it.
    pub fn read(params: &Params) -> Result<Self, ApiError> {
        let root = params.root();
        let sub_category = root.text("sub_category")?.map(str::to_ascii_uppercase);
        if sub_category.as_deref().is_some_and(|word| !is_word(word)) {
            return Err(ApiError::invalid_parameter("sub_category must be a word, such as ORDER_STATUS"));
        }
        Ok(Self {
            library_template_name: root.text("library_template_name")?.map(|name| name.trim().to_ascii_lowercase()),
            cta_url_link_tracking_opted_out: root.boolean("cta_url_link_tracking_opted_out")?,
            degrees_of_freedom_spec: spec(root.json("degrees_of_freedom_spec"))?,
            sub_category,
        })
    }

    /// Whether it says anything.
    pub fn is_empty(&self) -> bool {
        *self == Self::default()
    }

    /// Takes over what a newer request says.
    pub fn update(&mut self, newer: Self) {
        self.library_template_name = newer.library_template_name.or_else(|| self.library_template_name.take());
        self.cta_url_link_tracking_opted_out = newer.cta_url_link_tracking_opted_out.or(self.cta_url_link_tracking_opted_out);
        self.degrees_of_freedom_spec = newer.degrees_of_freedom_spec.or_else(|| self.degrees_of_freedom_spec.take());
        self.sub_category = newer.sub_category.or_else(|| self.sub_category.take());
    }

    /// Adds it to a template's node.
    pub fn show(&self, node: &mut Value) {
        node["cta_url_link_tracking_opted_out"] = self.cta_url_link_tracking_opted_out.unwrap_or(false).into();
        if let Some(name) = &self.library_template_name {
            node["library_template_name"] = name.as_str().into();
        }
        if let Some(spec) = &self.degrees_of_freedom_spec {
            node["degrees_of_freedom_spec"] = spec.clone();
        }
        if let Some(word) = &self.sub_category {
            node["sub_category"] = word.as_str().into();
        }
    }
}

fn is_word(text: &str) -> bool {
    (1..=WORD_CHARS).contains(&text.len()) && text.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'_')
}

/// `{"creative_features_spec": {"image_brightness_and_contrast": {"enroll_status": "OPT_IN"}}}`.
fn spec(given: Option<Value>) -> Result<Option<Value>, ApiError> {
    let Some(given) = given else { return Ok(None) };
    let features = given.get("creative_features_spec").and_then(Value::as_object);
    let enrols = |feature: &Value| matches!(feature["enroll_status"].as_str(), Some("OPT_IN" | "OPT_OUT"));
    let is_right = features.is_some_and(|features| {
        features.len() <= MOST_FEATURES
            && features.iter().all(|(name, feature)| is_word(name) && enrols(feature))
            && given.to_string().len() <= SPEC_BYTES
    });
    if is_right {
        return Ok(Some(given));
    }
    let details = "degrees_of_freedom_spec must be {\"creative_features_spec\": {\"FEATURE\": {\"enroll_status\": \"OPT_IN\" or \"OPT_OUT\"}}}, at most 30 \
                   features";
    Err(ApiError::invalid_parameter(details))
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn read(body: &Value) -> Result<Extras, ApiError> {
        let mut params = Params::default();
        params.merge_body(None, body.to_string().as_bytes()).expect("JSON");
        Extras::read(&params)
    }

    #[test]
    fn what_was_said_is_told_again_and_what_was_not_stays() {
        let spec = json!({"creative_features_spec": {"text_extraction_for_headline": {"enroll_status": "OPT_IN"}}});
        let mut extras = read(&json!({"degrees_of_freedom_spec": spec, "sub_category": "order_status"})).expect("it is read");
        extras.update(read(&json!({"cta_url_link_tracking_opted_out": true})).expect("it is read"));
        let mut node = json!({});
        extras.show(&mut node);
        assert_eq!(node, json!({"degrees_of_freedom_spec": spec, "sub_category": "ORDER_STATUS", "cta_url_link_tracking_opted_out": true}));
        assert!(read(&json!({})).expect("it is read").is_empty() && !extras.is_empty());
        let stored = serde_json::to_string(&extras).expect("it is written");
        assert_eq!(serde_json::from_str::<Extras>(&stored).expect("it is read"), extras);
    }

    #[test]
    fn what_is_of_another_form_is_refused() {
        for (body, says) in [
            (json!({"sub_category": "a b"}), "sub_category"),
            (json!({"cta_url_link_tracking_opted_out": "maybe"}), "true or false"),
            (json!({"degrees_of_freedom_spec": {"creative_features_spec": {"x": {"enroll_status": "YES"}}}}), "OPT_IN"),
            (json!({"degrees_of_freedom_spec": "all"}), "OPT_IN"),
        ] {
            let error = read(&body).expect_err(says);
            assert!(error.code.number() == 100 && error.details.contains(says), "{}", error.details);
        }
    }
}
