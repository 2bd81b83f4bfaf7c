//! What is known by name while a scenario is played, and filling it in.
use serde_json::{Map, Value};
use std::collections::BTreeMap;

/// Names, and what they stand for.
#[derive(Debug, Clone, Default)]
pub struct Known(BTreeMap<String, String>);

impl Known {
    /// Makes something known.
    pub fn set(&mut self, name: &str, value: impl Into<String>) {
        self.0.insert(name.to_owned(), value.into());
    }

    /// What a name stands for.
    pub fn get(&self, name: &str) -> Option<&str> {
        self.0.get(name).map(String::as_str)
    }

    /// A text with every `${name}` filled in.
    ///
    /// # Errors
    /// The first name that is not known.
    pub fn text(&self, text: &str) -> Result<String, String> {
        let mut filled = String::new();
        let mut rest = text;
        while let Some((before, name, after)) = next(rest) {
            filled.push_str(before);
            filled.push_str(self.get(name).ok_or_else(|| format!("nothing is known as {name}"))?);
            rest = after;
        }
        Ok(filled + rest)
    }

    /// The same within JSON.
    ///
    /// # Errors
    /// As [`Known::text`].
    pub fn value(&self, value: &Value) -> Result<Value, String> {
        Ok(match value {
            Value::String(text) => self.text(text)?.into(),
            Value::Array(all) => all.iter().map(|one| self.value(one)).collect::<Result<_, _>>()?,
            Value::Object(fields) => Value::Object(self.fields(fields)?),
            other => other.clone(),
        })
    }

    /// The same within an object's fields.
    ///
    /// # Errors
    /// As [`Known::text`].
    pub fn fields(&self, fields: &Map<String, Value>) -> Result<Map<String, Value>, String> {
        fields.iter().map(|(name, one)| Ok((name.clone(), self.value(one)?))).collect()
    }
}

/// The next `${name}` of a text: what stands before it, the name, what stands after. References within flows, `${data.x}`, are no names.
fn next(text: &str) -> Option<(&str, &str, &str)> {
    let is_name = |name: &&str| !name.is_empty() && name.bytes().all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'_');
    text.match_indices("${").find_map(|(at, _)| {
        let (name, after) = text[at + 2..].split_once('}')?;
        Some((&text[..at], Some(name).filter(is_name)?, after))
    })
}

/// Every name that a text asks for.
pub fn names(text: &str) -> Vec<&str> {
    let mut rest = text;
    std::iter::from_fn(move || {
        let (_, name, after) = next(rest)?;
        rest = after;
        Some(name)
    })
    .collect()
}
