//! Pages of products: in the order in which they came into the catalogue (section 2.1, row 17).
use super::filter::Filter;
use crate::{ApiError, Params};
use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use serde_json::{Value, json};

/// How many products a page has when nothing is said, and at most.
const PAGE: usize = 25;
const LARGEST_PAGE: i64 = 250;

/// Which products are asked for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Wanted {
    /// Those after this place.
    pub after: Option<u64>,
    /// Those before it.
    pub before: Option<u64>,
    /// At most so many.
    pub limit: usize,
    /// Only those for which it holds.
    pub filter: Option<Filter>,
}

/// A stretch of products, and whether there are others.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Stretch<T> {
    /// The products.
    pub products: Vec<T>,
    /// The places of the first and the last.
    pub ends: Option<(u64, u64)>,
    /// Whether there are earlier ones.
    pub earlier: bool,
    /// Whether there are later ones.
    pub later: bool,
}

/// Reads `limit`, `after`, `before` and `filter`.
///
/// # Errors
/// 100 when one is not understood, or both `after` and `before` are there.
pub fn wanted(params: &Params) -> Result<Wanted, ApiError> {
    let limit = match params.root().integer("limit")? {
        None => PAGE,
        Some(limit @ 1..=LARGEST_PAGE) => usize::try_from(limit).unwrap_or(PAGE),
        Some(_) => return Err(ApiError::invalid_parameter(format!("limit is 1 to {LARGEST_PAGE}"))),
    };
    let place = |name: &str| -> Result<Option<u64>, ApiError> {
        let Some(text) = params.text(name) else { return Ok(None) };
        let place = URL_SAFE_NO_PAD.decode(text.as_bytes()).ok().and_then(|bytes| std::str::from_utf8(&bytes).ok()?.parse::<u64>().ok());
        let place = place.filter(|place| i64::try_from(*place).is_ok());
        place.map(Some).ok_or_else(|| ApiError::invalid_parameter(format!("{name}: take the value from paging.cursors of another page")))
    };
    let (after, before) = (place("after")?, place("before")?);
    if after.is_some() && before.is_some() {
        return Err(ApiError::invalid_parameter("after and before exclude each other"));
    }
    Ok(Wanted { after, before, limit, filter: Filter::read(params)? })
}

/// The answer. `address` is that of the list itself; its links carry no token.
pub fn answer(stretch: &Stretch<Value>, wanted: &Wanted, address: &str, params: &Params) -> Value {
    let mut answer = json!({ "data": stretch.products });
    let Some((first, last)) = stretch.ends else { return answer };
    let cursor = |place: u64| URL_SAFE_NO_PAD.encode(place.to_string());
    answer["paging"] = json!({"cursors": {"before": cursor(first), "after": cursor(last)}});
    let link = |name: &str, place: u64| {
        let mut query = url::form_urlencoded::Serializer::new(String::new());
        for kept in ["fields", "filter"] {
            if let Some(value) = params.text(kept) {
                query.append_pair(kept, &value);
            }
        }
        query.append_pair("limit", &wanted.limit.to_string()).append_pair(name, &cursor(place));
        format!("{address}?{}", query.finish())
    };
    if stretch.later {
        answer["paging"]["next"] = link("after", last).into();
    }
    if stretch.earlier {
        answer["paging"]["previous"] = link("before", first).into();
    }
    answer
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_cursor_of_one_page_is_understood_by_the_next() {
        let params = Params::from_query("limit=2&fields=name&access_token=secret").expect("a query");
        let wanted_first = wanted(&params).expect("a page");
        let stretch = Stretch { products: vec![json!({"id": "7"}), json!({"id": "8"})], ends: Some((3, 9)), earlier: false, later: true };
        let page = answer(&stretch, &wanted_first, "https://suki.example/7/products", &params);
        let next = page["paging"]["next"].as_str().expect("a next page");
        assert!(!next.contains("secret") && page["paging"].get("previous").is_none(), "{next}");
        let params = Params::from_query(next.split_once('?').expect("a query").1).expect("a query");
        assert_eq!(wanted(&params).map(|wanted| (wanted.after, wanted.limit)), Ok((Some(9), 2)));
        for query in ["limit=0", "limit=251", "after=zz", "after=OQ&before=OQ", "filter=x"] {
            let params = Params::from_query(query).expect("a query");
            assert_eq!(wanted(&params).expect_err(query).code.number(), 100);
        }
    }
}
