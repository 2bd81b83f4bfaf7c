//! Whether the parameters of a message fit the approved template, with the Cloud API's codes (section 3d).
use super::buttons;
use crate::pb::{self, template_parameter::Value};
use suki_template::{Component, Format, ParameterFormat, Piece, TextLimits, pieces, variables};

/// A message's parameters do not fit its template.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{place}: {problem}")]
pub struct Mismatch {
    /// The Cloud API code: 131008, 132000, 132005, 132012 or 132018.
    pub code: i32,
    /// Where: `header`, `body`, `buttons[0]`, `carousel.cards[1].body` and the like.
    pub place: String,
    /// What was wrong and what is allowed.
    pub problem: String,
}

/// What a template asks for is missing.
pub(super) const MISSING: i32 = 131_008;
/// Too many or too few parameters.
const COUNT: i32 = 132_000;
/// The text is too long once it is filled in.
pub(super) const TOO_LONG: i32 = 132_005;
/// A parameter is of another kind than the template's.
pub(super) const FORMAT: i32 = 132_012;
/// A parameter cannot stand there.
pub(super) const PARAMETER: i32 = 132_018;

impl Mismatch {
    pub(super) fn new(code: i32, place: impl Into<String>, problem: impl Into<String>) -> Self {
        Self { code, place: place.into(), problem: problem.into() }
    }
}

/// What of a message fills one level of a template: the message itself, or one card.
#[derive(Clone, Copy)]
pub(super) struct Filling<'a> {
    pub header: &'a [pb::TemplateParameter],
    pub body: &'a [pb::TemplateParameter],
    pub buttons: &'a [pb::TemplateButton],
}

impl<'a> Filling<'a> {
    pub fn of(sent: &'a pb::Template) -> Self {
        Self { header: &sent.header, body: &sent.body, buttons: &sent.buttons }
    }
    pub fn of_card(sent: &'a pb::TemplateCard) -> Self {
        Self { header: &sent.header, body: &sent.body, buttons: &sent.buttons }
    }
}

/// Whether a message fills an approved template.
///
/// # Errors
/// With the first thing that does not fit.
pub fn check(components: &[Component], format: ParameterFormat, sent: &pb::Template, limits: &TextLimits) -> Result<(), Mismatch> {
    let offer = Component::offer(components);
    let body = if offer.is_some() { limits.offer_body } else { limits.body };
    level("", components, format, Filling::of(sent), (limits, body))?;
    match (offer, sent.offer_expires_at) {
        (Some(offer), ..=0) if offer.has_expiration => {
            return Err(Mismatch::new(MISSING, "limited_time_offer", "the template's offer ends: send expiration_time_ms"));
        }
        (Some(offer), 1..) if !offer.has_expiration => {
            return Err(Mismatch::new(PARAMETER, "limited_time_offer", "the template's offer does not end: send no expiration_time_ms"));
        }
        (None, 1..) => return Err(Mismatch::new(PARAMETER, "limited_time_offer", "the template has no offer: send no expiration_time_ms")),
        _ => {}
    }
    let cards = Component::cards(components);
    counted("carousel", "cards", cards.len(), sent.cards.len())?;
    for (index, (card, sent)) in cards.iter().zip(&sent.cards).enumerate() {
        let place = format!("carousel.cards[{index}].");
        level(&place, &card.components, format, Filling::of_card(sent), (limits, limits.card_body))?;
    }
    Ok(())
}

/// `at` is the path before each place; `body` the most characters of this level's body.
fn level(
    at: &str,
    components: &[Component],
    format: ParameterFormat,
    sent: Filling<'_>,
    (limits, body): (&TextLimits, usize),
) -> Result<(), Mismatch> {
    header(&format!("{at}header"), components, format, sent.header, limits)?;
    let text = Component::body(components).and_then(|body| body.text.as_deref()).unwrap_or_default();
    self::text(&format!("{at}body"), text, format, sent.body, body)?;
    buttons::check(&format!("{at}buttons"), Component::buttons(components), sent.buttons, limits)
}

fn header(
    place: &str,
    components: &[Component],
    format: ParameterFormat,
    sent: &[pb::TemplateParameter],
    limits: &TextLimits,
) -> Result<(), Mismatch> {
    let Some(header) = Component::header(components) else { return counted(place, "parameters", 0, sent.len()) };
    if header.format == Format::Text {
        return text(place, header.text.as_deref().unwrap_or_default(), format, sent, limits.header);
    }
    let wrong = |sent: &str| Err(Mismatch::new(FORMAT, place, format!("the template has {} there, and {sent} was sent", header.format)));
    match sent {
        [] => wrong("nothing"),
        [one] => {
            let is = kind(one);
            let fits = match header.format {
                Format::Gif => is == "video" || is == "gif",
                format => format.as_str().eq_ignore_ascii_case(is),
            };
            if fits { Ok(()) } else { wrong(is) }
        }
        more => counted(place, "parameters", 1, more.len()),
    }
}

/// What a parameter is, as the Cloud API names it.
fn kind(parameter: &pb::TemplateParameter) -> &str {
    match &parameter.value {
        None => "nothing",
        Some(Value::Text(_)) => "text",
        Some(Value::Currency(_)) => "currency",
        Some(Value::DateTime(_)) => "date_time",
        Some(Value::Media(media)) => &media.kind,
        Some(Value::Location(_)) => "location",
        Some(Value::Product(_)) => "product",
    }
}

pub(super) fn counted(place: &str, what: &str, has: usize, sent: usize) -> Result<(), Mismatch> {
    if has == sent {
        return Ok(());
    }
    Err(Mismatch::new(COUNT, place, format!("the template has {has} {what}, and {sent} were sent")))
}

/// A text with variables: the right number, the right names, words that may stand there, and not too long together.
fn text(place: &str, template: &str, format: ParameterFormat, sent: &[pb::TemplateParameter], most: usize) -> Result<(), Mismatch> {
    let names = variables(template);
    if !sent.is_empty() && !names.is_empty() {
        let named = sent.iter().all(|parameter| !parameter.name.is_empty());
        let bare = sent.iter().all(|parameter| parameter.name.is_empty());
        if !(if format == ParameterFormat::Named { named } else { bare }) {
            let how = if format == ParameterFormat::Named { "parameter_name" } else { "no parameter_name" };
            return Err(Mismatch::new(FORMAT, place, format!("the template's parameters are {format}: send each with {how}")));
        }
    }
    counted(place, "parameters", names.len(), sent.len())?;
    for (index, name) in names.iter().enumerate() {
        let parameter = find(sent, name).ok_or_else(|| Mismatch::new(COUNT, place, format!("the parameter {name} is missing")))?;
        value(&format!("{place}.parameters[{index}]"), parameter)?;
    }
    let length: usize = pieces(template)
        .unwrap_or_default()
        .into_iter()
        .map(|piece| match piece {
            Piece::Text(text) => text.chars().count(),
            Piece::Variable(name) => find(sent, name).and_then(written).unwrap_or_default().chars().count(),
        })
        .sum();
    if length > most {
        return Err(Mismatch::new(TOO_LONG, place, format!("the text has {length} characters with its parameters; at most {most} are allowed")));
    }
    Ok(())
}

/// The parameter of this name, or at the place of this number.
pub(super) fn find<'a>(sent: &'a [pb::TemplateParameter], name: &str) -> Option<&'a pb::TemplateParameter> {
    sent.iter().find(|parameter| parameter.name == name).or_else(|| {
        let place: usize = name.parse().ok()?;
        sent.get(place.checked_sub(1)?).filter(|parameter| parameter.name.is_empty())
    })
}

/// The sender's own words for a value that stands in a text.
pub(super) fn written(parameter: &pb::TemplateParameter) -> Option<&str> {
    match parameter.value.as_ref()? {
        Value::Text(text) => Some(text),
        Value::Currency(currency) => Some(&currency.fallback),
        Value::DateTime(date) => Some(&date.fallback),
        Value::Media(_) | Value::Location(_) | Value::Product(_) => None,
    }
}

/// Spaces in a row from which on a parameter could push words out of sight.
const SPACES: &str = "     ";

fn value(place: &str, parameter: &pb::TemplateParameter) -> Result<(), Mismatch> {
    let Some(words) = written(parameter) else {
        return Err(Mismatch::new(FORMAT, place, format!("text, currency or date_time can stand in a text, and {} was sent", kind(parameter))));
    };
    let bare = matches!(&parameter.value, Some(Value::DateTime(date)) if date.at != 0 && words.is_empty());
    if words.is_empty() && !bare {
        return Err(Mismatch::new(MISSING, place, format!("the {} is empty", kind(parameter))));
    }
    if words.chars().any(char::is_control) || words.contains(SPACES) {
        let problem = "a parameter has no line breaks, tabs or other control characters, and at most 4 spaces in a row";
        return Err(Mismatch::new(PARAMETER, place, problem));
    }
    if let Some(Value::Currency(currency)) = &parameter.value
        && (currency.code.len() != 3 || !currency.code.bytes().all(|byte| byte.is_ascii_uppercase()))
    {
        return Err(Mismatch::new(PARAMETER, place, "currency.code has three capital letters (ISO 4217)"));
    }
    Ok(())
}
