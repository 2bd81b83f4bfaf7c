//! `POST /P/register`, `/P/deregister` and `POST /P` with `pin`: whether programs may write in the number's name, and the PIN that guards it.
use super::bounds;
use crate::{ApiError, Params};
use serde_json::{Value, json};
use suki_types::Phone;

/// The longest name of a number.
const NAME_CHARS: usize = 75;
/// The field that programs are told of the PIN on.
pub const SECURITY_FIELD: &str = "security";

/// `POST /P/register`: the PIN. Where data is kept, backups of other systems and tiers have no effect.
///
/// # Errors
/// 131008 without `messaging_product`, 100 when the PIN has not six digits.
pub fn register(params: &Params) -> Result<String, ApiError> {
    let root = params.root();
    bounds::of_whatsapp(&root)?;
    pin(root.required_text("pin")?)
}

/// `POST /P` with `pin`; none when the request does not change it. Some programs write it inside `whatsapp_business_api_data`.
///
/// # Errors
/// 100 when it has not six digits.
pub fn new_pin(params: &Params) -> Result<Option<String>, ApiError> {
    let root = params.root();
    if let Some(text) = params.text("pin") {
        return pin(&text).map(Some);
    }
    match root.object("whatsapp_business_api_data")? {
        Some(data) => data.text("pin")?.map(pin).transpose(),
        None => Ok(None),
    }
}

/// `POST /W/phone_numbers`: the number that is to be added. `cc` is its calling code, which the number may begin with or not.
///
/// # Errors
/// 131008 without number or name, 100 when they are none.
pub fn new_number(params: &Params) -> Result<Phone, ApiError> {
    let root = params.root();
    let digits = params.text("phone_number").ok_or_else(|| ApiError::missing("phone_number"))?;
    bounds::check("verified_name", root.required_text("verified_name")?.trim(), 2, NAME_CHARS)?;
    let code = params.text("cc").unwrap_or_default();
    let code = code.trim_start_matches('+');
    let whole = if digits.starts_with('+') || digits.starts_with(code) { digits.to_string() } else { format!("{code}{digits}") };
    whole.parse().map_err(|error| ApiError::invalid_parameter(format!("phone_number, with cc before it: {error}")))
}

fn pin(text: &str) -> Result<String, ApiError> {
    if text.len() == 6 && text.bytes().all(|byte| byte.is_ascii_digit()) {
        return Ok(text.to_owned());
    }
    Err(ApiError::invalid_parameter("pin has six digits, as text"))
}

/// The value of [`SECURITY_FIELD`]: the PIN is another. `requester` is the app that changed it.
pub fn pin_changed(phone: &Phone, requester: crate::ObjectId) -> Value {
    json!({"display_phone_number": phone.digits(), "event": "PIN_CHANGED", "requester": requester})
}

#[cfg(test)]
mod tests {
    use super::*;

    fn query(text: &str) -> Params {
        Params::from_query(text).expect("a query")
    }

    #[test]
    fn a_pin_has_six_digits() {
        assert_eq!(register(&query("messaging_product=whatsapp&pin=012345")), Ok("012345".into()));
        assert_eq!(register(&query("pin=012345")).expect_err("no product").code.number(), 131_008);
        for wrong in ["98765", "9876543", "98765a", "१२३४५६"] {
            let error = register(&query(&format!("messaging_product=whatsapp&pin={wrong}"))).expect_err(wrong);
            assert_eq!((error.code.number(), error.details.contains(wrong)), (100, false));
        }
        assert_eq!(new_pin(&query("pin=123456")), Ok(Some("123456".into())));
        assert_eq!(new_pin(&query("whatsapp_business_api_data=%7B%22pin%22%3A%22654321%22%7D")), Ok(Some("654321".into())));
        assert_eq!(new_pin(&query("new_display_name=Kape")), Ok(None));
        assert!(new_pin(&query("pin=1")).is_err());
    }

    #[test]
    fn a_number_comes_with_its_calling_code_or_beside_it() {
        for asked in ["cc=63&phone_number=9171234567", "cc=63&phone_number=639171234567", "phone_number=%2B63%20917%20123%204567"] {
            let phone = new_number(&query(&format!("{asked}&verified_name=Kape")));
            assert_eq!(phone.map(|phone| phone.digits().to_owned()), Ok("639171234567".into()), "{asked}");
        }
        for wrong in ["cc=63", "phone_number=12&verified_name=Kape", "phone_number=639171234567&verified_name=K", "phone_number=639171234567"] {
            assert!(new_number(&query(wrong)).is_err(), "{wrong}");
        }
    }

    #[test]
    fn programs_are_told_who_changed_it() {
        let value = pin_changed(&Phone::test(1), "7".parse().expect("an id"));
        assert_eq!(value, json!({"display_phone_number": "999000000001", "event": "PIN_CHANGED", "requester": "7"}));
    }
}
