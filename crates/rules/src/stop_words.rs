//! Stop words: with which whole messages a customer stops a business's marketing, and with which he lets it begin again.
use crate::policy::section::section;
use std::collections::{BTreeMap, BTreeSet};
use suki_types::words::{StopWords, WORD_CHARS, fold};

section! {
    /// Stop words (users.md, customer side): a customer's message that is nothing but one of these words, however it is written, stops the business's
    /// marketing or resumes it. Devices and endpoints recognise them, since the network reads no text.
    pub struct Words in "stop_words" {
        /// Words that stop, by language; every language's words hold for every customer.
        pub stop: BTreeMap<String, Vec<String>> = in (1, 50),
        /// Words that resume, by language.
        pub resume: BTreeMap<String, Vec<String>> = in (0, 50),
    }
    check check;
}

/// No language needs more.
const PER_LANGUAGE: usize = 40;

impl Words {
    /// The words of all languages, folded.
    pub fn folded(&self) -> StopWords {
        StopWords::new(all(&self.stop), all(&self.resume))
    }
}

fn all(words: &BTreeMap<String, Vec<String>>) -> impl Iterator<Item = &str> {
    words.values().flatten().map(String::as_str)
}

fn check(words: &Words) -> Result<(), (&'static str, String)> {
    each("stop", &words.stop)?;
    each("resume", &words.resume)?;
    let stop: BTreeSet<String> = all(&words.stop).map(fold).collect();
    match all(&words.resume).find(|word| stop.contains(&fold(word))) {
        Some(word) => Err(("resume", format!("{word:?} stops as well; a word means one thing"))),
        None => Ok(()),
    }
}

fn each(field: &'static str, words: &BTreeMap<String, Vec<String>>) -> Result<(), (&'static str, String)> {
    for (language, list) in words {
        if !(2..=3).contains(&language.len()) || !language.bytes().all(|byte| byte.is_ascii_lowercase()) {
            return Err((field, format!("{language:?} is no language; write its two or three letters, such as en or fil")));
        }
        if !(1..=PER_LANGUAGE).contains(&list.len()) {
            return Err((field, format!("{language} has {} words; 1 to {PER_LANGUAGE} are allowed", list.len())));
        }
        if let Some(word) = list.iter().find(|word| !(1..=WORD_CHARS).contains(&fold(word).chars().count())) {
            return Err((field, format!("{word:?} has no letters, or more than {WORD_CHARS}")));
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use crate::{Policy, SHIPPED_POLICIES};
    use suki_types::words::Wish;

    #[test]
    fn stop_works_by_word_in_six_languages() {
        for (name, _) in SHIPPED_POLICIES {
            let words = Policy::shipped(name).expect("it is shipped").stop_words.folded();
            for text in ["STOP", "stop", "HINTO", "বন্ধ", "إيقاف", "СТОП", "Stop.", "rezygnuję"] {
                assert_eq!(words.recognise(text), Some(Wish::Stop), "{name} {text}");
            }
            for text in ["START", "ituloy", "শুরু", "استئناف", "старт", "wznów"] {
                assert_eq!(words.recognise(text), Some(Wish::Resume), "{name} {text}");
            }
            for text in ["Stop sending me the wrong size", "cancel my order", "не стоп", "বন্ধ কখন?"] {
                assert_eq!(words.recognise(text), None, "{name} {text}");
            }
        }
    }

    #[test]
    fn a_wrong_list_names_its_place() {
        let (_, text) = SHIPPED_POLICIES[0];
        let own = |from: &str, to: &str| {
            assert!(text.contains(from), "{from}");
            Policy::parse("own.toml", &text.replacen(from, to, 1)).expect_err(to).to_string()
        };
        assert!(own("\"start\"", "\"Stop!\"").contains("means one thing"));
        assert!(own("fil = [\"hinto\"", "filipino = [\"hinto\"").contains("no language"));
        assert!(own("\"hinto\"", "\"!!!\"").contains("no letters"));
    }
}
