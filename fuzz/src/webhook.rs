//! What comes to a webhook: deliveries and their signatures.
use suki_cloud_api::{
    signature,
    webhook::{Contact, ErrorItem, Message, Notification, Profile, Progress, Source, Status},
};
use suki_types::{Phone, Timestamp};

/// Reads bytes as a signature's header, a zero byte and a delivery; without a zero byte all is the delivery.
pub fn run(bytes: &[u8]) {
    let (header, body) = match bytes.iter().position(|byte| *byte == 0) {
        Some(at) => (String::from_utf8_lossy(&bytes[..at]).into_owned(), &bytes[at + 1..]),
        None => (String::new(), bytes),
    };
    let right = signature::sign("secret", body);
    assert!(signature::verify("secret", body, &right) && !signature::verify("other", body, &right));
    assert!(!signature::verify("secret", body, &header) || header.trim().eq_ignore_ascii_case(&right));
    if let Ok(notification) = Notification::from_bytes(body) {
        let written = notification.to_bytes();
        assert!(written.is_ascii(), "everything else is escaped");
        assert_eq!(Notification::from_bytes(&written).as_ref(), Ok(&notification), "what was written reads differently");
    }
}

/// One delivery of each kind.
pub fn seeds() -> Vec<Vec<u8>> {
    let source = Source {
        account: "419561257915477".parse().expect("it is an id"),
        phone_number: "106540352242922".parse().expect("it is an id"),
        phone: Phone::test(0),
    };
    let profile = Profile { name: "Luz Ñ".into(), username: None };
    let contact = Contact { profile, wa_id: Some(Phone::test(1).digits().into()), user_id: "ZZ.A1".into(), identity_key_hash: None };
    let at = Timestamp::from_millis(1_767_225_600_000);
    let text = Message::text(&contact, "wamid.B".into(), at, "Bukas po? 🏪".into(), Some(("wamid.A".into(), "999000000000".into())));
    let mut all = vec![source.message(contact.clone(), text), source.error(ErrorItem::new(131_000, "x"))];
    for progress in [Progress::Sent, Progress::Delivered, Progress::Read, Progress::Failed] {
        all.push(source.status(contact.clone(), Status::new(&contact, "wamid.A".into(), progress, at)));
    }
    let delivery = |notification: &Notification| {
        let body = notification.to_bytes();
        [signature::sign("secret", &body).as_bytes(), &[0], &body].concat()
    };
    all.iter().map(delivery).collect()
}
