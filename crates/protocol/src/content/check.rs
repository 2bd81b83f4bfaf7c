//! What each content may hold: checked before it is sealed and after it was opened, so that nobody is shown what breaks a limit. The Cloud API face checks
//! what programs send more closely, with the code of each mistake.
use crate::pb::{self, card, content::Body, interactive};
use suki_types::limits;

/// Whether a content keeps its limits.
///
/// # Errors
/// What does not.
pub fn check(body: &Body) -> Result<(), &'static str> {
    match body {
        Body::Text(text) => chars(&text.body, 1, limits::TEXT_CHARS, "text"),
        Body::Template(template) => truth(!template.name.is_empty() && template.cards.len() <= limits::TEMPLATE_CARDS, "template"),
        // An emoji may be a sequence of several code points.
        Body::Reaction(reaction) => {
            truth(reaction.message_id.len() == 16, "reaction").and(chars(&reaction.emoji, 0, limits::EMOJI_CHARS, "reaction"))
        }
        Body::ButtonReply(reply) => chars(&reply.text, 1, limits::TEXT_CHARS, "button"),
        Body::Media(media) => check_media(media),
        Body::Location(location) => check_location(location),
        Body::Contacts(contacts) => check_contacts(contacts),
        Body::Interactive(interactive) => check_interactive(interactive),
        Body::InteractiveReply(reply) => check_reply(reply),
        Body::Order(order) => check_order(order),
        Body::Exchange(exchange) => {
            truth(exchange.id.len() == 16 && !exchange.kind.is_empty() && exchange.json.len() <= limits::CONTENT_JSON_BYTES, "exchange")
        }
        Body::History(_) => Ok(()),
    }
}

/// Whether what brought a customer here keeps its limits: it is an `ad`, a `post` or a `link`, and its addresses are of the web.
///
/// # Errors
/// What does not.
pub fn check_referral(referral: &pb::Referral) -> Result<(), &'static str> {
    truth(matches!(referral.source_type.as_str(), "ad" | "post" | "link"), "referral")?;
    let addresses = [&referral.source_url, &referral.image_url, &referral.video_url, &referral.thumbnail_url];
    truth(addresses.into_iter().all(|url| url.is_empty() || url.starts_with("https://") || url.starts_with("http://")), "referral")?;
    let words = [&referral.source_id, &referral.headline, &referral.body, &referral.media_type, &referral.ctwa_clid, &referral.welcome_text];
    addresses.into_iter().chain(words).try_for_each(|text| chars(text, 0, limits::CAPTION_CHARS * 2, "referral"))
}

fn truth(holds: bool, what: &'static str) -> Result<(), &'static str> {
    if holds { Ok(()) } else { Err(what) }
}

fn chars(text: &str, least: usize, most: usize, what: &'static str) -> Result<(), &'static str> {
    truth((least..=most).contains(&text.chars().count()), what)
}

fn check_media(media: &pb::Media) -> Result<(), &'static str> {
    truth(super::media_kind(&media.kind).is_some(), "media")?;
    truth(media.blob.len() == 32 && media.key.len() == 32 && media.sha256.len() == 32, "media")?;
    truth(media.preview.len() <= limits::PREVIEW_BYTES && media.media_type.len() <= 255, "media")?;
    chars(&media.caption, 0, limits::CAPTION_CHARS, "caption")?;
    chars(&media.filename, 0, limits::FILENAME_CHARS, "filename")
}

fn check_location(location: &pb::Location) -> Result<(), &'static str> {
    truth((-90.0..=90.0).contains(&location.latitude) && (-180.0..=180.0).contains(&location.longitude), "location")?;
    [&location.name, &location.address, &location.url].into_iter().try_for_each(|text| chars(text, 0, 1000, "location"))
}

fn check_contacts(contacts: &pb::Contacts) -> Result<(), &'static str> {
    truth((1..=limits::CONTACT_CARDS).contains(&contacts.cards.len()), "contacts")?;
    contacts.cards.iter().try_for_each(|card| chars(&card.formatted_name, 1, 1000, "contact"))
}

fn check_product(product: &pb::Product) -> Result<(), &'static str> {
    truth(!product.retailer_id.is_empty() && product.price_1000 >= 0 && product.sale_price_1000 >= 0, "product")?;
    product.image.as_ref().map_or(Ok(()), check_media)
}

fn check_interactive(message: &pb::Interactive) -> Result<(), &'static str> {
    use interactive::{Action, Header};
    match &message.header {
        Some(Header::HeaderMedia(media)) => check_media(media)?,
        Some(Header::HeaderText(text)) => chars(text, 1, limits::CAPTION_CHARS, "header")?,
        None => {}
    }
    chars(&message.body, 0, limits::TEXT_CHARS, "body")?;
    chars(&message.footer, 0, limits::CAPTION_CHARS, "footer")?;
    match message.action.as_ref().ok_or("action")? {
        Action::Buttons(buttons) => truth((1..=3).contains(&buttons.buttons.len()), "buttons"),
        Action::List(list) => truth((1..=10).contains(&list.sections.iter().map(|section| section.rows.len()).sum::<usize>()), "list"),
        Action::Link(link) => check_link(link),
        Action::LocationRequest(_) => Ok(()),
        Action::Flow(flow) => truth(!flow.flow_id.is_empty() && flow.json.len() <= limits::CONTENT_JSON_BYTES, "flow"),
        Action::Product(product) => check_product(product),
        Action::Products(list) => {
            let products = || list.sections.iter().flat_map(|section| &section.products);
            truth((1..=limits::PRODUCTS).contains(&products().count()), "products")?;
            products().try_for_each(check_product)
        }
        Action::Catalog(catalog) => catalog.thumbnail.as_ref().map_or(Ok(()), check_product),
        Action::Carousel(carousel) => {
            truth((2..=10).contains(&carousel.cards.len()), "carousel")?;
            carousel.cards.iter().try_for_each(check_card)
        }
        Action::Address(address) => truth(address.values.len() <= limits::CONTENT_JSON_BYTES, "address"),
        Action::Payment(payment) => truth(payment.json.len() <= limits::CONTENT_JSON_BYTES, "payment"),
    }
}

/// What is pressed opens a page and runs nothing.
fn check_link(link: &pb::CallToAction) -> Result<(), &'static str> {
    let scheme = link.url.split_once("://").map(|(scheme, _)| scheme.to_ascii_lowercase());
    truth(matches!(scheme.as_deref(), Some("https" | "http")) && link.url.len() <= 2000, "link")
}

fn check_card(card: &pb::Card) -> Result<(), &'static str> {
    match card.header.as_ref().ok_or("card")? {
        card::Header::Media(media) => check_media(media)?,
        card::Header::Product(product) => check_product(product)?,
    }
    card.link.as_ref().map_or(Ok(()), check_link)
}

fn check_reply(reply: &pb::InteractiveReply) -> Result<(), &'static str> {
    truth(matches!(reply.kind.as_str(), "button_reply" | "list_reply" | "nfm_reply"), "reply")?;
    truth(reply.json.len() <= limits::CONTENT_JSON_BYTES && reply.id.len() <= 1024, "reply")?;
    chars(&reply.title, 0, limits::CAPTION_CHARS, "reply")
}

fn check_order(order: &pb::Order) -> Result<(), &'static str> {
    chars(&order.text, 0, limits::TEXT_CHARS, "order")?;
    truth((1..=100).contains(&order.items.len()), "order")?;
    truth(order.items.iter().all(|item| !item.retailer_id.is_empty() && item.quantity > 0 && item.price_1000 >= 0), "order")
}
