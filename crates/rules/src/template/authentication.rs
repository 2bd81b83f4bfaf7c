//! Templates for one-time codes: the platform writes their texts, so that they carry nothing else.
use super::problem::{Problems, Subcode};
use crate::Policy;
use suki_template::{Body, Button, Component, Draft, Footer, OtpKind, SupportedApp, authentication};

/// A draft of category AUTHENTICATION.
pub(super) fn validate(policy: &Policy, draft: &Draft, problems: &mut Problems) {
    if authentication::body(&draft.language, false).is_none() {
        let languages: Vec<&str> = authentication::languages().collect();
        let message = format!("there is no text for one-time codes in it; there is one in {}", languages.join(", "));
        problems.add(Subcode::None, "language", message);
    }
    for (index, component) in draft.components.iter().enumerate() {
        let at = format!("components[{index}]");
        if draft.components[..index].iter().any(|earlier| earlier.kind() == component.kind()) {
            problems.add(Subcode::None, &at, format!("there is a {} already; each part stands once", component.kind()));
        }
        match component {
            Component::Body(body) if is_foreign(body.text.as_deref(), fixed_body(draft).as_deref()) => {
                problems.add(Subcode::Body, format!("{at}.text"), "the platform writes the text of one-time codes; leave text out");
            }
            Component::Footer(footer) => footer_of(policy, &at, draft, footer, problems),
            Component::Buttons(given) => buttons(policy, &format!("{at}.buttons"), &given.buttons, problems),
            Component::Body(_) => {}
            other => problems.add(Subcode::None, at, format!("an AUTHENTICATION template has a BODY, a FOOTER and BUTTONS, no {}", other.kind())),
        }
    }
    if Component::body(&draft.components).is_none() {
        problems.add(Subcode::Missing, "components", "there is no BODY; every template has one");
    }
    if Component::buttons(&draft.components).is_empty() {
        problems.add(Subcode::Missing, "components", "an AUTHENTICATION template needs an OTP button");
    }
}

/// Whether a text was written that is not the platform's own; the platform's own comes back when a template is edited as it was read.
fn is_foreign(written: Option<&str>, own: Option<&str>) -> bool {
    written.is_some_and(|written| Some(written) != own)
}

fn fixed_body(draft: &Draft) -> Option<String> {
    let body = Component::body(&draft.components)?;
    authentication::body(&draft.language, body.add_security_recommendation.unwrap_or(false))
}

fn footer_of(policy: &Policy, at: &str, draft: &Draft, footer: &Footer, problems: &mut Problems) {
    let most = policy.template_parts.code_minutes;
    match footer.code_expiration_minutes {
        Some(minutes) if (1..=most).contains(&minutes) => {
            if is_foreign(footer.text.as_deref(), authentication::footer(&draft.language, minutes).as_deref()) {
                problems.add(Subcode::Footer, format!("{at}.text"), "the platform writes the footer of one-time codes; leave text out");
            }
        }
        Some(minutes) => {
            problems.add(Subcode::None, format!("{at}.code_expiration_minutes"), format!("{minutes} is out of range: 1 to {most} is allowed"));
        }
        None => problems.add(Subcode::Missing, format!("{at}.code_expiration_minutes"), "the FOOTER says for how many minutes the code holds"),
    }
}

fn buttons(policy: &Policy, at: &str, buttons: &[Button], problems: &mut Problems) {
    if buttons.len() != 1 {
        problems.add(Subcode::None, at, format!("there are {} buttons; an AUTHENTICATION template has exactly one, of type OTP", buttons.len()));
    }
    for (index, button) in buttons.iter().enumerate() {
        let at = format!("{at}[{index}]");
        let Button::Otp { otp_type, text, autofill_text, package_name, signature_hash, supported_apps, zero_tap_terms_accepted } = button else {
            problems.add(Subcode::None, at, format!("an AUTHENTICATION template has an OTP button, no {}", button.kind()));
            continue;
        };
        for (field, label) in [("text", text), ("autofill_text", autofill_text)] {
            if let Some(label) = label {
                problems.length(&format!("{at}.{field}"), label, policy.template_parts.label_chars);
                if label.contains("{{") || label.chars().any(char::is_control) {
                    problems.add(Subcode::None, format!("{at}.{field}"), "what stands on a button has no variables and no line breaks");
                }
            }
        }
        if *otp_type == OtpKind::CopyCode {
            continue;
        }
        let mut apps = supported_apps.clone();
        match (package_name, signature_hash) {
            (Some(package_name), Some(signature_hash)) => {
                apps.push(SupportedApp { package_name: package_name.clone(), signature_hash: signature_hash.clone() });
            }
            (None, None) => {}
            _ => problems.add(Subcode::Missing, &at, "package_name and signature_hash stand together"),
        }
        self::apps(policy, &at, *otp_type, &apps, problems);
        if *otp_type == OtpKind::ZeroTap && *zero_tap_terms_accepted != Some(true) {
            problems.add(Subcode::Missing, format!("{at}.zero_tap_terms_accepted"), "ZERO_TAP needs zero_tap_terms_accepted: true");
        }
    }
}

fn apps(policy: &Policy, at: &str, kind: OtpKind, apps: &[SupportedApp], problems: &mut Problems) {
    let parts = &policy.template_parts;
    if !(1..=parts.supported_apps as usize).contains(&apps.len()) {
        let message = format!("{kind} needs 1 to {} apps (package_name and signature_hash), and has {}", parts.supported_apps, apps.len());
        problems.add(Subcode::Missing, format!("{at}.supported_apps"), message);
    }
    for app in apps {
        problems.length(&format!("{at}.package_name"), &app.package_name, parts.package_chars);
        let is_segment = |segment: &str| {
            segment.starts_with(|c: char| c.is_ascii_alphabetic()) && segment.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'_')
        };
        if !app.package_name.contains('.') || !app.package_name.split('.').all(is_segment) {
            problems.add(Subcode::None, format!("{at}.package_name"), "it is no name of an Android package, such as com.example.shop");
        }
        // Programs send it as it stands in an address, too.
        let hash = app.signature_hash.replace("%2F", "/").replace("%2f", "/").replace("%2B", "+").replace("%2b", "+");
        let fits =
            hash.len() == parts.signature_hash_chars as usize && hash.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"+/=".contains(&byte));
        if !fits {
            let message = format!("it has exactly {} of A to Z, a to z, 0 to 9, +, / and =", parts.signature_hash_chars);
            problems.add(Subcode::None, format!("{at}.signature_hash"), message);
        }
    }
}

/// The parts of a draft as devices show them: with the platform's texts of one-time codes. Other templates stay as they are.
pub fn written_out(draft: &Draft) -> Vec<Component> {
    let mut components = draft.components.clone();
    if draft.category != suki_template::Category::Authentication {
        return components;
    }
    for component in &mut components {
        match component {
            Component::Body(Body { text, add_security_recommendation, .. }) => {
                *text = authentication::body(&draft.language, add_security_recommendation.unwrap_or(false));
            }
            Component::Footer(Footer { text, code_expiration_minutes: Some(minutes) }) => *text = authentication::footer(&draft.language, *minutes),
            Component::Buttons(given) => {
                for button in &mut given.buttons {
                    if let Button::Otp { text: text @ None, .. } = button {
                        *text = authentication::button(&draft.language).map(str::to_owned);
                    }
                }
            }
            _ => {}
        }
    }
    components
}
