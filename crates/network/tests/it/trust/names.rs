//! R24, R27 to R29, R38, R110.
use super::{Desk, phone, stage};
use crate::world::DAY;
use suki_network::review::CaseKind;
use suki_protocol::{
    calls::trust::{Appeal, CheckName, GetTrust, RequestName, RequestNumberCode, Subject, TrustChanged, VerifyNumber, Withdraw},
    http::{CodeChannel, RegisterPhone, RequestPhoneCode},
    pb::RefusalCode,
};

fn name(text: &str) -> RequestName {
    RequestName { name: text.into() }
}

/// R29: what is wrong with a name is said as it is typed, every rule by its name; R110: a new shop's name is in use at once.
#[tokio::test]
async fn a_name_is_checked_as_it_is_typed() {
    let desk = Desk::new(411).await;
    let mut shop = desk.world.shop("kape").await;
    let checked = shop.call(&CheckName { name: "  JOHN   SMITH!! ".into() }).await.expect("an answer");
    let rules: Vec<_> = checked.breaches.iter().map(|breach| breach.rule.as_str()).collect();
    assert_eq!((checked.name.as_str(), &rules[..], checked.reviewed), ("JOHN SMITH!!", &["capitals", "punctuation"][..], true));
    let passes = shop.call(&CheckName { name: "Kape  ni Ana".into() }).await.expect("an answer");
    assert_eq!((passes.name.as_str(), passes.breaches.len()), ("Kape ni Ana", 0));
    let refused = shop.call(&name("John Smith")).await.expect_err("a person's");
    assert_eq!((refused.code(), refused.rule.as_str()), (RefusalCode::Rule, "names.personal_name"));
    let status = shop.call(&GetTrust {}).await.expect("an answer");
    assert_eq!(stage(&status, Subject::Name).state, "approved");
}

/// R28: a change is a request and a review, the old name stays until then, and the decision has its reason (R44).
#[tokio::test]
async fn a_name_changes_by_request_and_review() {
    let desk = Desk::new(412).await;
    let mut shop = desk.world.shop("kape").await;
    let asked = shop.call(&name("Kape ni Ana")).await.expect("it is taken in");
    let waiting = stage(&asked, Subject::Name);
    assert_eq!((asked.name.as_str(), waiting.state.as_str(), waiting.asked.as_str()), ("Shop kape", "waiting", "Kape ni Ana"));
    assert_eq!(waiting.expected_at, Some(desk.world.env.now().plus_millis(DAY)));
    assert_eq!(shop.call(&name("Kape ni Luz")).await.expect_err("one waits").code(), RefusalCode::Rule);
    desk.decide(CaseKind::Name, false, "Another shop of the town has this name", Some("NAME_NOT_CONSISTENT")).await;
    let told = shop.notices::<TrustChanged>().await.pop().expect("it is told");
    let decision = told.decision.expect("a decision");
    assert_eq!(
        (decision.approved, decision.reason.as_str(), decision.code.as_str()),
        (false, "Another shop of the town has this name", "NAME_NOT_CONSISTENT")
    );
    assert_eq!(told.status.name, "Shop kape");
    assert!(told.status.name_passed, "the old one goes on");

    // R44: an appeal goes before a person again; what he says is the end of it.
    let appeal = Appeal { subject: Subject::Name, text: "It closed last year".into() };
    let status = shop.call(&appeal).await.expect("a refusal may be appealed");
    assert_eq!(stage(&status, Subject::Name).state, "appealed");
    assert_eq!(desk.waiting(CaseKind::Name).await[0].detail["appeal"]["text"], "It closed last year");
    desk.decide(CaseKind::Name, true, "It did", None).await;
    let told = shop.notices::<TrustChanged>().await.pop().expect("it is told");
    assert_eq!((told.status.name.as_str(), told.status.shown.title.as_str()), ("Kape ni Ana", "Kape ni Ana"));
    assert_eq!(desk.world.network.link_card("kape").await.expect("it is there").name, "Kape ni Ana");

    // What is taken back waits no more, and its case is closed.
    desk.world.advance(1000);
    shop.call(&name("Kape ni Luz")).await.expect("it is taken in");
    let status = shop.call(&Withdraw { subject: Subject::Name }).await.expect("it waits");
    assert_eq!(stage(&status, Subject::Name).state, "withdrawn");
    assert!(desk.waiting(CaseKind::Name).await.is_empty());
    assert!(shop.call(&Withdraw { subject: Subject::Name }).await.is_err());
    assert!(shop.call(&appeal).await.is_err(), "nothing was refused");
}

/// R28: so many changes within thirty days, and the refusal says when the next is free.
#[tokio::test]
async fn name_changes_are_limited() {
    let desk = Desk::new(413).await;
    let mut shop = desk.world.shop("kape").await;
    let began = desk.world.env.now();
    for number in 0..10 {
        shop.call(&name(&format!("Kape {number}"))).await.expect("it is allowed");
        shop.call(&Withdraw { subject: Subject::Name }).await.expect("it waits");
        desk.world.advance(1000);
    }
    let refused = shop.call(&name("Kape ni Ana")).await.expect_err("too many");
    assert_eq!((refused.rule.as_str(), refused.retry_at), ("name_changes", began.plus_millis(30 * DAY).millis()));
    desk.world.advance(30 * DAY);
    shop.call(&name("Kape ni Ana")).await.expect("it is free again");
}

/// R24, R38: a number is proven by a code, a landline's by a call, and one number never serves two accounts.
#[tokio::test]
async fn a_number_is_proven_by_a_code_and_serves_one_account() {
    let desk = Desk::new(414).await;
    let mut shop = desk.world.shop("kape").await;
    let landline = phone("+63 2 8123 4567");
    let status = desk.prove(&mut shop, &landline).await.expect("the code is right");
    assert_eq!((status.phone, status.phone_proven_at), (Some(landline.clone()), Some(desk.world.env.now())));
    // The code counts once, and a wrong one is refused.
    let used = VerifyNumber { phone: landline.clone(), code: desk.code() };
    assert_eq!(shop.call(&used).await.expect_err("it was used").code(), RefusalCode::Forbidden);
    // Another business's code for the same number is not this one's.
    let mut other = desk.world.shop("sari").await;
    shop.call(&RequestNumberCode { phone: phone("+639171234567"), channel: CodeChannel::Sms }).await.expect("it is sent");
    let stolen = VerifyNumber { phone: phone("+639171234567"), code: desk.code() };
    assert_eq!(other.call(&stolen).await.expect_err("it is another's").code(), RefusalCode::Forbidden);
    // Neither another business nor a person gets the number.
    assert_eq!(desk.prove(&mut other, &landline).await.expect_err("it is taken").code(), RefusalCode::Conflict);
    let sent = desk.world.network.request_phone_code(RequestPhoneCode { phone: landline.clone(), channel: CodeChannel::Voice }).await;
    sent.expect("it is sent");
    let key = crate::world::key(&desk.world.env);
    let person = RegisterPhone { phone: landline, code: desk.code(), signature_key: crate::world::public(&key), device_name: String::new() };
    assert_eq!(desk.world.network.register_phone(person).await.expect_err("a business has it").problem().status, 409);
}
