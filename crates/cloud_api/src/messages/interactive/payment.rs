//! Addresses, orders to pay and how they stand.
use super::{flow::json_text, named};
use crate::{
    ApiError,
    messages::bounds::{list as items, object, required, word},
    params::Object,
};

/// What asks for an address.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AddressRequest {
    /// The country's two letters, in capitals.
    pub country: String,
    /// What is known, what was saved and what was wrong with it, as one JSON object.
    pub values: String,
}

/// An order to pay, or how one stands.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Payment {
    /// Whether nothing is to be paid: it only says how the order stands.
    pub status_only: bool,
    /// By what the business knows the order: at most 60 characters.
    pub reference_id: String,
    /// All parameters, as JSON.
    pub json: String,
}

const REFERENCE_CHARS: usize = 60;
const WORDS: usize = 1000;
const MOST_ITEMS: usize = 999;
const STATUSES: [&str; 6] = ["pending", "processing", "partially_shipped", "shipped", "completed", "canceled"];

/// `{"name": "address_message", "parameters": {country, values?, saved_addresses?, validation_errors?}}`.
pub(super) fn address(action: &Object<'_>) -> Result<AddressRequest, ApiError> {
    action.only(&["name", "parameters"])?;
    named(action, "address_message")?;
    let given = object(action, "parameters")?;
    given.only(&["country", "values", "saved_addresses", "validation_errors"])?;
    let country = required(&given, "country", WORDS)?.trim().to_ascii_uppercase();
    if country.len() != 2 || !country.bytes().all(|byte| byte.is_ascii_uppercase()) {
        return Err(ApiError::invalid_value(format!("{} must be a country's two letters, such as IN", given.path("country"))));
    }
    Ok(AddressRequest { country, values: json_text(action, "parameters")? })
}

/// `{"name": "review_and_pay", "parameters": {…}}`.
pub(super) fn details(action: &Object<'_>) -> Result<Payment, ApiError> {
    action.only(&["name", "parameters"])?;
    named(action, "review_and_pay")?;
    let given = object(action, "parameters")?;
    let currency = required(&given, "currency", WORDS)?;
    if currency.len() != 3 || !currency.bytes().all(|byte| byte.is_ascii_alphabetic()) {
        return Err(ApiError::invalid_value(format!("{} must be three letters, such as INR", given.path("currency"))));
    }
    amount(&object(&given, "total_amount")?)?;
    let order = object(&given, "order")?;
    order_status(&order)?;
    for item in items(&order, "items", 1..=MOST_ITEMS)? {
        required(&item, "name", WORDS)?;
        amount(&object(&item, "amount")?)?;
        if item.integer("quantity")?.ok_or_else(|| ApiError::missing(&item.path("quantity")))? < 1 {
            return Err(ApiError::invalid_value(format!("{} must be at least 1", item.path("quantity"))));
        }
    }
    payment(action, &given, false)
}

/// `{"name": "review_order", "parameters": {reference_id, order: {status, description?}}}`.
pub(super) fn status(action: &Object<'_>) -> Result<Payment, ApiError> {
    action.only(&["name", "parameters"])?;
    named(action, "review_order")?;
    let given = object(action, "parameters")?;
    order_status(&object(&given, "order")?)?;
    payment(action, &given, true)
}

fn payment(action: &Object<'_>, given: &Object<'_>, status_only: bool) -> Result<Payment, ApiError> {
    Ok(Payment { status_only, reference_id: required(given, "reference_id", REFERENCE_CHARS)?, json: json_text(action, "parameters")? })
}

fn order_status(order: &Object<'_>) -> Result<(), ApiError> {
    word(order, "status", &STATUSES)?.map(|_| ()).ok_or_else(|| ApiError::missing(&order.path("status")))
}

/// `{value, offset}`: the value is counted in parts of the currency's unit, of which `offset` make one.
fn amount(given: &Object<'_>) -> Result<(), ApiError> {
    let part = |name: &str, least: i64| match given.integer(name)? {
        None => Err(ApiError::missing(&given.path(name))),
        Some(number) if number < least => Err(ApiError::invalid_value(format!("{} must be at least {least}", given.path(name)))),
        Some(_) => Ok(()),
    };
    part("value", 0)?;
    part("offset", 1)
}
