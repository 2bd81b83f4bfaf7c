//! People that a message introduces: `contacts` (section 3b).
use super::bounds::{object, optional, required};
use crate::{ApiError, params::Object};
use suki_types::limits;

/// The most characters of one field.
const WORDS: usize = 1000;
/// The most numbers, addresses and so on of one person.
const MOST_ENTRIES: usize = 50;

/// A person.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Person {
    /// The name as it is shown.
    pub formatted_name: String,
    /// Its parts, each "" when unknown.
    pub first_name: String,
    /// See above.
    pub last_name: String,
    /// See above.
    pub middle_name: String,
    /// Such as Jr.
    pub suffix: String,
    /// Such as Dr.
    pub prefix: String,
    /// `YYYY-MM-DD`, or "".
    pub birthday: String,
    /// Phone numbers.
    pub phones: Vec<PersonPhone>,
    /// E-mail addresses.
    pub emails: Vec<Entry>,
    /// Addresses on the web.
    pub urls: Vec<Entry>,
    /// Where letters go.
    pub addresses: Vec<Address>,
    /// Where he works.
    pub company: String,
    /// In which part of it.
    pub department: String,
    /// As what.
    pub title: String,
}

/// A phone number of a person.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct PersonPhone {
    /// As written.
    pub phone: String,
    /// Such as WORK.
    pub kind: String,
    /// The number under which he can be written to here; "" when unknown.
    pub wa_id: String,
}

/// An address of a person, on the web or for e-mail.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Entry {
    /// The address.
    pub value: String,
    /// Such as WORK.
    pub kind: String,
}

/// Where letters to a person go.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Address {
    /// Street and house.
    pub street: String,
    /// City.
    pub city: String,
    /// State or province.
    pub state: String,
    /// Postal code.
    pub zip: String,
    /// Country.
    pub country: String,
    /// Its two letters.
    pub country_code: String,
    /// Such as HOME.
    pub kind: String,
}

/// Reads the array `contacts`.
///
/// # Errors
/// 131008 when it, or somebody's `name.formatted_name`, is missing; 131009 when there are more than 257 or a value is none; 100 for a wrong type.
pub(super) fn contacts(root: &Object<'_>) -> Result<Vec<Person>, ApiError> {
    super::bounds::list(root, "contacts", 1..=limits::CONTACT_CARDS)?.iter().map(person).collect()
}

fn person(given: &Object<'_>) -> Result<Person, ApiError> {
    given.only(&["name", "phones", "emails", "urls", "ims", "addresses", "org", "birthday"])?;
    let name = object(given, "name")?;
    let text = |of: &Object<'_>, field: &str| optional(of, field, WORDS).map(Option::unwrap_or_default);
    let org = given.object("org")?;
    let at_work = |field: &str| org.as_ref().map_or_else(|| Ok(String::new()), |org| text(org, field));
    Ok(Person {
        formatted_name: required(&name, "formatted_name", WORDS)?,
        first_name: text(&name, "first_name")?,
        last_name: text(&name, "last_name")?,
        middle_name: text(&name, "middle_name")?,
        suffix: text(&name, "suffix")?,
        prefix: text(&name, "prefix")?,
        birthday: birthday(given)?,
        phones: each(given, "phones", |one| Ok(PersonPhone { phone: text(one, "phone")?, kind: text(one, "type")?, wa_id: text(one, "wa_id")? }))?,
        emails: each(given, "emails", |one| Ok(Entry { value: text(one, "email")?, kind: text(one, "type")? }))?,
        urls: each(given, "urls", |one| Ok(Entry { value: text(one, "url")?, kind: text(one, "type")? }))?,
        addresses: each(given, "addresses", |one| {
            Ok(Address {
                street: text(one, "street")?,
                city: text(one, "city")?,
                state: text(one, "state")?,
                zip: text(one, "zip")?,
                country: text(one, "country")?,
                country_code: text(one, "country_code")?,
                kind: text(one, "type")?,
            })
        })?,
        company: at_work("company")?,
        department: at_work("department")?,
        title: at_work("title")?,
    })
}

fn each<T>(given: &Object<'_>, name: &str, read: impl Fn(&Object<'_>) -> Result<T, ApiError>) -> Result<Vec<T>, ApiError> {
    given.list(name, MOST_ENTRIES)?.unwrap_or_default().iter().map(read).collect()
}

fn birthday(given: &Object<'_>) -> Result<String, ApiError> {
    let Some(day) = optional(given, "birthday", WORDS)? else { return Ok(String::new()) };
    let digits = |part: &str, count: usize| part.len() == count && part.bytes().all(|byte| byte.is_ascii_digit());
    let parts: Vec<&str> = day.split('-').collect();
    match parts[..] {
        [year, month, date] if digits(year, 4) && digits(month, 2) && digits(date, 2) => Ok(day),
        _ => Err(ApiError::invalid_value(format!("{} must be a day, written as YYYY-MM-DD", given.path("birthday")))),
    }
}
