//! Files and keys that scenarios send: as small as may be, and what they say they are.
use base64::{Engine as _, engine::general_purpose::STANDARD};

/// Kind, media type, bytes.
pub const ALL: [(&str, &str, &[u8]); 5] = [
    ("image", "image/png", PNG),
    ("video", "video/mp4", b"\0\0\0\x18ftypmp42 a film"),
    ("audio", "audio/ogg", b"OggS\0\x02 a song"),
    ("document", "application/pdf", b"%PDF-1.7\n a menu"),
    ("sticker", "image/webp", b"RIFF\x0c\0\0\0WEBPVP8 a sticker"),
];

/// 200 by 200 points of one colour: large enough for a profile.
const PNG: &[u8] = include_bytes!("square.png");

/// A flow of one screen.
const FLOW: &str = r#"{"version": "7.0", "screens": [{"id": "FIRST", "title": "Order", "terminal": true, "layout": {"type": "SingleColumnLayout",
    "children": [{"type": "Footer", "label": "Send", "on-click-action": {"name": "complete", "payload": {}}}]}}]}"#;

const PUBLIC_KEY: &str = include_str!("public-key.pem");

/// The bytes of the files as base64, their lengths, and a key, by the names that scenarios have for them.
pub fn texts() -> Vec<(&'static str, String)> {
    let [(.., png), (.., mp4), (.., ogg), (.., pdf), (.., webp)] = ALL;
    let encode = |bytes: &[u8]| STANDARD.encode(bytes);
    vec![
        ("png_bytes", encode(png)),
        ("png_length", png.len().to_string()),
        ("mp4_bytes", encode(mp4)),
        ("ogg_bytes", encode(ogg)),
        ("pdf_bytes", encode(pdf)),
        ("pdf_length", pdf.len().to_string()),
        ("webp_bytes", encode(webp)),
        ("jpeg_bytes", encode(b"\xff\xd8\xff\xe0\0\x10JFIF\0 a picture")),
        ("flow_bytes", encode(FLOW.as_bytes())),
        ("public_key", PUBLIC_KEY.to_owned()),
    ]
}
