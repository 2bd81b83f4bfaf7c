//! Files beside a message (`suki-blob/1`): what was sealed comes out, whole or in part, and nothing else does. The vectors are read by the twin in
//! TypeScript, too; `SUKI_WRITE_DOCS=1 cargo test -p suki-e2ee --test it blob` writes them anew.
use base64::{Engine as _, engine::general_purpose::STANDARD};
use proptest::prelude::*;
use serde_json::{Value, json};
use std::ops::Range;
use suki_e2ee::blob::{BlobError, BlobKey, Opener, Part, SEGMENT_BYTES, Sealer, TAG_BYTES, plain_bytes, sealed_bytes};

const FILE: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/golden/blob.json");
const SEALED_SEGMENT: usize = SEGMENT_BYTES + TAG_BYTES;

fn key(of: u8) -> BlobKey {
    BlobKey::from_bytes(&[of; 32]).unwrap()
}

/// A file whose bytes tell their place.
fn file(bytes: usize) -> Vec<u8> {
    (0..bytes).map(|at| (at ^ (at >> 8) ^ (at >> 16)) as u8).collect()
}

fn sealed(key: &BlobKey, plain: &[u8], piece: usize) -> Vec<u8> {
    let mut out = Vec::new();
    let mut sealer = Sealer::new(key);
    plain.chunks(piece).for_each(|piece| sealer.push(piece, &mut out));
    sealer.finish(&mut out);
    out
}

fn opened(key: &BlobKey, part: &Part, sealed: &[u8], piece: usize) -> Result<Vec<u8>, BlobError> {
    let mut out = Vec::new();
    let mut opener = Opener::new(key, part);
    for piece in sealed.chunks(piece) {
        opener.push(piece, &mut out)?;
    }
    opener.finish(&mut out)?;
    Ok(out)
}

fn part_of(key: &BlobKey, range: Range<u64>, plain: u64, sealed: &[u8]) -> Result<Vec<u8>, BlobError> {
    let part = Part::of(range, plain).expect("the range is inside the file");
    let bytes = &sealed[part.sealed.start as usize..part.sealed.end as usize];
    opened(key, &part, bytes, 10_000)
}

#[test]
fn both_languages_have_the_same_vectors() {
    let lengths = [0, 1, 100, SEGMENT_BYTES - 1, SEGMENT_BYTES, SEGMENT_BYTES + 1, 2 * SEGMENT_BYTES];
    let vectors: Vec<Value> = lengths
        .into_iter()
        .zip(1..)
        .map(|(bytes, of)| {
            let sealed = sealed(&key(of), &file(bytes), 1000);
            // A long file is told by its tags and its digest; its plaintext is computed anew.
            let digest = |bytes: &[u8]| STANDARD.encode(aws_lc_rs::digest::digest(&aws_lc_rs::digest::SHA256, bytes));
            let tail = &sealed[sealed.len() - TAG_BYTES..];
            json!({"plain_bytes": bytes, "key": STANDARD.encode([of; 32]), "sealed_bytes": sealed.len(), "plain_sha256": digest(&file(bytes)),
                "sealed_sha256": digest(&sealed), "last_tag": STANDARD.encode(tail)})
        })
        .collect();
    let text = serde_json::to_string_pretty(&vectors).unwrap() + "\n";
    if std::env::var_os("SUKI_WRITE_DOCS").is_some() {
        std::fs::write(FILE, &text).unwrap();
    }
    let kept = std::fs::read_to_string(FILE).unwrap_or_default();
    assert!(kept == text, "{FILE} is stale: SUKI_WRITE_DOCS=1 cargo test -p suki-e2ee --test it blob writes it anew");
}

#[test]
fn lengths_are_known_beforehand() {
    for plain in [0, 1, SEGMENT_BYTES - 1, SEGMENT_BYTES, SEGMENT_BYTES + 1, 3 * SEGMENT_BYTES, 3 * SEGMENT_BYTES + 7] {
        let is = sealed(&key(1), &file(plain), 5000).len() as u64;
        assert_eq!((sealed_bytes(plain as u64), plain_bytes(is)), (is, Some(plain as u64)));
    }
    // No file has such a length: it is too short for a tag, or its last segment would be empty.
    for never in [0, 1, 15, SEALED_SEGMENT as u64 + 1, (SEALED_SEGMENT + TAG_BYTES) as u64] {
        assert_eq!(plain_bytes(never), None, "{never}");
    }
}

#[test]
fn a_part_needs_its_segments_alone() {
    let plain = file(3 * SEGMENT_BYTES + 100);
    let whole = sealed(&key(2), &plain, 4096);
    let length = plain.len() as u64;
    let segment = SEGMENT_BYTES as u64;
    let ranges = [
        0..1,
        0..length,
        segment - 1..segment + 1,
        segment..2 * segment,
        3 * segment..length,
        length - 1..length,
        5..3 * segment,
        2 * segment..2 * segment + 1,
    ];
    for range in ranges {
        let expected = &plain[range.start as usize..range.end as usize];
        assert_eq!(part_of(&key(2), range.clone(), length, &whole).unwrap(), expected, "{range:?}");
    }
    assert_eq!(Part::of(segment..2 * segment, length).unwrap().sealed, SEALED_SEGMENT as u64..2 * SEALED_SEGMENT as u64);
    for outside in [0..0, 5..5, 0..length + 1, length..length + 1] {
        assert_eq!(Part::of(outside, length), None);
    }
}

#[test]
fn what_was_cut_off_appended_or_swapped_does_not_open() {
    let plain = file(3 * SEGMENT_BYTES);
    let whole = sealed(&key(3), &plain, 4096);
    let refuses = |bytes: &[u8]| assert_eq!(opened(&key(3), &Part::whole(), bytes, 4096), Err(BlobError::Forged));
    refuses(&[]);
    refuses(&whole[..2 * SEALED_SEGMENT]);
    refuses(&whole[..whole.len() - 1]);
    refuses(&[&whole[..], b"more"].concat());
    refuses(&[&whole[..], &whole[2 * SEALED_SEGMENT..]].concat());
    refuses(&[&whole[SEALED_SEGMENT..2 * SEALED_SEGMENT], &whole[..SEALED_SEGMENT], &whole[2 * SEALED_SEGMENT..]].concat());
    assert_eq!(opened(&key(4), &Part::whole(), &whole, 4096), Err(BlobError::Forged), "another file's key");
    assert_eq!(part_of(&key(3), 0..1, 2 * SEGMENT_BYTES as u64, &whole[SEALED_SEGMENT..]), Err(BlobError::Forged), "another place");
}

#[test]
fn a_key_is_not_shown() {
    assert_eq!(format!("{:?}", key(7)), "BlobKey(…)");
    assert_eq!(BlobKey::from_bytes(&[0; 31]), Err(BlobError::Key));
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn any_file_in_any_pieces_comes_back(bytes in 0..3 * SEGMENT_BYTES, into in 1..100_000_usize, out_of in 1..100_000_usize) {
        let plain = file(bytes);
        let whole = sealed(&key(5), &plain, into);
        prop_assert_eq!(opened(&key(5), &Part::whole(), &whole, out_of).unwrap(), plain);
    }

    #[test]
    fn any_changed_byte_is_noticed(bytes in 0..2 * SEGMENT_BYTES, at in any::<prop::sample::Index>(), bit in 0..8) {
        let mut whole = sealed(&key(6), &file(bytes), 8192);
        let at = at.index(whole.len());
        whole[at] ^= 1_u8 << bit;
        prop_assert_eq!(opened(&key(6), &Part::whole(), &whole, 8192), Err(BlobError::Forged));
    }

    #[test]
    fn any_part_of_any_file_opens(bytes in 1..3 * SEGMENT_BYTES, from in any::<prop::sample::Index>(), to in any::<prop::sample::Index>()) {
        let plain = file(bytes);
        let (from, to) = (from.index(bytes), to.index(bytes));
        let range = from.min(to) as u64..from.max(to) as u64 + 1;
        let whole = sealed(&key(8), &plain, 8192);
        let expected = &plain[range.start as usize..range.end as usize];
        prop_assert_eq!(part_of(&key(8), range, bytes as u64, &whole).unwrap(), expected);
    }
}
