//! Golden cases of names (R27 to R29), both profiles, in the six languages; each refusal names its rule.
use suki_rules::{
    Policy,
    names::{self, NameRule},
};

fn policy(name: &str) -> Policy {
    Policy::shipped(name).expect("it is shipped")
}

/// The rules a name breaks under a profile.
fn broken(profile: &str, name: &str) -> Vec<&'static str> {
    match names::check(&policy(profile).names, name) {
        Ok(_) => Vec::new(),
        Err(breaches) => breaches.iter().map(|breach| breach.rule.as_str()).collect(),
    }
}

/// R27, R29: names of real shapes pass in every language.
#[test]
fn names_of_businesses_pass_in_six_languages() {
    for name in [
        // Filipino and English
        "Kape ni Ana",
        "Aling Nena’s Bakery",
        "Sari-Sari ni Mang Juan",
        "7-Eleven",
        "IKEA",
        "BMW Manila",
        "Smith & Sons Ltd.",
        "Maria's Kitchen",
        "Juan Trading Co.",
        // Bengali
        "রহিমের দোকান",
        "ঢাকা স্টোর",
        "রহিম ট্রেডার্স",
        // Russian
        "Кафе Пушкин",
        "Пекарня № 5",
        "Аптека Ивана",
        // Arabic
        "مقهى الأمل",
        "مخبز أحمد",
        "صيدلية النور",
        // Polish
        "Piekarnia Żółw",
        "Apteka Anna",
        "Łódzka Kawiarnia",
    ] {
        for profile in ["meta-2026", "classic"] {
            assert_eq!(broken(profile, name), [""; 0], "{profile}: {name}");
        }
    }
}

/// R29: the name of a person is refused in every language, in whatever order and spelling.
#[test]
fn names_of_persons_are_refused_in_six_languages() {
    for name in [
        "Juan dela Cruz",
        "maria",
        "Maria Clara Santos",
        "John Smith",
        "Мария",
        "Иван Петров",
        "Анна Сергеевна Иванова",
        "محمد أحمد",
        "مُحَمَّد علي",
        "حسن محمد",
        "Anna Kowalska",
        "Jozef Nowak",
        "রহিম উদ্দিন",
        "মোহাম্মদ আব্দুল করিম",
    ] {
        for profile in ["meta-2026", "classic"] {
            assert_eq!(broken(profile, name), ["personal_name"], "{profile}: {name}");
        }
    }
    // The classic profile knows family names too.
    for name in ["Grażyna Wiśniewska", "Wiśniewski Jan", "Захар Кузнецов"] {
        assert_eq!(broken("classic", name), ["personal_name"], "{name}");
    }
    assert_eq!(broken("meta-2026", "Grażyna Wiśniewska"), [""; 0]);
}

/// R27: the length's boundaries, in characters and not in bytes.
#[test]
fn length_ends_where_the_profile_says() {
    for (profile, least, most) in [("meta-2026", 2, 75), ("classic", 3, 25)] {
        for letter in ["b", "ж", "ব"] {
            assert_eq!(broken(profile, &letter.repeat(least - 1)), ["length"]);
            assert_eq!(broken(profile, &letter.repeat(least)), [""; 0]);
            assert_eq!(broken(profile, &letter.repeat(most)), [""; 0]);
            assert_eq!(broken(profile, &letter.repeat(most + 1)), ["length"]);
        }
    }
    assert_eq!(broken("meta-2026", ""), ["length"]);
    assert_eq!(broken("meta-2026", "  \t "), ["length"]);
    assert_eq!(broken("meta-2026", &"x".repeat(1_000_000)), ["length"]);
}

/// R29: each rule by its name.
#[test]
fn each_rule_is_named() {
    for (name, rules) in [
        ("Kape\u{202e}Shop", &["characters"][..]),
        ("Kape\u{200b}Shop", &["characters"]),
        ("Kape <b>", &["characters"]),
        ("Kape_Shop", &["characters"]),
        ("Ｋａｐｅ", &["characters"]),
        ("7-11", &["characters"]),
        ("Kape ☕", &["emoji"]),
        ("Kape 😀 Shop", &["emoji"]),
        ("ᚠᚢᚦᚨᚱᚲ", &["characters"]),
        ("Kаpe Shop", &["mixed_scripts"]),    // Cyrillic а
        ("Пекарня Tеst", &["mixed_scripts"]), // Cyrillic е in a Latin word
        ("SUPERMARKET NENA", &["capitals"]),
        ("BIG SALE", &["capitals"]),
        ("ПЕКАРНЯ", &["capitals"]),
        ("Kape!!", &["punctuation"]),
        ("!Kape", &["punctuation"]),
        ("Kape -- Shop", &["punctuation"]),
        ("Verified Kape", &["forbidden_word"]),
        ("Verif1ed Kape", &["forbidden_word"]),
        ("Vеrified Kape", &["mixed_scripts", "forbidden_word"]), // Cyrillic е
        ("Suki Shop", &["forbidden_word"]),
        ("Официальный магазин", &["forbidden_word"]),
        ("متجر رسمي", &["forbidden_word"]),
        ("Oficjalny Sklep", &["forbidden_word"]),
        ("অফিসিয়াল স্টোর", &["forbidden_word"]),
        ("Opisyal na Tindahan", &["forbidden_word"]),
        ("John Smith", &["personal_name"]),
        ("WHATSAPP SUPPORT!!", &["capitals", "punctuation", "forbidden_word"]),
    ] {
        assert_eq!(broken("meta-2026", name), rules, "{name}");
    }
    // Scripts are the profile's.
    assert_eq!(broken("meta-2026", "東京商店"), [""; 0]);
    assert_eq!(broken("classic", "東京商店"), ["script"]);
    // So is the standing side by side of words of several.
    assert_eq!(broken("meta-2026", "Кафе Central"), [""; 0]);
    assert_eq!(broken("classic", "Кафе Central"), ["mixed_scripts"]);
}

/// R29: every breach says what to change, and no text repeats what cannot be seen.
#[test]
fn a_breach_says_what_to_change() {
    for name in ["", "Kape\u{202e}", "Kape ☕", "KAPE NI NENA", "Kape!!", "Verified", "John Smith", "Kаpe"] {
        for breach in names::check(&policy("meta-2026").names, name).expect_err("it is refused") {
            assert!(breach.message.contains(':') || breach.message.contains(';'), "{breach:?}");
            assert!(!breach.message.chars().any(char::is_control) && !breach.message.contains('\u{202e}'), "{breach:?}");
        }
    }
    assert_eq!(NameRule::PersonalName.cloud_api_reason(), "NAME_INDIVIDUAL_ISSUE");
}

/// A name is stored composed and without needless space.
#[test]
fn a_name_is_stored_in_its_normal_form() {
    assert_eq!(names::check(&policy("meta-2026").names, "  Cafe\u{301}   Rouge "), Ok("Café Rouge".into()));
    // Joiners are part of Bengali spelling.
    assert_eq!(broken("meta-2026", "র\u{200d}্যাব স্টোর"), [""; 0]);
}

/// R29, R41: what looks like a confirmed name is found by its skeleton, and the refusal says whose.
#[test]
fn look_alikes_share_a_skeleton() {
    for fake in ["Ваnk Соop", "BANK-COOP", "Bank Cоор", "Bank  Coop.", "8ank Coop"] {
        let same = names::skeleton(fake) == names::skeleton("Bank Coop");
        assert_eq!(same, fake != "8ank Coop", "{fake}");
    }
    let breach = names::look_alike("Bank Coop");
    assert_eq!((breach.rule, breach.message.contains("Bank Coop")), (NameRule::LookAlike, true));
}
