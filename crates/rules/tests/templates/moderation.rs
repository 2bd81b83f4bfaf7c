//! The automatic checks (R84, R88, R108): prohibited goods, hidden addresses, offers that call themselves something else.
use crate::{body, draft, filled, policy};
use serde_json::{Value, json};
use suki_rules::{
    Moderation, Policy,
    template::{Verdict, moderate},
};
use suki_template::{Category, Draft, Reason};

/// meta-2026 with another way of deciding.
fn moderated(moderation: Moderation) -> Policy {
    let mut policy = policy("meta-2026");
    policy.templates.moderation = moderation;
    policy
}

fn utility(text: &str) -> Draft {
    draft("UTILITY", json!([body(text)]))
}

fn verdicts(draft: &Draft) -> [Verdict; 3] {
    [Moderation::Automatic, Moderation::AutomaticThenQueue, Moderation::Queue].map(|how| moderate(&moderated(how), draft).verdict)
}

#[test]
fn the_profiles_decide_as_they_say() {
    let draft = utility("Your order is ready.");
    assert_eq!(moderate(&policy("meta-2026"), &draft).verdict, Verdict::Approve);
    assert_eq!(moderate(&policy("classic"), &draft).verdict, Verdict::Queue, "R84: a template goes to moderation");
    assert_eq!(verdicts(&draft), [Verdict::Approve, Verdict::Approve, Verdict::Queue]);
}

/// R108: wherever they stand, in every language.
#[test]
fn prohibited_goods_are_rejected_wherever_they_stand() {
    let rejected = [Verdict::Reject(Reason::AbusiveContent), Verdict::Reject(Reason::AbusiveContent), Verdict::Queue];
    for text in
        ["We have cannabis again.", "Bagong dating na baril.", "নতুন পিস্তল এসেছে।", "Новые пистолеты.", "وصلت بنادق جديدة.", "Tanie papierosy."]
    {
        assert_eq!(verdicts(&utility(text)), rejected, "{text}");
    }
    let fine = body("Your order is ready.");
    for part in [
        json!({"type": "HEADER", "format": "TEXT", "text": "Cannabis"}),
        json!({"type": "FOOTER", "text": "Guns and more"}),
        json!({"type": "BUTTONS", "buttons": [{"type": "QUICK_REPLY", "text": "Buy cocaine"}]}),
        json!({"type": "CAROUSEL", "cards": [{"components": [{"type": "BODY", "text": "MDMA"}]}]}),
    ] {
        assert_eq!(verdicts(&draft("UTILITY", json!([fine, part]))), rejected, "{part}");
    }
    let example: Value = json!([{"type": "BODY", "text": "Your {{1}} is ready.", "example": {"body_text": [["heroin"]]}}]);
    assert_eq!(verdicts(&draft("UTILITY", example)), rejected);
    let found = moderate(&policy("meta-2026"), &utility("We have cannabis again.")).findings;
    assert!(found.len() == 1 && found[0].contains("drugs") && found[0].contains("cannabis"), "{found:?}");
}

#[test]
fn an_address_that_hides_is_not_approved_at_once() {
    let to = |url: &str| {
        let buttons = json!({"type": "BUTTONS", "buttons": [{"type": "URL", "text": "Go", "url": url}]});
        draft("UTILITY", json!([body("Your order is ready."), buttons]))
    };
    for hidden in ["https://BIT.ly/abc", "https://bit.ly:443/abc", "https://www.bit.ly/abc", "http://bit.ly./abc"] {
        assert_eq!(verdicts(&to(hidden)), [Verdict::Reject(Reason::Scam), Verdict::Queue, Verdict::Queue], "{hidden}");
    }
    assert_eq!(verdicts(&to("https://orbit.ly/abc")), [Verdict::Approve, Verdict::Approve, Verdict::Queue]);
    assert_eq!(verdicts(&to("https://shop.example/bit.ly")), [Verdict::Approve, Verdict::Approve, Verdict::Queue]);
}

#[test]
fn an_offer_counts_as_marketing_whatever_it_says() {
    for text in [
        "Get a discount on your next order.",
        "May promo kami ngayon.",
        "এখনই কিনুন আমাদের দোকানে।",
        "Скидки на всё.",
        "خصم على كل شيء.",
        "Wielka promocja dziś.",
    ] {
        let opinion = moderate(&policy("meta-2026"), &utility(text));
        assert_eq!((opinion.category, opinion.verdict), (Category::Marketing, Verdict::Queue), "{text}");
        assert_eq!(moderate(&moderated(Moderation::Automatic), &utility(text)).verdict, Verdict::Approve);
        let fixed = Draft { allow_category_change: Some(false), ..utility(text) };
        let opinion = moderate(&policy("meta-2026"), &fixed);
        assert_eq!((opinion.category, opinion.verdict), (Category::Utility, Verdict::Reject(Reason::IncorrectCategory)));
        let honest = Draft { category: Category::Marketing, ..utility(text) };
        assert_eq!(moderate(&policy("meta-2026"), &honest).verdict, Verdict::Approve);
    }
    let opinion = moderate(&policy("meta-2026"), &draft("UTILITY", json!([filled("Hello {{1}}, your order {{2}} leaves today, thank you.")])));
    assert_eq!((opinion.category, opinion.verdict), (Category::Utility, Verdict::Approve));
}
