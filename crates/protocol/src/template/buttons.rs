//! Whether what is sent for a template's buttons fits them.
use super::check::{FORMAT, MISSING, Mismatch, PARAMETER, TOO_LONG};
use crate::pb;
use suki_template::{Button, ButtonKind, TextLimits, variables};

/// Each button that was sent stands in the template, and each that needs a parameter has it.
pub(super) fn check(place: &str, buttons: &[Button], sent: &[pb::TemplateButton], limits: &TextLimits) -> Result<(), Mismatch> {
    for (position, one) in sent.iter().enumerate() {
        let place = format!("{place}[{}]", one.index);
        let Some(button) = usize::try_from(one.index).ok().and_then(|index| buttons.get(index)) else {
            return Err(Mismatch::new(PARAMETER, place, format!("the template has {} buttons, counted from 0", buttons.len())));
        };
        if sent[..position].iter().any(|earlier| earlier.index == one.index) {
            return Err(Mismatch::new(PARAMETER, place, "this button was sent twice; send each once"));
        }
        let expected = sub_type(button.kind());
        if !expected.eq_ignore_ascii_case(&one.kind) {
            return Err(Mismatch::new(
                FORMAT,
                place,
                format!("the template has a button of sub_type {expected} there, and {} was sent", word(&one.kind)),
            ));
        }
        parameters(&place, button, &one.parameters, limits)?;
    }
    for (index, button) in buttons.iter().enumerate() {
        let was_sent = sent.iter().any(|one| usize::try_from(one.index) == Ok(index));
        if !was_sent && needs_parameter(button) {
            let problem = format!("a button of sub_type {} needs a parameter, and none was sent", sub_type(button.kind()));
            return Err(Mismatch::new(MISSING, format!("{place}[{index}]"), problem));
        }
    }
    Ok(())
}

/// How a message names a button of this kind.
const fn sub_type(kind: ButtonKind) -> &'static str {
    match kind {
        ButtonKind::QuickReply => "quick_reply",
        ButtonKind::Url | ButtonKind::Otp => "url",
        ButtonKind::PhoneNumber => "phone_number",
        ButtonKind::CopyCode => "copy_code",
        ButtonKind::Flow => "flow",
        ButtonKind::Catalog => "catalog",
        ButtonKind::Mpm => "mpm",
        ButtonKind::Spm => "spm",
        ButtonKind::VoiceCall => "voice_call",
        ButtonKind::RequestContactInfo => "request_contact_info",
    }
}

fn word(kind: &str) -> String {
    kind.chars().filter(|c| !c.is_control()).take(40).collect()
}

fn needs_parameter(button: &Button) -> bool {
    match button {
        Button::Url { url, .. } => !variables(url).is_empty(),
        Button::CopyCode { .. } | Button::Otp { .. } | Button::Mpm { .. } => true,
        _ => false,
    }
}

fn parameters(place: &str, button: &Button, sent: &[String], limits: &TextLimits) -> Result<(), Mismatch> {
    if needs_parameter(button) && sent.first().is_none_or(String::is_empty) {
        return Err(Mismatch::new(MISSING, place, format!("a button of sub_type {} needs a parameter, and it is empty", sub_type(button.kind()))));
    }
    match button {
        Button::Url { url, .. } => address(place, url, sent, limits),
        Button::Otp { .. } => one(place, "the code", sent, limits.otp),
        Button::CopyCode { .. } => one(place, "coupon_code", sent, limits.coupon),
        Button::QuickReply { .. } => one(place, "payload", sent, limits.payload),
        Button::PhoneNumber { .. } | Button::RequestContactInfo { .. } if !sent.is_empty() => {
            Err(Mismatch::new(PARAMETER, place, "this button takes no parameter"))
        }
        _ => Ok(()),
    }
}

fn one(place: &str, what: &str, sent: &[String], most: usize) -> Result<(), Mismatch> {
    if sent.len() > 1 {
        return Err(Mismatch::new(PARAMETER, place, format!("this button takes one parameter, and {} were sent", sent.len())));
    }
    let words = sent.first().map_or("", String::as_str);
    if words.chars().any(char::is_control) {
        return Err(Mismatch::new(PARAMETER, place, format!("{what} has no line breaks or other control characters")));
    }
    match words.chars().count() {
        length if length > most => Err(Mismatch::new(PARAMETER, place, format!("{what} has {length} characters; at most {most} are allowed"))),
        _ => Ok(()),
    }
}

fn address(place: &str, url: &str, sent: &[String], limits: &TextLimits) -> Result<(), Mismatch> {
    let Some(name) = variables(url).first().copied() else {
        if sent.is_empty() {
            return Ok(());
        }
        return Err(Mismatch::new(PARAMETER, place, "the template's address has no variable: send no parameter for this button"));
    };
    one(place, "the end of the address", sent, limits.url)?;
    let ending = sent.first().map_or("", String::as_str);
    if ending.contains(char::is_whitespace) {
        return Err(Mismatch::new(PARAMETER, place, "the end of an address has no spaces: write them as %20"));
    }
    let fixed = url.chars().count().saturating_sub(name.chars().count() + 4);
    match fixed + ending.chars().count() {
        length if length > limits.url => {
            Err(Mismatch::new(TOO_LONG, place, format!("the address has {length} characters with its parameter; at most {} are allowed", limits.url)))
        }
        _ => Ok(()),
    }
}
