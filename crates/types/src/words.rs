//! Words with which a customer says that he wants no more, recognised alike by his device and by the business's endpoint: nobody between them reads a text.
use unicode_normalization::UnicodeNormalization as _;

/// What a whole message that is one of the words means.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Wish {
    /// No more marketing.
    Stop,
    /// Marketing again.
    Resume,
}

/// The words, folded.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct StopWords {
    stop: Vec<String>,
    resume: Vec<String>,
}

/// No word is longer, folded; so a longer message is none.
pub const WORD_CHARS: usize = 40;
/// A message with more characters than this before folding is none of the words, however much of it is decoration.
const LOOKED_AT: usize = 120;

impl StopWords {
    /// With these words, in any spelling that folds to the same.
    pub fn new<'a>(stop: impl IntoIterator<Item = &'a str>, resume: impl IntoIterator<Item = &'a str>) -> Self {
        let folded = |mut all: Vec<String>| {
            all.sort_unstable();
            all.dedup();
            all
        };
        Self { stop: folded(stop.into_iter().map(fold).collect()), resume: folded(resume.into_iter().map(fold).collect()) }
    }

    /// What a message means, if all of it is one of the words.
    pub fn recognise(&self, text: &str) -> Option<Wish> {
        if text.chars().nth(LOOKED_AT).is_some() {
            return None;
        }
        let folded = fold(text);
        if folded.is_empty() {
            return None;
        }
        let is_in = |words: &[String]| words.binary_search(&folded).is_ok();
        if is_in(&self.stop) {
            return Some(Wish::Stop);
        }
        is_in(&self.resume).then_some(Wish::Resume)
    }

    /// The words that stop, folded and sorted.
    pub fn stop(&self) -> &[String] {
        &self.stop
    }

    /// The words that resume, folded and sorted.
    pub fn resume(&self) -> &[String] {
        &self.resume
    }
}

/// A text without what people write differently and mean alike: case, accents, Arabic vowel signs and forms of a letter, punctuation, emoji and the
/// number of spaces. The steps, for those who do the same in another language: NFKD; lower case; drop combining marks U+0300 to U+036F, U+064B to
/// U+065F, U+0670, the tatweel U+0640 and U+200C, U+200D; U+0649 and U+06CC become U+064A, U+0629 becomes U+0647; what is neither a letter or digit
/// nor in the Bengali block becomes a space; runs of spaces become one; none at the ends.
pub fn fold(text: &str) -> String {
    let mut folded = String::with_capacity(text.len());
    for c in text.nfkd().flat_map(char::to_lowercase) {
        match c {
            '\u{300}'..='\u{36f}' | '\u{64b}'..='\u{65f}' | '\u{670}' | '\u{640}' | '\u{200c}' | '\u{200d}' => {}
            '\u{649}' | '\u{6cc}' => folded.push('\u{64a}'),
            '\u{629}' => folded.push('\u{647}'),
            c if c.is_alphanumeric() || ('\u{980}'..='\u{9ff}').contains(&c) => folded.push(c),
            _ if folded.is_empty() || folded.ends_with(' ') => {}
            _ => folded.push(' '),
        }
    }
    folded.truncate(folded.trim_end().len());
    folded
}

/// A text in the form in which words are looked for in it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Folded(String);

impl Folded {
    /// Of a text.
    pub fn new(text: &str) -> Self {
        Self(format!(" {} ", fold(text)))
    }

    /// Whether a word or phrase stands in the text, whole; one that ends in `*` may go on.
    pub fn has(&self, word: &str) -> bool {
        let (stem, ending) = word.strip_suffix('*').map_or((word, " "), |stem| (stem, ""));
        let folded = fold(stem);
        !folded.is_empty() && self.0.contains(&format!(" {folded}{ending}"))
    }
}

/// The first of the words that stands in one of the texts.
pub fn first_word<'a>(words: impl IntoIterator<Item = &'a String>, texts: &[Folded]) -> Option<&'a String> {
    words.into_iter().find(|word| texts.iter().any(|text| text.has(word)))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn words() -> StopWords {
        StopWords::new(["STOP", "HINTO", "বন্ধ", "إيقاف", "СТОП", "opt out", "rezygnuję"], ["START", "استئناف"])
    }

    #[test]
    fn what_people_write_alike_is_one_word() {
        for text in [
            "stop",
            " STOP ",
            "Stop!",
            "«стоп»",
            "hinto.",
            "বন্ধ",
            "বন্ধ।",
            "إيقاف",
            "ايقاف",
            "إِيقَاف",
            "إيـقاف",
            "🛑 STOP 🛑",
            "OPT-OUT",
            "ｓｔｏｐ",
            "REZYGNUJE",
        ] {
            assert_eq!(words().recognise(text), Some(Wish::Stop), "{text}");
        }
        for text in ["start", "استئناف", "استيناف"] {
            assert_eq!(words().recognise(text), Some(Wish::Resume), "{text}");
        }
    }

    #[test]
    fn a_sentence_with_the_word_is_no_word() {
        for text in ["", "  ", "!!!", "please stop", "stop it", "non-stop", "don't stop", "stopover", "бизнес стоп", "STOP 5", "s t o p"] {
            assert_eq!(words().recognise(text), None, "{text}");
        }
        assert_eq!(words().recognise(&format!("stop{}", "!".repeat(LOOKED_AT))), None);
    }

    #[test]
    fn folding_again_changes_nothing() {
        for text in ["Ação — ÄÖÜ", "বন্ধ করুন", "إلغاءُ الاشتراكِ", "Й ё", "ﬁ ½ ①"] {
            assert_eq!(fold(&fold(text)), fold(text), "{text}");
        }
    }
}
