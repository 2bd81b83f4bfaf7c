//! What a customer can press, choose, fill in or buy: `interactive` (section 3b).
//!
//! | file | actions |
//! |---|---|
//! | [`choice`] | reply buttons and lists |
//! | [`link`] | a button that opens a page, and what asks for a place |
//! | [`flow`] | a form of several screens |
//! | [`products`] | products and catalogues |
//! | [`carousel`] | cards beside each other |
//! | [`payment`] | addresses, orders to pay and how they stand |
mod carousel;
mod choice;
mod flow;
mod link;
mod payment;
mod products;

pub use carousel::{Card, CardHeader};
pub use choice::{List, Reply, Row, Section};
pub use flow::{FlowCall, FlowName};
pub use link::Link;
pub use payment::{AddressRequest, Payment};
pub use products::{ProductList, ProductSection};

use super::{
    bounds::{object, optional, required, word},
    file::{self, File, FileKind},
};
use crate::{ApiError, Code, ObjectId, params::Object};

/// The most characters of a body; a list's may be longer.
const BODY_CHARS: usize = 1024;
const LIST_BODY_CHARS: usize = 4096;
/// The most characters of a footer, and of a header of words.
const EDGE_CHARS: usize = 60;

/// A message with one thing that can be done.
#[derive(Debug, Clone, PartialEq)]
pub struct Interactive {
    /// Above the body.
    pub header: Option<Header>,
    /// What it says; "" only for a single product.
    pub body: String,
    /// Below the body; "" when there is none.
    pub footer: String,
    /// What can be done.
    pub action: Action,
}

/// What stands above the body.
#[derive(Debug, Clone, PartialEq)]
pub enum Header {
    /// Words, at most 60 characters.
    Text(String),
    /// A picture, a film or a document.
    File(File),
}

/// What can be done.
#[derive(Debug, Clone, PartialEq)]
pub enum Action {
    /// Press one of 1 to 3 buttons.
    Buttons(Vec<Reply>),
    /// Choose a row.
    List(List),
    /// Open a page.
    Link(Link),
    /// Send a place.
    LocationRequest,
    /// Fill in a form.
    Flow(Box<FlowCall>),
    /// Look at a product.
    Product {
        /// Its catalogue.
        catalog: ObjectId,
        /// Its id at its seller.
        product: String,
    },
    /// Look at several.
    Products(ProductList),
    /// Open the catalogue.
    Catalog {
        /// The product whose picture is shown, if one was named.
        thumbnail: Option<String>,
    },
    /// Look through 2 to 10 cards.
    Carousel(Vec<Card>),
    /// Say where to send something.
    Address(AddressRequest),
    /// Pay an order, or see how it stands.
    Payment(Payment),
}

/// The types that this server sends.
pub const TYPES: [&str; 12] = [
    "button",
    "list",
    "cta_url",
    "location_request_message",
    "flow",
    "product",
    "product_list",
    "catalog_message",
    "carousel",
    "address_message",
    "order_details",
    "order_status",
];
/// Those that need calls.
const CALLS: [&str; 2] = ["call_permission_request", "voice_call"];

/// Reads the object `interactive`.
///
/// # Errors
/// 131008 for what is missing; 131009 for a wrong value, a text that is too long, too many or too few items; 100 for a wrong type or an unknown key;
/// 138000 for what needs calls.
pub(super) fn interactive(given: &Object<'_>) -> Result<Interactive, ApiError> {
    given.only(&["type", "header", "body", "footer", "action"])?;
    let kind = given.required_text("type")?.trim().to_ascii_lowercase();
    if CALLS.contains(&kind.as_str()) {
        let details = "this server carries no calls, so that nobody can be asked for one; write instead";
        return Err(ApiError::new(Code::CallingNotEnabled, details));
    }
    if !TYPES.contains(&kind.as_str()) {
        return Err(ApiError::invalid_value(format!("{} must be one of {}", given.path("type"), TYPES.join(", "))));
    }
    let header = header(given, &kind)?;
    let footer = words(given, "footer", EDGE_CHARS)?.unwrap_or_default();
    if kind == "carousel" && !footer.is_empty() {
        return Err(ApiError::invalid_value(format!("{}: a carousel has no footer", given.path("footer"))));
    }
    let most = if kind == "list" { LIST_BODY_CHARS } else { BODY_CHARS };
    let body = match words(given, "body", most)? {
        Some(body) => body,
        None if kind == "product" => String::new(),
        None => return Err(ApiError::missing(&format!("{}.text", given.path("body")))),
    };
    let action = action(&kind, given)?;
    Ok(Interactive { header, body, footer, action })
}

fn action(kind: &str, given: &Object<'_>) -> Result<Action, ApiError> {
    let action = object(given, "action")?;
    match kind {
        "button" => choice::buttons(&action).map(Action::Buttons),
        "list" => choice::list(&action).map(Action::List),
        "cta_url" => link::link(&action).map(Action::Link),
        "location_request_message" => link::location_request(&action).map(|()| Action::LocationRequest),
        "flow" => flow::flow(&action).map(|call| Action::Flow(Box::new(call))),
        "product" => products::product(&action).map(|(catalog, product)| Action::Product { catalog, product }),
        "product_list" => products::list(&action).map(Action::Products),
        "catalog_message" => products::catalog(&action).map(|thumbnail| Action::Catalog { thumbnail }),
        "carousel" => carousel::cards(&action).map(Action::Carousel),
        "address_message" => payment::address(&action).map(Action::Address),
        "order_details" => payment::details(&action).map(Action::Payment),
        _ => payment::status(&action).map(Action::Payment),
    }
}

/// `body` or `footer`: an object with a text.
fn words(given: &Object<'_>, name: &str, most: usize) -> Result<Option<String>, ApiError> {
    let Some(part) = given.object(name)? else { return Ok(None) };
    part.only(&["text"])?;
    optional(&part, "text", most)
}

/// Which headers a type may have; the first is required where `true`.
fn header_kinds(kind: &str) -> (&'static [&'static str], bool) {
    match kind {
        "list" => (&["text"], false),
        "product_list" => (&["text"], true),
        "location_request_message" | "product" | "catalog_message" | "carousel" => (&[], false),
        _ => (&["text", "image", "video", "document"], false),
    }
}

fn header(given: &Object<'_>, kind: &str) -> Result<Option<Header>, ApiError> {
    let (allowed, needed) = header_kinds(kind);
    let Some(header) = given.object("header")? else {
        return if needed { Err(ApiError::missing(&given.path("header"))) } else { Ok(None) };
    };
    if allowed.is_empty() {
        return Err(ApiError::invalid_value(format!("{}: a message of type {kind} has no header", given.path("header"))));
    }
    header.only(&["type", "text", "image", "video", "document"])?;
    read_header(&header, allowed).map(Some)
}

fn read_header(header: &Object<'_>, allowed: &[&'static str]) -> Result<Header, ApiError> {
    let kind = word(header, "type", allowed)?.ok_or_else(|| ApiError::missing(&header.path("type")))?;
    match FileKind::of(kind) {
        Some(kind) => file::in_header(header, kind).map(Header::File),
        None => required(header, "text", EDGE_CHARS).map(Header::Text),
    }
}

/// Whether an action that has a name has the right one.
fn named(action: &Object<'_>, name: &'static str) -> Result<(), ApiError> {
    word(action, "name", &[name])?.map(|_| ()).ok_or_else(|| ApiError::missing(&action.path("name")))
}
