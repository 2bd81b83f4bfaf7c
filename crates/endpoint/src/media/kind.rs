//! What a file is: by what is said of it, by its first bytes, and whether it may be sent so (Cloud API, section 3e).
use suki_cloud_api::{ApiError, messages::FileKind};
use suki_protocol::calls::rules::{MediaRule, Rules};

/// How many of a file's first bytes are looked at.
pub(super) const HEAD_BYTES: usize = 4096;
/// The Cloud API's code of a file that cannot be sent.
pub(super) const UPLOAD: i32 = 131_053;

/// A media type without its parameters, in small letters.
pub fn essence(media_type: &str) -> String {
    media_type.split(';').next().unwrap_or_default().trim().to_ascii_lowercase()
}

fn knows(rule: &MediaRule, media_type: &str) -> bool {
    rule.types.iter().any(|known| known.eq_ignore_ascii_case(media_type))
}

/// The most bytes that a file of a kind may have; a sticker's as a moving one.
pub(super) fn most(rules: &Rules, kind: FileKind) -> u64 {
    let is = |rule: &&MediaRule| rule.kind == kind.as_str() || (kind == FileKind::Sticker && rule.kind == "moving_sticker");
    rules.media.iter().filter(is).map(|rule| rule.bytes).max().unwrap_or(0)
}

/// The most bytes that any file may have.
pub(super) fn most_of_all(rules: &Rules) -> u64 {
    rules.media.iter().map(|rule| rule.bytes).max().unwrap_or(0)
}

fn refused(text: String) -> ApiError {
    ApiError::from_number(UPLOAD, text)
}

/// Whether a file may be sent as this kind.
///
/// # Errors
/// 131053 with what is allowed.
pub(super) fn check(rules: &Rules, kind: FileKind, media_type: &str, bytes: u64, animated: bool) -> Result<(), ApiError> {
    let name = if kind == FileKind::Sticker && animated { "moving_sticker" } else { kind.as_str() };
    let rule = rules.media.iter().find(|rule| rule.kind == name);
    let Some(rule) = rule.filter(|rule| knows(rule, media_type)) else {
        let types = rule.map(|rule| rule.types.join(", ")).unwrap_or_default();
        return Err(refused(format!("The file is of type {media_type:?}; {} is of type {types}. Convert the file and send it again", article(kind))));
    };
    if !(1..=rule.bytes).contains(&bytes) {
        let name = name.replace('_', " ");
        return Err(refused(format!("The {name} has {bytes} bytes; 1 to {} are allowed. Make the file smaller and send it again", rule.bytes)));
    }
    Ok(())
}

/// Whether an upload may be kept: a type that some kind allows, at a size that one of these kinds allows.
///
/// # Errors
/// 100 for another type, as Meta says it; 131053 for another size.
pub(super) fn check_upload(rules: &Rules, media_type: &str, bytes: u64, animated: bool) -> Result<(), ApiError> {
    let of_this_type = || rules.media.iter().filter(|rule| knows(rule, media_type) && (rule.kind != "sticker" || !animated));
    if of_this_type().next().is_none() {
        let mut types: Vec<&str> = rules.media.iter().flat_map(|rule| &rule.types).map(String::as_str).collect();
        types.sort_unstable();
        types.dedup();
        let list = types.join(", ");
        let text = format!("Param file must be a file with one of the following types: {list}. Received file of type '{media_type}'.");
        return Err(ApiError::invalid_parameter(text));
    }
    let most = of_this_type().filter(|rule| animated || rule.kind != "moving_sticker").map(|rule| rule.bytes).max().unwrap_or(0);
    if !(1..=most).contains(&bytes) {
        return Err(refused(format!(
            "The file has {bytes} bytes; 1 to {most} are allowed for {media_type}. Make the file smaller and upload it again"
        )));
    }
    Ok(())
}

fn article(kind: FileKind) -> &'static str {
    match kind {
        FileKind::Image => "an image",
        FileKind::Video => "a video",
        FileKind::Audio => "an audio",
        FileKind::Document => "a document",
        FileKind::Sticker => "a sticker",
    }
}

fn is_film(head: &[u8]) -> bool {
    head.get(4..8) == Some(b"ftyp")
}

fn is_mp3(head: &[u8]) -> bool {
    head.starts_with(b"ID3") || matches!(head, [0xff, second, ..] if second & 0xe0 == 0xe0 && second & 0x06 != 0)
}

fn is_adts(head: &[u8]) -> bool {
    head.starts_with(b"ADIF") || matches!(head, [0xff, second, ..] if second & 0xf6 == 0xf0)
}

fn is_text(head: &[u8]) -> bool {
    let whole = match std::str::from_utf8(head) {
        Ok(_) => true,
        // A character may be cut at the end; texts of other encodings are texts, too.
        Err(_) => !head.iter().any(|byte| *byte < 0x09),
    };
    whole && !head.contains(&0)
}

const OLE: &[u8] = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1";
const ZIP: &[u8] = b"PK\x03\x04";
const RIFF_WEBP: (&[u8], &[u8]) = (b"RIFF", b"WEBP");

fn is_webp(head: &[u8]) -> bool {
    head.starts_with(RIFF_WEBP.0) && head.get(8..12) == Some(RIFF_WEBP.1)
}

/// Whether a file's first bytes are what its type promises. A type that is not known here, which an owner's policy may allow, is believed.
pub(super) fn agrees(media_type: &str, head: &[u8]) -> bool {
    match media_type {
        "image/jpeg" => head.starts_with(b"\xff\xd8\xff"),
        "image/png" => head.starts_with(b"\x89PNG\r\n\x1a\n"),
        "image/gif" => head.starts_with(b"GIF8"),
        "image/webp" => is_webp(head),
        "video/mp4" | "video/3gpp" | "audio/mp4" => is_film(head),
        "audio/ogg" | "audio/opus" => head.starts_with(b"OggS"),
        "audio/amr" => head.starts_with(b"#!AMR"),
        "audio/mpeg" => is_mp3(head),
        "audio/aac" => is_adts(head),
        "application/pdf" => head.windows(5).take(1024).any(|part| part == b"%PDF-"),
        "application/msword" | "application/vnd.ms-excel" | "application/vnd.ms-powerpoint" => head.starts_with(OLE),
        office if office.starts_with("application/vnd.openxmlformats-officedocument.") => head.starts_with(ZIP),
        "text/plain" => is_text(head),
        _ => true,
    }
}

/// The type that a file's first bytes show; `None` when they show none that is known.
pub(super) fn recognised(head: &[u8]) -> Option<&'static str> {
    if is_film(head) {
        let brand = head.get(8..12).unwrap_or_default();
        return Some(if brand.starts_with(b"3g") {
            "video/3gpp"
        } else if brand == b"M4A " {
            "audio/mp4"
        } else {
            "video/mp4"
        });
    }
    ["image/jpeg", "image/png", "image/gif", "image/webp", "audio/ogg", "audio/amr", "application/pdf"]
        .into_iter()
        .find(|known| agrees(known, head))
        .or_else(|| head.starts_with(b"ID3").then_some("audio/mpeg"))
}

/// Whether a WebP moves: the extended format says so in a bit of its flags.
pub(super) fn moves(media_type: &str, head: &[u8]) -> bool {
    media_type == "image/webp" && is_webp(head) && head.get(12..16) == Some(b"VP8X") && head.get(20).is_some_and(|flags| flags & 0x02 != 0)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn rules() -> Rules {
        let rule =
            |kind: &str, types: &[&str], bytes| MediaRule { kind: kind.into(), types: types.iter().map(|one| (*one).to_owned()).collect(), bytes };
        let media = vec![
            rule("image", &["image/jpeg", "image/png"], 5000),
            rule("document", &["text/plain", "application/pdf"], 100_000),
            rule("sticker", &["image/webp"], 100),
            rule("moving_sticker", &["image/webp"], 500),
        ];
        Rules { media, ..Rules::default() }
    }

    /// Cloud API, section 3e: size and type by kind, at each edge.
    #[test]
    fn a_file_is_sent_as_what_it_may_be() {
        let rules = rules();
        let allowed = |kind, media_type, bytes, animated| check(&rules, kind, media_type, bytes, animated).map_err(|error| error.code.number());
        assert_eq!(allowed(FileKind::Image, "image/png", 5000, false), Ok(()));
        for (kind, media_type, bytes, animated) in [
            (FileKind::Image, "image/png", 5001, false),
            (FileKind::Image, "image/png", 0, false),
            (FileKind::Image, "image/webp", 10, false),
            (FileKind::Image, "application/pdf", 10, false),
            (FileKind::Sticker, "image/webp", 101, false),
            (FileKind::Sticker, "image/webp", 501, true),
            (FileKind::Video, "video/mp4", 10, false),
        ] {
            assert_eq!(allowed(kind, media_type, bytes, animated), Err(UPLOAD), "{kind:?} {media_type} {bytes}");
        }
        assert_eq!(allowed(FileKind::Sticker, "image/webp", 500, true), Ok(()));
    }

    #[test]
    fn an_upload_has_a_type_that_something_allows() {
        let rules = rules();
        let number = |media_type, bytes, animated| check_upload(&rules, media_type, bytes, animated).map_err(|error| error.code.number());
        assert_eq!((number("image/webp", 100, false), number("image/webp", 101, false)), (Ok(()), Err(UPLOAD)));
        assert_eq!((number("image/webp", 500, true), number("image/webp", 501, true)), (Ok(()), Err(UPLOAD)));
        assert_eq!(number("image/svg+xml", 10, false), Err(100));
        let error = check_upload(&rules, "text/html", 1, false).expect_err("no kind allows it");
        assert!(error.details.contains("image/jpeg, image/png") && error.details.ends_with("'text/html'."), "{}", error.details);
    }

    #[test]
    fn first_bytes_belie_a_type() {
        let samples: [(&str, &[u8]); 10] = [
            ("image/jpeg", b"\xff\xd8\xff\xe0"),
            ("image/png", b"\x89PNG\r\n\x1a\n"),
            ("image/webp", b"RIFF\0\0\0\0WEBPVP8 "),
            ("video/mp4", b"\0\0\0\x18ftypmp42"),
            ("audio/ogg", b"OggS\0\x02"),
            ("audio/amr", b"#!AMR\n"),
            ("audio/mpeg", b"ID3\x04"),
            ("audio/aac", b"\xff\xf1\x50"),
            ("application/pdf", b"%PDF-1.7"),
            ("application/msword", OLE),
        ];
        for (named, _) in samples {
            for (of, head) in samples {
                let same = named == of || (named == "audio/mpeg" && of == "audio/aac" && is_mp3(head));
                assert_eq!(agrees(named, head), same, "{named} and the bytes of {of}");
            }
            assert!(!agrees(named, b"<html>") && !agrees(named, b""), "{named}");
        }
        assert!(agrees("text/plain", "kapé".as_bytes()) && !agrees("text/plain", b"MZ\0\x01"));
        assert_eq!(recognised(b"\0\0\0\x18ftyp3gp4"), Some("video/3gpp"));
        assert_eq!((recognised(b"\xff\xd8\xff"), recognised(b"<html>")), (Some("image/jpeg"), None));
        assert!(moves("image/webp", b"RIFF\0\0\0\0WEBPVP8X\x0a\0\0\0\x02") && !moves("image/webp", b"RIFF\0\0\0\0WEBPVP8X\x0a\0\0\0\x10"));
        assert_eq!(essence("Audio/OGG; codecs=opus"), "audio/ogg");
    }
}
