//! Templates for one-time codes: the platform's own text, one OTP button, bounded times.
use crate::{draft, fine, only, policy, wrong};
use serde_json::{Value, json};
use suki_rules::template::written_out;
use suki_template::{Component, Draft};

fn code(button: Value) -> Draft {
    draft(
        "AUTHENTICATION",
        json!([
            {"type": "BODY", "add_security_recommendation": true},
            {"type": "FOOTER", "code_expiration_minutes": 10},
            {"type": "BUTTONS", "buttons": [button]},
        ]),
    )
}

fn copy() -> Draft {
    code(json!({"type": "OTP", "otp_type": "COPY_CODE", "text": "Copy Code"}))
}

fn tap(kind: &str, package: &str, hash: &str) -> Draft {
    code(json!({"type": "OTP", "otp_type": kind, "text": "Copy Code", "autofill_text": "Autofill", "package_name": package, "signature_hash": hash,
        "zero_tap_terms_accepted": true}))
}

#[test]
fn the_platform_writes_the_text_in_the_templates_language() {
    fine(&copy());
    for (language, text) in
        [("en_US", "Your code is *{{1}}*. Tell it to nobody."), ("fil", "Ang code mo ay *{{1}}*. Huwag itong ibigay kahit kanino.")]
    {
        let draft = Draft { language: language.into(), ..copy() };
        fine(&draft);
        let components = written_out(&draft);
        assert_eq!(Component::body(&components).and_then(|body| body.text.as_deref()), Some(text));
        assert!(Component::footer(&components).and_then(|footer| footer.text.as_deref()).is_some_and(|text| text.contains("10")));
        // As it was read it can be edited.
        fine(&Draft { components, ..draft });
    }
    for language in ["bn", "ru", "ar", "pl"] {
        fine(&Draft { language: language.into(), ..copy() });
    }
    only(&Draft { language: "zu".into(), ..copy() }, 100, "language");
}

#[test]
fn nothing_else_can_be_written_into_it() {
    let mut own = copy();
    own.components[0] = serde_json::from_value(json!({"type": "BODY", "text": "Buy at {{1}} now!"})).expect("a part");
    only(&own, 2_388_072, "components[0].text");
    let mut headed = copy();
    headed.components.push(serde_json::from_value(json!({"type": "HEADER", "format": "TEXT", "text": "Hi"})).expect("a part"));
    only(&headed, 100, "components[3]");
    only(&code(json!({"type": "QUICK_REPLY", "text": "Yes"})), 100, "components[2].buttons[0]");
    let mut bare = copy();
    bare.components.pop();
    only(&bare, 2_388_043, "components");
    let warning = json!([{"type": "BODY", "text": "Your order is ready.", "add_security_recommendation": true}]);
    only(&draft("UTILITY", warning), 2_388_072, "components[0]");
}

#[test]
fn a_code_holds_1_to_90_minutes() {
    let minutes = |minutes: u32| {
        let mut draft = copy();
        draft.components[1] = serde_json::from_value(json!({"type": "FOOTER", "code_expiration_minutes": minutes})).expect("a part");
        draft
    };
    fine(&minutes(1));
    fine(&minutes(90));
    only(&minutes(0), 100, "components[1].code_expiration_minutes");
    only(&minutes(91), 100, "components[1].code_expiration_minutes");
}

#[test]
fn its_message_is_worth_delivering_for_30_to_900_seconds() {
    for (seconds, is_fine) in [(29, false), (30, true), (900, true), (901, false), (-1, true)] {
        let draft = Draft { message_send_ttl_seconds: Some(seconds), ..copy() };
        if is_fine { fine(&draft) } else { only(&draft, 100, "message_send_ttl_seconds") }
    }
    let life = |seconds| suki_rules::template::lifecycle::life_millis(&policy("meta-2026"), suki_template::Category::Authentication, seconds);
    assert_eq!((life(None), life(Some(30)), life(Some(-1))), (600_000, 30_000, 0));
}

#[test]
fn an_app_is_named_by_its_package_and_its_key() {
    let (package, hash) = ("com.example.luckyshrub", "K8a/AINcGX7");
    for kind in ["ONE_TAP", "ZERO_TAP", "one_tap"] {
        fine(&tap(kind, package, hash));
        fine(&tap(kind, package, "K8a%2FAINcGX7"));
    }
    let at = "components[2].buttons[0]";
    for bad in ["K8a/AINcGX", "K8a/AINcGX77", "K8a AINcGX7"] {
        only(&tap("ONE_TAP", package, bad), 100, &format!("{at}.signature_hash"));
    }
    let long = |length: usize| format!("com.{}", "a".repeat(length - 4));
    fine(&tap("ONE_TAP", &long(224), hash));
    only(&tap("ONE_TAP", &long(225), hash), 2_388_040, &format!("{at}.package_name"));
    only(&tap("ONE_TAP", "luckyshrub", hash), 100, &format!("{at}.package_name"));
    only(&code(json!({"type": "OTP", "otp_type": "ONE_TAP", "text": "Copy"})), 2_388_043, &format!("{at}.supported_apps"));
    let apps = |count: usize| {
        let apps = vec![json!({"package_name": package, "signature_hash": hash}); count];
        code(json!({"type": "OTP", "otp_type": "ONE_TAP", "supported_apps": apps}))
    };
    fine(&apps(5));
    only(&apps(6), 2_388_043, &format!("{at}.supported_apps"));
    let mut unread = tap("ZERO_TAP", package, hash);
    unread.components[2] = serde_json::from_value(json!({"type": "BUTTONS", "buttons": [
        {"type": "OTP", "otp_type": "ZERO_TAP", "package_name": package, "signature_hash": hash}]}))
    .expect("a part");
    only(&unread, 2_388_043, &format!("{at}.zero_tap_terms_accepted"));
    assert_eq!(wrong(&code(json!({"type": "OTP", "otp_type": "ONE_TAP", "package_name": package}))).len(), 2);
}
