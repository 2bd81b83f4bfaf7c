//! A file as the Cloud API answers it: `GET /MEDIA` (section 3a).
use crate::ObjectId;
use base64::{Engine as _, engine::general_purpose::STANDARD};
use serde_json::{Value, json};

/// What a file is and where its bytes are. `file_size` is a number, as clients read it; `sha256` is base64, as in webhooks (section 2.1, row 15).
pub fn node(id: ObjectId, url: &str, media_type: &str, sha256: &[u8], bytes: u64) -> Value {
    json!({
        "messaging_product": "whatsapp",
        "url": url,
        "mime_type": media_type,
        "sha256": STANDARD.encode(sha256),
        "file_size": bytes,
        "id": id,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_is_told_as_clients_read_it() {
        let id = "1234567890".parse().expect("an id");
        let node = node(id, "https://suki.example/f", "image/jpeg", &[0xfb; 3], 5000);
        assert_eq!(node["file_size"], 5000);
        assert_eq!((&node["id"], &node["sha256"], &node["mime_type"]), (&json!("1234567890"), &json!("+/v7"), &json!("image/jpeg")));
    }
}
