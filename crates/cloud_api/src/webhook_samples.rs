//! A sample of every webhook field, for trying a receiver: in the shape of section 3c, about nobody who exists.
use crate::{
    subscriptions::is_of_messages,
    webhook::{Source, Value},
};
use serde_json::Map;
use std::sync::LazyLock;
use suki_types::Timestamp;

static SAMPLES: LazyLock<Map<String, Value>> =
    LazyLock::new(|| serde_json::from_str(include_str!("webhook_samples.json")).expect("the file is part of the program, and a test reads it"));

/// The bytes of a field's sample, as this account's receiver would get them; none for what is no field.
pub fn sample(source: &Source, field: &str, at: Timestamp) -> Option<Vec<u8>> {
    let value = SAMPLES.get(field)?;
    Some(if is_of_messages(field) { source.event(field, value.clone()) } else { source.account_event(field, value, at) })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::subscriptions::FIELDS;
    use suki_types::Phone;

    #[test]
    fn every_field_has_a_sample_and_nothing_else_has() {
        let id = "106540352242922".parse().expect("an id");
        let source = Source { account: id, phone_number: id, phone: Phone::test(1) };
        for field in FIELDS {
            let bytes = sample(&source, field, Timestamp::from_millis(0)).expect(field);
            assert!(bytes.is_ascii(), "{field}");
            let read: Value = serde_json::from_slice(&bytes).expect(field);
            assert_eq!(read["entry"][0]["changes"][0]["field"], field);
            assert_eq!(read["entry"][0]["time"].is_null(), is_of_messages(field), "{field}");
        }
        assert_eq!(SAMPLES.len(), FIELDS.len());
        assert!(sample(&source, "mesages", Timestamp::from_millis(0)).is_none());
    }
}
