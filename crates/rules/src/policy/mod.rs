//! A policy profile: one TOML file that holds every rule's figures.
//!
//! Each section is declared beside its rule with [`section::section`]; the sections stand together in [`Policy`].
mod names;
mod review;
pub(crate) mod section;
mod templates;
mod terms;
mod trust;

pub use names::{Mixing, Names};
pub use review::Review;
pub use section::FieldRow;
pub use templates::{Moderation, PackFallback, Packs, TemplateParts, TemplateWords, Templates};
pub use terms::Terms;
pub use trust::{Entity, Label, NameReview, Trust};

use crate::{
    Broadcast, Choices, CommerceFigures, Consent, Entry, Flows, Frequency, Groups, Length, Media, NumberFigures, Programs, Rates, Rights, Staff,
    Window,
    goods::Goods,
    price::Price,
    profile::ProfileFigures,
    standing::{Bans, QualityFigures, Tiers},
    stop_words::Words,
    usernames::Usernames,
};
use section::{Problem, policy, section};
use std::ops::Range;
use toml::{
    Spanned,
    de::{DeTable, DeValue},
};

policy! {
    /// The customer-service window.
    window: Window,
    /// Consent.
    consent: Consent,
    /// Words that stop and resume.
    stop_words: Words,
    /// How many customers a business may write to first.
    tiers: Tiers,
    /// How good customers find a business.
    quality: QualityFigures,
    /// Warnings, restrictions and bans.
    bans: Bans,
    /// The free entry window.
    entry: Entry,
    /// What reaches a customer under his choices.
    choices: Choices,
    /// What a business needs before it may write.
    rights: Rights,
    /// How fast a business may write.
    rates: Rates,
    /// How many marketing messages one customer gets.
    frequency: Frequency,
    /// Broadcasts.
    broadcast: Broadcast,
    /// Groups of several customers.
    groups: Groups,
    /// How many people work for a business.
    staff: Staff,
    /// Usernames.
    usernames: Usernames,
    /// How often programs may call.
    programs: Programs,
    /// A business's number on the Cloud API.
    number: NumberFigures,
    /// Flows.
    flows: Flows,
    /// What a business says of itself.
    profile: ProfileFigures,
    /// Which media may be sent.
    media: Media,
    /// Catalogues and orders.
    commerce: CommerceFigures,
    /// What is kept for how long.
    retention: Retention,
    /// Terms of service and privacy policy.
    terms: Terms,
    /// Names of businesses.
    names: Names,
    /// Levels, marks and verification.
    trust: Trust,
    /// How people decide about businesses.
    review: Review,
    /// What messages cost.
    price: Price,
    /// Templates and their life.
    templates: Templates,
    /// How long and how many a template's parts may be.
    template_parts: TemplateParts,
    /// Words by which templates are checked.
    template_words: TemplateWords,
    /// Language packs.
    packs: Packs,
    /// Prohibited goods.
    goods: Goods,
}

section! {
    /// What is kept for how long.
    pub struct Retention in "retention" {
        /// For how long the network keeps what a device has not fetched.
        pub undelivered: Length = in ("1h", "30d"),
    }
}

/// What is wrong with a policy file, in one line: file, line, field, what is allowed.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{file}:{line}: {}{problem}", if field.is_empty() { String::new() } else { format!("{field}: ") })]
pub struct PolicyError {
    /// The file, as the caller named it.
    pub file: String,
    /// The line, from 1.
    pub line: usize,
    /// The field with its table, such as `window.length`; empty when the file is no TOML there.
    pub field: String,
    /// What is wrong, and what is allowed.
    pub problem: String,
}

/// The policy of a server that names none.
pub const DEFAULT_POLICY: &str = "meta-2026";

/// The policies that come with the program: name and text.
pub const SHIPPED_POLICIES: [(&str, &str); 2] =
    [(DEFAULT_POLICY, include_str!("../../../../policies/meta-2026.toml")), ("classic", include_str!("../../../../policies/classic.toml"))];

/// A policy file is a page or two; more is a mistake, and reading it would cost memory.
const MAX_BYTES: usize = 1024 * 1024;

impl Policy {
    /// Reads a policy; `file` is named in errors only.
    ///
    /// # Errors
    /// At the first thing that is wrong: no TOML, an unknown or missing field, a wrong type or unit, a figure out of its range, more than 1 MiB.
    pub fn parse(file: &str, text: &str) -> Result<Self, PolicyError> {
        if text.len() > MAX_BYTES {
            let problem = format!("the file has {} bytes; a policy has at most {MAX_BYTES}", text.len());
            return Err(PolicyError { file: file.into(), line: 1, field: String::new(), problem });
        }
        let fields: File = toml::from_str(text).map_err(|error| located(file, text, error.span(), error.message()))?;
        fields.check(text).map_err(|(span, problem)| located(file, text, Some(span), &problem))
    }

    /// A policy that comes with the program; `None` when there is none of that name.
    pub fn shipped(name: &str) -> Option<Self> {
        let (file, text) = SHIPPED_POLICIES.into_iter().find(|(shipped, _)| *shipped == name)?;
        Some(Self::parse(file, text).expect("the tests read every shipped policy"))
    }
}

fn check_name(name: Spanned<String>) -> Result<String, Problem> {
    let text = name.get_ref();
    if !(1..=64).contains(&text.len()) || !text.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-') {
        return Err((name.span(), "a name has 1 to 64 characters out of a to z, 0 to 9 and -".into()));
    }
    Ok(name.into_inner())
}

fn located(file: &str, text: &str, span: Option<Range<usize>>, problem: &str) -> PolicyError {
    // Without a span the problem is the file's as a whole.
    let start = span.map_or(0, |span| span.start.min(text.len()));
    let line = text.as_bytes()[..start].iter().filter(|byte| **byte == b'\n').count() + 1;
    let field = DeTable::parse(text).map(|table| path_to(table.get_ref(), start).join(".")).unwrap_or_default();
    PolicyError { file: file.into(), line, field, problem: problem.trim().replace('\n', ", ") }
}

/// The keys that lead to the place `at` in the text.
fn path_to(table: &DeTable<'_>, at: usize) -> Vec<String> {
    for (key, value) in table {
        if key.span().contains(&at) {
            return vec![key.get_ref().to_string()];
        }
        if let DeValue::Table(inner) = value.get_ref() {
            let rest = path_to(inner, at);
            if !rest.is_empty() || value.span().contains(&at) {
                return [vec![key.get_ref().to_string()], rest].concat();
            }
        } else if value.span().contains(&at) {
            return vec![key.get_ref().to_string()];
        }
    }
    Vec::new()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn meta() -> &'static str {
        SHIPPED_POLICIES[0].1
    }

    #[test]
    fn shipped_policies_are_read() {
        let meta = Policy::shipped(DEFAULT_POLICY).expect("the default is shipped");
        assert_eq!((meta.window.length.short().as_str(), meta.window.refreshed_by_business()), ("24h", false));
        assert_eq!(meta.retention.undelivered.short(), "30d");
        let classic = Policy::shipped("classic").expect("it is shipped");
        assert!(classic.window.refreshed_by_business());
        for (name, text) in SHIPPED_POLICIES {
            assert_eq!(Policy::parse(name, text).expect("it is right").name, name);
        }
        assert_eq!(Policy::shipped("meta-2027"), None);
    }

    #[test]
    fn an_error_names_file_line_field_and_what_is_allowed() {
        let line_of = |needle: &str| meta().lines().position(|line| line.starts_with(needle)).expect("the file has it") + 1;
        for (from, to, at, field, says) in [
            ("length = \"24h\"", "length = \"24\"", "length", "window.length", "s, m, h or d"),
            ("length = \"24h\"", "length = \"24x\"", "length", "window.length", "s, m, h or d"),
            ("length = \"24h\"", "length = 24", "length", "window.length", "in quotes"),
            ("length = \"24h\"", "length = \"31d\"", "length", "window.length", "1m to 30d"),
            ("length = \"24h\"", "lenght = \"24h\"", "length", "window.lenght", "unknown field `lenght`"),
            ("[\"customer\"]", "[\"business\"]", "refreshed_by", "window.refreshed_by", "[\"customer\"]"),
            ("[\"customer\"]", "[\"customer\", \"customer\"]", "refreshed_by", "window.refreshed_by", "[\"customer\"]"),
            ("[\"customer\"]", "[]", "refreshed_by", "window.refreshed_by", "[\"customer\"]"),
            ("[\"customer\"]", "[\"operator\"]", "refreshed_by", "window.refreshed_by", "`customer` or `business`"),
            ("undelivered = \"30d\"", "undelivered = \"59m\"", "undelivered", "retention.undelivered", "1h to 30d"),
            ("name = \"meta-2026\"", "name = \"Meta 2026\"", "name", "name", "a to z"),
            ("[retention]", "[retentoin]", "[retention]", "retentoin", "`retention`"),
            ("name = \"meta-2026\"", "name = ", "name", "", ""),
        ] {
            assert!(meta().contains(from), "{from}");
            let error = Policy::parse("own.toml", &meta().replace(from, to)).expect_err(to);
            assert_eq!((error.file.as_str(), error.line, error.field.as_str()), ("own.toml", line_of(at), field), "{error}");
            assert!(error.to_string().contains(says), "{error}");
            assert!(!error.to_string().contains('\n'), "{error}");
        }
    }

    #[test]
    fn a_missing_field_names_its_table() {
        let text = meta().lines().filter(|line| !line.starts_with("length = \"24h\"")).collect::<Vec<_>>().join("\n");
        let error = Policy::parse("own.toml", &text).expect_err("length is missing");
        assert!(error.to_string().contains("missing field `length`"), "{error}");
        assert_eq!(error.field, "window", "{error}");
        assert!(Policy::parse("own.toml", "").is_err());
        assert!(Policy::parse("own.toml", &"#".repeat(MAX_BYTES + 1)).is_err());
    }
}
