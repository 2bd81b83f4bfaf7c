//! Bodies of requests that may have to be sent on: small ones are held, so that they can be sent again when a business is on its way; large ones pass through.
use axum::{
    body::{Body, Bytes, to_bytes},
    http::{HeaderMap, header},
};
use http_body::Body as _;

/// What is held at most, in bytes.
const HELD_BYTES: u64 = 64 * 1024;

/// A body.
pub(super) enum Carried {
    /// All of it.
    Held(Bytes),
    /// It passes through, once.
    Passing(Body),
    /// It has passed.
    Gone,
}

impl Carried {
    /// Holds a body that says that it is small.
    pub async fn of(headers: &HeaderMap, body: Body) -> Self {
        if body.is_end_stream() {
            return Self::Held(Bytes::new());
        }
        let announced = headers.get(header::CONTENT_LENGTH).and_then(|value| value.to_str().ok()?.parse::<u64>().ok());
        let exact = body.size_hint().exact();
        match announced.or(exact) {
            Some(bytes) if bytes <= HELD_BYTES => match to_bytes(body, usize::try_from(HELD_BYTES).unwrap_or(usize::MAX)).await {
                Ok(bytes) => Self::Held(bytes),
                // It was cut off: whoever reads on finds that out.
                Err(_) => Self::Passing(Body::from_stream(futures_util::stream::once(async { Err::<Bytes, _>("the body was cut off") }))),
            },
            _ => Self::Passing(body),
        }
    }

    /// The body, for whoever answers here.
    pub fn into_body(self) -> Body {
        match self {
            Self::Held(bytes) => Body::from(bytes),
            Self::Passing(body) => body,
            Self::Gone => Body::empty(),
        }
    }

    /// Whether it can be sent, or sent again.
    pub fn can_be_sent(&self) -> bool {
        !matches!(self, Self::Gone)
    }

    /// The body, to be sent on; none when it has passed.
    pub fn for_sending(&mut self) -> Option<reqwest::Body> {
        match std::mem::replace(self, Self::Gone) {
            Self::Held(bytes) => {
                *self = Self::Held(bytes.clone());
                Some(bytes.into())
            }
            Self::Passing(body) => Some(reqwest::Body::wrap_stream(body.into_data_stream())),
            Self::Gone => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn announced(bytes: u64) -> HeaderMap {
        HeaderMap::from_iter([(header::CONTENT_LENGTH, bytes.into())])
    }

    #[tokio::test]
    async fn a_small_body_can_be_sent_again_and_a_large_one_passes_once() {
        let mut small = Carried::of(&announced(5), Body::from("hello")).await;
        assert!(small.for_sending().is_some() && small.for_sending().is_some() && small.can_be_sent());
        assert_eq!(to_bytes(small.into_body(), 10).await.expect("it is there"), "hello");
        let large = || Body::from_stream(futures_util::stream::once(async { Ok::<_, std::io::Error>(Bytes::from_static(b"hello")) }));
        let mut passing = Carried::of(&announced(HELD_BYTES + 1), large()).await;
        assert!(passing.can_be_sent() && passing.for_sending().is_some());
        assert!(!passing.can_be_sent() && passing.for_sending().is_none());
        // What does not say how large it is may be anything.
        assert!(matches!(Carried::of(&HeaderMap::new(), large()).await, Carried::Passing(_)));
    }
}
