//! Words that have no place in the repository: promises instead of work, one machine's paths, tests that do not run.
use crate::{Finding, Tree};

/// A word, where it is looked for, and why it is banned.
struct Banned {
    word: &'static str,
    /// Extensions of the files it is banned in; all when empty.
    extensions: &'static [&'static str],
    why: &'static str,
    /// What may follow all the same; nothing when empty.
    unless: &'static str,
}

/// A word that is banned wherever it stands.
const fn banned(word: &'static str, extensions: &'static [&'static str], why: &'static str) -> Banned {
    Banned { word, extensions, why, unless: "" }
}

const CODE: &[&str] = &["rs", "ts", "js", "mjs", "svelte", "css", "sql", "proto", "toml"];
const WEB: &[&str] = &["ts", "js", "mjs", "svelte"];

/// Written in two parts, so that this file has none of them.
const BANNED: &[Banned] = &[
    banned(concat!("TO", "DO"), &[], "do it, or open an issue"),
    banned(concat!("FIX", "ME"), &[], "fix it, or open an issue"),
    banned(concat!("XX", "X:"), CODE, "say what is wrong, or put it right"),
    Banned { unless: " in ", ..banned(concat!("for ", "now"), CODE, "build what stays") },
    banned(concat!("lorem ", "ipsum"), &[], "write what people will read"),
    banned(concat!("Chat", "GPT"), &[], "the repository speaks of the product alone"),
    banned(concat!("Clau", "de"), &[], "the repository speaks of the product alone"),
    banned(concat!("Copi", "lot"), &[], "the repository speaks of the product alone"),
    banned(concat!("/ho", "me/"), &[], "a path of one machine"),
    banned(concat!("/ro", "ot/"), &[], "a path of one machine"),
    banned(concat!("/Us", "ers/"), &[], "a path of one machine"),
    banned(concat!("#[ig", "nore]"), &["rs"], "nothing is skipped in silence: write why, as in #[ignore = \"make soak runs it\"]"),
    banned(concat!("it.sk", "ip("), WEB, "nothing is skipped in silence"),
    banned(concat!("test.sk", "ip("), WEB, "nothing is skipped in silence"),
    banned(concat!("describe.sk", "ip("), WEB, "nothing is skipped in silence"),
    banned(concat!("it.on", "ly("), WEB, "the other tests would not run"),
    banned(concat!("test.on", "ly("), WEB, "the other tests would not run"),
    banned(concat!("describe.on", "ly("), WEB, "the other tests would not run"),
];

/// What tools write has words of its own.
const LOCK_FILES: [&str; 2] = ["Cargo.lock", "package-lock.json"];

/// Looks for banned words in every file. Capital letters count only in words that are written so.
pub fn check(tree: &Tree) -> Vec<Finding> {
    let files = tree.0.iter().filter(|file| !LOCK_FILES.iter().any(|lock| file.path.ends_with(lock)) && !file.is_generated());
    let mut findings = Vec::new();
    for file in files {
        let lower = file.text.to_lowercase();
        for banned in BANNED.iter().filter(|banned| banned.extensions.is_empty() || banned.extensions.contains(&file.extension())) {
            let text = if banned.word.chars().any(char::is_uppercase) { &file.text } else { &lower };
            for (at, _) in text.match_indices(banned.word).filter(|(at, _)| stands_alone(text, *at, banned)) {
                let line = text[..at].matches('\n').count() + 1;
                findings.push(Finding::new("words", format!("{}:{line}", file.path), format!("{:?}: {}", banned.word, banned.why)));
            }
        }
    }
    findings
}

/// Whether letters do not go on before or after a word that begins or ends with one, and nothing follows that makes it another thing.
fn stands_alone(text: &str, at: usize, banned: &Banned) -> bool {
    let word = banned.word;
    let after = &text[at + word.len()..];
    let letter = |c: Option<char>| c.is_some_and(|c| c.is_alphanumeric());
    let before = letter(word.chars().next()) && letter(text[..at].chars().next_back());
    let goes_on = letter(word.chars().next_back()) && letter(after.chars().next());
    !before && !goes_on && (banned.unless.is_empty() || !after.starts_with(banned.unless))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::SourceFile;

    fn places(path: &str, text: &str) -> Vec<String> {
        check(&Tree(vec![SourceFile { path: path.into(), text: text.into() }])).into_iter().map(|finding| finding.place).collect()
    }

    #[test]
    fn each_word_is_found_where_it_is_banned() {
        for banned in BANNED {
            let path = format!("a.{}", banned.extensions.first().unwrap_or(&"md"));
            assert_eq!(places(&path, &format!("fine\n {} x", banned.word)), [format!("{path}:2")], "{}", banned.word);
            assert_eq!(places("Cargo.lock", banned.word), [""; 0]);
        }
        assert_eq!(places("a.rs", concat!("// For ", "now this")), ["a.rs:1"]);
        for passes in
            [concat!("metho", "TO", "DOlogy"), concat!("for ", "nowhere"), "todo", concat!("submit.on", "ly("), concat!("for ", "now in [1]")]
        {
            assert_eq!(places("a.ts", passes), [""; 0], "{passes}");
        }
    }
}
