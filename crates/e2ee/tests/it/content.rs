//! Header and content, and the commitment between them.
use prost::Message as _;
use suki_e2ee::{
    Error,
    content::{HeaderParts, SealedContent, open, proves, seal},
};
use suki_protocol::pb::{self, content::Body};
use suki_types::{Env, MessageId};

fn text(body: &str) -> pb::Content {
    pb::Content { body: Some(Body::Text(pb::Text { body: body.into(), preview_url: false })), ..Default::default() }
}

fn sealed(env: &Env, content: &pb::Content) -> Result<SealedContent, Error> {
    seal(content, &HeaderParts::session(MessageId::new(env), env.now()), &*env.entropy)
}

#[test]
fn what_was_sealed_opens() {
    let env = Env::for_tests(1);
    let content = pb::Content { reply_to: vec![7; 16], sender_name: "Ana".into(), ..text("Kumusta? 🙂") };
    let parts = HeaderParts::session(MessageId::new(&env), env.now());
    let SealedContent { header, plaintext } = seal(&content, &parts, &*env.entropy).unwrap();
    let (read, again) = open(&header, &plaintext).unwrap();
    assert_eq!((read.message_id, read.raw.sent_at, again), (parts.message_id, env.now().millis(), content.clone()));
    let beside = pb::Sealed::decode(&plaintext[..]).unwrap();
    assert!(proves(&read.raw.commitment, &content.encode_to_vec(), &beside.commitment_key));
    assert!(!proves(&read.raw.commitment, &text("else").encode_to_vec(), &beside.commitment_key));
}

#[test]
fn a_commitment_to_something_else_is_refused() {
    let env = Env::for_tests(1);
    let (one, other) = (sealed(&env, &text("one")).unwrap(), sealed(&env, &text("other")).unwrap());
    assert!(matches!(open(&one.header, &other.plaintext), Err(Error::Forged(_))));
}

/// What a device sends that keeps no limits, with a commitment that fits.
fn by_hand(env: &Env, content: &pb::Content) -> (Vec<u8>, Vec<u8>) {
    let good = sealed(env, &text("a")).unwrap();
    let content = content.encode_to_vec();
    let mut header = pb::Header::decode(&good.header[..]).unwrap();
    let key = aws_lc_rs::hmac::Key::new(aws_lc_rs::hmac::HMAC_SHA256, &[1; 32]);
    header.commitment = aws_lc_rs::hmac::sign(&key, &content).as_ref().to_vec();
    (header.encode_to_vec(), pb::Sealed { content, commitment_key: vec![1; 32] }.encode_to_vec())
}

#[test]
fn limits_hold_on_both_ways() {
    let env = Env::for_tests(1);
    assert!(sealed(&env, &text(&"é".repeat(4096))).is_ok());
    // A body that only newer devices know opens as nothing, so that it can be said that something came; nobody seals nothing.
    assert!(matches!(sealed(&env, &pb::Content::default()), Err(Error::Malformed(_))));
    let (header, plaintext) = by_hand(&env, &pb::Content::default());
    assert!(matches!(open(&header, &plaintext), Ok((_, content)) if content.body.is_none()));
    for wrong in [
        text(""),
        text(&"é".repeat(4097)),
        pb::Content { reply_to: vec![1; 15], ..text("a") },
        pb::Content { sender_name: "n".repeat(76), ..text("a") },
        pb::Content { body: Some(Body::History(pb::History::default())), ..Default::default() },
    ] {
        assert!(matches!(sealed(&env, &wrong), Err(Error::Malformed(_))));
        let (header, plaintext) = by_hand(&env, &wrong);
        assert!(matches!(open(&header, &plaintext), Err(Error::Malformed(_))));
    }
}

#[test]
fn a_history_comes_as_control_and_its_items_are_checked() {
    let env = Env::for_tests(1);
    let parts = HeaderParts { kind: pb::MessageKind::Control, ..HeaderParts::session(MessageId::new(&env), env.now()) };
    let item = pb::HistoryItem { message_id: vec![2; 16], at: 1, from_business: true, content: Some(text("earlier")), template_id: String::new() };
    let history = |item| pb::Content { body: Some(Body::History(pb::History { items: vec![item] })), ..Default::default() };
    let good = seal(&history(item.clone()), &parts, &*env.entropy).unwrap();
    assert!(open(&good.header, &good.plaintext).is_ok());
    let nested = pb::HistoryItem { content: Some(history(item.clone())), ..item.clone() };
    for wrong in [pb::HistoryItem { message_id: vec![], ..item.clone() }, pb::HistoryItem { content: None, ..item }, nested] {
        assert!(seal(&history(wrong), &parts, &*env.entropy).is_err());
    }
    assert!(seal(&text("a"), &parts, &*env.entropy).is_err());
}
