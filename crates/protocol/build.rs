//! Turns the schema into Rust types, without a protoc.

/// What a message may say beyond words: programs and inboxes are shown it as JSON.
const SHOWN: [&str; 32] = [
    "Media",
    "Location",
    "Contacts",
    "ContactCard",
    "ContactPhone",
    "ContactEntry",
    "ContactAddress",
    "Interactive",
    "ReplyButtons",
    "ReplyButton",
    "ChoiceList",
    "ChoiceSection",
    "Choice",
    "CallToAction",
    "LocationRequest",
    "FlowCall",
    "Product",
    "ProductList",
    "ProductSection",
    "CatalogCall",
    "Carousel",
    "Card",
    "AddressRequest",
    "Payment",
    "InteractiveReply",
    "Order",
    "OrderItem",
    "ProductReference",
    "Referral",
    "Reaction",
    "ButtonReply",
    "Text",
];

fn main() -> Result<(), Box<dyn std::error::Error>> {
    println!("cargo:rerun-if-changed=proto");
    let files = protox::compile(["suki/v1/suki.proto"], ["proto"])?;
    let mut config = prost_build::Config::new();
    // The largest part of a frame, and seldom there: a connection that waits for a frame has room for it all the time.
    config.boxed(".suki.v1.Conversation.card").boxed(".suki.v1.Conversation.group");
    for name in SHOWN {
        config.type_attribute(format!(".suki.v1.{name}"), "#[derive(serde::Serialize)]");
    }
    for name in ["Interactive.header", "Interactive.action", "Card.header"] {
        config.type_attribute(format!(".suki.v1.{name}"), "#[serde(rename_all = \"snake_case\")]");
    }
    // What opens a file is nobody's to see.
    config.field_attribute(".suki.v1.Media.key", "#[serde(skip)]");
    config.field_attribute(".suki.v1.Media.blob", "#[serde(skip)]");
    for name in ["Media.sha256", "Media.preview", "Reaction.message_id"] {
        config.field_attribute(format!(".suki.v1.{name}"), "#[serde(serialize_with = \"crate::http::as_base64\")]");
    }
    config.compile_fds(files)?;
    Ok(())
}
