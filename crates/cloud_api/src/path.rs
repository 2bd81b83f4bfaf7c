//! The path of a request: an optional version, an object's id, an edge (section 2.1, rows 1 and 12).
use crate::{ObjectId, groups::GroupId};

/// A version such as `v23.0`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Version {
    /// The part before the dot.
    pub major: u8,
    /// The part after it.
    pub minor: u8,
}

/// The version that answers name when a request has none.
pub const DEFAULT_VERSION: Version = Version { major: 23, minor: 0 };

/// What a path names.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Target<'a> {
    /// What belongs to no object: "" where batches go, `debug_token`, `oauth/access_token`.
    Root(&'a str),
    /// An object, and what of it.
    Object(Object<'a>),
    /// A product by its id at its seller, whole: `catalog:…:…`.
    Product(&'a str),
    /// An upload session, whole: `upload:…`.
    Upload(&'a str),
    /// Anything else; the first segment stands where an id would.
    Unknown(&'a str),
}

/// An object's path.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Object<'a> {
    /// The object: a phone number, a business account, an app.
    pub id: ObjectId,
    /// What it has, such as `messages`; "" for the object itself.
    pub edge: &'a str,
    /// Which of those, such as the code of a QR link; "" for all.
    pub item: &'a str,
}

/// A path, read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Path<'a> {
    /// The version it names.
    pub version: Option<Version>,
    /// What it names.
    pub target: Target<'a>,
}

/// The most bytes of a third segment.
const ITEM_BYTES: usize = 64;
/// The most bytes of an upload session's name.
const UPLOAD_BYTES: usize = 512;
/// The most bytes of a product's name by its seller's id: 100 characters of it in base64.
const PRODUCT_BYTES: usize = 640;
/// How such a name begins.
const PRODUCTS: [&str; 3] = ["catalog:", "catalog%3A", "catalog%3a"];
/// How the name of an upload session begins; some programs encode the colon.
const UPLOADS: [&str; 3] = ["upload:", "upload%3A", "upload%3a"];

/// Reads a path, with or without the slashes at its ends. Nothing is decoded: no path that means something needs it.
pub fn parse(path: &str) -> Path<'_> {
    let path = path.strip_prefix('/').unwrap_or(path);
    let path = path.strip_suffix('/').unwrap_or(path);
    let (first, rest) = path.split_once('/').unwrap_or((path, ""));
    match version(first) {
        Some(version) => Path { version: Some(version), target: target(rest) },
        None => Path { version: None, target: target(path) },
    }
}

fn target(path: &str) -> Target<'_> {
    let mut parts = path.splitn(4, '/');
    let first = parts.next().unwrap_or_default();
    if UPLOADS.iter().any(|prefix| first.starts_with(prefix)) {
        return if is_printed(path, UPLOAD_BYTES) { Target::Upload(path) } else { Target::Unknown("upload:") };
    }
    if PRODUCTS.iter().any(|prefix| first.starts_with(prefix)) {
        return if first == path && is_printed(path, PRODUCT_BYTES) { Target::Product(path) } else { Target::Unknown("catalog:") };
    }
    let (edge, item, more) = (parts.next(), parts.next(), parts.next());
    if path.is_empty() || [Some(first), edge, item].into_iter().flatten().all(is_edge) && more.is_none() {
        return Target::Root(path);
    }
    // A group's id is text; every other object's is a number.
    let id = first.parse().or_else(|error| first.parse::<GroupId>().map(|group| group.0).map_err(|_| error));
    match (id, edge, item, more) {
        (Ok(id), None, None, None) => Target::Object(Object { id, edge: "", item: "" }),
        (Ok(id), Some(edge), None, None) if is_edge(edge) => Target::Object(Object { id, edge, item: "" }),
        (Ok(id), Some(edge), Some(item), None) if is_edge(edge) && is_printed(item, ITEM_BYTES) => Target::Object(Object { id, edge, item }),
        _ => Target::Unknown(first),
    }
}

fn is_edge(text: &str) -> bool {
    (1..=64).contains(&text.len()) && text.bytes().all(|byte| byte.is_ascii_lowercase() || byte == b'_')
}

fn is_printed(text: &str, most: usize) -> bool {
    (1..=most).contains(&text.len()) && text.bytes().all(|byte| byte.is_ascii_graphic() && byte != b'/')
}

fn version(segment: &str) -> Option<Version> {
    let (major, minor) = segment.strip_prefix('v')?.split_once('.')?;
    let number = |text: &str| text.parse().ok().filter(|_| text.len() <= 3 && text.bytes().all(|byte| byte.is_ascii_digit()));
    Some(Version { major: number(major)?, minor: number(minor)? })
}

impl std::fmt::Display for Version {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "v{}.{}", self.major, self.minor)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn id(number: u64) -> ObjectId {
        ObjectId::from_number(number).expect("in range")
    }

    fn object(number: u64, edge: &'static str, item: &'static str) -> Target<'static> {
        Target::Object(Object { id: id(number), edge, item })
    }

    #[test]
    fn any_version_or_none() {
        for (path, version) in [("/v13.0/7/messages", Some((13, 0))), ("/7/messages", None), ("v26.1/7/messages/", Some((26, 1)))] {
            let read = parse(path);
            assert_eq!(read.version.map(|version| (version.major, version.minor)), version, "{path}");
            assert_eq!(read.target, object(7, "messages", ""), "{path}");
        }
        assert_eq!(parse("/v23.0/7/messages").version.map(|version| version.to_string()).as_deref(), Some("v23.0"));
    }

    #[test]
    fn objects_uploads_and_what_belongs_to_none() {
        for (path, target) in [
            ("/106540352242922", object(106_540_352_242_922, "", "")),
            ("/v23.0/7/message_qrdls/4O4YGZEG3RIVE1", object(7, "message_qrdls", "4O4YGZEG3RIVE1")),
            ("/v23.0/oauth/access_token", Target::Root("oauth/access_token")),
            ("/oauth/access_token", Target::Root("oauth/access_token")),
            ("/v26.0/debug_token", Target::Root("debug_token")),
            ("/message_template_library/", Target::Root("message_template_library")),
            ("/abc/messages", Target::Root("abc/messages")),
            ("/v23.0/", Target::Root("")),
            ("/v23.0", Target::Root("")),
            ("/", Target::Root("")),
            ("", Target::Root("")),
            ("//", Target::Root("")),
            ("/v23.0/upload:MTphdHRh=", Target::Upload("upload:MTphdHRh=")),
            ("/upload%3AMTphdHRh", Target::Upload("upload%3AMTphdHRh")),
            ("/v22.0/catalog:7:dWJl", Target::Product("catalog:7:dWJl")),
        ] {
            assert_eq!(parse(path).target, target, "{path}");
        }
    }

    #[test]
    fn all_else_is_unknown() {
        for (path, first) in [
            ("/v23.0/0", "0"),
            ("/v1.2.3/7", "v1.2.3"),
            ("/v23/7", "v23"),
            ("/7/messages/8/9", "7"),
            ("/7/..%2f", "7"),
            ("/7//messages", "7"),
            ("/a/b/c/d", "a"),
            ("/upload:a/b", "upload:"),
            ("/catalog:7:dWJl/x", "catalog:"),
            ("/v23.0/99999999999999999999/messages", "99999999999999999999"),
        ] {
            assert_eq!(parse(path).target, Target::Unknown(first), "{path}");
        }
        let long = format!("/7/message_qrdls/{}", "A".repeat(ITEM_BYTES + 1));
        assert_eq!(parse(&long).target, Target::Unknown("7"));
    }
}
