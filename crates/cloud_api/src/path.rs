//! The path of a request: an optional version, an object's id, an edge (section 2.1, rows 1 and 12).
use crate::ObjectId;

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
    /// Nothing: where batches go.
    Root,
    /// An object: a phone number, a business account, an app.
    Node(ObjectId),
    /// What an object has, such as `messages`.
    Edge(ObjectId, &'a str),
    /// `oauth/access_token`.
    AccessToken,
    /// Anything else; the first segment stands where an id would.
    Unknown(&'a str),
}

/// A path, read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Path<'a> {
    /// The version it names.
    pub version: Option<Version>,
    /// What it names.
    pub target: Target<'a>,
}

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
    if path.is_empty() {
        return Target::Root;
    }
    if path == "oauth/access_token" {
        return Target::AccessToken;
    }
    let (first, rest) = path.split_once('/').map_or((path, None), |(first, rest)| (first, Some(rest)));
    match (first.parse(), rest) {
        (Ok(id), None) => Target::Node(id),
        (Ok(id), Some(edge)) if is_edge(edge) => Target::Edge(id, edge),
        _ => Target::Unknown(first),
    }
}

fn is_edge(text: &str) -> bool {
    (1..=64).contains(&text.len()) && text.bytes().all(|byte| byte.is_ascii_lowercase() || byte == b'_')
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

    #[test]
    fn any_version_or_none() {
        for (path, version) in [("/v13.0/7/messages", Some((13, 0))), ("/7/messages", None), ("v26.1/7/messages/", Some((26, 1)))] {
            let read = parse(path);
            assert_eq!(read.version.map(|version| (version.major, version.minor)), version, "{path}");
            assert_eq!(read.target, Target::Edge(id(7), "messages"), "{path}");
        }
        assert_eq!(parse("/v23.0/7/messages").version.map(|version| version.to_string()).as_deref(), Some("v23.0"));
    }

    #[test]
    fn nodes_tokens_and_the_root() {
        for (path, target) in [
            ("/106540352242922", Target::Node(id(106_540_352_242_922))),
            ("/v23.0/oauth/access_token", Target::AccessToken),
            ("/oauth/access_token", Target::AccessToken),
            ("/v23.0/", Target::Root),
            ("/v23.0", Target::Root),
            ("/", Target::Root),
            ("", Target::Root),
        ] {
            assert_eq!(parse(path).target, target, "{path}");
        }
    }

    #[test]
    fn all_else_is_unknown() {
        for (path, first) in [
            ("/abc/messages", "abc"),
            ("/v23.0/0", "0"),
            ("/v1.2.3/7", "v1.2.3"),
            ("/v23/7", "v23"),
            ("/7/messages/8", "7"),
            ("/7/..%2f", "7"),
            ("/7//messages", "7"),
            ("//", ""),
            ("/v23.0/99999999999999999999/messages", "99999999999999999999"),
        ] {
            assert_eq!(parse(path).target, if path == "//" { Target::Root } else { Target::Unknown(first) }, "{path}");
        }
    }
}
