//! What a name is made of: how long it is, its letters and signs, their scripts and their case.
use super::{NameBreach, NameRule};
use crate::policy::{Mixing, Names};
use unicode_normalization::char::is_combining_mark;
use unicode_properties::UnicodeEmoji as _;
use unicode_script::{Script, UnicodeScript as _};
use unicode_security::{GeneralSecurityProfile as _, MixedScript as _};

/// R27.
pub fn length(policy: &Names, name: &str) -> Option<NameBreach> {
    let (is, least, most) = (name.chars().count(), policy.shortest as usize, policy.longest as usize);
    if (least..=most).contains(&is) {
        return None;
    }
    let what = if is < least { "lengthen it" } else { "shorten it" };
    Some(NameBreach::new(NameRule::Length, format!("It has {is} characters; {least} to {most} are allowed: {what}")))
}

/// Letters, digits and the signs of the policy; letters of its scripts; no emoji unless it allows them.
pub fn letters(policy: &Names, name: &str) -> Vec<NameBreach> {
    let (mut strange, mut emoji, mut scripts) = (Vec::new(), Vec::new(), Vec::new());
    for c in name.chars() {
        if c == ' ' || c.is_ascii_digit() || policy.signs.contains(c) {
            continue;
        }
        if is_emoji(c) {
            emoji.push(c);
        } else if !is_letter(c) {
            strange.push(c);
        } else if !is_listed(policy, c.script()) {
            scripts.push(c.script().full_name());
        }
    }
    let mut breaches = Vec::new();
    if let Some(shown) = listed(&strange) {
        let signs: Vec<String> = policy.signs.chars().map(String::from).collect();
        let text = format!("{shown} cannot stand in a name; letters, digits, spaces and {} can: leave it out", signs.join(" "));
        breaches.push(NameBreach::new(NameRule::Characters, text));
    }
    if let (Some(shown), false) = (listed(&emoji), policy.emoji) {
        breaches.push(NameBreach::new(NameRule::Emoji, format!("{shown} is an emoji; a name has none: leave it out")));
    }
    scripts.sort_unstable();
    scripts.dedup();
    if !scripts.is_empty() {
        let text = format!("It has letters of {}; allowed are {}: write it in one of these", scripts.join(", "), policy.scripts.join(", "));
        breaches.push(NameBreach::new(NameRule::Script, text));
    }
    let count = name.chars().filter(|c| c.is_alphabetic()).count();
    if count == 0 && !name.is_empty() {
        breaches.push(NameBreach::new(NameRule::Characters, "It has no letter; a name is a word at least: write what the business is called"));
    }
    breaches
}

/// Letters of two scripts within a word look like one and are another; the policy says whether words of several scripts may stand side by side.
pub fn mixing(policy: &Names, name: &str) -> Option<NameBreach> {
    let mixed = |text: &str| !text.is_single_script();
    let word = words(name).find(|word| mixed(word));
    if let Some(word) = word {
        let text = format!("The word {word:?} mixes letters of several scripts, some of which look alike: write each word in one script");
        return Some(NameBreach::new(NameRule::MixedScripts, text));
    }
    if policy.mixing == Mixing::Never && mixed(&words(name).collect::<String>()) {
        return Some(NameBreach::new(NameRule::MixedScripts, "Its words are of several scripts; one is allowed: write all of it in the same script"));
    }
    None
}

/// A name in capitals shouts; an acronym does not.
pub fn capitals(policy: &Names, name: &str) -> Option<NameBreach> {
    let most = policy.capitals as usize;
    let shouts = |text: &str| {
        let (capital, small) =
            text.chars().fold((0, 0), |(capital, small), c| (capital + usize::from(c.is_uppercase()), small + usize::from(c.is_lowercase())));
        small == 0 && capital > most
    };
    if !shouts(name) && !words(name).any(shouts) {
        return None;
    }
    let text = format!("It has more than {most} letters in capitals alone; write it as a sentence would, capitals at the beginning of words");
    Some(NameBreach::new(NameRule::Capitals, text))
}

/// Signs stand alone and inside.
pub fn punctuation(policy: &Names, name: &str) -> Option<NameBreach> {
    let is_sign = |c: char| !c.is_alphanumeric() && !is_combining_mark(c) && c != ' ' && !is_emoji(c);
    if name.chars().next().is_some_and(is_sign) {
        return Some(NameBreach::new(NameRule::Punctuation, "It begins with a sign; a name begins with a letter or a digit: leave the sign out"));
    }
    let most = policy.signs_in_a_row as usize;
    let mut run = 0;
    for c in name.chars() {
        run = if is_sign(c) { run + 1 } else { 0 };
        if run > most {
            let text = format!("It has more than {most} sign{} in a row: leave the others out", if most == 1 { "" } else { "s" });
            return Some(NameBreach::new(NameRule::Punctuation, text));
        }
    }
    None
}

/// The words of a name: letters, marks and digits that stand together. The joiners of Bengali and Arabic do not part them.
fn words(name: &str) -> impl Iterator<Item = &str> {
    name.split(|c: char| !(c.is_alphanumeric() || is_combining_mark(c) || is_joiner(c))).filter(|word| !word.is_empty())
}

fn is_joiner(c: char) -> bool {
    matches!(c, '\u{200c}' | '\u{200d}')
}

fn is_letter(c: char) -> bool {
    is_joiner(c) || ((c.is_alphanumeric() || is_combining_mark(c)) && c.identifier_allowed())
}

fn is_emoji(c: char) -> bool {
    c.is_emoji_char() && !c.is_alphanumeric() && !c.is_ascii()
}

fn is_listed(policy: &Names, script: Script) -> bool {
    matches!(script, Script::Common | Script::Inherited) || policy.scripts.iter().any(|listed| listed == script.full_name())
}

/// The first three, each once; what cannot be seen by its number.
fn listed(characters: &[char]) -> Option<String> {
    let mut once: Vec<char> = characters.to_vec();
    once.sort_unstable();
    once.dedup();
    let shown =
        |c: &char| if c.is_control() || c.is_whitespace() || c.escape_debug().len() > 2 { format!("U+{:04X}", u32::from(*c)) } else { c.to_string() };
    let all: Vec<String> = once.iter().take(3).map(shown).collect();
    (!all.is_empty()).then(|| all.join(" "))
}
