//! What the reader of a template sees, as the inbox shows it and as it is stored beside the message.
use serde::{Deserialize, Serialize};
use suki_protocol::{
    calls::templates::Template,
    template::{Rendered, RenderedButton, RenderedHeader},
};

/// A filled template.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Shown {
    /// Its name.
    pub name: String,
    /// The sender's language.
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

impl Shown {
    pub(super) fn new(template: &Template, reader_language: bool, rendered: Rendered) -> Self {
        let (offer, offer_expires_at) = rendered.offer.map_or((None, 0), |(text, at)| (Some(text), at));
        let card = |card: suki_protocol::template::RenderedCard| ShownCard {
            header: card.header.map(header),
            body: card.body,
            buttons: card.buttons.into_iter().map(button).collect(),
        };
        Self {
            name: template.name.clone(),
            language: template.language.clone(),
            reader_language,
            category: template.category.as_str().into(),
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
        RenderedHeader::Media(media) => ShownHeader::Media { kind: media.kind, link: media.link, filename: media.filename },
        RenderedHeader::Location(place) => {
            ShownHeader::Location { latitude: place.latitude, longitude: place.longitude, name: place.name, address: place.address }
        }
        RenderedHeader::Product(id) => ShownHeader::Product { id },
    }
}

fn button(rendered: RenderedButton) -> ShownButton {
    ShownButton { kind: rendered.kind.as_str().into(), text: rendered.label, value: rendered.value }
}
