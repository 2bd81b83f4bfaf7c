//! What the reader of a template sees as JSON: how the inbox shows it, and how it is stored beside the message.
use super::{Rendered, RenderedButton, RenderedCard, RenderedHeader};
use crate::http::Base64;
use prost::Message as _;
use serde::{Deserialize, Serialize};
use suki_template::Category;

/// A filled template.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Shown {
    /// Its name.
    pub name: String,
    /// The language of the text.
    pub language: String,
    /// Whether each reader gets it in his own language.
    pub reader_language: bool,
    /// `MARKETING`, `UTILITY` or `AUTHENTICATION`.
    pub category: String,
    /// Above the text.
    pub header: Option<ShownHeader>,
    /// The text.
    pub body: String,
    /// Below the text.
    pub footer: Option<String>,
    /// The offer's line.
    pub offer: Option<String>,
    /// When the offer ends, in milliseconds since 1970; 0 when it does not.
    pub offer_expires_at: i64,
    /// What can be pressed.
    pub buttons: Vec<ShownButton>,
    /// A carousel's cards.
    pub cards: Vec<ShownCard>,
}

/// What stands above a text.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(tag = "type", rename_all = "snake_case")]
pub enum ShownHeader {
    /// A line.
    Text {
        /// Its words.
        text: String,
    },
    /// A file.
    Media {
        /// `image`, `video` or `document`.
        kind: String,
        /// Where it is.
        link: String,
        /// A document's name.
        filename: String,
        /// The file itself, encoded, when it travels sealed: on the customer's device alone, since whoever has it can open it.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        file: Option<Base64>,
    },
    /// A place.
    Location {
        /// Degrees north.
        latitude: f64,
        /// Degrees east.
        longitude: f64,
        /// Its name.
        name: String,
        /// Its address.
        address: String,
    },
    /// A product, by its id at its seller.
    Product {
        /// Its id.
        id: String,
    },
}

/// Something that can be pressed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ShownButton {
    /// Its kind, such as `QUICK_REPLY`.
    #[serde(rename = "type")]
    pub kind: String,
    /// What stands on it; "" when the device writes its own words.
    pub text: String,
    /// The address, number, code or answer behind it.
    pub value: String,
}

/// One card of a carousel.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct ShownCard {
    /// Above its text.
    pub header: Option<ShownHeader>,
    /// Its text.
    pub body: String,
    /// What can be pressed on it.
    pub buttons: Vec<ShownButton>,
}

/// Which text was filled in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Origin<'a> {
    /// The template's name.
    pub name: &'a str,
    /// The text's language.
    pub language: &'a str,
    /// Whether each reader gets it in his own language.
    pub reader_language: bool,
    /// What it counts as.
    pub category: Category,
}

impl Shown {
    /// Of a template that was filled in.
    pub fn new(origin: Origin<'_>, rendered: Rendered) -> Self {
        let (offer, offer_expires_at) = rendered.offer.map_or((None, 0), |(text, at)| (Some(text), at));
        let card = |card: RenderedCard| ShownCard {
            header: card.header.map(header),
            body: card.body,
            buttons: card.buttons.into_iter().map(button).collect(),
        };
        Self {
            name: origin.name.into(),
            language: origin.language.into(),
            reader_language: origin.reader_language,
            category: origin.category.as_str().into(),
            header: rendered.header.map(header),
            body: rendered.body,
            footer: rendered.footer,
            offer,
            offer_expires_at,
            buttons: rendered.buttons.into_iter().map(button).collect(),
            cards: rendered.cards.into_iter().map(card).collect(),
        }
    }
}

fn header(rendered: RenderedHeader) -> ShownHeader {
    match rendered {
        RenderedHeader::Text(text) => ShownHeader::Text { text },
        RenderedHeader::Media(media) => {
            let file = media.media.map(|file| Base64(file.encode_to_vec()));
            ShownHeader::Media { kind: media.kind, link: media.link, filename: media.filename, file }
        }
        RenderedHeader::Location(place) => {
            ShownHeader::Location { latitude: place.latitude, longitude: place.longitude, name: place.name, address: place.address }
        }
        RenderedHeader::Product(id) => ShownHeader::Product { id },
    }
}

fn button(rendered: RenderedButton) -> ShownButton {
    ShownButton { kind: rendered.kind.as_str().into(), text: rendered.label, value: rendered.value }
}
