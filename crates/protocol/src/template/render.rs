//! What the reader of a template sees: the approved text with the message's parameters, and nothing else.
use super::check::{Filling, Mismatch, counted, find, written};
use crate::pb::{self, template_parameter::Value};
use suki_template::{Button, ButtonKind, Component, Format, Piece, pieces};

/// How a reader's language writes money and time. What it cannot write stands in the sender's words.
pub trait Locale {
    /// An amount in thousandths of the currency's unit; `code` is ISO 4217.
    fn currency(&self, code: &str, amount_1000: i64) -> Option<String>;
    /// A moment in seconds since 1970, or only its day.
    fn date_time(&self, at: i64, date_only: bool) -> Option<String>;
}

/// Leaves money and time in the sender's words, as a reader of the sender's language sees them.
#[derive(Debug, Clone, Copy, Default)]
pub struct SenderWords;

impl Locale for SenderWords {
    fn currency(&self, _: &str, _: i64) -> Option<String> {
        None
    }
    fn date_time(&self, _: i64, _: bool) -> Option<String> {
        None
    }
}

/// What a reader sees.
#[derive(Debug, Clone, PartialEq)]
pub struct Rendered {
    /// Above the text.
    pub header: Option<RenderedHeader>,
    /// The text.
    pub body: String,
    /// Below the text.
    pub footer: Option<String>,
    /// The offer's line and when it ends, in milliseconds; 0 when it does not.
    pub offer: Option<(String, i64)>,
    /// What can be pressed.
    pub buttons: Vec<RenderedButton>,
    /// The carousel's cards.
    pub cards: Vec<RenderedCard>,
}

/// What stands above the text.
#[derive(Debug, Clone, PartialEq)]
pub enum RenderedHeader {
    /// A line.
    Text(String),
    /// A picture, film or file.
    Media(Box<pb::TemplateMedia>),
    /// A place.
    Location(pb::TemplateLocation),
    /// A product, by its id at its seller.
    Product(String),
}

/// Something that can be pressed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RenderedButton {
    /// What it does.
    pub kind: ButtonKind,
    /// What stands on it; "" when the device writes its own words.
    pub label: String,
    /// The address, number, code or answer; the flow's or product's data as sent; "" without.
    pub value: String,
}

/// One card of a carousel.
#[derive(Debug, Clone, PartialEq)]
pub struct RenderedCard {
    /// Above the text.
    pub header: Option<RenderedHeader>,
    /// The text, "" without.
    pub body: String,
    /// What can be pressed.
    pub buttons: Vec<RenderedButton>,
}

impl Rendered {
    /// Header, body and footer as one text: for lists, searches and notifications.
    pub fn text(&self) -> String {
        let header = match &self.header {
            Some(RenderedHeader::Text(text)) => Some(text.as_str()),
            _ => None,
        };
        let parts = [header, Some(self.body.as_str()), self.footer.as_deref()];
        parts.into_iter().flatten().filter(|part| !part.is_empty()).collect::<Vec<_>>().join("\n")
    }
}

/// Fills an approved template in.
///
/// # Errors
/// When a variable has no value, or a header or card none: such a message is not shown.
pub fn render(components: &[Component], sent: &pb::Template, locale: &dyn Locale) -> Result<Rendered, Mismatch> {
    let RenderedCard { header, body, buttons } = level("", components, Filling::of(sent), locale)?;
    let cards = Component::cards(components);
    counted("carousel", "cards", cards.len(), sent.cards.len())?;
    let cards = cards.iter().zip(&sent.cards).enumerate().map(|(index, (card, sent))| {
        let at = format!("carousel.cards[{index}].");
        level(&at, &card.components, Filling::of_card(sent), locale)
    });
    Ok(Rendered {
        header,
        body,
        footer: Component::footer(components).and_then(|footer| footer.text.clone()),
        offer: Component::offer(components).map(|offer| (offer.text.clone(), if offer.has_expiration { sent.offer_expires_at } else { 0 })),
        buttons,
        cards: cards.collect::<Result<_, _>>()?,
    })
}

fn level(at: &str, components: &[Component], sent: Filling<'_>, locale: &dyn Locale) -> Result<RenderedCard, Mismatch> {
    let body = Component::body(components).and_then(|body| body.text.as_deref()).unwrap_or_default();
    Ok(RenderedCard {
        header: header(&format!("{at}header"), components, sent.header, locale)?,
        body: fill(&format!("{at}body"), body, sent.body, locale)?,
        buttons: Component::buttons(components).iter().zip(0..).map(|(button, index)| self::button(button, index, sent.buttons)).collect(),
    })
}

fn header(place: &str, components: &[Component], sent: &[pb::TemplateParameter], locale: &dyn Locale) -> Result<Option<RenderedHeader>, Mismatch> {
    let Some(header) = Component::header(components) else { return Ok(None) };
    if header.format == Format::Text {
        return Ok(Some(RenderedHeader::Text(fill(place, header.text.as_deref().unwrap_or_default(), sent, locale)?)));
    }
    counted(place, "parameters", 1, sent.len())?;
    let rendered = match (header.format, sent[0].value.as_ref()) {
        (Format::Location, Some(Value::Location(location))) => RenderedHeader::Location(location.clone()),
        (Format::Product, Some(Value::Product(product))) => RenderedHeader::Product(product.clone()),
        (format, Some(Value::Media(media))) if format.is_media() => RenderedHeader::Media(Box::new(media.clone())),
        (format, _) => return Err(Mismatch::new(super::check::FORMAT, place, format!("the template has {format} there, and another kind was sent"))),
    };
    Ok(Some(rendered))
}

fn fill(place: &str, template: &str, sent: &[pb::TemplateParameter], locale: &dyn Locale) -> Result<String, Mismatch> {
    let wrong = |problem: String| Mismatch::new(super::check::FORMAT, place, problem);
    let mut filled = String::with_capacity(template.len());
    for piece in pieces(template).map_err(|error| wrong(error.to_string()))? {
        match piece {
            Piece::Text(text) => filled.push_str(text),
            Piece::Variable(name) => {
                let parameter = find(sent, name).ok_or_else(|| wrong(format!("the parameter {name} is missing")))?;
                filled.push_str(&value(parameter, locale).ok_or_else(|| wrong(format!("the parameter {name} is no text")))?);
            }
        }
    }
    Ok(filled)
}

/// A value as its reader writes it.
fn value(parameter: &pb::TemplateParameter, locale: &dyn Locale) -> Option<String> {
    let own = match parameter.value.as_ref()? {
        Value::Currency(currency) => locale.currency(&currency.code, currency.amount_1000),
        Value::DateTime(date) if date.at != 0 => locale.date_time(date.at, date.date_only),
        _ => None,
    };
    own.or_else(|| written(parameter).map(str::to_owned))
}

fn button(button: &Button, index: u32, sent: &[pb::TemplateButton]) -> RenderedButton {
    let label = button.label().unwrap_or_default().to_owned();
    let own = sent.iter().find(|one| one.index == index).and_then(|one| one.parameters.first()).map_or("", String::as_str);
    let value = match button {
        Button::Url { url, .. } => address(url, own),
        Button::PhoneNumber { phone_number, .. } => phone_number.clone(),
        Button::QuickReply { text } if own.is_empty() => text.clone(),
        _ => own.to_owned(),
    };
    RenderedButton { kind: button.kind(), label, value }
}

fn address(url: &str, ending: &str) -> String {
    let pieces = pieces(url).unwrap_or_else(|_| vec![Piece::Text(url)]);
    let parts = pieces.into_iter().map(|piece| match piece {
        Piece::Text(text) => text,
        Piece::Variable(_) => ending,
    });
    parts.collect()
}
