//! A place on the map: `location` (section 3b).
use super::bounds;
use crate::{ApiError, params::Object};

/// The most characters of a name or an address.
const WORDS: usize = 1000;

/// A place on the map.
#[derive(Debug, Clone, PartialEq)]
pub struct Place {
    /// −90 to 90.
    pub latitude: f64,
    /// −180 to 180.
    pub longitude: f64,
    /// Its name; "" when it has none.
    pub name: String,
    /// Its address; "" when it has none.
    pub address: String,
}

/// Reads the object `location`; degrees are numbers or strings.
///
/// # Errors
/// 131008 without degrees, 131009 when they lie on no globe or a text is too long, 100 for a wrong type or an unknown key.
pub(crate) fn place(given: &Object<'_>) -> Result<Place, ApiError> {
    given.only(&["latitude", "longitude", "name", "address", "url"])?;
    let degrees = |name: &str, most: f64| {
        let number = given.number(name)?.ok_or_else(|| ApiError::missing(&given.path(name)))?;
        if number.abs() > most {
            Err(ApiError::invalid_value(format!("{} must be between -{most} and {most}", given.path(name))))
        } else {
            Ok(number)
        }
    };
    Ok(Place {
        latitude: degrees("latitude", 90.0)?,
        longitude: degrees("longitude", 180.0)?,
        name: bounds::optional(given, "name", WORDS)?.unwrap_or_default(),
        address: bounds::optional(given, "address", WORDS)?.unwrap_or_default(),
    })
}
