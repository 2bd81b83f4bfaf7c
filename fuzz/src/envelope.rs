//! What a device sends to the network: frames, MLS messages, their headers, certificates.
use prost::Message;
use suki_protocol::{certificate, mls, pb};
use suki_types::limits;

/// Reads bytes as everything that comes from a device. What can be read is written and read again, and must be the same.
pub fn run(bytes: &[u8]) {
    if let Ok(clear) = mls::cleartext(bytes) {
        assert!(clear.authenticated_data.len() <= limits::HEADER_BYTES, "the additional data is bounded");
        assert!(!clear.external || clear.content_type == mls::ContentType::Commit, "only commits come from outside");
        // A cut anywhere in what was read makes it unreadable, or leaves it as it was.
        let shorter = &bytes[..bytes.len() - 1];
        assert!(mls::cleartext(shorter).is_err() || mls::cleartext(shorter).as_ref() == Ok(&clear), "a cut changes what is read");
        header(clear.authenticated_data);
    }
    header(bytes);
    if let Ok(identity) = certificate::verify(&[0; 32], bytes) {
        assert_eq!(certificate::read_unverified(bytes), Ok(identity), "both read the same");
    }
    // Nothing to assert of an unsigned certificate, but that reading it ends.
    let _ = certificate::read_unverified(bytes);
    again::<pb::ClientFrame>(bytes);
    again::<pb::ServerFrame>(bytes);
    again::<pb::Event>(bytes);
    again::<pb::Receipt>(bytes);
    again::<pb::Sealed>(bytes);
    again::<pb::Content>(bytes);
}

fn header(bytes: &[u8]) {
    if let Ok(header) = mls::header(bytes) {
        assert_eq!(header.raw.commitment.len(), 32);
        assert_ne!(header.kind, pb::MessageKind::Unspecified);
        assert_eq!(mls::header(&header.raw.encode_to_vec()), Ok(header));
    }
}

fn again<M: Message + Default + PartialEq + std::fmt::Debug>(bytes: &[u8]) {
    if let Ok(message) = M::decode(bytes) {
        let written = message.encode_to_vec();
        assert_eq!(written.len(), message.encoded_len());
        assert_eq!(M::decode(&written[..]).as_ref(), Ok(&message), "what was written reads differently");
    }
}

/// One of each kind that is right, so that the fuzzer knows how they look.
pub fn seeds() -> Vec<Vec<u8>> {
    let header = pb::Header { message_id: vec![1; 16], kind: 1, commitment: vec![2; 32], sent_at: 1_767_225_600_000, ..Default::default() };
    let header = header.encode_to_vec();
    let mut private = vec![0, 1, 0, 2, 16];
    private.extend([7; 16]);
    private.extend([0, 0, 0, 0, 0, 0, 0, 9, 1]);
    private.extend([0x40, u8::try_from(header.len()).expect("a header of this size fits a byte")]);
    private.extend(&header);
    private.extend([1, 0, 1, 0]);
    let mut external = vec![0, 1, 0, 1, 16];
    external.extend([7; 16]);
    external.extend([0, 0, 0, 0, 0, 0, 0, 9, 4, 0, 3, 0]);
    let frame = |body| pb::ClientFrame { request: 1, body: Some(body) }.encode_to_vec();
    let welcome = pb::Welcome { device: vec![3; 16], mls_message: vec![4; 40] };
    let commit = pb::Commit {
        conversation: vec![7; 16],
        commit_id: vec![8; 16],
        epoch: 9,
        mls_message: external.clone(),
        welcomes: vec![welcome],
        removed: vec![vec![5; 16]],
        group_info: vec![6; 40],
    };
    let body = pb::CertificateBody { account: vec![1; 16], device: vec![2; 16], kind: 1, signature_key: vec![3; 32], issued_at: 5 };
    let text = pb::Text { body: "Kumusta po!".into(), preview_url: true };
    let content = pb::Content { body: Some(pb::content::Body::Text(text)), reply_to: vec![1; 16], sender_name: "Luz".into(), ..Default::default() }
        .encode_to_vec();
    let entry = pb::Entry { seq: 1, at: 2, kind: 1, conversation: vec![7; 16], payload: private.clone(), ..Default::default() };
    vec![
        frame(pb::client_frame::Body::Submit(pb::Submit { mls_message: private.clone() })),
        frame(pb::client_frame::Body::Commit(commit)),
        frame(pb::client_frame::Body::LogIn(pb::LogIn { device: vec![2; 16], signature: vec![9; 64] })),
        frame(pb::client_frame::Body::Ack(pb::Ack { seq: 7 })),
        pb::ServerFrame { request: 0, body: Some(pb::server_frame::Body::Entries(pb::Entries { entries: vec![entry] })) }.encode_to_vec(),
        pb::Certificate { body: body.encode_to_vec(), signature: vec![0; 64] }.encode_to_vec(),
        pb::Sealed { content: content.clone(), commitment_key: vec![0; 32] }.encode_to_vec(),
        pb::Receipt { status: 1, message_ids: vec![vec![1; 16]], at: 3, ..Default::default() }.encode_to_vec(),
        content,
        header,
        private,
        external,
    ]
}
