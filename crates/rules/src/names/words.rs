//! What a name says: words that only the platform may use, and names of persons.
use super::{NameBreach, NameRule, fold};
use crate::policy::Names;

/// Words such as "official" are marks, and marks are given. Look-alikes of them are found too.
pub fn forbidden(policy: &Names, name: &str) -> Option<NameBreach> {
    let seen: Vec<String> = parts(name).map(fold::skeleton).collect();
    let stands = |phrase: &str| {
        let wanted: Vec<String> = parts(phrase).map(fold::skeleton).collect();
        !wanted.is_empty() && seen.windows(wanted.len()).any(|window| window == wanted)
    };
    let word = policy.forbidden_words.iter().find(|phrase| stands(phrase))?;
    let text = format!("{word:?} cannot stand in a name: only the platform says what is official, verified or its own; leave it out");
    Some(NameBreach::new(NameRule::ForbiddenWord, text))
}

/// A given name, alone or with what may be a family name, and no word that says what the business does (R29).
pub fn personal(policy: &Names, name: &str) -> Option<NameBreach> {
    if !policy.refuse_personal_names {
        return None;
    }
    let words: Vec<String> = name.split([' ', '-', ',']).map(fold::folded).filter(|word| !word.is_empty()).collect();
    let is_plain = |word: &String| word.chars().all(|c| c.is_alphabetic() || c == '.' || unicode_normalization::char::is_combining_mark(c));
    let of_trade = |word: &String| listed(&policy.business_words, word);
    if words.is_empty() || words.len() > policy.personal_words as usize || !words.iter().all(is_plain) || words.iter().any(of_trade) {
        return None;
    }
    let (first, last) = (&words[0], &words[words.len() - 1]);
    let is_given = listed(&policy.given_names, first);
    let is_family = |word: &String| policy.family_endings.iter().any(|ending| is_ending(word, &fold::folded(ending)));
    let is_reversed = words.len() == 2 && is_family(first) && listed(&policy.given_names, last);
    let is_pair = words.len() == 2 && is_family(last);
    if !(is_given || is_reversed || is_pair) {
        return None;
    }
    let text = format!("{name:?} reads as the name of a person; a business is called by what it does: add that, such as Bakery, Store or Clinic");
    Some(NameBreach::new(NameRule::PersonalName, text))
}

fn listed(list: &[String], word: &str) -> bool {
    let word = word.trim_end_matches('.');
    list.iter().any(|one| fold::folded(one) == word)
}

/// An ending makes a family name only behind a stem.
fn is_ending(word: &str, ending: &str) -> bool {
    !ending.is_empty() && word.strip_suffix(ending).is_some_and(|stem| stem.chars().count() >= 2)
}

fn parts(text: &str) -> impl Iterator<Item = &str> {
    text.split(|c: char| !(c.is_alphanumeric() || unicode_normalization::char::is_combining_mark(c))).filter(|word| !word.is_empty())
}
