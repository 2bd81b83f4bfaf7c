//! What the policy says of templates.
use super::section::{choice, section};
use crate::Length;
use std::collections::BTreeMap;
use suki_template::TextLimits;

choice! {
    /// Who decides about a template.
    pub enum Moderation {
        /// The automatic checks alone: approved or rejected at once.
        Automatic = "automatic",
        /// A person, each.
        Queue = "queue",
        /// The automatic checks, and a person where they are in doubt.
        AutomaticThenQueue = "automatic-then-queue",
    }
}

section! {
    /// Templates: what they may be made of, who decides about them, how they live (R78, R83 to R88).
    pub struct Templates in "templates" {
        /// Who decides about a template (R84, R88).
        pub moderation: Moderation,
        /// The most characters of a name, out of a to z, 0 to 9 and _ (Cloud API: 512).
        pub name_chars: u32 = in (1, 512),
        /// The languages a template can be in, as the Cloud API writes them.
        pub languages: Vec<String> = in (1, 500),
        /// How many templates a business may have that nobody has checked, each language counted (Cloud API: 250).
        pub per_business: u32 = in (1, 100000),
        /// How many a checked business may have (Cloud API: 6,000).
        pub per_checked_business: u32 = in (1, 100000),
        /// How many a business may create in an hour (Cloud API: 100).
        pub created_per_hour: u32 = in (1, 10000),
        /// How often an approved template may be edited in 24 hours (Cloud API: 1).
        pub edits_per_day: u32 = in (1, 100),
        /// How often an approved template may be edited in 30 days (Cloud API: 10).
        pub edits_per_month: u32 = in (1, 1000),
        /// For how long the name of a deleted template that had been approved cannot be used again (Cloud API: 30 days).
        pub name_blocked: Length = in ("1m", "3650d"),
        /// How long after a person decided it an approved template counts as another category (Cloud API: 24 hours).
        pub recategorise_notice: Length = in ("1m", "30d"),
        /// For how long a template that customers do not want is paused, one length for each pause; after the last it is disabled (Cloud API: 3 h, 6 h).
        pub pauses: Vec<Length> = in (0, 10),
        /// Whether a business may end a pause before its time.
        pub unpause_early: bool,
        /// How often a business may appeal for one template in 30 days.
        pub appeals_per_month: u32 = in (0, 100),
        /// The days over which blocks and reports are compared with reads.
        pub quality_window: Length = in ("1h", "90d"),
        /// Fewer reads than this in that time say nothing, unless `quality_least_against` customers are against it.
        pub quality_least_reads: u32 = in (1, 1000000),
        /// So many blocks and reports count even with fewer reads.
        pub quality_least_against: u32 = in (1, 1000000),
        /// From so many blocks and reports in 1,000 reads on the quality is yellow.
        pub quality_yellow: u32 = in (1, 1000),
        /// From so many on it is red, and the template is paused.
        pub quality_red: u32 = in (1, 1000),
        /// The shortest and the longest time a one-time code may be worth delivering (Cloud API: 30 to 900 s).
        pub authentication_life: Vec<Length> = in (2, 2),
        /// For how long it is worth delivering when the business does not say (Cloud API: 10 min).
        pub authentication_life_default: Length = in ("1s", "30d"),
        /// The shortest and the longest time of a utility message (Cloud API: 30 to 43,200 s).
        pub utility_life: Vec<Length> = in (2, 2),
        /// The shortest and the longest time of a marketing message (Cloud API: 12 h to 30 days).
        pub marketing_life: Vec<Length> = in (2, 2),
    }
    check fits;
}

fn fits(templates: &Templates) -> Result<(), (&'static str, String)> {
    if templates.quality_yellow > templates.quality_red {
        return Err(("quality_yellow", format!("{} is more than quality_red, {}", templates.quality_yellow, templates.quality_red)));
    }
    for (field, life) in [
        ("authentication_life", &templates.authentication_life),
        ("utility_life", &templates.utility_life),
        ("marketing_life", &templates.marketing_life),
    ] {
        if life[0] > life[1] {
            return Err((field, format!("{} is longer than {}: write the shortest time first", life[0].short(), life[1].short())));
        }
    }
    let is_language = |language: &str| {
        let (base, region) = language.split_once('_').unwrap_or((language, "XX"));
        (2..=3).contains(&base.len())
            && base.bytes().all(|byte| byte.is_ascii_lowercase())
            && region.len() == 2
            && region.bytes().all(|byte| byte.is_ascii_uppercase())
    };
    if let Some(odd) = templates.languages.iter().find(|language| !is_language(language)) {
        return Err(("languages", format!("{odd:?} is no language; write it as in en, fil or pt_BR")));
    }
    Ok(())
}

section! {
    /// How long and how many a template's parts may be (Cloud API, template components).
    pub struct TemplateParts in "template_parts" {
        /// The most characters of a header's text.
        pub header_chars: u32 = in (1, 1024),
        /// The most variables of a header's text.
        pub header_variables: u32 = in (0, 10),
        /// The most characters of a body.
        pub body_chars: u32 = in (1, 4096),
        /// The most characters of the body of a template with a limited-time offer.
        pub offer_body_chars: u32 = in (1, 4096),
        /// The most characters of a footer.
        pub footer_chars: u32 = in (1, 1024),
        /// A body has at least so many words for each of its variables.
        pub words_per_variable: u32 = in (0, 20),
        /// The most line breaks in a row.
        pub line_breaks: u32 = in (1, 10),
        /// The most buttons together.
        pub buttons: u32 = in (1, 20),
        /// The most quick replies.
        pub quick_replies: u32 = in (0, 20),
        /// The most buttons that open a page.
        pub url_buttons: u32 = in (0, 20),
        /// The most buttons that call a number.
        pub phone_buttons: u32 = in (0, 20),
        /// The most buttons that copy a coupon's code.
        pub copy_code_buttons: u32 = in (0, 20),
        /// The most buttons of each other kind: forms, catalogue, products, calls in the messenger, contact details.
        pub other_buttons: u32 = in (0, 20),
        /// The most characters on a button.
        pub label_chars: u32 = in (1, 100),
        /// The most characters of an address.
        pub url_chars: u32 = in (1, 4000),
        /// The most characters of a phone number on a button.
        pub phone_chars: u32 = in (1, 40),
        /// The most characters of a coupon's code.
        pub coupon_chars: u32 = in (1, 100),
        /// The most characters of what a quick reply sends back.
        pub payload_chars: u32 = in (1, 1024),
        /// The most characters of a one-time code.
        pub otp_chars: u32 = in (4, 40),
        /// The most characters of an Android package's name.
        pub package_chars: u32 = in (1, 400),
        /// The characters of the hash of an app's signing key.
        pub signature_hash_chars: u32 = in (1, 100),
        /// The most apps that may take a one-time code over.
        pub supported_apps: u32 = in (1, 20),
        /// The most minutes for which a one-time code holds.
        pub code_minutes: u32 = in (1, 1440),
        /// The fewest cards of a carousel.
        pub cards_from: u32 = in (1, 20),
        /// The most cards of a carousel.
        pub cards_to: u32 = in (1, 20),
        /// The most characters of a card's body.
        pub card_body_chars: u32 = in (1, 1024),
        /// The most buttons of a card.
        pub card_buttons: u32 = in (1, 10),
        /// The most characters of an offer's line.
        pub offer_chars: u32 = in (1, 200),
    }
    check ordered;
}

fn ordered(parts: &TemplateParts) -> Result<(), (&'static str, String)> {
    if parts.cards_from > parts.cards_to {
        return Err(("cards_from", format!("{} is more than cards_to, {}", parts.cards_from, parts.cards_to)));
    }
    Ok(())
}

impl TemplateParts {
    /// How long texts may be once their variables are filled in.
    pub fn filled(&self) -> TextLimits {
        TextLimits {
            header: self.header_chars as usize,
            body: self.body_chars as usize,
            offer_body: self.offer_body_chars as usize,
            card_body: self.card_body_chars as usize,
            url: self.url_chars as usize,
            payload: self.payload_chars as usize,
            coupon: self.coupon_chars as usize,
            otp: self.otp_chars as usize,
        }
    }
}

section! {
    /// Words by which the automatic checks see what a template is. A word that ends in * stands for all that begin with it.
    pub struct TemplateWords in "template_words" {
        /// A utility template with one of them is a marketing template, by language.
        pub marketing: BTreeMap<String, Vec<String>> = in (0, 100),
        /// Hosts that hide where a link leads: such a template is rejected, or a person looks at it.
        pub shorteners: Vec<String> = in (0, 1000),
    }
}

choice! {
    /// What a device shows when a pack lacks its reader's language.
    pub enum PackFallback {
        /// The text in the sender's language.
        Sender = "sender",
        /// That there is a message it cannot show.
        Refuse = "refuse",
    }
}

section! {
    /// Language packs: a template's texts in all its languages, kept by the customers' devices (R79 to R82).
    pub struct Packs in "packs" {
        /// After how long a device fetches a pack again (R81).
        pub refresh: Length = in ("1h", "365d"),
        /// After how long at the latest a device tries a failed download again (R82).
        pub retry: Length = in ("1s", "1d"),
        /// What a device shows when the reader's language is missing.
        pub fallback: PackFallback,
        /// Whether a language with other variables than the template's other languages is refused (the Cloud API takes it). Taken, it is shown only to
        /// those to whom it was sent, and never as somebody's own language.
        pub same_variables: bool,
    }
}
