//! A part of a file, as HTTP asks for it (RFC 9110, section 14): one range of bytes. Several at once, another unit or what is no range are answered with
//! the whole file, as the RFC allows.
use axum::http::{HeaderMap, HeaderValue, StatusCode, header};
use std::ops::Range;

/// What was asked for of a file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Asked {
    /// All of it.
    Whole,
    /// This part, which is not empty and lies inside.
    Part(Range<u64>),
    /// What it does not have.
    Outside,
}

impl Asked {
    /// Reads the request's headers; `bytes` is the file's length. A range that is only wanted of a version this server cannot know is not given.
    pub fn of(headers: &HeaderMap, bytes: u64) -> Self {
        let value = headers.get(header::RANGE).filter(|_| !headers.contains_key(header::IF_RANGE));
        let Some(range) = value.and_then(|value| value.to_str().ok()).and_then(|text| text.trim().strip_prefix("bytes=")) else { return Self::Whole };
        let Some((from, to)) = range.split_once('-') else { return Self::Whole };
        let number = |text: &str| match text.trim() {
            "" => Some(None),
            digits if digits.bytes().all(|byte| byte.is_ascii_digit()) => digits.parse::<u64>().ok().map(Some),
            _ => None,
        };
        let (Some(from), Some(to)) = (number(from), number(to)) else { return Self::Whole };
        let part = match (from, to) {
            (None, None) => return Self::Whole,
            (Some(from), Some(to)) if to < from => return Self::Whole,
            (Some(from), to) => from..to.map_or(bytes, |to| to.saturating_add(1)).min(bytes),
            (None, Some(last)) => bytes.saturating_sub(last)..bytes,
        };
        if part.start < part.end { Self::Part(part) } else { Self::Outside }
    }

    /// Status and headers of the answer; none of them when nothing of the file can be given: then the status is 416.
    pub fn answer(&self, bytes: u64) -> (StatusCode, HeaderMap) {
        let mut headers = HeaderMap::new();
        headers.insert(header::ACCEPT_RANGES, HeaderValue::from_static("bytes"));
        let mut range = |text: String| {
            if let Ok(value) = HeaderValue::from_str(&text) {
                headers.insert(header::CONTENT_RANGE, value);
            }
        };
        let (status, length) = match self {
            Self::Whole => (StatusCode::OK, bytes),
            Self::Part(part) => {
                range(format!("bytes {}-{}/{bytes}", part.start, part.end - 1));
                (StatusCode::PARTIAL_CONTENT, part.end - part.start)
            }
            Self::Outside => {
                range(format!("bytes */{bytes}"));
                (StatusCode::RANGE_NOT_SATISFIABLE, 0)
            }
        };
        headers.insert(header::CONTENT_LENGTH, HeaderValue::from(length));
        (status, headers)
    }

    /// The part, when it is not the whole.
    pub fn part(&self) -> Option<Range<u64>> {
        if let Self::Part(part) = self { Some(part.clone()) } else { None }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn asked(range: &str, bytes: u64) -> Asked {
        let mut headers = HeaderMap::new();
        headers.insert(header::RANGE, range.parse().expect("a header"));
        Asked::of(&headers, bytes)
    }

    #[test]
    fn ranges_are_read_as_the_standard_says() {
        assert_eq!(Asked::of(&HeaderMap::new(), 10), Asked::Whole);
        for (range, part) in [("bytes=0-0", 0..1), ("bytes=0-", 0..10), ("bytes=9-", 9..10), ("bytes=3-5", 3..6), ("bytes=3-99", 3..10)] {
            assert_eq!(asked(range, 10), Asked::Part(part), "{range}");
        }
        for (range, part) in [("bytes=-1", 9..10), ("bytes=-10", 0..10), ("bytes=-99", 0..10), ("bytes=0-18446744073709551615", 0..10)] {
            assert_eq!(asked(range, 10), Asked::Part(part), "{range}");
        }
        for outside in ["bytes=10-", "bytes=10-20", "bytes=-0"] {
            assert_eq!(asked(outside, 10), Asked::Outside, "{outside}");
        }
        assert_eq!(asked("bytes=0-", 0), Asked::Outside);
        for whole in ["bytes=-", "bytes=5-3", "bytes=a-b", "items=0-1", "bytes=0-1,3-4", "0-1", "bytes=+1-2", "bytes=99999999999999999999-"] {
            assert_eq!(asked(whole, 10), Asked::Whole, "{whole}");
        }
        let mut headers = HeaderMap::new();
        headers.insert(header::RANGE, HeaderValue::from_static("bytes=0-1"));
        headers.insert(header::IF_RANGE, HeaderValue::from_static("\"v1\""));
        assert_eq!(Asked::of(&headers, 10), Asked::Whole);
    }

    #[test]
    fn the_answer_says_which_part_it_is() {
        let (status, headers) = asked("bytes=2-3", 10).answer(10);
        assert_eq!(
            (status, &headers[header::CONTENT_RANGE], &headers[header::CONTENT_LENGTH]),
            (StatusCode::PARTIAL_CONTENT, &HeaderValue::from_static("bytes 2-3/10"), &HeaderValue::from_static("2"))
        );
        let (status, headers) = asked("bytes=10-", 10).answer(10);
        assert_eq!((status, &headers[header::CONTENT_RANGE]), (StatusCode::RANGE_NOT_SATISFIABLE, &HeaderValue::from_static("bytes */10")));
    }
}
