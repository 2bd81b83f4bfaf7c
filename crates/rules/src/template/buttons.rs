//! Buttons: how many of which kind, in which order, and what each says.
use super::{
    problem::{Problems, Subcode},
    texts,
    validate::Context,
};
use suki_template::{Button, ButtonKind, variables};

/// All buttons of a level; `most` together.
pub(super) fn validate(context: &Context<'_>, at: &str, buttons: &[Button], most: u32, problems: &mut Problems) {
    let at = format!("{at}.buttons");
    if buttons.is_empty() {
        return problems.add(Subcode::Missing, at, "there is no button; leave the part out or add one");
    }
    if buttons.len() > most as usize {
        problems.add(Subcode::None, &at, format!("there are {} buttons; at most {most} are allowed", buttons.len()));
    }
    counts(context, &at, buttons, problems);
    order(&at, buttons, problems);
    for (index, button) in buttons.iter().enumerate() {
        let at = format!("{at}[{index}]");
        one(context, &at, button, problems);
        let same = button.label().is_some_and(|label| buttons[..index].iter().any(|earlier| earlier.label() == Some(label)));
        if same {
            problems.add(Subcode::None, format!("{at}.text"), "another button says the same; each says something else");
        }
    }
}

fn counts(context: &Context<'_>, at: &str, buttons: &[Button], problems: &mut Problems) {
    let parts = &context.policy.template_parts;
    for kind in ButtonKind::ALL {
        let most = match kind {
            ButtonKind::QuickReply => parts.quick_replies,
            ButtonKind::Url => parts.url_buttons,
            ButtonKind::PhoneNumber => parts.phone_buttons,
            ButtonKind::CopyCode => parts.copy_code_buttons,
            ButtonKind::Otp => 0,
            _ => parts.other_buttons,
        };
        let count = buttons.iter().filter(|button| button.kind() == *kind).count();
        if *kind == ButtonKind::Otp && count > 0 {
            problems.add(Subcode::None, at, "OTP buttons belong to AUTHENTICATION templates");
        } else if count > most as usize {
            problems.add(Subcode::None, at, format!("there are {count} buttons of type {kind}; at most {most} are allowed"));
        }
    }
}

/// Quick replies stand together, before or after all others.
fn order(at: &str, buttons: &[Button], problems: &mut Problems) {
    let changes = buttons.windows(2).filter(|pair| (pair[0].kind() == ButtonKind::QuickReply) != (pair[1].kind() == ButtonKind::QuickReply)).count();
    if changes > 1 {
        problems.add(Subcode::None, at, "QUICK_REPLY buttons stand among others; put all of them before or after the others");
    }
}

fn one(context: &Context<'_>, at: &str, button: &Button, problems: &mut Problems) {
    let parts = &context.policy.template_parts;
    if let Some(label) = button.label() {
        let at = format!("{at}.text");
        problems.length(&at, label, parts.label_chars);
        texts::plain(&at, label, Subcode::None, problems);
        if label.contains("{{") {
            problems.add(Subcode::None, at, "what stands on a button has no variables");
        }
    }
    match button {
        Button::Url { url, example, .. } => address(context, at, url, example, problems),
        Button::PhoneNumber { phone_number, .. } => {
            let at = format!("{at}.phone_number");
            problems.length(&at, phone_number, parts.phone_chars);
            let digits = phone_number.bytes().filter(u8::is_ascii_digit).count();
            if digits < 5 || !phone_number.bytes().all(|byte| byte.is_ascii_digit() || b"+-() .".contains(&byte)) {
                problems.add(Subcode::None, at, "it is no phone number; write it with its country code, such as +639171234567");
            }
        }
        Button::CopyCode { example, .. } => {
            let at = format!("{at}.example");
            match example.first() {
                Some(code) => problems.length(&at, code, parts.coupon_chars),
                None => problems.add(Subcode::Missing, at, "a COPY_CODE button needs a code as an example"),
            }
        }
        Button::Flow { flow_id, flow_name, flow_json, .. } if [flow_id, flow_name, flow_json].iter().filter(|one| one.is_some()).count() != 1 => {
            problems.add(Subcode::Missing, at, "a FLOW button names one flow: flow_id, flow_name or flow_json");
        }
        _ => {}
    }
}

/// A web address that may end in one variable.
fn address(context: &Context<'_>, at: &str, url: &str, example: &[String], problems: &mut Problems) {
    let at = format!("{at}.url");
    problems.length(&at, url, context.policy.template_parts.url_chars);
    if host(url).is_none() {
        let message = "it is no web address; write https:// and a host, without spaces, user names or variables there";
        return problems.add(Subcode::None, at, message);
    }
    if let Err(error) = suki_template::pieces(url) {
        return problems.add(Subcode::None, at, error.to_string());
    }
    let names = variables(url);
    if names.is_empty() {
        return;
    }
    if url.matches("{{").count() > 1 || !url.ends_with("}}") {
        return problems.add(Subcode::None, at, "an address has at most one variable, at its end, such as https://shop.example/orders/{{1}}");
    }
    if example.first().is_none_or(|value| value.trim().is_empty()) {
        problems.add(Subcode::Missing, at, "an address with a variable needs an example");
    }
}

/// The host of a web address as devices see it, `None` when it is none, or one that pretends to lead elsewhere.
pub(super) fn host(address: &str) -> Option<String> {
    let begins = ["https://", "http://"].into_iter().any(|scheme| {
        let rest = address.split_at_checked(scheme.len()).filter(|(head, _)| head.eq_ignore_ascii_case(scheme)).map(|(_, rest)| rest);
        rest.is_some_and(|rest| !rest.starts_with('/'))
    });
    if !begins || address.contains(|c: char| c == '\\' || c.is_whitespace() || c.is_control()) {
        return None;
    }
    let url = url::Url::parse(address).ok()?;
    // A name before the host, as in https://bank.example@thief.example, is there to deceive.
    if !url.username().is_empty() || url.password().is_some() {
        return None;
    }
    // A variable in the host would let the sender choose where the button leads.
    url.host_str().filter(|host| !host.contains(['{', '}'])).map(|host| host.trim_end_matches('.').to_owned())
}
