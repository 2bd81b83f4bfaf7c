//! Prohibited goods (R108): words of what cannot be sold here, found in templates, names, catalogues and profiles in six languages.
//!
//! A text and the words are brought into one form first ([`suki_types::words::fold`]), so that case, accents, punctuation and invisible characters
//! hide nothing; whole words are compared, so that "cannabis" is found in "Cannabis!" and not in another word that has it inside. A word of the
//! policy that ends in `*` stands for all that begin with it, for languages whose words change at their ends.
use crate::{Policy, Refusal, policy::section::section};
use std::collections::BTreeMap;
use suki_types::words::{Folded, first_word, fold};

section! {
    /// Goods and services that cannot be sold here (R108): words by kind of goods, all languages together. A word that ends in * stands for all that begin with it.
    pub struct Goods in "goods" {
        /// Kind of goods, such as weapons, and the words that mean them, by language.
        pub words: BTreeMap<String, BTreeMap<String, Vec<String>>> = in (0, 200),
    }
    check words_are_found;
}

/// A word that folds to nothing would never be found.
fn words_are_found(goods: &Goods) -> Result<(), (&'static str, String)> {
    let mut all = goods.words.values().flat_map(BTreeMap::values).flatten();
    match all.find(|word| fold(word).is_empty()) {
        Some(empty) => Err(("words", format!("{empty:?} has no letter: no text would have it"))),
        None => Ok(()),
    }
}

/// Prohibited goods in a text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Hit {
    /// The kind of goods, as the policy calls it.
    pub kind: String,
    /// The policy's word.
    pub word: String,
}

/// The first prohibited goods a text names.
pub fn find(goods: &Goods, text: &str) -> Option<Hit> {
    find_in(goods, &[Folded::new(text)])
}

/// The Cloud API code of a parameter that is not allowed.
const NOT_ALLOWED: i32 = 100;

/// Whether a business may be called this, or say this of itself: what a profile offers may not be prohibited.
///
/// # Errors
/// When it names prohibited goods; which, by which word.
pub fn check_profile(policy: &Policy, text: &str) -> Result<(), Refusal> {
    let Some(hit) = find(&policy.goods, text) else { return Ok(()) };
    Err(Refusal {
        rule: "goods",
        cloud_api_code: NOT_ALLOWED,
        message: format!(
            "A business's name and profile may not offer {}, and {:?} means that (policy {}, goods.words.{}). Leave it out; who sells it cannot do so here.",
            hit.kind, hit.word, policy.name, hit.kind
        ),
        retry_at: None,
    })
}

/// The first prohibited goods one of the texts names.
pub(crate) fn find_in(goods: &Goods, texts: &[Folded]) -> Option<Hit> {
    for (kind, languages) in &goods.words {
        if let Some(word) = first_word(languages.values().flatten(), texts) {
            return Some(Hit { kind: kind.clone(), word: word.clone() });
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Policy;

    #[test]
    fn whole_words_are_found_however_they_are_written() {
        let has = |text: &str, word: &str| Folded::new(text).has(word);
        let text = "Fresh  CANNÁBIS-oil, not a рistolet; наркотики";
        for word in ["cannabis", "Cannabis oil", "наркотик*"] {
            assert!(has(text, word), "{word}");
        }
        for word in ["canna", "nabis", "наркотик", "oil cannabis", "*", ""] {
            assert!(!has(text, word), "{word}");
        }
        assert!(has("gu\u{200d}ns", "guns"));
    }

    #[test]
    fn prohibited_goods_are_found_in_six_languages_and_in_both_profiles() {
        for (profile, text, kind) in ["meta-2026", "classic"].into_iter().flat_map(|profile| {
            [
                (profile, "We sell handguns and ammunition", Some("weapons")),
                (profile, "May baril kami, mura lang", Some("weapons")),
                (profile, "গাঁজা বিক্রি হয়", Some("drugs")),
                (profile, "Купить марихуану недорого", Some("drugs")),
                (profile, "نبيع الحشيش", Some("drugs")),
                (profile, "Papierosy bez akcyzy", Some("tobacco")),
                (profile, "Fresh coffee, bread and cakes every morning", None),
                (profile, "Kape at pandesal tuwing umaga", None),
                (profile, "প্রতিদিন সকালে তাজা রুটি", None),
                (profile, "Свежий хлеб и кофе каждое утро", None),
                (profile, "خبز وقهوة كل صباح", None),
                (profile, "Świeży chleb i kawa każdego ranka", None),
            ]
        }) {
            let policy = Policy::shipped(profile).expect("it is shipped");
            assert_eq!(find(&policy.goods, text).map(|hit| hit.kind).as_deref(), kind, "{profile}: {text}");
        }
    }
}
