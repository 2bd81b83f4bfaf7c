//! `GET /W/message_templates` and `GET /T`: which templates, and what is told of each (sections 2.1 and 3a).
use crate::{ApiError, Code, Params, fields, paging};
use serde_json::{Value, json};
use suki_template::{Category, Quality, Status};

/// How many of a page are given at most.
const LARGEST_PAGE: u32 = 250;
/// The most characters of a text that is searched for.
const SEARCH_CHARS: usize = 512;
/// What is told when nothing is said; without `parameter_format` some programs fail (section 2.1, row 7).
const DEFAULT: [&str; 7] = ["name", "parameter_format", "components", "language", "status", "category", "id"];

/// Which templates are asked for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Wanted {
    /// How many, 1 to 250, and after or before which id.
    pub page: paging::Wanted<u64>,
    /// Part of the name; "" for all.
    pub name: String,
    /// Part of the name or of a text; "" for all.
    pub name_or_content: String,
    /// The languages' code; "" for all.
    pub language: String,
    /// These, or all when there is none.
    pub statuses: Vec<Status>,
    /// These, or all when there is none.
    pub categories: Vec<Category>,
    /// These, or all when there is none.
    pub qualities: Vec<Quality>,
}

/// A page of templates.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Page {
    /// The templates as [`node`] takes them, each with its id.
    pub items: Vec<(u64, Value)>,
    /// Whether there are more before the first.
    pub more_before: bool,
    /// Whether there are more after the last.
    pub more_after: bool,
    /// How many there are in all.
    pub total: u64,
    /// How many there may be.
    pub most: Option<u64>,
}

/// Reads the query of a list.
///
/// # Errors
/// 100 for a limit that is no number, a word that is not in its list, a cursor that this server did not give, or both cursors at once.
pub fn wanted(params: &Params) -> Result<Wanted, ApiError> {
    let digits = |bytes: &[u8]| std::str::from_utf8(bytes).ok().and_then(|digits| digits.parse().ok());
    let page = paging::wanted(params, LARGEST_PAGE, Code::InvalidParameter, digits)?;
    let text = |name: &str| -> Result<String, ApiError> {
        let text = params.text(name).unwrap_or_default();
        if text.chars().count() > SEARCH_CHARS {
            return Err(ApiError::invalid_parameter(format!("{name} may have at most {SEARCH_CHARS} characters")));
        }
        Ok(text.trim().to_owned())
    };
    Ok(Wanted {
        page,
        name: text("name")?,
        name_or_content: text("name_or_content")?,
        language: text("language")?,
        statuses: words(params, "status")?,
        categories: words(params, "category")?,
        qualities: words(params, "quality_score")?,
    })
}

/// One word, several with commas, or a JSON array of them.
fn words<T: std::str::FromStr<Err = suki_template::UnknownChoice>>(params: &Params, name: &str) -> Result<Vec<T>, ApiError> {
    let given = match params.root().json(name) {
        Some(Value::Array(items)) => items.iter().map(|item| item.as_str().unwrap_or_default().to_owned()).collect(),
        Some(Value::String(text)) => text.split(',').map(|word| word.trim().to_owned()).collect::<Vec<_>>(),
        Some(_) => return Err(ApiError::invalid_parameter(format!("{name} must be a word, or several with commas between them"))),
        None => Vec::new(),
    };
    let read = |word: &String| word.parse().map_err(|error| ApiError::invalid_parameter(format!("{name}: {error}")));
    given.iter().filter(|word| !word.is_empty()).map(read).collect()
}

fn cursor_of(id: u64) -> String {
    paging::cursor(id.to_string())
}

/// What is told of one template.
///
/// # Errors
/// 100 when `fields` cannot be read.
pub fn node(template: &Value, params: &Params) -> Result<Value, ApiError> {
    fields::select(params.text("fields").as_deref(), &DEFAULT, template)
}

/// The answer of a list. `address` is that of the request without its query; the links to other pages carry the token where that query did, since such
/// clients follow them without a header: Chatwoot.
///
/// # Errors
/// 100 when `fields` cannot be read.
pub fn page(page: &Page, wanted: &Wanted, address: &str, params: &Params) -> Result<Value, ApiError> {
    let data: Vec<Value> = page.items.iter().map(|(_, template)| node(template, params)).collect::<Result<_, _>>()?;
    let mut answer = json!({"data": data});
    if let (Some((first, _)), Some((last, _))) = (page.items.first(), page.items.last()) {
        answer["paging"] = json!({"cursors": {"before": cursor_of(*first), "after": cursor_of(*last)}});
        if page.more_after {
            answer["paging"]["next"] = link(address, params, wanted.page.limit, ("after", *last)).into();
        }
        if page.more_before {
            answer["paging"]["previous"] = link(address, params, wanted.page.limit, ("before", *first)).into();
        }
    }
    if let Some(names) = params.text("summary") {
        let mut summary = json!({"total_count": page.total, "message_template_count": page.total});
        if let Some(most) = page.most {
            summary["message_template_limit"] = most.into();
            summary["are_translations_complete"] = true.into();
        }
        answer["summary"] = fields::select(Some(&names), &["total_count"], &summary)?;
    }
    Ok(answer)
}

fn link(address: &str, params: &Params, limit: u32, (name, id): (&str, u64)) -> String {
    let mut query = url::form_urlencoded::Serializer::new(String::new());
    for kept in ["fields", "name", "name_or_content", "language", "status", "category", "quality_score", "access_token"] {
        if let Some(text) = params.text(kept) {
            query.append_pair(kept, &text);
        }
    }
    query.append_pair("limit", &limit.to_string()).append_pair(name, &cursor_of(id));
    format!("{address}?{}", query.finish())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn params(query: &str) -> Params {
        Params::from_query(query).expect("a query")
    }

    fn template(id: u64) -> (u64, Value) {
        let value = json!({"id": id.to_string(), "name": "a", "language": "en", "category": "UTILITY", "status": "APPROVED",
                           "parameter_format": "POSITIONAL", "components": [], "rejected_reason": "NONE"});
        (id, value)
    }

    #[test]
    fn a_template_has_what_clients_fail_without() {
        let (_, template) = template(7);
        let told = node(&template, &params("")).expect("no fields");
        for name in ["id", "name", "parameter_format", "category", "language", "status", "components"] {
            assert!(told.get(name).is_some(), "{name}");
        }
        assert_eq!(told.get("rejected_reason"), None);
        assert_eq!(node(&template, &params("fields=rejected_reason")), Ok(json!({"id": "7", "rejected_reason": "NONE"})));
    }

    #[test]
    fn pages_name_the_next_one_only_if_there_is_one() {
        let query = params("limit=2&fields=name&status=approved&access_token=secret&summary=total_count");
        let wanted = wanted(&query).expect("it is one");
        assert_eq!((wanted.page.limit, &wanted.statuses[..]), (2, &[Status::Approved][..]));
        let mut full = Page { items: vec![template(7), template(8)], more_after: true, total: 3, ..Page::default() };
        let answer = page(&full, &wanted, "https://suki.example/v23.0/1/message_templates", &query).expect("it is one");
        let next = answer["paging"]["next"].as_str().expect("a next page");
        assert!(next.starts_with("https://suki.example/v23.0/1/message_templates?") && next.contains("access_token=secret"), "{next}");
        let after = next.split("after=").nth(1).expect("a cursor");
        assert_eq!(super::wanted(&params(&format!("after={after}"))).map(|wanted| wanted.page.after), Ok(Some(8)));
        assert_eq!((&answer["summary"], answer["paging"].get("previous")), (&json!({"total_count": 3}), None));
        full.more_after = false;
        assert_eq!(page(&full, &wanted, "", &query).expect("it is one")["paging"].get("next"), None);
        assert_eq!(page(&Page::default(), &wanted, "", &params("")), Ok(json!({"data": []})));
    }

    #[test]
    fn words_come_in_any_form_and_others_are_refused() {
        for text in ["status=APPROVED,rejected", "status=[\"APPROVED\",\"REJECTED\"]"] {
            assert_eq!(wanted(&params(text)).map(|wanted| wanted.statuses), Ok(vec![Status::Approved, Status::Rejected]));
        }
        for (query, says) in [
            ("status=lost", "PENDING, APPROVED"),
            ("category=news", "MARKETING"),
            ("limit=many", "limit must be a number"),
            ("after=x", "paging.cursors"),
            ("after=Nw&before=Nw", "exclude each other"),
        ] {
            let error = wanted(&params(query)).expect_err(query);
            assert!(error.code.number() == 100 && error.details.contains(says), "{}", error.details);
        }
    }
}
