//! A customer's message in the words in which programs are told of it (Cloud API, section 3c).
use crate::messages::{Message, Sent};
use suki_cloud_api::{
    webhook::{Contact, ErrorItem},
    webhook_message::{
        self as wire, Body, Button, Chosen, ContactAddress, ContactCard, ContactEmail, ContactName, ContactOrg, ContactPhone, ContactUrl, Context,
        Filled, Interactive, Location, Media, Order, OrderItem, Referral, ReferredProduct, Unsupported, Welcome,
    },
};
use suki_protocol::{
    http::Base64,
    pb::{self, content::Body as Said},
};

/// Whoever forwards more often than this sends what many were sent.
const FREQUENTLY: u32 = 5;
/// The code of what a newer device says.
const UNSUPPORTED: i32 = 131_051;

/// Where a program finds the file that came with a message.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Found {
    /// The file's id.
    pub id: String,
    /// Where its bytes are.
    pub url: Option<String>,
}

/// The message. `reply_to` is the id and the author of the one it answers, `file` where the file is that came with it.
pub(crate) fn told(contact: &Contact, message: &Message, reply_to: Option<(String, String)>, file: Option<Found>) -> wire::Message {
    let content = message.sent.rich();
    let body = match (&message.sent, content.as_ref().and_then(|content| content.body.as_ref())) {
        (Sent::Button { payload }, _) => Body { button: Some(Button { payload: payload.clone(), text: message.text.clone() }), ..Body::default() },
        (Sent::Rich { .. }, Some(said)) => body_of(message, said, file),
        (Sent::Rich { .. }, None) => Body { unsupported: Some(Unsupported { kind: "unknown".into() }), ..Body::default() },
        (Sent::Text | Sent::Template { .. }, _) => text(message),
    };
    let mut told = wire::Message::new(contact, message.wamid.clone(), message.at, message.kind, body, reply_to);
    if told.body.unsupported.is_some() {
        told.errors.push(ErrorItem::new(UNSUPPORTED, "The customer's app is newer than this server, which does not know this type of message."));
    }
    if let Some(content) = &content {
        add_origin(&mut told, content);
    }
    told
}

fn text(message: &Message) -> Body {
    Body { text: Some(wire::Text { body: message.text.clone() }), ..Body::default() }
}

fn body_of(message: &Message, said: &Said, file: Option<Found>) -> Body {
    let none = Body::default();
    match said {
        Said::Media(sent) => media(sent, file),
        Said::Location(place) => {
            let (name, address, url) = (place.name.clone(), place.address.clone(), place.url.clone());
            Body { location: Some(Location { latitude: place.latitude, longitude: place.longitude, name, address, url }), ..none }
        }
        Said::Contacts(contacts) => Body { contacts: contacts.cards.iter().map(card).collect(), ..none },
        Said::InteractiveReply(reply) => Body { interactive: Some(interactive(reply)), ..none },
        Said::Order(sent) => Body { order: Some(order(sent)), ..none },
        _ => text(message),
    }
}

fn media(sent: &pb::Media, file: Option<Found>) -> Body {
    let some = |text: &String| Some(text.clone()).filter(|text| !text.is_empty());
    let (id, url) = file.map_or((None, None), |file| (Some(file.id), file.url));
    let media = Some(Media {
        caption: some(&sent.caption),
        filename: some(&sent.filename).filter(|_| sent.kind == "document"),
        mime_type: sent.media_type.clone(),
        sha256: Base64(sent.sha256.clone()).to_string(),
        id,
        url,
        voice: (sent.kind == "audio").then_some(sent.voice),
        animated: (sent.kind == "sticker").then_some(sent.animated),
    });
    let none = Body::default();
    match sent.kind.as_str() {
        "image" => Body { image: media, ..none },
        "video" => Body { video: media, ..none },
        "audio" => Body { audio: media, ..none },
        "sticker" => Body { sticker: media, ..none },
        _ => Body { document: media, ..none },
    }
}

fn interactive(reply: &pb::InteractiveReply) -> Interactive {
    let description = Some(reply.description.clone()).filter(|text| !text.is_empty());
    let chosen = || Chosen { id: reply.id.clone(), title: reply.title.clone(), description: None };
    match reply.kind.as_str() {
        "list_reply" => Interactive::ListReply { list_reply: Chosen { description, ..chosen() } },
        "nfm_reply" => {
            Interactive::NfmReply { nfm_reply: Filled { name: reply.name.clone(), body: "Sent".into(), response_json: reply.json.clone() } }
        }
        _ => Interactive::ButtonReply { button_reply: chosen() },
    }
}

/// Programs reckon with the prices that they are told: those of the catalogue, which the customer's device cannot make up.
fn order(sent: &pb::Order) -> Order {
    let item = |item: &pb::OrderItem| OrderItem {
        product_retailer_id: item.retailer_id.clone(),
        quantity: item.quantity,
        item_price: item.listed_price_1000 as f64 / 1000.0,
        currency: item.listed_currency.clone(),
    };
    Order { catalog_id: sent.catalog_id.clone(), text: sent.text.clone(), product_items: sent.items.iter().map(item).collect() }
}

fn card(card: &pb::ContactCard) -> ContactCard {
    let entry = |entry: &pb::ContactEntry| (entry.value.clone(), entry.r#type.clone());
    let org = ContactOrg { company: card.company.clone(), department: card.department.clone(), title: card.title.clone() };
    ContactCard {
        name: ContactName {
            formatted_name: card.formatted_name.clone(),
            first_name: card.first_name.clone(),
            last_name: card.last_name.clone(),
            middle_name: card.middle_name.clone(),
            suffix: card.suffix.clone(),
            prefix: card.prefix.clone(),
        },
        birthday: card.birthday.clone(),
        phones: card
            .phones
            .iter()
            .map(|phone| ContactPhone { phone: phone.phone.clone(), kind: phone.r#type.clone(), wa_id: phone.wa_id.clone() })
            .collect(),
        emails: card.emails.iter().map(entry).map(|(email, kind)| ContactEmail { email, kind }).collect(),
        urls: card.urls.iter().map(entry).map(|(url, kind)| ContactUrl { url, kind }).collect(),
        addresses: card.addresses.iter().map(address).collect(),
        org: Some(org).filter(|org| *org != ContactOrg::default()),
    }
}

fn address(address: &pb::ContactAddress) -> ContactAddress {
    ContactAddress {
        street: address.street.clone(),
        city: address.city.clone(),
        state: address.state.clone(),
        zip: address.zip.clone(),
        country: address.country.clone(),
        country_code: address.country_code.clone(),
        kind: address.r#type.clone(),
    }
}

/// How the message came to the customer, and the customer here.
fn add_origin(told: &mut wire::Message, content: &pb::Content) {
    if content.forwards > 0 || content.about_product.is_some() {
        let product = content.about_product.as_ref();
        let product =
            product.map(|product| ReferredProduct { catalog_id: product.catalog_id.clone(), product_retailer_id: product.retailer_id.clone() });
        told.context = Some(Context {
            forwarded: (1..=FREQUENTLY).contains(&content.forwards),
            frequently_forwarded: content.forwards > FREQUENTLY,
            referred_product: product,
            ..told.context.take().unwrap_or_default()
        });
    }
    told.referral = content.referral.as_ref().map(|referral| Referral {
        source_url: referral.source_url.clone(),
        source_id: referral.source_id.clone(),
        source_type: referral.source_type.clone(),
        body: referral.body.clone(),
        headline: referral.headline.clone(),
        media_type: referral.media_type.clone(),
        image_url: referral.image_url.clone(),
        video_url: referral.video_url.clone(),
        thumbnail_url: referral.thumbnail_url.clone(),
        ctwa_clid: referral.ctwa_clid.clone(),
        welcome_message: Some(Welcome { text: referral.welcome_text.clone() }).filter(|welcome| !welcome.text.is_empty()),
    });
}
