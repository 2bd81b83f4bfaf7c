//! A message in words: for lists of chats, for searching, for a terminal.
use crate::pb::content::Body;

/// The words of a content, "" when it has none: a caption, a title, a name, what was pressed. What kind it is has to be said beside it.
pub fn words(body: &Body) -> String {
    match body {
        Body::Text(text) => text.body.clone(),
        Body::ButtonReply(reply) => reply.text.clone(),
        Body::Reaction(reaction) => reaction.emoji.clone(),
        Body::Media(media) if media.caption.is_empty() => media.filename.clone(),
        Body::Media(media) => media.caption.clone(),
        Body::Location(location) => joined([&location.name, &location.address]),
        Body::Contacts(contacts) => contacts.cards.iter().map(|card| card.formatted_name.as_str()).collect::<Vec<_>>().join(", "),
        Body::Interactive(message) => {
            let header = match &message.header {
                Some(crate::pb::interactive::Header::HeaderText(text)) => text.as_str(),
                _ => "",
            };
            joined([header, &message.body, &message.footer])
        }
        Body::InteractiveReply(reply) => reply.title.clone(),
        Body::Order(order) => order.text.clone(),
        Body::Template(_) | Body::History(_) | Body::Exchange(_) => String::new(),
    }
}

fn joined<const N: usize>(parts: [impl AsRef<str>; N]) -> String {
    let parts: Vec<&str> = parts.iter().map(AsRef::as_ref).filter(|part| !part.is_empty()).collect();
    parts.join("\n")
}
