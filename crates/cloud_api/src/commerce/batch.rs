//! Many products at once: `POST /CATALOG/items_batch` and `POST /CATALOG/batch`. They are done at once and one by one: what is wrong with one leaves the
//! others as they are.
use super::product::{self, Change};
use crate::{ApiError, Params, params::Object};
use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use serde_json::{Value, json};

/// How many a request may name.
pub const MOST: usize = 5000;
/// What a handle begins with.
const HANDLE: &str = "products:";
/// How many refusals an answer tells.
const TOLD: usize = 500;

/// What is to be done with one product.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Work {
    /// It is made.
    Create(Change),
    /// It changes; it is made when it is not there and the request lets it.
    Update(Change),
    /// It is taken away.
    Delete,
}

/// One product of a request.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Item {
    /// Its id at its seller.
    pub retailer_id: String,
    /// What is to be done, or what is wrong with it.
    pub work: Result<Work, ApiError>,
}

/// A request.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Batch {
    /// In the order in which they are done.
    pub items: Vec<Item>,
    /// Whether what is to change and is not there is made.
    pub allow_upsert: bool,
}

/// Reads a request of either form.
///
/// # Errors
/// 100 when it is none, or names more than 5,000 products.
pub fn read(params: &Params) -> Result<Batch, ApiError> {
    let root = params.root();
    if let Some(kind) = root.text("item_type")?
        && !kind.eq_ignore_ascii_case("PRODUCT_ITEM")
    {
        return Err(ApiError::invalid_parameter("item_type is PRODUCT_ITEM: other things are not sold here"));
    }
    let requests = root.list("requests", MOST)?.filter(|requests| !requests.is_empty());
    let requests = requests.ok_or_else(|| ApiError::invalid_parameter("requests is required: a list of {method, data}"))?;
    let items = requests.iter().map(item).collect::<Result<_, _>>()?;
    Ok(Batch { items, allow_upsert: root.boolean("allow_upsert")?.unwrap_or(true) })
}

fn item(request: &Object<'_>) -> Result<Item, ApiError> {
    let data = request.object("data")?;
    let retailer_id = match &data {
        _ if request.has("retailer_id") => product::retailer_id(request, "retailer_id")?,
        Some(data) if data.has("id") => product::retailer_id(data, "id")?,
        Some(data) => product::retailer_id(data, "retailer_id")?,
        None => return Err(ApiError::invalid_parameter(format!("{} is required", request.path("data")))),
    };
    let method = request.text("method")?.unwrap_or_default().to_ascii_uppercase();
    let said = || data.as_ref().map_or_else(|| Err(ApiError::invalid_parameter(format!("{} is required", request.path("data")))), product::read);
    let work = match method.as_str() {
        "CREATE" => said().and_then(|change| product::whole(&change).map(|()| Work::Create(change))),
        "UPDATE" => said().map(Work::Update),
        "DELETE" => Ok(Work::Delete),
        _ => return Err(ApiError::invalid_parameter(format!("{} is CREATE, UPDATE or DELETE", request.path("method")))),
    };
    Ok(Item { retailer_id, work })
}

/// The answer: a handle, and what is wrong with those that were not done.
pub fn answer(total: usize, failed: &[(String, ApiError)]) -> Value {
    let told = failed.iter().take(TOLD);
    let told: Vec<Value> =
        told.map(|(retailer_id, error)| json!({"retailer_id": retailer_id, "errors": [{"message": error.details}], "warnings": []})).collect();
    let handle = URL_SAFE_NO_PAD.encode(format!("{HANDLE}{total}:{}", failed.len()));
    json!({"handles": [handle], "validation_status": told})
}

/// `GET /CATALOG/check_batch_request_status`: what became of a request whose answer gave this handle. It is over when its answer is given.
///
/// # Errors
/// 100 when it is no such handle.
pub fn status(params: &Params) -> Result<Value, ApiError> {
    let handle = params.text("handle").ok_or_else(|| ApiError::invalid_parameter("handle is required"))?;
    let known = URL_SAFE_NO_PAD.decode(handle.as_bytes()).ok().and_then(|bytes| String::from_utf8(bytes).ok());
    let figures = known.as_deref().and_then(|text| text.strip_prefix(HANDLE)?.split_once(':'));
    let figures = figures.and_then(|(total, failed)| Some((total.parse::<u32>().ok()?, failed.parse::<u32>().ok()?)));
    let (total, failed) = figures.ok_or_else(|| ApiError::invalid_parameter("handle: take it from the answer of items_batch"))?;
    Ok(json!({"data": [{
        "handle": handle,
        "status": "finished",
        "items_total_count": total,
        "errors_total_count": failed,
        "errors": [],
        "warnings_total_count": 0,
        "warnings": [],
        "ids_of_invalid_requests": [],
    }]}))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn params(body: &Value) -> Params {
        let mut params = Params::default();
        params.merge_body(None, body.to_string().as_bytes()).expect("JSON");
        params
    }

    #[test]
    fn both_forms_are_read_and_one_mistake_leaves_the_others() {
        let items = json!({"item_type": "PRODUCT_ITEM", "requests": [
            {"method": "CREATE", "data": {"id": "ube", "title": "Ube", "price": "120.00 PHP", "link": "https://kape.example/ube"}},
            {"method": "UPDATE", "data": {"id": "mango", "price": "free"}},
            {"method": "DELETE", "data": {"id": "old"}},
        ]});
        let batch = read(&params(&items)).expect("a batch");
        let names: Vec<&str> = batch.items.iter().map(|item| item.retailer_id.as_str()).collect();
        assert_eq!((names, batch.allow_upsert), (vec!["ube", "mango", "old"], true));
        assert!(matches!(batch.items[0].work, Ok(Work::Create(_))) && batch.items[1].work.is_err() && batch.items[2].work == Ok(Work::Delete));
        let older = json!({"allow_upsert": false, "requests": [
            {"method": "create", "retailer_id": "ube", "data": {"name": "Ube", "price": 12000, "currency": "PHP"}},
        ]});
        let batch = read(&params(&older)).expect("a batch");
        assert!(!batch.allow_upsert && batch.items[0].work.is_ok());
    }

    #[test]
    fn a_handle_says_how_it_went() {
        let answer = answer(3, &[("mango".into(), ApiError::invalid_parameter("price must be a price"))]);
        assert_eq!(answer["validation_status"][0]["errors"][0]["message"], "price must be a price");
        let query = format!("handle={}", answer["handles"][0].as_str().expect("a handle"));
        let status = status(&Params::from_query(&query).expect("a query")).expect("it is known");
        assert_eq!((&status["data"][0]["status"], &status["data"][0]["errors_total_count"]), (&json!("finished"), &json!(1)));
    }

    #[test]
    fn what_is_no_batch_is_refused() {
        for body in [
            json!({}),
            json!({"requests": []}),
            json!({"item_type": "VEHICLE", "requests": [{"method": "DELETE", "data": {"id": "a"}}]}),
            json!({"requests": [{"method": "BUY", "data": {"id": "a"}}]}),
            json!({"requests": [{"method": "DELETE", "data": {}}]}),
            json!({"requests": [{"method": "DELETE"}]}),
        ] {
            assert_eq!(read(&params(&body)).expect_err("it is none").code.number(), 100, "{body}");
        }
        assert!(status(&Params::from_query("handle=x").expect("a query")).is_err());
    }
}
