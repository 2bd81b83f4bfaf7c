//! The platform's own texts for one-time codes: a business does not write them, so that a code never carries an advertisement.

/// What is said in one language.
struct Wording {
    language: &'static str,
    code: &'static str,
    warning: &'static str,
    expiry: &'static str,
    button: &'static str,
}

const WORDINGS: [Wording; 12] = [
    Wording {
        language: "en",
        code: "Your code is *{{1}}*.",
        warning: "Tell it to nobody.",
        expiry: "It holds for {{minutes}} min.",
        button: "Copy code",
    },
    Wording {
        language: "fil",
        code: "Ang code mo ay *{{1}}*.",
        warning: "Huwag itong ibigay kahit kanino.",
        expiry: "May bisa ito nang {{minutes}} min.",
        button: "Kopyahin ang code",
    },
    Wording {
        language: "bn", code: "আপনার কোড *{{1}}*।", warning: "এটি কাউকে বলবেন না।", expiry: "এর মেয়াদ {{minutes}} মিনিট।", button: "কোড কপি করুন"
    },
    Wording {
        language: "ru",
        code: "Ваш код: *{{1}}*.",
        warning: "Никому его не сообщайте.",
        expiry: "Код действует {{minutes}} мин.",
        button: "Копировать код",
    },
    Wording {
        language: "ar", code: "رمزك هو *{{1}}*.", warning: "لا تخبر به أحدًا.", expiry: "الرمز صالح لمدة {{minutes}} د.", button: "نسخ الرمز"
    },
    Wording {
        language: "pl",
        code: "Twój kod to *{{1}}*.",
        warning: "Nie podawaj go nikomu.",
        expiry: "Kod jest ważny {{minutes}} min.",
        button: "Kopiuj kod",
    },
    Wording {
        language: "es",
        code: "Tu código es *{{1}}*.",
        warning: "No se lo digas a nadie.",
        expiry: "Es válido durante {{minutes}} min.",
        button: "Copiar código",
    },
    Wording {
        language: "pt",
        code: "Seu código é *{{1}}*.",
        warning: "Não o conte a ninguém.",
        expiry: "Vale por {{minutes}} min.",
        button: "Copiar código",
    },
    Wording {
        language: "fr",
        code: "Votre code est *{{1}}*.",
        warning: "Ne le communiquez à personne.",
        expiry: "Il est valable {{minutes}} min.",
        button: "Copier le code",
    },
    Wording {
        language: "de",
        code: "Ihr Code lautet *{{1}}*.",
        warning: "Sagen Sie ihn niemandem.",
        expiry: "Er gilt {{minutes}} Min.",
        button: "Code kopieren",
    },
    Wording {
        language: "id",
        code: "Kode Anda adalah *{{1}}*.",
        warning: "Jangan beri tahu siapa pun.",
        expiry: "Berlaku selama {{minutes}} mnt.",
        button: "Salin kode",
    },
    Wording {
        language: "hi",
        code: "आपका कोड *{{1}}* है।",
        warning: "इसे किसी को न बताएं।",
        expiry: "यह {{minutes}} मिनट तक मान्य है।",
        button: "कोड कॉपी करें",
    },
];

/// The languages that have a text, without their regions.
pub fn languages() -> impl Iterator<Item = &'static str> {
    WORDINGS.iter().map(|wording| wording.language)
}

fn wording(language: &str) -> Option<&'static Wording> {
    let base = language.split(['_', '-']).next().unwrap_or_default();
    WORDINGS.iter().find(|wording| wording.language == base)
}

/// The body in a language, with the code as `{{1}}`; `None` for a language without a text.
pub fn body(language: &str, with_warning: bool) -> Option<String> {
    let wording = wording(language)?;
    Some(if with_warning { format!("{} {}", wording.code, wording.warning) } else { wording.code.to_owned() })
}

/// The footer that says for how long the code holds.
pub fn footer(language: &str, minutes: u32) -> Option<String> {
    Some(wording(language)?.expiry.replace("{{minutes}}", &minutes.to_string()))
}

/// What stands on the button when the business does not say.
pub fn button(language: &str) -> Option<&'static str> {
    Some(wording(language)?.button)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_language_has_a_whole_text_with_one_code() {
        for language in languages() {
            let body = body(language, true).expect("it has a body");
            assert_eq!(crate::variables(&body), ["1"], "{language}");
            assert!(body.len() > super::body(language, false).expect("it has a body").len());
            let footer = footer(language, 15).expect("it has a footer");
            assert!(footer.contains("15") && footer.chars().count() <= 60 && !footer.contains('{'), "{footer}");
            assert!(button(language).is_some_and(|text| text.chars().count() <= 25));
        }
        assert_eq!(body("en_GB", false).as_deref(), Some("Your code is *{{1}}*."));
        assert_eq!(body("tlh", true), None);
    }
}
