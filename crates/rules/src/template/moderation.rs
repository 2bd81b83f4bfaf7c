//! The automatic checks of a template that is well made: what it sells, where it leads, what it is for (R84, R88, R108).
use super::{authentication::written_out, buttons::host};
use crate::{Moderation, Policy, goods};
use suki_template::{Button, Category, Component, Draft, Reason};
use suki_types::words::{Folded, first_word};

/// What becomes of a template.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Verdict {
    /// It can be sent at once.
    Approve,
    /// A person decides.
    Queue,
    /// It cannot be sent.
    Reject(Reason),
}

/// What the automatic checks think.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Opinion {
    /// What becomes of it.
    pub verdict: Verdict,
    /// What it counts as, whatever the draft says.
    pub category: Category,
    /// What was found, for the person who decides and for the business; empty when nothing was.
    pub findings: Vec<String>,
}

/// Looks at a draft that [`validate`](super::validate()) has passed.
pub fn moderate(policy: &Policy, draft: &Draft) -> Opinion {
    let components = written_out(draft);
    let mut texts = Vec::new();
    collect(&components, &mut texts);
    let mut findings = Vec::new();
    let texts: Vec<Folded> = texts.into_iter().map(Folded::new).collect();
    let prohibited = goods::find_in(&policy.goods, &texts);
    if let Some(hit) = &prohibited {
        findings.push(format!("It names goods that cannot be sold here ({}): {:?}. Take them out.", hit.kind, hit.word));
    }
    let shortened = hosts(&components).into_iter().find(|host| policy.template_words.shorteners.iter().any(|known| is_under(host, known)));
    if let Some(host) = &shortened {
        findings.push(format!("The address {host} hides where it leads. Write the address of the page itself."));
    }
    let promotes = (draft.category == Category::Utility).then(|| first_word(policy.template_words.marketing.values().flatten(), &texts)).flatten();
    if let Some(word) = promotes {
        findings.push(format!(
            "{word:?} is the language of offers, so it counts as MARKETING. A UTILITY template is about something the customer asked for."
        ));
    }
    let keeps_category = draft.allow_category_change == Some(false);
    let sure = if prohibited.is_some() {
        Some(Reason::AbusiveContent)
    } else if promotes.is_some() && keeps_category {
        Some(Reason::IncorrectCategory)
    } else {
        None
    };
    let verdict = match (policy.templates.moderation, sure) {
        (Moderation::Queue, _) => Verdict::Queue,
        (_, Some(reason)) => Verdict::Reject(reason),
        (Moderation::Automatic, None) if shortened.is_some() => Verdict::Reject(Reason::Scam),
        (Moderation::AutomaticThenQueue, None) if !findings.is_empty() => Verdict::Queue,
        (Moderation::Automatic | Moderation::AutomaticThenQueue, None) => Verdict::Approve,
    };
    let category = if promotes.is_some() && !keeps_category { Category::Marketing } else { draft.category };
    Opinion { verdict, category, findings }
}

/// Everything a customer may read, examples included: they say what will stand in the place of variables.
fn collect<'a>(components: &'a [Component], texts: &mut Vec<&'a str>) {
    for component in components {
        let example = match component {
            Component::Header(header) => {
                texts.extend(header.text.as_deref());
                header.example.as_ref()
            }
            Component::Body(body) => {
                texts.extend(body.text.as_deref());
                body.example.as_ref()
            }
            Component::Footer(footer) => {
                texts.extend(footer.text.as_deref());
                None
            }
            Component::Buttons(given) => {
                texts.extend(given.buttons.iter().filter_map(Button::label));
                None
            }
            Component::Carousel(given) => {
                given.cards.iter().for_each(|card| collect(&card.components, texts));
                None
            }
            Component::LimitedTimeOffer(given) => {
                texts.push(&given.limited_time_offer.text);
                None
            }
        };
        if let Some(example) = example {
            texts.extend(example.header_text.iter().chain(example.body_text.iter().flatten()).map(String::as_str));
            texts.extend(example.header_text_named_params.iter().chain(&example.body_text_named_params).map(|named| named.example.as_str()));
        }
    }
}

/// Whether a host is this one or below it.
fn is_under(host: &str, known: &str) -> bool {
    let known = known.to_ascii_lowercase();
    host.strip_suffix(&known).is_some_and(|rest| rest.is_empty() || rest.ends_with('.'))
}

fn hosts(components: &[Component]) -> Vec<String> {
    let mut hosts = Vec::new();
    for component in components {
        match component {
            Component::Buttons(given) => hosts.extend(given.buttons.iter().filter_map(|button| match button {
                Button::Url { url, .. } => host(url),
                _ => None,
            })),
            Component::Carousel(given) => given.cards.iter().for_each(|card| hosts.extend(self::hosts(&card.components))),
            _ => {}
        }
    }
    hosts
}
