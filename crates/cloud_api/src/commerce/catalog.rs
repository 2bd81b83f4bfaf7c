//! Catalogues: `/BUSINESS/owned_product_catalogs`, `/W/product_catalogs`, `/CATALOG`.
use super::{bounded, required};
use crate::{ApiError, ObjectId, Params};
use serde_json::{Value, json};
use suki_types::Timestamp;

/// What a catalogue has in a list when no fields are asked for.
pub const CATALOG_DEFAULT: [&str; 2] = ["id", "name"];
/// The words that `sort` may say of a list of catalogues.
pub const CATALOG_SORTS: [&str; 1] = ["creation_time.asc"];
/// The most characters of its name.
pub const NAME_CHARS: usize = 100;
const VERTICAL_CHARS: usize = 40;
/// What a catalogue is of when nothing is said.
const VERTICAL: &str = "commerce";

/// A catalogue.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Catalog {
    /// Its id.
    pub id: ObjectId,
    /// What it is called.
    pub name: String,
    /// What sort of things it has, in Meta's words.
    pub vertical: String,
    /// Whether customers see it: one of a business at most.
    pub connected: bool,
    /// How many products it has.
    pub products: u64,
    /// When it was made.
    pub created_at: Timestamp,
}

impl Catalog {
    /// Everything, for a selection of fields. `owner` is the business with its name.
    pub fn node(&self, owner: (ObjectId, &str)) -> Value {
        json!({
            "id": self.id,
            "name": self.name,
            "vertical": self.vertical,
            "product_count": self.products,
            "feed_count": 0,
            "is_local_catalog": false,
            "is_catalog_segment": false,
            "business": {"id": owner.0, "name": owner.1},
        })
    }
}

/// A catalogue to be made: its name, and what sort of things it has.
///
/// # Errors
/// 100 without a name, or with one of more than 100 characters.
pub fn create(params: &Params) -> Result<(String, String), ApiError> {
    let root = params.root();
    let vertical = bounded(&root, "vertical", VERTICAL_CHARS)?.filter(|text| !text.is_empty()).unwrap_or_else(|| VERTICAL.into());
    if !vertical.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'_') {
        return Err(ApiError::invalid_parameter(format!("vertical is one word, such as {VERTICAL}")));
    }
    Ok((required(&root, "name", NAME_CHARS)?, vertical))
}

/// The new name of a catalogue.
///
/// # Errors
/// 100 without a name, or with one of more than 100 characters.
pub fn change(params: &Params) -> Result<String, ApiError> {
    required(&params.root(), "name", NAME_CHARS)
}

/// The catalogue that a request names.
///
/// # Errors
/// 100 when it names none.
pub fn named(params: &Params) -> Result<ObjectId, ApiError> {
    let id = params.text("catalog_id").ok_or_else(|| ApiError::invalid_parameter("catalog_id is required"))?;
    id.parse().map_err(|error| ApiError::invalid_parameter(format!("catalog_id: {error}")))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn params(query: &str) -> Params {
        Params::from_query(query).expect("a query")
    }

    #[test]
    fn a_catalogue_needs_a_name() {
        assert_eq!(create(&params("name=Panaderia")), Ok(("Panaderia".into(), "commerce".into())));
        assert_eq!(create(&params("name=A&vertical=local_products")), Ok(("A".into(), "local_products".into())));
        let long = format!("name={}", "x".repeat(NAME_CHARS + 1));
        for (query, says) in
            [("", "name is required"), ("name=+", "name is required"), (&*long, "at most 100"), ("name=A&vertical=a+b", "vertical is one word")]
        {
            let error = create(&params(query)).expect_err(query);
            assert!(error.code.number() == 100 && error.details.contains(says), "{}", error.details);
        }
        assert!(named(&params("catalog_id=x")).is_err() && named(&params("")).is_err() && named(&params("catalog_id=7")).is_ok());
    }
}
