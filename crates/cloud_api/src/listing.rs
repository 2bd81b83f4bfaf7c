//! Lists of a few nodes: filtered, sorted, cut into pages (section 2.1, row 17).
use crate::{ApiError, Params, fields};
use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use serde_json::{Value, json};

/// How many a page has when nothing is said, and at most.
const PAGE: usize = 25;
const LARGEST_PAGE: i64 = 100;
/// The most conditions of `filtering`.
const CONDITIONS: usize = 20;

/// A page of nodes. `default` are the fields they have when none are asked for; `sorts` the words that `sort` may say, which change nothing as long as
/// nodes are listed in the order they came.
///
/// # Errors
/// 100 when a parameter is not understood.
pub fn page(nodes: &[Value], default: &[&str], sorts: &[&str], address: &str, params: &Params) -> Result<Value, ApiError> {
    page_keeping(nodes, default, sorts, address, params, &[])
}

/// The same for a list that takes parameters of its own: those in `keeps` stand in the links to its other pages.
///
/// # Errors
/// As [`page`].
pub fn page_keeping(nodes: &[Value], default: &[&str], sorts: &[&str], address: &str, params: &Params, keeps: &[&str]) -> Result<Value, ApiError> {
    let root = params.root();
    let limit = match root.integer("limit")? {
        None => PAGE,
        Some(limit @ 1..=LARGEST_PAGE) => usize::try_from(limit).unwrap_or(PAGE),
        Some(_) => return Err(ApiError::invalid_parameter(format!("limit is 1 to {LARGEST_PAGE}"))),
    };
    if let Some(sort) = root.text("sort")?.filter(|sort| !sorts.contains(sort)) {
        let sort: String = sort.chars().filter(|c| !c.is_control()).take(64).collect();
        return Err(ApiError::invalid_parameter(format!("sort cannot be {sort:?}: it is one of {}", sorts.join(", "))));
    }
    let conditions = conditions(params)?;
    let kept: Vec<&Value> = nodes.iter().filter(|node| conditions.iter().all(|condition| condition.holds(node))).collect();
    let place = |name: &str| -> Result<Option<usize>, ApiError> {
        let Some(cursor) = params.text(name) else { return Ok(None) };
        let found = kept.iter().position(|node| cursor_of(node) == cursor.as_ref());
        found.map(Some).ok_or_else(|| ApiError::invalid_parameter(format!("{name}: take the value from paging.cursors of another page")))
    };
    let (after, before) = (place("after")?, place("before")?);
    let from = after.map_or_else(|| before.map_or(0, |before| before.saturating_sub(limit)), |after| after + 1);
    let until = before.unwrap_or(kept.len()).min(from + limit);
    let shown = kept.get(from..until).unwrap_or_default();
    let selector = params.text("fields");
    let data: Vec<Value> = shown.iter().map(|node| fields::select(selector.as_deref(), default, node)).collect::<Result<_, _>>()?;
    let mut answer = json!({ "data": data });
    if let (Some(first), Some(last)) = (shown.first(), shown.last()) {
        answer["paging"] = json!({"cursors": {"before": cursor_of(first), "after": cursor_of(last)}});
        for (name, cursor, there) in [("next", ("after", last), until < kept.len()), ("previous", ("before", first), from > 0)] {
            if there {
                answer["paging"][name] = link(address, params, keeps, limit, (cursor.0, &cursor_of(cursor.1))).into();
            }
        }
    }
    if let Some(names) = params.text("summary") {
        answer["summary"] = fields::select(Some(&names), &["total_count"], &json!({"total_count": kept.len()}))?;
    }
    Ok(answer)
}

/// Where a node stands: opaque to programs.
fn cursor_of(node: &Value) -> String {
    URL_SAFE_NO_PAD.encode(node["id"].as_str().unwrap_or_default())
}

/// The link to another page. It carries the token where the request's own query did, since such clients have it nowhere else: Chatwoot.
fn link(address: &str, params: &Params, keeps: &[&str], limit: usize, (name, cursor): (&str, &str)) -> String {
    let mut query = url::form_urlencoded::Serializer::new(String::new());
    for kept in ["fields", "filtering", "sort", "summary", "access_token"].iter().chain(keeps) {
        if let Some(value) = params.text(kept) {
            query.append_pair(kept, &value);
        }
    }
    query.append_pair("limit", &limit.to_string()).append_pair(name, cursor);
    format!("{address}?{}", query.finish())
}

/// A condition of `filtering`.
struct Condition {
    field: String,
    negated: bool,
    values: Vec<String>,
}

impl Condition {
    fn holds(&self, node: &Value) -> bool {
        let value = match &node[self.field.as_str()] {
            Value::String(text) => text.clone(),
            Value::Null => return self.negated,
            other => other.to_string(),
        };
        self.values.iter().any(|wanted| wanted.eq_ignore_ascii_case(&value)) != self.negated
    }
}

/// `filtering=[{"field":"account_mode","operator":"EQUAL","value":"SANDBOX"}]`.
fn conditions(params: &Params) -> Result<Vec<Condition>, ApiError> {
    let list = params.root().list("filtering", CONDITIONS)?.unwrap_or_default();
    let read = |one: &crate::params::Object<'_>| {
        let operator = one.required_text("operator")?.to_ascii_uppercase();
        let negated = match operator.as_str() {
            "EQUAL" | "IN" => false,
            "NOT_EQUAL" | "NOT_IN" => true,
            _ => return Err(ApiError::invalid_parameter(format!("{} is EQUAL, NOT_EQUAL, IN or NOT_IN", one.path("operator")))),
        };
        let text = |value: Value| match value {
            Value::String(text) => text,
            other => other.to_string(),
        };
        let values = match one.json("value") {
            Some(Value::Array(values)) => values.into_iter().map(text).collect(),
            Some(value) => vec![text(value)],
            None => return Err(ApiError::missing(&one.path("value"))),
        };
        Ok(Condition { field: one.required_text("field")?.to_owned(), negated, values })
    };
    list.iter().map(read).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn listed(query: &str) -> Result<Value, ApiError> {
        let nodes: Vec<Value> = ["1", "2", "3"].map(|id| json!({"id": id, "mode": if id == "2" { "LIVE" } else { "SANDBOX" }})).into();
        page(&nodes, &["id"], &["creation_time.asc"], "https://suki.example/v23.0/7/x", &Params::from_query(query).expect("a query"))
    }

    fn ids(page: &Value) -> Vec<String> {
        page["data"].as_array().into_iter().flatten().map(|node| node["id"].as_str().unwrap_or_default().to_owned()).collect()
    }

    #[test]
    fn pages_follow_each_other_both_ways() {
        let first = listed("limit=2&fields=mode&access_token=secret").expect("a page");
        assert_eq!((ids(&first), &first["data"][1]["mode"]), (vec!["1".into(), "2".into()], &json!("LIVE")));
        let next = first["paging"]["next"].as_str().expect("a next page").to_owned();
        assert!(first["paging"].get("previous").is_none() && next.contains("access_token=secret"));
        let without = listed("limit=2&fields=mode").expect("a page");
        assert!(!without.to_string().contains("access_token"), "a header's token stays there");
        let second = listed(next.split_once('?').expect("a query").1).expect("a page");
        assert_eq!((ids(&second), second["paging"].get("next")), (vec!["3".into()], None));
        let previous = second["paging"]["previous"].as_str().expect("a previous page").to_owned();
        assert_eq!(ids(&listed(previous.split_once('?').expect("a query").1).expect("a page")), ["1", "2"]);
        let last = second["paging"]["cursors"]["after"].as_str().expect("a cursor");
        assert_eq!(listed(&format!("after={last}")), Ok(json!({"data": []})));
    }

    #[test]
    fn conditions_hold_for_every_node() {
        for (filtering, wanted) in [
            (r#"[{"field":"mode","operator":"EQUAL","value":"live"}]"#, vec!["2"]),
            (r#"[{"field":"mode","operator":"NOT_EQUAL","value":"LIVE"}]"#, vec!["1", "3"]),
            (r#"[{"field":"id","operator":"IN","value":["1",2]}]"#, vec!["1", "2"]),
            (r#"[{"field":"other","operator":"EQUAL","value":"x"}]"#, vec![]),
        ] {
            let query: String = url::form_urlencoded::Serializer::new(String::new()).append_pair("filtering", filtering).finish();
            assert_eq!(listed(&query).map(|page| ids(&page)), Ok(wanted.into_iter().map(str::to_owned).collect()), "{filtering}");
        }
    }

    #[test]
    fn what_is_not_understood_is_refused() {
        for (query, says) in [
            ("limit=0", "limit is 1 to 100"),
            ("limit=101", "limit is 1 to 100"),
            ("limit=many", "limit must be a whole number"),
            ("sort=name", "one of creation_time.asc"),
            ("after=zzz", "paging.cursors"),
            ("filtering=%5B%7B%22field%22%3A%22id%22%2C%22operator%22%3A%22LIKE%22%7D%5D", "EQUAL, NOT_EQUAL"),
            ("filtering=all", "filtering must be an array"),
        ] {
            let error = listed(query).expect_err(query);
            assert!(error.code.number() == 100 && error.details.contains(says), "{}", error.details);
        }
        assert!(listed("sort=creation_time.asc").is_ok());
    }

    #[test]
    fn a_summary_counts_all_that_fit() {
        let told = listed("limit=1&summary=total_count,other").expect("a page");
        assert_eq!((&told["summary"], ids(&told).len()), (&json!({"total_count": 3}), 1));
        assert_eq!(listed("limit=1").expect("a page").get("summary"), None);
    }
}
