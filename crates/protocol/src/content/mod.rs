//! What a message says: which kinds there are, what each may hold, and its words where only words can be shown.
mod check;
mod files;
mod words;

pub use check::{check, check_referral};
pub use files::each_file;
pub use words::words;

use crate::pb::{MessageKind, content::Body};
use serde_json::Value;

/// What a message is, in the Cloud API's words (section 3b): `text`, `image`, `video`, `audio`, `document`, `sticker`, `location`, `contacts`, `template`,
/// `interactive`, `button`, `order` or `reaction`. None for what nobody is shown.
pub fn kind(body: &Body) -> Option<&'static str> {
    Some(match body {
        Body::Text(_) => "text",
        Body::Media(media) => media_kind(&media.kind)?,
        Body::Location(_) => "location",
        Body::Contacts(_) => "contacts",
        Body::Template(_) => "template",
        Body::Interactive(_) | Body::InteractiveReply(_) => "interactive",
        Body::ButtonReply(_) => "button",
        Body::Order(_) => "order",
        Body::Reaction(_) => "reaction",
        Body::History(_) | Body::Exchange(_) => return None,
    })
}

/// The kinds of files.
pub const MEDIA_KINDS: [&str; 5] = ["image", "video", "audio", "document", "sticker"];

/// A kind of file, if it is one.
pub fn media_kind(text: &str) -> Option<&'static str> {
    MEDIA_KINDS.into_iter().find(|kind| *kind == text)
}

/// As what the network carries it.
pub fn message_kind(body: &Body) -> MessageKind {
    match body {
        Body::History(_) | Body::Exchange(_) => MessageKind::Control,
        Body::Template(_) => MessageKind::Template,
        Body::Reaction(_) => MessageKind::Reaction,
        _ => MessageKind::Session,
    }
}

/// The content as JSON, without what opens a file: fields as in `suki.proto`, an action or a header under its own name. None for words and templates,
/// which are shown otherwise.
pub fn shown(body: &Body) -> Option<Value> {
    let json = match body {
        Body::Media(media) => serde_json::to_value(media),
        Body::Location(location) => serde_json::to_value(location),
        Body::Contacts(contacts) => serde_json::to_value(contacts),
        Body::Interactive(interactive) => serde_json::to_value(interactive),
        Body::InteractiveReply(reply) => serde_json::to_value(reply),
        Body::Order(order) => serde_json::to_value(order),
        Body::Text(_) | Body::Template(_) | Body::ButtonReply(_) | Body::Reaction(_) | Body::History(_) | Body::Exchange(_) => return None,
    };
    json.ok()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::pb;

    fn media() -> pb::Media {
        pb::Media {
            kind: "image".into(),
            blob: vec![1; 32],
            key: vec![2; 32],
            sha256: vec![3; 32],
            media_type: "image/jpeg".into(),
            caption: "Ube".into(),
            ..Default::default()
        }
    }

    #[test]
    fn what_opens_a_file_is_shown_to_nobody() {
        let json = shown(&Body::Media(media())).expect("a picture is shown");
        assert_eq!((json["kind"].as_str(), json["caption"].as_str()), (Some("image"), Some("Ube")));
        assert!(json.get("key").is_none() && json.get("blob").is_none(), "{json}");
    }

    #[test]
    fn each_content_keeps_its_limits_and_has_its_words() {
        assert_eq!((check(&Body::Media(media())), words(&Body::Media(media())).as_str()), (Ok(()), "Ube"));
        assert!(check(&Body::Media(pb::Media { kind: "virus".into(), ..media() })).is_err());
        assert!(check(&Body::Media(pb::Media { key: vec![2; 16], ..media() })).is_err());
        let location = pb::Location { latitude: 14.6, longitude: 121.0, name: "Palengke".into(), ..Default::default() };
        assert_eq!((kind(&Body::Location(location.clone())), check(&Body::Location(location.clone()))), (Some("location"), Ok(())));
        assert!(check(&Body::Location(pb::Location { latitude: f64::NAN, ..location })).is_err());
        let link = |url: &str| {
            let action = pb::interactive::Action::Link(pb::CallToAction { text: "Open".into(), url: url.into() });
            Body::Interactive(pb::Interactive { body: "Menu".into(), action: Some(action), ..Default::default() })
        };
        assert_eq!((check(&link("https://shop.example/menu")), words(&link("https://shop.example")).as_str()), (Ok(()), "Menu"));
        assert!(check(&link("javascript:alert(1)")).is_err());
        assert_eq!(shown(&link("https://a.example")).expect("it is shown")["action"]["link"]["url"], "https://a.example");
        assert_eq!(message_kind(&Body::Exchange(pb::Exchange::default())), MessageKind::Control);
    }
}
