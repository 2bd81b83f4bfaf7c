//! What a device shows of a template: the approved text out of a signed pack, in its reader's language, and never anything else.
use crate::locale::ReaderLocale;
use suki_protocol::{
    pb,
    template::{Fallback, Origin, Pack, PackText, SenderWords, Shown, TextLimits, check, render},
};
use suki_types::limits;

/// What a message says it is, beside its content.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Claim<'a> {
    /// `<id>.<version>` of the approved text in the sender's language.
    pub template_id: &'a str,
    /// The sender's language.
    pub language: &'a str,
}

/// What could be shown.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum View {
    /// This, and the same as one text.
    Shown(Box<Shown>, String),
    /// The pack is too old, or lacks the text: a newer one may have it.
    Missing,
    /// Nothing, and why.
    Refused(&'static str),
}

/// The device knows no rule of the platform, but shows no more than a text may have.
const BOUNDS: TextLimits = TextLimits {
    header: limits::TEXT_CHARS,
    body: limits::TEXT_CHARS,
    offer_body: limits::TEXT_CHARS,
    card_body: limits::TEXT_CHARS,
    url: limits::TEXT_CHARS,
    payload: limits::TEXT_CHARS,
    coupon: limits::TEXT_CHARS,
    otp: limits::TEXT_CHARS,
};

/// Fills the approved text in for a reader; his language is "" when he did not say.
pub(crate) fn view(pack: &Pack, claim: Claim<'_>, sent: &pb::Template, reader: &str, offset_minutes: i32) -> View {
    let ids = claim.template_id.split_once('.').and_then(|(id, version)| Some((id.parse().ok()?, version.parse().ok()?)));
    let Some((id, version)) = ids else { return View::Refused("it names no approved text") };
    let Some(own) = pack.exact(id, version) else { return View::Missing };
    if sent.name != pack.name || sent.language != claim.language || own.language != sent.language {
        return View::Refused("its content is of another template than its header says");
    }
    if !sent.reader_language || reader.is_empty() {
        return filled(own, sent, reader, offset_minutes);
    }
    let wanted = pack.for_reader(own, reader).map(|text| filled(text, sent, reader, offset_minutes));
    match (wanted, pack.fallback) {
        (Some(shown @ View::Shown(..)), _) => shown,
        (_, Fallback::Sender) => filled(own, sent, reader, offset_minutes),
        (_, Fallback::Refuse) => View::Refused("there is no text in your language"),
    }
}

fn filled(text: &PackText, sent: &pb::Template, reader: &str, offset_minutes: i32) -> View {
    if check(&text.components, text.parameter_format, sent, &BOUNDS).is_err() {
        return View::Refused("what it says does not fit the approved text");
    }
    // Money and time read like the text around them: in the reader's own way where the text is in his language.
    let language = if same_language(&text.language, reader) { reader } else { &text.language };
    let locale = ReaderLocale::new(language, offset_minutes);
    let rendered = match &locale {
        Some(locale) => render(&text.components, sent, locale),
        None => render(&text.components, sent, &SenderWords),
    };
    let Ok(rendered) = rendered else { return View::Refused("what it says does not fit the approved text") };
    let words = rendered.text();
    let origin = Origin { name: &sent.name, language: &text.language, reader_language: sent.reader_language, category: text.category };
    View::Shown(Box::new(Shown::new(origin, rendered)), words)
}

fn same_language(one: &str, other: &str) -> bool {
    let base = |language: &str| language.split(['_', '-']).next().unwrap_or_default().to_ascii_lowercase();
    base(one) == base(other)
}

#[cfg(test)]
mod tests {
    use super::*;
    use suki_protocol::template::{Category, Component, ParameterFormat};
    use suki_types::{AccountId, Env};

    fn text(language: &str, id: u64, version: u64, body: &str) -> PackText {
        let body = serde_json::json!([{"type": "BODY", "text": body}]);
        let components: Vec<Component> = serde_json::from_value(body).expect("parts");
        let parameter_format = ParameterFormat::Positional;
        PackText { language: language.into(), template_id: id, version, category: Category::Utility, parameter_format, components }
    }

    fn pack(fallback: Fallback) -> Pack {
        let env = Env::for_tests(1);
        let languages = vec![
            text("en_US", 7, 2, "Hello {{1}}, it costs {{2}} now."),
            text("en_US", 7, 1, "Hi {{1}}, it costs {{2}} today."),
            text("pl", 8, 1, "Witaj {{1}}, to kosztuje teraz {{2}} u nas."),
        ];
        Pack {
            business: AccountId::new(&env),
            name: "order".into(),
            serial: 1,
            issued_at: env.now(),
            refresh_millis: 1,
            retry_millis: 1,
            fallback,
            languages,
        }
    }

    fn sent(reader_language: bool) -> pb::Template {
        use pb::template_parameter::Value;
        let money = pb::Currency { code: "PHP".into(), amount_1000: 1_234_500, fallback: "PHP 1234.50".into() };
        let body = [Value::Text("Ana".into()), Value::Currency(money)];
        let body = body.map(|value| pb::TemplateParameter { name: String::new(), value: Some(value) }).to_vec();
        pb::Template { name: "order".into(), language: "en_US".into(), reader_language, body, ..Default::default() }
    }

    const CLAIM: Claim<'_> = Claim { template_id: "7.2", language: "en_US" };

    fn words(view: View) -> String {
        match view {
            View::Shown(_, words) => words.replace('\u{a0}', " "),
            other => format!("{other:?}"),
        }
    }

    #[test]
    fn r79_each_reader_gets_his_language_and_his_way_of_writing_money() {
        let pack = pack(Fallback::Sender);
        assert_eq!(words(view(&pack, CLAIM, &sent(true), "pl", 0)), "Witaj Ana, to kosztuje teraz 1234,50 ₱ u nas.");
        assert_eq!(words(view(&pack, CLAIM, &sent(true), "en-GB", 0)), "Hello Ana, it costs ₱1,234.50 now.");
        assert_eq!(words(view(&pack, CLAIM, &sent(false), "pl", 0)), "Hello Ana, it costs ₱1,234.50 now.", "deterministic");
        assert_eq!(words(view(&pack, CLAIM, &sent(true), "bn", 0)), "Hello Ana, it costs ₱1,234.50 now.", "the sender's, as the pack says");
        let older = Claim { template_id: "7.1", ..CLAIM };
        assert_eq!(words(view(&pack, older, &sent(false), "", 0)), "Hi Ana, it costs ₱1,234.50 today.", "the text it was approved with");
    }

    #[test]
    fn what_does_not_match_is_refused_and_never_shown() {
        let strict = pack(Fallback::Refuse);
        assert!(matches!(view(&strict, CLAIM, &sent(true), "bn", 0), View::Refused(why) if why.contains("language")));
        let pack = pack(Fallback::Sender);
        assert_eq!(view(&pack, Claim { template_id: "7.3", ..CLAIM }, &sent(true), "pl", 0), View::Missing);
        assert!(matches!(view(&pack, Claim { template_id: "seven", ..CLAIM }, &sent(true), "pl", 0), View::Refused(_)));
        assert!(matches!(view(&pack, Claim { template_id: "8.1", ..CLAIM }, &sent(true), "pl", 0), View::Refused(_)), "the other language's id");
        assert!(matches!(view(&pack, Claim { language: "pl", ..CLAIM }, &sent(true), "pl", 0), View::Refused(_)));
        let other = pb::Template { name: "offer".into(), ..sent(true) };
        assert!(matches!(view(&pack, CLAIM, &other, "pl", 0), View::Refused(_)));
        let mut more = sent(true);
        more.body.push(more.body[0].clone());
        assert!(matches!(view(&pack, CLAIM, &more, "en", 0), View::Refused(_)), "words that no approved text has a place for");
        let mut long = sent(false);
        long.body[0].value = Some(pb::template_parameter::Value::Text("x".repeat(5_000)));
        assert!(matches!(view(&pack, CLAIM, &long, "en", 0), View::Refused(_)));
    }
}
