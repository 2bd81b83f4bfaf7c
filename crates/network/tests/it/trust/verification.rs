//! R39 to R45, R47, R48, R109.
use super::{Desk, phone, stage};
use crate::world::{DAY, Device};
use suki_network::review::CaseKind;
use suki_protocol::{
    calls::trust::{Appeal, CheckName, DocumentStatus, GetTrust, RequestVerification, Subject, TrustChanged, TrustStatus, UploadDocument, Withdraw},
    http::{Base64, Trust},
    pb::{self, RefusalCode, TrustLevel},
};
use suki_types::limits;

const NUMBER: &str = "+63281234567";

fn asks(level: Trust, documents: Vec<u64>) -> RequestVerification {
    RequestVerification {
        level,
        entity: "company".into(),
        legal_name: "Kape ni Ana, Inc.".into(),
        registration_number: "CS2019-1".into(),
        country: "PH".into(),
        address: "Quezon City".into(),
        website: "https://kape.example".into(),
        email: "office@kape.example".into(),
        official_phone: phone(NUMBER),
        documents,
    }
}

fn piece(id: Option<u64>, part: u32, last: bool, data: Vec<u8>) -> UploadDocument {
    UploadDocument { id, name: "registration.pdf".into(), part, last, data: Base64(data) }
}

async fn upload(shop: &mut Device) -> DocumentStatus {
    let begun = shop.call(&piece(None, 0, false, b"%PDF-1.7 begins".to_vec())).await.expect("it is taken");
    assert_eq!((begun.media_type.as_str(), begun.complete), ("application/pdf", false));
    shop.call(&piece(Some(begun.id), 1, true, b" and ends".to_vec())).await.expect("it is taken")
}

async fn status(shop: &mut Device) -> TrustStatus {
    shop.call(&GetTrust {}).await.expect("an answer")
}

/// R38, R40, R43, R109: checked means that the proven number is the official one, and a person agrees.
#[tokio::test]
async fn the_number_makes_a_checked_account() {
    let desk = Desk::new(421).await;
    let mut shop = desk.world.shop("kape").await;
    assert_eq!(stage(&status(&mut shop).await, Subject::Number).needed.len(), 1);
    let refused = shop.call(&asks(Trust::Checked, vec![])).await.expect_err("no number");
    assert_eq!((refused.code(), refused.rule.as_str()), (RefusalCode::Rule, "verification"));
    desk.prove(&mut shop, &phone("+639171234567")).await.expect("it is proven");
    assert!(shop.call(&asks(Trust::Checked, vec![])).await.expect_err("another number").message.contains("R40"));
    desk.prove(&mut shop, &phone(NUMBER)).await.expect("it is proven");
    let asked = shop.call(&asks(Trust::Checked, vec![])).await.expect("all is there");
    assert!(asked.shown.verification_pending, "R42");
    let case = desk.waiting(CaseKind::Number).await.remove(0);
    assert_eq!((&case.detail["numbers_match"], &case.detail["website"]), (&true.into(), &"https://kape.example".into()));
    desk.decide(CaseKind::Number, true, "The web site shows this number", None).await;
    let now = status(&mut shop).await;
    assert_eq!((now.level, now.shown.mark.as_str(), now.shown.verification_pending), (Trust::Checked, "grey_tick", false));
    assert_eq!(now.shown.labels, ["shop", "verified"]);
    // Another number is not the one that was checked.
    let moved = desk.prove(&mut shop, &phone("+639171234567")).await.expect("it is proven");
    assert_eq!((moved.level, stage(&moved, Subject::Number).state.as_str()), (Trust::Plain, "open"));
}

/// R41, R43, R44, R48, R109: documents, refusal with reason and criteria, appeal, green tick; then nobody else looks like it (R29).
#[tokio::test]
async fn documents_and_a_person_make_a_confirmed_account() {
    let desk = Desk::new(422).await;
    let mut shop = desk.world.shop("kape").await;
    assert!(shop.call(&asks(Trust::Confirmed, vec![])).await.expect_err("no document").message.contains("at least 1"));
    assert_eq!(shop.call(&asks(Trust::Confirmed, vec![9])).await.expect_err("not there").code(), RefusalCode::Unknown);
    let document = upload(&mut shop).await;
    let asked = shop.call(&asks(Trust::Confirmed, vec![document.id])).await.expect("all is there");
    let waiting = stage(&asked, Subject::Verification);
    assert_eq!((waiting.state.as_str(), waiting.asked.as_str()), ("waiting", "Kape ni Ana, Inc."));
    assert!(waiting.criteria.len() >= 3);
    assert!(shop.call(&asks(Trust::Confirmed, vec![document.id])).await.is_err(), "it waits already");
    let stored = desk.world.network.document(shop.registered.account, document.id).await.expect("the store answers").expect("it is there");
    assert_eq!(stored.data, b"%PDF-1.7 begins and ends");
    desk.decide(CaseKind::Verification, false, "The paper has expired", Some("DOCUMENT_EXPIRED")).await;
    let refused = status(&mut shop).await;
    let refused = stage(&refused, Subject::Verification);
    assert_eq!((refused.reason.as_str(), refused.code.as_str()), ("The paper has expired", "DOCUMENT_EXPIRED"));
    assert_eq!(refused.appeal_until, Some(desk.world.env.now().plus_millis(30 * DAY)));
    let too_long = Appeal { subject: Subject::Verification, text: "x".repeat(limits::APPEAL_CHARS + 1) };
    assert_eq!(shop.call(&too_long).await.expect_err("too long").code(), RefusalCode::Malformed);
    shop.call(&Appeal { subject: Subject::Verification, text: "It runs until 2030".into() }).await.expect("it may");
    desk.decide(CaseKind::Verification, true, "So it does", None).await;

    let told = shop.notices::<TrustChanged>().await.pop().expect("it is told");
    assert_eq!((told.status.level, told.status.shown.mark.as_str()), (Trust::Confirmed, "green_tick"));
    assert_eq!(told.status.shown.labels, ["official"]);
    let mut ana = desk.world.guest("kape").await;
    ana.open(&shop).await;
    let pb::server_frame::Body::Conversations(list) = ana.ask(pb::client_frame::Body::ListConversations(pb::ListConversations::default())).await
    else {
        panic!("no list")
    };
    let card = list.conversations[0].card.clone().expect("a card");
    assert_eq!((card.trust(), card.sender_name.as_str(), card.labels.len()), (TrustLevel::Confirmed, "Shop kape", 1));

    let mut other = desk.world.shop("sari").await;
    let fake = other.call(&CheckName { name: "Shop-Kape".into() }).await.expect("an answer");
    assert_eq!(fake.breaches.iter().map(|breach| breach.rule.as_str()).collect::<Vec<_>>(), ["look_alike"]);
    // A mark that was given wrongly is taken away, with the reason, and the name is free again.
    desk.world.network.set_trust(shop.registered.account, TrustLevel::Plain, "The register does not know it").await.expect("it is known");
    let fallen = status(&mut shop).await;
    assert_eq!((fallen.level, stage(&fallen, Subject::Verification).reason.as_str()), (Trust::Plain, "The register does not know it"));
    assert!(other.call(&CheckName { name: "Shop kape".into() }).await.expect("an answer").breaches.is_empty());
}

/// R43, R44: who was refused may ask again after a week; who withdrew, at once.
#[tokio::test]
async fn after_a_refusal_there_is_a_wait() {
    let desk = Desk::new(423).await;
    let mut shop = desk.world.shop("kape").await;
    let document = upload(&mut shop).await;
    let request = asks(Trust::Confirmed, vec![document.id]);
    shop.call(&request).await.expect("all is there");
    shop.call(&Withdraw { subject: Subject::Verification }).await.expect("it waits");
    shop.call(&request).await.expect("again at once");
    desk.decide(CaseKind::Verification, false, "Unreadable", Some("DOCUMENT_UNREADABLE")).await;
    let refused_at = desk.world.env.now();
    let early = shop.call(&request).await.expect_err("too early");
    assert_eq!(early.retry_at, refused_at.plus_millis(7 * DAY).millis());
    desk.world.advance(7 * DAY);
    shop.call(&request).await.expect("a week has passed");
}

/// Bad input: every document and every field is bounded, and each refusal says by what.
#[tokio::test]
async fn what_is_uploaded_is_bounded_and_forgotten() {
    let desk = Desk::new(424).await;
    let mut shop = desk.world.shop("kape").await;
    for (bad, says) in [
        (piece(None, 0, true, b"MZ executable".to_vec()), "PDF, PNG or JPEG"),
        (piece(None, 0, true, Vec::new()), "1 to"),
        (piece(None, 1, true, b"%PDF-".to_vec()), "number 0"),
        (piece(Some(7), 1, true, b"%PDF-".to_vec()), "no document of this id"),
        (piece(None, 0, true, vec![0x25; limits::DOCUMENT_PART_BYTES + 1]), "1 to"),
    ] {
        let refused = shop.call(&bad).await.expect_err("it is bad");
        assert!(refused.message.contains(says), "{refused:?}");
    }
    let begun = shop.call(&piece(None, 0, false, b"\x89PNG\r\n\x1a\n...".to_vec())).await.expect("a picture");
    assert_eq!(begun.media_type, "image/png");
    assert_eq!(shop.call(&piece(Some(begun.id), 2, true, vec![1])).await.expect_err("one is missing").code(), RefusalCode::Conflict);
    // A piece that comes again is stored once.
    for _ in 0..2 {
        assert_eq!(shop.call(&piece(Some(begun.id), 1, false, vec![1; 10])).await.expect("it follows").bytes, 21);
    }
    let mut part = 2;
    let full = loop {
        match shop.call(&piece(Some(begun.id), part, false, vec![1; limits::DOCUMENT_PART_BYTES])).await {
            Ok(_) => part += 1,
            Err(refused) => break refused,
        }
    };
    assert!(full.message.contains("at most") && part > 50, "{full:?}");
    for _ in 1..limits::DOCUMENTS {
        shop.call(&piece(None, 0, true, b"%PDF-".to_vec())).await.expect("there is room");
    }
    assert_eq!(shop.call(&piece(None, 0, true, b"%PDF-".to_vec())).await.expect_err("no room").code(), RefusalCode::Conflict);
    // Another business sees nothing of it.
    let mut other = desk.world.shop("sari").await;
    assert!(status(&mut other).await.documents.is_empty());
    assert_eq!(other.call(&asks(Trust::Confirmed, vec![2])).await.expect_err("another's").code(), RefusalCode::Unknown);
    // One that a request names stays; the others are gone after a day.
    shop.call(&asks(Trust::Confirmed, vec![2])).await.expect("all is there");
    desk.world.advance(DAY);
    desk.world.network.run_jobs(desk.world.env.now()).await.expect("the jobs run");
    assert_eq!(status(&mut shop).await.documents.iter().map(|document| document.id).collect::<Vec<_>>(), [2]);
    desk.decide(CaseKind::Verification, true, "All is right", None).await;
    desk.world.advance(90 * DAY);
    desk.world.network.run_jobs(desk.world.env.now()).await.expect("the jobs run");
    assert!(status(&mut shop).await.documents.is_empty());
    for bad in [
        RequestVerification { entity: "king".into(), ..asks(Trust::Confirmed, vec![]) },
        RequestVerification { legal_name: " ".into(), ..asks(Trust::Confirmed, vec![]) },
        RequestVerification { country: "Philippines".into(), ..asks(Trust::Confirmed, vec![]) },
        RequestVerification { website: "javascript:alert(1)".into(), ..asks(Trust::Confirmed, vec![]) },
        RequestVerification { email: "office".into(), ..asks(Trust::Confirmed, vec![]) },
        RequestVerification { documents: vec![1; 6], ..asks(Trust::Confirmed, vec![]) },
    ] {
        assert_eq!(other.call(&bad).await.expect_err("it is bad").code(), RefusalCode::Malformed);
    }
}
