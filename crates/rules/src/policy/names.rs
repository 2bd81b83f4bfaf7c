//! What the policy says of business names.
use super::section::{choice, section};

choice! {
    /// Whether a name may have words of several scripts.
    pub enum Mixing {
        /// Each word is of one script, and words of several may stand side by side.
        BetweenWords = "between_words",
        /// All words are of the same script.
        Never = "never",
    }
}

section! {
    /// Names of businesses (R27 to R29). Lists are compared without regard to case and accents.
    pub struct Names in "names" {
        /// The fewest characters of a name.
        pub shortest: u32 = in (1, 75),
        /// The most characters of a name (Cloud API: 75).
        pub longest: u32 = in (1, 75),
        /// The scripts whose letters may stand in a name, as Unicode calls them.
        pub scripts: Vec<String> = in (1, 200),
        /// Whether words of several scripts may stand side by side. No word is ever of several.
        pub mixing: Mixing,
        /// The signs that may stand in a name, beside letters, digits and single spaces.
        pub signs: String = in (0, 64),
        /// How many signs may follow each other.
        pub signs_in_a_row: u32 = in (1, 5),
        /// Whether a name may have emoji.
        pub emoji: bool,
        /// How many capitals a name or word may have without any small letter: acronyms pass, shouting does not.
        pub capitals: u32 = in (1, 75),
        /// Words and phrases that no name has: marks are given by the platform. What looks like them is refused too.
        pub forbidden_words: Vec<String> = in (0, 500),
        /// Whether the name of a person is refused (R29).
        pub refuse_personal_names: bool,
        /// A name of more words than this is never taken for a person's.
        pub personal_words: u32 = in (1, 10),
        /// Given names: a name that begins with one is a person's, unless one of its words is in `business_words`.
        pub given_names: Vec<String> = in (0, 2000),
        /// Endings of family names: a name of two words whose second has one is a person's. An empty list: only given names count.
        pub family_endings: Vec<String> = in (0, 200),
        /// Words that say what a business does or how it is joined together: with one of them a name is no person's.
        pub business_words: Vec<String> = in (0, 1000),
    }
    check fits;
}

fn fits(names: &Names) -> Result<(), (&'static str, String)> {
    if names.shortest > names.longest {
        return Err(("shortest", format!("{} is more than longest, {}", names.shortest, names.longest)));
    }
    if let Some(unknown) = names.scripts.iter().find(|script| unicode_script::Script::from_full_name(script).is_none()) {
        return Err(("scripts", format!("{unknown:?} is no script; write its name as Unicode does, such as Latin, Cyrillic, Arabic or Bengali")));
    }
    let odd = names.signs.chars().find(|c| c.is_alphanumeric() || c.is_whitespace() || c.is_control());
    if let Some(odd) = odd {
        return Err(("signs", format!("{odd:?} is no sign; letters, digits and spaces are allowed by themselves")));
    }
    Ok(())
}
