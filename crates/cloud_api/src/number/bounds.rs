//! Texts of a limited length, addresses, lists of texts.
use crate::{ApiError, params::Object};
use serde_json::Value;
use url::Url;

/// That a request names the product, as those about messages do.
///
/// # Errors
/// 131008 when it names none, 100 when another one.
pub fn of_whatsapp(root: &Object<'_>) -> Result<(), ApiError> {
    match root.required_text("messaging_product")? {
        "whatsapp" => Ok(()),
        _ => Err(ApiError::invalid_parameter("messaging_product must be whatsapp")),
    }
}

/// A text of at least `least` and at most `most` characters, without white space at its ends; none when the field is absent.
///
/// # Errors
/// 100 when it is shorter, longer, has control characters other than line breaks, or is no text.
pub fn text(object: &Object<'_>, name: &str, least: usize, most: usize) -> Result<Option<String>, ApiError> {
    let Some(text) = object.text(name)? else { return Ok(None) };
    check(&object.path(name), text.trim(), least, most).map(Some)
}

/// The same of a text that stands elsewhere.
///
/// # Errors
/// As [`text`].
pub fn check(path: &str, text: &str, least: usize, most: usize) -> Result<String, ApiError> {
    let chars = text.chars().count();
    if chars < least || chars > most {
        return Err(ApiError::invalid_parameter(format!("{path} has {chars} characters; {least} to {most} are allowed")));
    }
    if text.chars().any(|c| c.is_control() && c != '\n') {
        return Err(ApiError::invalid_parameter(format!("{path} has a control character; line breaks alone are allowed")));
    }
    Ok(text.to_owned())
}

/// An array of texts; a string that holds one, or a single text, is read as well. None when the field is absent.
///
/// # Errors
/// 100 when it is something else, or has more than `most`.
pub fn texts(object: &Object<'_>, name: &str, most: usize) -> Result<Option<Vec<String>>, ApiError> {
    let path = object.path(name);
    let wrong = || ApiError::invalid_parameter(format!("{path} must be an array of strings"));
    let Some(value) = object.json(name) else { return Ok(None) };
    let items = match value {
        Value::Array(items) => items,
        one @ Value::String(_) => vec![one],
        _ => return Err(wrong()),
    };
    if items.len() > most {
        return Err(ApiError::invalid_parameter(format!("{path} has {} items; at most {most} are allowed", items.len())));
    }
    let text = |item: Value| match item {
        Value::String(text) => Ok(text.trim().to_owned()),
        _ => Err(wrong()),
    };
    items.into_iter().map(text).collect::<Result<_, _>>().map(Some)
}

/// An e-mail address, as far as that can be seen from its form; "" is one too, where nothing is to be there.
///
/// # Errors
/// 100 when it has more than `most` characters or does not look like an address.
pub fn email(path: &str, text: &str, most: usize) -> Result<String, ApiError> {
    let text = check(path, text, 0, most)?;
    let plain = !text.chars().any(|c| c.is_whitespace() || matches!(c, '<' | '>' | '"' | ','));
    let fits = text.split_once('@').is_some_and(|(name, host)| {
        let dotted = host.contains('.') && !host.starts_with('.') && !host.ends_with('.');
        !name.is_empty() && dotted && !host.contains('@')
    });
    if text.is_empty() || plain && fits {
        return Ok(text);
    }
    Err(ApiError::invalid_parameter(format!("{path} is no e-mail address, such as hello@shop.example")))
}

/// The address of a web page.
///
/// # Errors
/// 100 when it has more than `most` characters or is no address that begins with `http://` or `https://`.
pub fn website(path: &str, text: &str, most: usize) -> Result<String, ApiError> {
    let text = check(path, text, 1, most)?;
    let is_page = Url::parse(&text).is_ok_and(|url| matches!(url.scheme(), "http" | "https") && url.host_str().is_some_and(|host| !host.is_empty()));
    if is_page { Ok(text) } else { Err(ApiError::invalid_parameter(format!("{path} is no address of a page; it begins with https:// or http://"))) }
}

/// One of these words, whatever its capitals.
///
/// # Errors
/// 100 with the words, when it is none of them.
pub fn one_of(path: &str, text: &str, words: &[&'static str]) -> Result<&'static str, ApiError> {
    let found = words.iter().find(|word| word.eq_ignore_ascii_case(text.trim()));
    found.copied().ok_or_else(|| ApiError::invalid_parameter(format!("{path} must be one of {}", words.join(", "))))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Params;

    #[test]
    fn texts_have_their_length_and_arrays_their_number() {
        let mut params = Params::default();
        params
            .merge_body(None, r#"{"a": "  hi ", "b": ["x", " y "], "c": "[\"x\"]", "d": [1], "e": "\u0007", "f": "solo"}"#.as_bytes())
            .expect("JSON");
        let root = params.root();
        assert_eq!((text(&root, "a", 1, 2), text(&root, "none", 1, 2)), (Ok(Some("hi".into())), Ok(None)));
        assert!(text(&root, "a", 3, 9).is_err() && text(&root, "a", 0, 1).is_err() && text(&root, "e", 0, 9).is_err());
        assert_eq!(texts(&root, "b", 2), Ok(Some(vec!["x".into(), "y".into()])));
        assert_eq!((texts(&root, "c", 1), texts(&root, "f", 1)), (Ok(Some(vec!["x".into()])), Ok(Some(vec!["solo".into()]))));
        assert!(texts(&root, "b", 1).is_err() && texts(&root, "d", 1).is_err());
    }

    #[test]
    fn addresses_look_like_addresses() {
        for good in ["", "a@b.example", "ana.santos+shop@mail.shop.example"] {
            assert!(email("email", good, 128).is_ok(), "{good}");
        }
        for bad in ["a", "a@b", "@b.example", "a@.example", "a b@c.example", "a@b@c.example", "<a@b.example>"] {
            assert!(email("email", bad, 128).is_err(), "{bad}");
        }
        assert!(website("w", "https://shop.example/x", 256).is_ok());
        for bad in ["", "shop.example", "javascript:alert(1)", "https://", "ftp://shop.example"] {
            assert!(website("w", bad, 256).is_err(), "{bad}");
        }
        assert_eq!(one_of("v", " retail", &["RETAIL"]), Ok("RETAIL"));
    }
}
