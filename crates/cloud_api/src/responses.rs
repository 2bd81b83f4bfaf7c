//! Answers that several operations share.
use serde_json::{Value, json};

/// `{"success": true}`, and nothing else: programs build an object from it (section 2.1, row 8).
pub fn success() -> Value {
    json!({"success": true})
}

/// A message was accepted. `input` is the recipient exactly as the request wrote it; `wa_id` is the number's digits, absent when the customer
/// has none; `user_id` is the business-scoped user id.
pub fn accepted(input: &str, wa_id: Option<&str>, user_id: &str, wamid: &str) -> Value {
    let mut contact = json!({"input": input, "user_id": user_id});
    if let Some(wa_id) = wa_id {
        contact["wa_id"] = wa_id.into();
    }
    json!({"messaging_product": "whatsapp", "contacts": [contact], "messages": [{"id": wamid, "message_status": "accepted"}]})
}

/// A message to a group was accepted.
pub fn accepted_by_group(input: &str, group: &str, wamid: &str) -> Value {
    json!({
        "messaging_product": "whatsapp",
        "contacts": [{"input": input}],
        "messages": [{"id": wamid, "message_status": "accepted", "group_id": group}],
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_input_is_echoed() {
        assert_eq!(
            accepted("+999 00 0000001", Some("999000000001"), "ZZ.A1", "wamid.X"),
            json!({
                "messaging_product": "whatsapp",
                "contacts": [{"input": "+999 00 0000001", "wa_id": "999000000001", "user_id": "ZZ.A1"}],
                "messages": [{"id": "wamid.X", "message_status": "accepted"}],
            })
        );
        assert_eq!(accepted("ZZ.A1", None, "ZZ.A1", "wamid.X")["contacts"][0].get("wa_id"), None);
        assert_eq!(success().to_string(), r#"{"success":true}"#);
    }
}
