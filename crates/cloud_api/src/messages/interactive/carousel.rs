//! Cards beside each other: of pictures and films, or of products.
use super::{
    choice::{self, Reply},
    link::{self, Link},
    products,
};
use crate::{
    ApiError, ObjectId,
    messages::{
        bounds::{distinct, list as items, object, optional, word},
        file::{self, File, FileKind},
    },
    params::Object,
};

/// A card.
#[derive(Debug, Clone, PartialEq)]
pub struct Card {
    /// What it shows.
    pub header: CardHeader,
    /// At most 160 characters and two line breaks; "" when there is none.
    pub body: String,
    /// A button that opens a page.
    pub link: Option<Link>,
    /// Buttons that answer, instead.
    pub buttons: Vec<Reply>,
}

/// What a card shows.
#[derive(Debug, Clone, PartialEq)]
pub enum CardHeader {
    /// A picture or a film.
    File(File),
    /// A product.
    Product {
        /// Its catalogue.
        catalog: ObjectId,
        /// Its id at its seller.
        product: String,
    },
}

const BODY_CHARS: usize = 160;
const LINE_BREAKS: usize = 2;

/// `{cards: [{card_index, type, …}]}`: 2 to 10, in the order of their places, all of one kind.
pub(super) fn cards(action: &Object<'_>) -> Result<Vec<Card>, ApiError> {
    action.only(&["cards"])?;
    let given = items(action, "cards", 2..=10)?;
    let mut cards: Vec<Option<Card>> = vec![None; given.len()];
    for one in &given {
        let place = one.integer("card_index")?.ok_or_else(|| ApiError::missing(&one.path("card_index")))?;
        let free = usize::try_from(place).ok().and_then(|place| cards.get_mut(place)).filter(|card| card.is_none());
        let free = free.ok_or_else(|| ApiError::invalid_value(format!("{}: the cards count from 0 without a gap", one.path("card_index"))))?;
        *free = Some(card(one)?);
    }
    let cards: Vec<Card> = cards.into_iter().flatten().collect();
    alike(&action.path("cards"), &cards)?;
    let ids = cards.iter().flat_map(|card| &card.buttons).map(|button| button.id.as_str());
    distinct(&format!("the buttons of {}", action.path("cards")), ids)?;
    Ok(cards)
}

fn card(given: &Object<'_>) -> Result<Card, ApiError> {
    let kind = word(given, "type", &["cta_url", "product"])?.ok_or_else(|| ApiError::missing(&given.path("type")))?;
    if kind == "product" {
        given.only(&["card_index", "type", "action"])?;
        let (catalog, product) = products::product(&object(given, "action")?)?;
        return Ok(Card { header: CardHeader::Product { catalog, product }, body: String::new(), link: None, buttons: Vec::new() });
    }
    given.only(&["card_index", "type", "header", "body", "action"])?;
    let (link, buttons) = action(&object(given, "action")?)?;
    Ok(Card { header: CardHeader::File(header(&object(given, "header")?)?), body: body(given)?, link, buttons })
}

fn header(given: &Object<'_>) -> Result<File, ApiError> {
    given.only(&["type", "image", "video"])?;
    let kind = word(given, "type", &["image", "video"])?.ok_or_else(|| ApiError::missing(&given.path("type")))?;
    file::in_header(given, if kind == "image" { FileKind::Image } else { FileKind::Video })
}

fn body(given: &Object<'_>) -> Result<String, ApiError> {
    let Some(part) = given.object("body")? else { return Ok(String::new()) };
    part.only(&["text"])?;
    let text = optional(&part, "text", BODY_CHARS)?.unwrap_or_default();
    match text.matches('\n').count() {
        breaks if breaks > LINE_BREAKS => {
            Err(ApiError::invalid_value(format!("{} has {breaks} line breaks; at most {LINE_BREAKS} are allowed", part.path("text"))))
        }
        _ => Ok(text),
    }
}

fn action(given: &Object<'_>) -> Result<(Option<Link>, Vec<Reply>), ApiError> {
    if !given.has("buttons") {
        return Ok((Some(link::link(given)?), Vec::new()));
    }
    given.only(&["buttons"])?;
    let buttons = items(given, "buttons", 1..=3)?.iter().map(|one| choice::button(one, "quick_reply")).collect::<Result<_, _>>()?;
    Ok((None, buttons))
}

/// All cards show the same kind of thing and can do the same; products are of one catalogue.
fn alike(path: &str, cards: &[Card]) -> Result<(), ApiError> {
    let shape = |card: &Card| {
        let shows = match &card.header {
            CardHeader::File(file) => (Some(file.kind), None),
            CardHeader::Product { catalog, .. } => (None, Some(*catalog)),
        };
        (shows, card.link.is_some(), card.buttons.len())
    };
    let mut shapes = cards.iter().map(shape);
    let first = shapes.next();
    if shapes.all(|one| Some(one) == first) {
        return Ok(());
    }
    let details = format!("{path}: all cards have the same kind of header and of buttons, and products of the same catalogue");
    Err(ApiError::invalid_value(details))
}
