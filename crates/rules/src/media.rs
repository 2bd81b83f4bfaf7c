//! Which media may be sent, and how large (Cloud API, section 3e).
use crate::{Length, Policy, Refusal, policy::section::section};

section! {
    /// Which media may be sent, and how large. Sizes are in bytes.
    pub struct Media in "media" {
        /// The largest image.
        pub image_bytes: u64 = in (1, 1_073_741_824),
        /// The media types of images.
        pub image_types: Vec<String> = in (0, 64),
        /// The largest video.
        pub video_bytes: u64 = in (1, 1_073_741_824),
        /// The media types of videos.
        pub video_types: Vec<String> = in (0, 64),
        /// The largest audio.
        pub audio_bytes: u64 = in (1, 1_073_741_824),
        /// The media types of audio.
        pub audio_types: Vec<String> = in (0, 64),
        /// The largest document.
        pub document_bytes: u64 = in (1, 1_073_741_824),
        /// The media types of documents.
        pub document_types: Vec<String> = in (0, 64),
        /// The largest sticker that stands still.
        pub sticker_bytes: u64 = in (1, 1_073_741_824),
        /// The largest sticker that moves.
        pub moving_sticker_bytes: u64 = in (1, 1_073_741_824),
        /// The media types of stickers.
        pub sticker_types: Vec<String> = in (0, 64),
        /// For how long a business's programs may use what they uploaded.
        pub uploaded_kept: Length = in ("1h", "36525d"),
        /// For how long programs may fetch what a customer sent.
        pub received_kept: Length = in ("1h", "36525d"),
        /// For how long the address of a file holds that a program is given.
        pub address_holds: Length = in ("1m", "1d"),
        /// For how long a file that was fetched from a link is used again for the same link.
        pub link_kept: Length = in ("1s", "1d"),
        /// How long fetching a link may take.
        pub link_within: Length = in ("1s", "10m"),
        /// The largest file that the network carries, sealed: a little more than the largest of the kinds above.
        pub carried_bytes: u64 = in (1, 1_099_511_627_776),
        /// For how long the network keeps a sealed file: longer than an unfetched message (`retention.undelivered`), since it is fetched after it.
        pub carried_kept: Length = in ("1d", "3650d"),
        /// How long a device may take to upload a file that it announced.
        pub upload_within: Length = in ("1m", "1d"),
        /// How many sealed bytes a person's devices may store in 24 hours.
        pub person_bytes_per_day: u64 = in (0, 1_125_899_906_842_624),
        /// How many sealed bytes a business may store in 24 hours.
        pub business_bytes_per_day: u64 = in (0, 1_125_899_906_842_624),
    }
    check types;
}

fn types(media: &Media) -> Result<(), (&'static str, String)> {
    let lists = [
        ("image_types", &media.image_types),
        ("video_types", &media.video_types),
        ("audio_types", &media.audio_types),
        ("document_types", &media.document_types),
        ("sticker_types", &media.sticker_types),
    ];
    let right = |text: &String| text.len() <= 127 && text.split_once('/').is_some_and(|(kind, rest)| !kind.is_empty() && !rest.is_empty());
    match lists.into_iter().find(|(_, list)| !list.iter().all(right)) {
        None => Ok(()),
        Some((field, _)) => Err((field, "a media type is written like \"image/png\"".into())),
    }
}

/// What a file is sent as.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum MediaKind {
    /// A picture.
    Image,
    /// A film.
    Video,
    /// Sound.
    Audio,
    /// Any other file.
    Document,
    /// A small picture without a frame.
    Sticker {
        /// Whether it moves.
        moving: bool,
    },
}

/// The Cloud API code of a file that cannot be sent.
const UPLOAD: i32 = 131_053;

/// Whether a file of this media type, without its parameters, and size may be sent.
///
/// # Errors
/// With the types or the size that are allowed.
pub fn check(policy: &Policy, kind: MediaKind, media_type: &str, bytes: u64) -> Result<(), Refusal> {
    let media = &policy.media;
    let (name, types, most) = match kind {
        MediaKind::Image => ("image", &media.image_types, media.image_bytes),
        MediaKind::Video => ("video", &media.video_types, media.video_bytes),
        MediaKind::Audio => ("audio", &media.audio_types, media.audio_bytes),
        MediaKind::Document => ("document", &media.document_types, media.document_bytes),
        MediaKind::Sticker { moving: false } => ("sticker", &media.sticker_types, media.sticker_bytes),
        MediaKind::Sticker { moving: true } => ("moving sticker", &media.sticker_types, media.moving_sticker_bytes),
    };
    let problem = if !types.iter().any(|known| known.eq_ignore_ascii_case(media_type)) {
        format!("A {name} is of type {}", types.join(", "))
    } else if !(1..=most).contains(&bytes) {
        format!("The {name} has {bytes} bytes; 1 to {most} are allowed")
    } else {
        return Ok(());
    };
    let message = format!("{problem} (policy {}, section media). Convert the file and send it again.", policy.name);
    Err(Refusal { rule: "media", cloud_api_code: UPLOAD, message, retry_at: None })
}
