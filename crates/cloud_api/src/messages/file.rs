//! Files in messages: `image`, `video`, `audio`, `document` and `sticker` (section 3b).
use super::bounds;
use crate::{
    ApiError,
    params::Object,
    templates::sent::{MediaFile, MediaKind},
};
use suki_types::limits;
use url::Url;

/// The longest address of a file.
const LINK_CHARS: usize = 2048;

/// What a file is sent as.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum FileKind {
    /// A picture.
    Image,
    /// A film.
    Video,
    /// Sound.
    Audio,
    /// Anything to read.
    Document,
    /// A sticker.
    Sticker,
}

impl FileKind {
    /// All of them.
    pub const ALL: [Self; 5] = [Self::Image, Self::Video, Self::Audio, Self::Document, Self::Sticker];

    /// As it is written.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Image => "image",
            Self::Video => "video",
            Self::Audio => "audio",
            Self::Document => "document",
            Self::Sticker => "sticker",
        }
    }

    /// The kind of this word.
    pub fn of(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|kind| kind.as_str() == word)
    }

    /// What may stand beside `id` and `link`.
    const fn allowed(self) -> &'static [&'static str] {
        match self {
            Self::Image | Self::Video => &["id", "link", "caption", "provider"],
            Self::Audio => &["id", "link", "voice", "provider"],
            Self::Document => &["id", "link", "caption", "filename", "provider"],
            Self::Sticker => &["id", "link", "provider"],
        }
    }
}

impl From<MediaKind> for FileKind {
    fn from(kind: MediaKind) -> Self {
        match kind {
            MediaKind::Image => Self::Image,
            MediaKind::Video => Self::Video,
            MediaKind::Document => Self::Document,
        }
    }
}

/// A file of a message.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct File {
    /// What it is sent as.
    pub kind: FileKind,
    /// Where it is.
    pub place: MediaFile,
    /// Its words, at most 1,024 characters; "" when it has none.
    pub caption: String,
    /// A document's name, at most 240 characters; "" when it has none.
    pub filename: String,
    /// Whether it is a voice message, whose playing is told.
    pub voice: bool,
}

/// Reads the object that has the kind's name.
pub(super) fn file(given: &Object<'_>, kind: FileKind) -> Result<File, ApiError> {
    given.only(kind.allowed())?;
    let caption = given.text("caption")?.unwrap_or_default();
    super::at_most(&given.path("caption"), caption, limits::CAPTION_CHARS)?;
    let filename = given.text("filename")?.unwrap_or_default();
    super::at_most(&given.path("filename"), filename, limits::FILENAME_CHARS)?;
    let voice = given.boolean("voice")?.unwrap_or(false);
    Ok(File { kind, place: place(given)?, caption: caption.to_owned(), filename: filename.to_owned(), voice })
}

/// Where a file is: exactly one of `id` and `link`.
///
/// # Errors
/// 131008 when neither is there, 100 when both are or one is none.
pub(crate) fn place(given: &Object<'_>) -> Result<MediaFile, ApiError> {
    let id = given.scalar("id")?.filter(|id| !id.trim().is_empty());
    let link = given.text("link")?.filter(|link| !link.trim().is_empty());
    match (id, link) {
        (Some(id), None) => {
            let wrong = |error| ApiError::invalid_parameter(format!("{}: {error}; upload the file first, or send a link", given.path("id")));
            Ok(MediaFile::Id(id.trim().parse().map_err(wrong)?))
        }
        (None, Some(link)) => address(given, link).map(MediaFile::Link),
        (None, None) => Err(ApiError::missing(&given.path("link"))),
        (Some(_), Some(_)) => Err(ApiError::invalid_parameter(format!("{} and {} exclude each other", given.path("id"), given.path("link")))),
    }
}

fn address(given: &Object<'_>, link: &str) -> Result<Url, ApiError> {
    super::at_most(&given.path("link"), link, LINK_CHARS)?;
    web_address(link)
        .ok_or_else(|| ApiError::invalid_parameter(format!("{} must be an address that begins with https:// or http://", given.path("link"))))
}

/// An address on the web; none when it is something else.
pub(crate) fn web_address(link: &str) -> Option<Url> {
    Url::parse(link.trim()).ok().filter(|url| matches!(url.scheme(), "http" | "https") && url.host().is_some())
}

/// The file of an interactive message's header, which has no words of its own.
pub(super) fn in_header(header: &Object<'_>, kind: FileKind) -> Result<File, ApiError> {
    let given = bounds::object(header, kind.as_str())?;
    let file = file(&given, kind)?;
    match file.caption.as_str() {
        "" => Ok(file),
        _ => Err(ApiError::invalid_parameter(format!("{}: a header has no caption; write it into the body", given.path("caption")))),
    }
}
