//! `GET` and `POST /P/business_compliance_info`: who is responsible, as the law of India wants it said.
use super::bounds;
use crate::{ApiError, ObjectId, Params, fields, params::Object};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use suki_types::Phone;

/// What a business can be.
pub const ENTITY_TYPES: [&str; 6] =
    ["LIMITED_LIABILITY_PARTNERSHIP", "SOLE_PROPRIETORSHIP", "PARTNERSHIP", "PUBLIC_COMPANY", "PRIVATE_COMPANY", "OTHER"];
const NAME_CHARS: usize = 128;
const CUSTOM_CHARS: usize = 1024;
const EMAIL_CHARS: usize = 128;

/// Who is responsible.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Compliance {
    /// The business's legal name.
    pub entity_name: String,
    /// One of [`ENTITY_TYPES`].
    pub entity_type: String,
    /// What else it is, when the type is `OTHER`.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub entity_type_custom: String,
    /// Whether it is registered.
    pub is_registered: bool,
    /// Whom complaints go to.
    pub grievance_officer_details: Contact,
    /// Whom customers ask.
    pub customer_care_details: Contact,
}

/// Somebody, and how to reach him.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Contact {
    /// His name; "" for an office.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub name: String,
    /// His address.
    pub email: String,
    /// With a plus; "" without.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub mobile_number: String,
    /// With a plus; "" without.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub landline_number: String,
}

/// `POST`: all of it.
///
/// # Errors
/// 131008 when a part is missing, 100 when one is too long, no address, no number, or no known word.
pub fn set(params: &Params) -> Result<Compliance, ApiError> {
    let root = params.root();
    bounds::of_whatsapp(&root)?;
    let entity_name = bounds::check("entity_name", root.required_text("entity_name")?.trim(), 2, NAME_CHARS)?;
    let entity_type = bounds::one_of("entity_type", root.required_text("entity_type")?, &ENTITY_TYPES)?;
    let custom = bounds::text(&root, "entity_type_custom", 0, CUSTOM_CHARS)?.unwrap_or_default();
    if entity_type == "OTHER" && custom.is_empty() {
        return Err(ApiError::missing("entity_type_custom"));
    }
    let part = |name: &str| root.object(name)?.ok_or_else(|| ApiError::missing(name));
    Ok(Compliance {
        entity_name,
        entity_type: entity_type.to_owned(),
        entity_type_custom: custom,
        is_registered: root.boolean("is_registered")?.unwrap_or(false),
        grievance_officer_details: contact(&part("grievance_officer_details")?, true)?,
        customer_care_details: contact(&part("customer_care_details")?, false)?,
    })
}

fn contact(part: &Object<'_>, named: bool) -> Result<Contact, ApiError> {
    let name = if named { bounds::check(&part.path("name"), part.required_text("name")?.trim(), 1, NAME_CHARS)? } else { String::new() };
    let number = |name: &str| match part.text(name)?.filter(|text| !text.trim().is_empty()) {
        None => Ok(String::new()),
        Some(text) => {
            let phone: Result<Phone, _> = text.parse();
            phone.map(|phone| phone.display()).map_err(|error| ApiError::invalid_parameter(format!("{}: {error}", part.path(name))))
        }
    };
    Ok(Contact {
        name,
        email: bounds::email(&part.path("email"), part.required_text("email")?.trim(), EMAIL_CHARS)?,
        mobile_number: number("mobile_number")?,
        landline_number: number("landline_number")?,
    })
}

/// `GET`. `account` is the number's account; `compliance` is what was said, if anything was.
///
/// # Errors
/// 100 when `fields` cannot be read.
pub fn answer(account: ObjectId, compliance: &Compliance, params: &Params) -> Result<Value, ApiError> {
    if compliance.entity_name.is_empty() {
        return Ok(json!({"data": []}));
    }
    let mut node = json!(compliance);
    node["whatsapp_business_account_id"] = json!(account);
    node["messaging_product"] = "whatsapp".into();
    let all: Vec<&str> = node.as_object().into_iter().flatten().map(|(name, _)| name.as_str()).collect();
    let mut shown = fields::select(params.text("fields").as_deref(), &all, &node)?;
    shown["whatsapp_business_account_id"] = json!(account);
    Ok(json!({"data": [shown]}))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn asked(json: &Value) -> Result<Compliance, ApiError> {
        let mut params = Params::default();
        params.merge_body(None, json.to_string().as_bytes()).expect("JSON");
        set(&params)
    }

    fn full() -> Value {
        json!({"messaging_product": "whatsapp", "entity_name": "Kape ni Ana", "entity_type": "sole_proprietorship", "is_registered": true,
               "grievance_officer_details": {"name": "Ana", "email": "ana@kape.example", "mobile_number": "+63 917 123 4567"},
               "customer_care_details": {"email": "care@kape.example", "landline_number": "+6328123456"}})
    }

    #[test]
    fn what_was_said_is_answered() {
        let account = "7".parse().expect("an id");
        let said = asked(&full()).expect("it is whole");
        assert_eq!(
            answer(account, &said, &Params::default()),
            Ok(json!({"data": [{"whatsapp_business_account_id": "7", "messaging_product": "whatsapp", "entity_name": "Kape ni Ana",
                "entity_type": "SOLE_PROPRIETORSHIP", "is_registered": true,
                "grievance_officer_details": {"name": "Ana", "email": "ana@kape.example", "mobile_number": "+639171234567"},
                "customer_care_details": {"email": "care@kape.example", "landline_number": "+6328123456"}}]}))
        );
        assert_eq!(answer(account, &Compliance::default(), &Params::default()), Ok(json!({"data": []})));
    }

    #[test]
    fn what_is_missing_or_wrong_is_named() {
        for (field, value, code, says) in [
            ("entity_name", json!("K"), 100, "2 to 128"),
            ("entity_type", json!("CLUB"), 100, "must be one of"),
            ("entity_type", json!("OTHER"), 131_008, "entity_type_custom"),
            ("customer_care_details", Value::Null, 131_008, "customer_care_details"),
            ("customer_care_details", json!({"email": "nobody"}), 100, "customer_care_details.email is no"),
            ("grievance_officer_details", json!({"email": "a@b.example"}), 131_008, "grievance_officer_details.name"),
            ("customer_care_details", json!({"email": "a@b.example", "mobile_number": "12"}), 100, "7 to 15 digits"),
        ] {
            let mut body = full();
            body[field] = value;
            let error = asked(&body).expect_err(says);
            assert_eq!(error.code.number(), code, "{}", error.details);
            assert!(error.details.contains(says), "{}", error.details);
        }
    }
}
