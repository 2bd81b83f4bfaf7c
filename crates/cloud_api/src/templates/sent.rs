//! The `template` of `POST /P/messages`: which template, in which language, and what fills it (section 3b).
use crate::{
    ApiError, ObjectId,
    messages::{file, place},
    params::Object,
};
use serde_json::Value;
use suki_types::limits;
use url::Url;

/// How many components, parameters of one component, and buttons a message may name.
const MOST_COMPONENTS: usize = 20;
const MOST_PARAMETERS: usize = 64;
const MOST_BUTTONS: usize = 10;
const MOST_CARDS: usize = 10;
/// The longest name of a template (section 3b).
const NAME_CHARS: usize = 512;
/// The longest language code (RFC 5646, section 4.4.1); which languages there are is the template's matter.
const LANGUAGE_CHARS: usize = 35;

/// Which template, and what fills it.
#[derive(Debug, Clone, PartialEq)]
pub struct SentTemplate {
    /// Its name.
    pub name: String,
    /// The language's code, as written.
    pub language: String,
    /// Whether each reader gets it in his own language (`policy: fallback`), and not exactly in `language` (`deterministic`, or no policy).
    pub reader_language: bool,
    /// What fills the header.
    pub header: Vec<Parameter>,
    /// What fills the body.
    pub body: Vec<Parameter>,
    /// What fills the buttons.
    pub buttons: Vec<ButtonParameters>,
    /// What fills a carousel's cards, in their order.
    pub cards: Vec<Card>,
    /// When a limited-time offer ends, in milliseconds since 1970.
    pub offer_expires_at: Option<i64>,
}

/// What fills one card of a carousel.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Card {
    /// Its header.
    pub header: Vec<Parameter>,
    /// Its body.
    pub body: Vec<Parameter>,
    /// Its buttons.
    pub buttons: Vec<ButtonParameters>,
}

/// What fills one place.
#[derive(Debug, Clone, PartialEq)]
pub struct Parameter {
    /// The name of a named parameter.
    pub name: Option<String>,
    /// What fills it.
    pub value: ParameterValue,
}

/// What fills a place.
#[derive(Debug, Clone, PartialEq)]
pub enum ParameterValue {
    /// Words.
    Text(String),
    /// An amount of money.
    Currency {
        /// ISO 4217.
        code: String,
        /// Thousandths of the unit.
        amount_1000: i64,
        /// What a device shows that cannot write amounts.
        fallback: String,
    },
    /// A day, perhaps with a time.
    DateTime {
        /// Seconds since 1970; none when only the fallback is known.
        at: Option<i64>,
        /// What a device shows that cannot write dates.
        fallback: String,
    },
    /// A file.
    Media {
        /// Which kind.
        kind: MediaKind,
        /// Where it is.
        file: MediaFile,
        /// A document's name.
        filename: Option<String>,
    },
    /// A place on the map.
    Location {
        /// −90 to 90.
        latitude: f64,
        /// −180 to 180.
        longitude: f64,
        /// Its name.
        name: String,
        /// Its address.
        address: String,
    },
    /// A product, by its id at its seller.
    Product(String),
}

/// What a file shows.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum MediaKind {
    /// A picture.
    Image,
    /// A film.
    Video,
    /// Anything to read.
    Document,
}

impl MediaKind {
    /// As it is written.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Image => "image",
            Self::Video => "video",
            Self::Document => "document",
        }
    }
}

/// Where a file is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum MediaFile {
    /// Uploaded before.
    Id(ObjectId),
    /// At an address.
    Link(Url),
}

/// What fills one button.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ButtonParameters {
    /// Its place, from 0.
    pub index: u32,
    /// The `sub_type`, in small letters.
    pub kind: String,
    /// What fills it: a payload, the end of an address, a code, or an action as JSON.
    pub parameters: Vec<String>,
}

/// The kinds of button that take parameters (section 3b).
const BUTTON_KINDS: [&str; 9] = ["quick_reply", "url", "copy_code", "flow", "catalog", "mpm", "spm", "order_details", "voice_call"];

/// Reads the object `template`.
///
/// # Errors
/// 131008 for what is missing, 131009 for a wrong value, 100 for a wrong type, an unknown key or too many items; the details name the field.
pub fn parse(template: &Object<'_>) -> Result<SentTemplate, ApiError> {
    template.only(&["name", "namespace", "language", "components"])?;
    let name = bounded(template, "name", NAME_CHARS)?.ok_or_else(|| ApiError::missing(&template.path("name")))?;
    let language = template.object("language")?.ok_or_else(|| ApiError::missing(&template.path("language")))?;
    language.only(&["code", "policy"])?;
    let code = bounded(&language, "code", LANGUAGE_CHARS)?.ok_or_else(|| ApiError::missing(&language.path("code")))?;
    let reader_language = match language.text("policy")? {
        None => false,
        Some(policy) if policy.eq_ignore_ascii_case("deterministic") => false,
        Some(policy) if policy.eq_ignore_ascii_case("fallback") => true,
        Some(_) => return Err(ApiError::invalid_value("template.language.policy must be deterministic, or fallback for each reader's own language")),
    };
    let mut sent = SentTemplate {
        name,
        language: code,
        reader_language,
        header: Vec::new(),
        body: Vec::new(),
        buttons: Vec::new(),
        cards: Vec::new(),
        offer_expires_at: None,
    };
    let mut seen = Vec::new();
    for component in template.list("components", MOST_COMPONENTS)?.unwrap_or_default() {
        let kind = component.required_text("type")?.to_ascii_lowercase();
        once(&component, &mut seen, &kind)?;
        match kind.as_str() {
            "header" => sent.header = parameters(&component)?,
            "body" => sent.body = parameters(&component)?,
            "button" => sent.buttons.push(button(&component)?),
            "limited_time_offer" => sent.offer_expires_at = Some(offer(&component)?),
            "carousel" => sent.cards = cards(&component)?,
            _ => return Err(wrong_kind(&component, "header, body, button, limited_time_offer or carousel")),
        }
    }
    Ok(sent)
}

/// Every component but buttons may stand once.
fn once(component: &Object<'_>, seen: &mut Vec<String>, kind: &str) -> Result<(), ApiError> {
    if kind != "button" && seen.iter().any(|one| one == kind) {
        return Err(ApiError::invalid_parameter(format!("{}: there is a second component of this type", component.path("type"))));
    }
    seen.push(kind.to_owned());
    Ok(())
}

fn wrong_kind(component: &Object<'_>, allowed: &str) -> ApiError {
    ApiError::invalid_parameter(format!("{} must be {allowed}", component.path("type")))
}

fn bounded(object: &Object<'_>, name: &str, chars: usize) -> Result<Option<String>, ApiError> {
    let Some(text) = object.text(name)?.filter(|text| !text.trim().is_empty()) else { return Ok(None) };
    match text.chars().count() {
        count if count > chars => {
            Err(ApiError::invalid_parameter(format!("{} has {count} characters; at most {chars} are allowed", object.path(name))))
        }
        _ => Ok(Some(text.to_owned())),
    }
}

fn required(object: &Object<'_>, name: &str, chars: usize) -> Result<String, ApiError> {
    bounded(object, name, chars)?.ok_or_else(|| ApiError::missing(&object.path(name)))
}

fn parameters(component: &Object<'_>) -> Result<Vec<Parameter>, ApiError> {
    component.only(&["type", "parameters"])?;
    component.list("parameters", MOST_PARAMETERS)?.unwrap_or_default().iter().map(parameter).collect()
}

fn parameter(given: &Object<'_>) -> Result<Parameter, ApiError> {
    let kind = given.required_text("type")?.to_ascii_lowercase();
    let value = match kind.as_str() {
        "text" => ParameterValue::Text(required(given, "text", limits::TEXT_CHARS)?),
        "currency" => currency(&own(given, "currency")?)?,
        "date_time" => date_time(&own(given, "date_time")?)?,
        "image" | "gif" => media(&own(given, &kind)?, MediaKind::Image)?,
        "video" => media(&own(given, "video")?, MediaKind::Video)?,
        "document" => media(&own(given, "document")?, MediaKind::Document)?,
        "location" => location(&own(given, "location")?)?,
        "product" => {
            let product = own(given, "product")?;
            product.only(&["product_retailer_id", "catalog_id"])?;
            ParameterValue::Product(required(&product, "product_retailer_id", 256)?)
        }
        _ => return Err(wrong_kind(given, "text, currency, date_time, image, video, document, location or product")),
    };
    Ok(Parameter { name: bounded(given, "parameter_name", NAME_CHARS)?, value })
}

/// The object that has the name of the parameter's type.
fn own<'a>(given: &'a Object<'_>, kind: &str) -> Result<Object<'a>, ApiError> {
    given.only(&["type", "parameter_name", kind])?;
    given.object(kind)?.ok_or_else(|| ApiError::missing(&given.path(kind)))
}

fn currency(given: &Object<'_>) -> Result<ParameterValue, ApiError> {
    given.only(&["fallback_value", "code", "amount_1000"])?;
    let code = required(given, "code", 3)?.to_ascii_uppercase();
    if code.len() != 3 || !code.bytes().all(|byte| byte.is_ascii_uppercase()) {
        return Err(ApiError::invalid_value(format!("{} must be three letters, such as PHP", given.path("code"))));
    }
    let amount_1000 = given.integer("amount_1000")?.ok_or_else(|| ApiError::missing(&given.path("amount_1000")))?;
    Ok(ParameterValue::Currency { code, amount_1000, fallback: required(given, "fallback_value", limits::TEXT_CHARS)? })
}

/// `timestamp` is what the API knew first; the parts of a date (`year`, `month` …), which came later, say no time zone, so that only the
/// fallback can be shown of them.
fn date_time(given: &Object<'_>) -> Result<ParameterValue, ApiError> {
    given.only(&["fallback_value", "timestamp", "day_of_week", "day_of_month", "year", "month", "hour", "minute", "calendar"])?;
    let fallback = required(given, "fallback_value", limits::TEXT_CHARS)?;
    Ok(ParameterValue::DateTime { at: given.integer("timestamp")?, fallback })
}

fn media(given: &Object<'_>, kind: MediaKind) -> Result<ParameterValue, ApiError> {
    given.only(&["id", "link", "filename", "caption", "provider"])?;
    Ok(ParameterValue::Media { kind, file: file::place(given)?, filename: bounded(given, "filename", 240)? })
}

fn location(given: &Object<'_>) -> Result<ParameterValue, ApiError> {
    let place = place::place(given)?;
    Ok(ParameterValue::Location { latitude: place.latitude, longitude: place.longitude, name: place.name, address: place.address })
}

fn button(component: &Object<'_>) -> Result<ButtonParameters, ApiError> {
    component.only(&["type", "sub_type", "index", "parameters"])?;
    let kind = component.required_text("sub_type")?.to_ascii_lowercase();
    if !BUTTON_KINDS.contains(&kind.as_str()) {
        return Err(ApiError::invalid_parameter(format!("{} must be one of {}", component.path("sub_type"), BUTTON_KINDS.join(", "))));
    }
    let index = component.integer("index")?.ok_or_else(|| ApiError::missing(&component.path("index")))?;
    let index = u32::try_from(index).ok().filter(|index| (*index as usize) < MOST_BUTTONS);
    let index = index.ok_or_else(|| ApiError::invalid_value(format!("{} must be 0 to {}", component.path("index"), MOST_BUTTONS - 1)))?;
    let parameters = component.list("parameters", MOST_PARAMETERS)?.unwrap_or_default();
    Ok(ButtonParameters { index, kind, parameters: parameters.iter().map(button_parameter).collect::<Result<_, _>>()? })
}

fn button_parameter(given: &Object<'_>) -> Result<String, ApiError> {
    let kind = given.required_text("type")?.to_ascii_lowercase();
    match kind.as_str() {
        "payload" | "text" | "coupon_code" => {
            given.only(&["type", &kind])?;
            // Meta's own example writes a truth value here.
            let text = given.scalar(&kind)?.filter(|text| !text.trim().is_empty()).ok_or_else(|| ApiError::missing(&given.path(&kind)))?;
            match text.chars().count() {
                count if count > limits::TEXT_CHARS => {
                    let (path, most) = (given.path(&kind), limits::TEXT_CHARS);
                    Err(ApiError::invalid_parameter(format!("{path} has {count} characters; at most {most} are allowed")))
                }
                _ => Ok(text.into_owned()),
            }
        }
        "action" => {
            given.only(&["type", "action"])?;
            let action = given.json("action").filter(Value::is_object).ok_or_else(|| ApiError::missing(&given.path("action")))?;
            let text = action.to_string();
            if text.len() > limits::TEXT_CHARS * 4 {
                return Err(ApiError::invalid_parameter(format!("{} has more than {} bytes", given.path("action"), limits::TEXT_CHARS * 4)));
            }
            Ok(text)
        }
        _ => Err(wrong_kind(given, "payload, text, coupon_code or action")),
    }
}

fn offer(component: &Object<'_>) -> Result<i64, ApiError> {
    component.only(&["type", "parameters"])?;
    let given = component.list("parameters", 1)?.unwrap_or_default();
    let given = given.first().ok_or_else(|| ApiError::missing(&component.path("parameters")))?;
    let offer = own(given, "limited_time_offer")?;
    offer.only(&["expiration_time_ms"])?;
    let at = offer.integer("expiration_time_ms")?.ok_or_else(|| ApiError::missing(&offer.path("expiration_time_ms")))?;
    if at > 0 { Ok(at) } else { Err(ApiError::invalid_value(format!("{} must be milliseconds since 1970", offer.path("expiration_time_ms")))) }
}

fn cards(component: &Object<'_>) -> Result<Vec<Card>, ApiError> {
    component.only(&["type", "cards"])?;
    let given = component.list("cards", MOST_CARDS)?.unwrap_or_default();
    let mut cards: Vec<Option<Card>> = vec![None; given.len()];
    for one in &given {
        one.only(&["card_index", "components"])?;
        let place = one.integer("card_index")?.ok_or_else(|| ApiError::missing(&one.path("card_index")))?;
        let free = usize::try_from(place).ok().and_then(|place| cards.get_mut(place)).filter(|card| card.is_none());
        let free = free.ok_or_else(|| ApiError::invalid_value(format!("{}: the cards count from 0 without a gap", one.path("card_index"))))?;
        *free = Some(card(one)?);
    }
    Ok(cards.into_iter().flatten().collect())
}

fn card(given: &Object<'_>) -> Result<Card, ApiError> {
    let (mut card, mut seen) = (Card::default(), Vec::new());
    for component in given.list("components", MOST_COMPONENTS)?.unwrap_or_default() {
        let kind = component.required_text("type")?.to_ascii_lowercase();
        once(&component, &mut seen, &kind)?;
        match kind.as_str() {
            "header" => card.header = parameters(&component)?,
            "body" => card.body = parameters(&component)?,
            "button" => card.buttons.push(button(&component)?),
            _ => return Err(wrong_kind(&component, "header, body or button")),
        }
    }
    Ok(card)
}
