//! Names brought into forms that can be compared: as stored, for searching, and as the eye sees them.
use unicode_normalization::UnicodeNormalization as _;

/// The name as it is stored: composed (NFC), without space around it, single spaces inside.
pub fn normal(name: &str) -> String {
    let composed: String = name.nfc().collect();
    composed.split_whitespace().collect::<Vec<_>>().join(" ")
}

/// For searching and comparing words: lower case, compatible forms made one, accents and vowel points left out.
pub fn folded(text: &str) -> String {
    let lower: String = text.nfkc().flat_map(char::to_lowercase).collect();
    let bare = lower.nfd().filter(|c| !is_accent(*c)).map(plain_letter);
    bare.nfc().collect::<String>().split_whitespace().collect::<Vec<_>>().join(" ")
}

/// Under what a name is found: itself and what begins at each later word, folded; at most eight.
pub fn search_keys(name: &str) -> Vec<String> {
    let folded = folded(name);
    let is_inside = |c: char| c.is_alphanumeric() || unicode_normalization::char::is_combining_mark(c);
    let mut keys = Vec::new();
    let mut before = false;
    for (at, c) in folded.char_indices() {
        let inside = is_inside(c);
        if inside && !before && keys.len() < 8 {
            keys.push(folded[at..].to_owned());
        }
        before = inside;
    }
    keys.dedup();
    keys
}

/// What the eye sees: two names with the same skeleton cannot be told apart at a glance (UTS 39), whatever their case, spaces, signs and accents.
/// Small l, capital I and the digit 1 are one, and so is the small i, whose capital it is.
pub fn skeleton(name: &str) -> String {
    let compatible: String = name.nfkc().collect();
    // Once with the capitals as they stand, which may look like small letters of others, and once more in lower case.
    let seen: String = unicode_security::confusable_detection::skeleton(&compatible).flat_map(char::to_lowercase).collect();
    let seen: String = unicode_security::confusable_detection::skeleton(&seen).flat_map(char::to_lowercase).collect();
    seen.nfd()
        .filter(|c| !is_accent(*c))
        .map(plain_letter)
        .filter(|c| c.is_alphanumeric() || unicode_normalization::char::is_combining_mark(*c))
        .map(one_stroke)
        .collect()
}

fn one_stroke(c: char) -> char {
    match c {
        'i' | '1' | '|' => 'l',
        '0' => 'o',
        c => c,
    }
}

/// Marks that change a letter's sound, not which letter it is: accents, Arabic vowel points, the Arabic stretching line. Vowel signs of Bengali stay.
fn is_accent(c: char) -> bool {
    matches!(c, '\u{300}'..='\u{36f}' | '\u{64b}'..='\u{65f}' | '\u{670}' | '\u{640}' | '\u{200c}' | '\u{200d}')
}

/// Letters whose stroke Unicode does not take apart.
fn plain_letter(c: char) -> char {
    match c {
        'ł' => 'l',
        'đ' => 'd',
        'ø' => 'o',
        'ı' => 'i',
        'أ' | 'إ' | 'آ' | 'ٱ' => 'ا',
        'ى' => 'ي',
        c => c,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn search_keys_begin_at_each_word() {
        assert_eq!(search_keys("Kape ni Ana"), ["kape ni ana", "ni ana", "ana"]);
        assert_eq!(search_keys("Café Łódź"), ["cafe lodz", "lodz"]);
        assert_eq!(search_keys("Sari-Sari ni Nena"), ["sari-sari ni nena", "sari ni nena", "ni nena", "nena"]);
        assert_eq!(search_keys("রহিমের দোকান"), ["রহিমের দোকান", "দোকান"]);
        assert_eq!(search_keys("مَقهى الأمل"), ["مقهي الامل", "الامل"]);
        assert!(search_keys("…").is_empty());
        assert_eq!(search_keys("a b c d e f g h i j").len(), 8);
    }

    #[test]
    fn skeletons_are_the_same_for_what_looks_the_same() {
        for (one, other) in [
            ("Google", "Gооgle"), // Cyrillic о
            ("Pawilon", "PawiIon"),
            ("Kape ni Ana", "KAPE-NI-ANA"),
            ("Café Rouge", "Cafe Rouge"),
            ("Mint", "rnint"),
            ("Сосо", "Coco"), // Cyrillic against Latin
            ("Shop1", "Shopl"),
            ("O'Hara", "0Hara"),
        ] {
            assert_eq!(skeleton(one), skeleton(other), "{one} {other}");
        }
        for (one, other) in [("Kape ni Ana", "Kape ni Anna"), ("Sklep", "Sklepik"), ("রহিম", "রহমি"), ("Кофе", "Кафе")] {
            assert_ne!(skeleton(one), skeleton(other), "{one} {other}");
        }
    }
}
