//! Whether a template may be proposed at all: its name, language and life, which parts stand together, and each part by itself.
use super::{
    authentication, buttons, carousel,
    problem::{Problem, Problems, Subcode},
    texts,
};
use crate::{Length, Policy};
use suki_template::{Button, ButtonKind, Category, Component, Draft, Format, ParameterFormat};

/// What every check needs.
pub(super) struct Context<'a> {
    pub policy: &'a Policy,
    pub format: ParameterFormat,
    pub category: Category,
}

/// Checks a draft (R78, R83, R86).
///
/// # Errors
/// With everything that is wrong, at least one thing, in the order of the draft.
pub fn validate(policy: &Policy, draft: &Draft) -> Result<(), Vec<Problem>> {
    let mut problems = Problems::default();
    name(policy, &draft.name, &mut problems);
    language(policy, &draft.language, &mut problems);
    life(policy, draft, &mut problems);
    let context = Context { policy, format: draft.parameters(), category: draft.category };
    if draft.category == Category::Authentication {
        authentication::validate(policy, draft, &mut problems);
    } else {
        together(&context, &draft.components, &mut problems);
        for (index, component) in draft.components.iter().enumerate() {
            part(&context, &format!("components[{index}]"), component, &draft.components, &mut problems);
        }
    }
    if problems.0.is_empty() { Ok(()) } else { Err(problems.0) }
}

fn name(policy: &Policy, name: &str, problems: &mut Problems) {
    problems.length("name", name, policy.templates.name_chars);
    if !name.bytes().all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'_') {
        problems.add(Subcode::None, "name", "a name has small letters a to z, digits and _ alone, such as order_ready");
    }
}

fn language(policy: &Policy, language: &str, problems: &mut Problems) {
    if !policy.templates.languages.iter().any(|known| known == language) {
        let language: String = language.chars().filter(|c| !c.is_control()).take(20).collect();
        let base = language.split('_').next().unwrap_or_default().to_ascii_lowercase();
        let near: Vec<&str> =
            policy.templates.languages.iter().map(String::as_str).filter(|known| known.split('_').next() == Some(&base)).take(8).collect();
        let hint = if near.is_empty() { "en, fil and pt_BR are written so".into() } else { format!("near it there are {}", near.join(", ")) };
        problems.add(Subcode::None, "language", format!("{language:?} is no language a template can be in; {hint}"));
    }
}

/// The times between which a message of a category may be worth delivering.
fn lives(policy: &Policy, category: Category) -> &[Length] {
    match category {
        Category::Authentication => &policy.templates.authentication_life,
        Category::Utility => &policy.templates.utility_life,
        Category::Marketing => &policy.templates.marketing_life,
    }
}

fn life(policy: &Policy, draft: &Draft, problems: &mut Problems) {
    let Some(seconds) = draft.message_send_ttl_seconds.filter(|seconds| *seconds != -1) else { return };
    let lives = lives(policy, draft.category);
    let (from, to) = (lives[0].millis() / 1000, lives[1].millis() / 1000);
    if !(from..=to).contains(&seconds) {
        let message =
            format!("{seconds} is out of range: a {} template takes {from} to {to} seconds, or -1 for as long as any message", draft.category);
        problems.add(Subcode::None, "message_send_ttl_seconds", message);
    }
}

/// Which parts stand together.
fn together(context: &Context<'_>, components: &[Component], problems: &mut Problems) {
    for (index, component) in components.iter().enumerate() {
        if components[..index].iter().any(|earlier| earlier.kind() == component.kind()) {
            problems.add(Subcode::None, format!("components[{index}]"), format!("there is a {} already; each part stands once", component.kind()));
        }
    }
    if Component::body(components).is_none() {
        problems.add(Subcode::Missing, "components", "there is no BODY; every template has one");
    }
    let has = |kind: &str| components.iter().any(|component| component.kind() == kind);
    if has("CAROUSEL") {
        for odd in ["HEADER", "FOOTER", "BUTTONS", "LIMITED_TIME_OFFER"].into_iter().filter(|kind| has(kind)) {
            problems.add(Subcode::None, "components", format!("a {odd} cannot stand beside a CAROUSEL: only a BODY can"));
        }
    }
    if has("LIMITED_TIME_OFFER") {
        offer_beside(context, components, problems);
    }
}

fn offer_beside(context: &Context<'_>, components: &[Component], problems: &mut Problems) {
    if context.category != Category::Marketing {
        problems.add(Subcode::None, "category", "a LIMITED_TIME_OFFER is MARKETING");
    }
    if Component::footer(components).is_some() {
        problems.add(Subcode::Footer, "components", "a template with a LIMITED_TIME_OFFER has no FOOTER");
    }
    if Component::header(components).is_some_and(|header| !matches!(header.format, Format::Image | Format::Video)) {
        problems.add(Subcode::Header, "components", "the HEADER beside a LIMITED_TIME_OFFER is an IMAGE or a VIDEO");
    }
    let buttons = Component::buttons(components);
    if !buttons.iter().any(|button| button.kind() == ButtonKind::Url) {
        problems.add(Subcode::Missing, "components", "a LIMITED_TIME_OFFER needs a URL button, to the offer");
    }
    let ends = Component::offer(components).is_some_and(|offer| offer.has_expiration);
    if ends && !matches!(buttons.first(), Some(Button::CopyCode { .. })) {
        problems.add(Subcode::Missing, "components", "a LIMITED_TIME_OFFER that ends needs a COPY_CODE button, the first");
    }
    if let Some(odd) = buttons.iter().find(|button| !matches!(button.kind(), ButtonKind::Url | ButtonKind::CopyCode)) {
        problems.add(Subcode::None, "components", format!("beside a LIMITED_TIME_OFFER stand COPY_CODE and URL buttons, no {}", odd.kind()));
    }
}

/// One part by itself; `all` are the parts it stands among.
pub(super) fn part(context: &Context<'_>, at: &str, component: &Component, all: &[Component], problems: &mut Problems) {
    let parts = &context.policy.template_parts;
    match component {
        Component::Header(header) => texts::header(context, at, header, all, problems),
        Component::Body(body) => {
            let most = if Component::offer(all).is_some() { parts.offer_body_chars } else { parts.body_chars };
            texts::body(context, at, body, most, problems);
        }
        Component::Footer(footer) => texts::footer(context, at, footer, problems),
        Component::Buttons(given) => buttons::validate(context, at, &given.buttons, parts.buttons, problems),
        Component::Carousel(given) => carousel::validate(context, at, &given.cards, problems),
        Component::LimitedTimeOffer(offer) => {
            let at = format!("{at}.limited_time_offer.text");
            problems.length(&at, &offer.limited_time_offer.text, parts.offer_chars);
            texts::plain(&at, &offer.limited_time_offer.text, Subcode::None, problems);
        }
    }
}
