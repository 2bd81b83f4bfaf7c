//! Carousels: cards that are alike.
use super::{
    buttons,
    problem::{Problems, Subcode},
    texts,
    validate::Context,
};
use suki_template::{ButtonKind, Card, Component, Format};

/// Cards, so many as the policy allows, each whole and all of the same make.
pub(super) fn validate(context: &Context<'_>, at: &str, cards: &[Card], problems: &mut Problems) {
    let parts = &context.policy.template_parts;
    let at = format!("{at}.cards");
    if !(parts.cards_from as usize..=parts.cards_to as usize).contains(&cards.len()) {
        let message = format!("there are {} cards; {} to {} are allowed", cards.len(), parts.cards_from, parts.cards_to);
        problems.add(Subcode::None, &at, message);
    }
    for (index, card) in cards.iter().enumerate() {
        one(context, &format!("{at}[{index}]"), card, problems);
        if make(card) != make(&cards[0]) {
            let message = "it is made otherwise than the first card; all have the same header, parts and buttons in the same order";
            problems.add(Subcode::None, format!("{at}[{index}]"), message);
        }
    }
}

/// What has to be the same in all cards.
fn make(card: &Card) -> (Option<Format>, Vec<&'static str>, Vec<ButtonKind>) {
    let components = &card.components;
    let mut kinds: Vec<&str> = components.iter().map(Component::kind).collect();
    kinds.sort_unstable();
    let buttons = Component::buttons(components).iter().map(suki_template::Button::kind).collect();
    (Component::header(components).map(|header| header.format), kinds, buttons)
}

fn one(context: &Context<'_>, at: &str, card: &Card, problems: &mut Problems) {
    let parts = &context.policy.template_parts;
    for (index, component) in card.components.iter().enumerate() {
        let at = format!("{at}.components[{index}]");
        if card.components[..index].iter().any(|earlier| earlier.kind() == component.kind()) {
            problems.add(Subcode::None, &at, format!("there is a {} already; each part stands once in a card", component.kind()));
        }
        match component {
            Component::Header(header) if !matches!(header.format, Format::Image | Format::Video | Format::Product) => {
                problems.add(Subcode::Header, format!("{at}.format"), "the HEADER of a card is an IMAGE, a VIDEO or a PRODUCT");
            }
            Component::Header(header) => texts::header(context, &at, header, &card.components, problems),
            Component::Body(body) => texts::body(context, &at, body, parts.card_body_chars, problems),
            Component::Buttons(given) => {
                buttons::validate(context, &at, &given.buttons, parts.card_buttons, problems);
                let fits = |kind: ButtonKind| matches!(kind, ButtonKind::QuickReply | ButtonKind::Url | ButtonKind::PhoneNumber | ButtonKind::Spm);
                if let Some(odd) = given.buttons.iter().find(|button| !fits(button.kind())) {
                    problems.add(Subcode::None, &at, format!("a card has QUICK_REPLY, URL, PHONE_NUMBER and SPM buttons, no {}", odd.kind()));
                }
            }
            other => problems.add(Subcode::None, &at, format!("a card has a HEADER, a BODY and BUTTONS, no {}", other.kind())),
        }
    }
    if Component::header(&card.components).is_none() {
        problems.add(Subcode::Missing, at, "a card has a HEADER: an IMAGE, a VIDEO or a PRODUCT");
    }
    if Component::buttons(&card.components).is_empty() {
        problems.add(Subcode::Missing, at, "a card has at least one button");
    }
}
