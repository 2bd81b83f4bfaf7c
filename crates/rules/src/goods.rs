//! Prohibited goods (R108): words of what cannot be sold here, found in templates, names, catalogues and profiles in six languages.
//!
//! A text and the words are brought into one form first ([`suki_types::words::fold`]), so that case, accents, punctuation and invisible characters
//! hide nothing; whole words are compared, so that "cannabis" is found in "Cannabis!" and not in another word that has it inside. A word of the
//! policy that ends in `*` stands for all that begin with it, for languages whose words change at their ends.
use crate::policy::section::section;
use std::collections::BTreeMap;
use suki_types::words::fold;

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
    let text = Folded::new(text);
    for (kind, languages) in &goods.words {
        if let Some(word) = languages.values().flatten().find(|word| text.has(word)) {
            return Some(Hit { kind: kind.clone(), word: word.clone() });
        }
    }
    None
}

/// A text in the form in which words are compared.
pub(crate) struct Folded(String);

impl Folded {
    pub fn new(text: &str) -> Self {
        Self(format!(" {} ", fold(text)))
    }

    /// Whether a word or phrase of the policy stands in the text, whole; one that ends in `*` may go on.
    pub fn has(&self, word: &str) -> bool {
        let (stem, ending) = word.strip_suffix('*').map_or((word, " "), |stem| (stem, ""));
        let folded = fold(stem);
        !folded.is_empty() && self.0.contains(&format!(" {folded}{ending}"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Policy;

    #[test]
    fn whole_words_are_found_however_they_are_written() {
        let text = Folded::new("Fresh  CANNÁBIS-oil, not a рistolet; наркотики");
        assert!(text.has("cannabis") && text.has("Cannabis oil") && text.has("наркотик*"));
        assert!(!text.has("canna") && !text.has("nabis") && !text.has("наркотик") && !text.has("oil cannabis") && !text.has("*") && !text.has(""));
        assert!(Folded::new("gu\u{200d}ns").has("guns"));
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
