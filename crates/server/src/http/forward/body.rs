//! Bodies of requests that may have to be sent on: small ones are held, so that they can be sent again when a business is on its way; large ones pass through.
use axum::body::{Body, Bytes};
use futures_util::{StreamExt as _, stream};
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
    /// Holds a body that is small. One that says that it is not passes at once.
    pub async fn of(body: Body) -> Self {
        if body.size_hint().lower() > HELD_BYTES {
            return Self::Passing(body);
        }
        let (mut held, mut chunks) = (Vec::new(), body.into_data_stream());
        loop {
            match chunks.next().await {
                None => return Self::Held(held.into()),
                Some(Ok(chunk)) => held.extend_from_slice(&chunk),
                // It was cut off: whoever reads on finds that out.
                Some(Err(error)) => return Self::Passing(Body::from_stream(stream::once(async { Err::<Bytes, _>(error) }))),
            }
            if held.len() as u64 > HELD_BYTES {
                return Self::Passing(Body::from_stream(stream::once(async { Ok(Bytes::from(held)) }).chain(chunks)));
            }
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

    /// Whether it can be sent more than once.
    pub fn can_be_sent_again(&self) -> bool {
        matches!(self, Self::Held(_))
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
    use axum::body::to_bytes;

    /// A body that does not say how large it is.
    fn chunked(bytes: u64) -> Body {
        let half = vec![7; usize::try_from(bytes / 2).expect("it fits")];
        let rest = vec![7; usize::try_from(bytes - bytes / 2).expect("it fits")];
        Body::from_stream(stream::iter([Ok::<_, std::io::Error>(Bytes::from(half)), Ok(Bytes::from(rest))]))
    }

    #[tokio::test]
    async fn a_small_body_can_be_sent_again_and_a_large_one_passes_once() {
        for body in [Body::from("hello"), Body::empty(), chunked(5), chunked(HELD_BYTES)] {
            let mut small = Carried::of(body).await;
            assert!(small.can_be_sent_again() && small.for_sending().is_some() && small.for_sending().is_some() && small.can_be_sent());
        }
        assert_eq!(to_bytes(Carried::of(Body::from("hello")).await.into_body(), 10).await.expect("it is there"), "hello");
        let announced = vec![7; usize::try_from(HELD_BYTES + 1).expect("it fits")];
        for body in [Body::from(announced), chunked(HELD_BYTES + 1)] {
            let mut passing = Carried::of(body).await;
            assert!(passing.can_be_sent() && !passing.can_be_sent_again() && passing.for_sending().is_some());
            assert!(!passing.can_be_sent() && passing.for_sending().is_none());
        }
        let whole = Carried::of(chunked(HELD_BYTES + 1)).await.into_body();
        assert_eq!(to_bytes(whole, usize::MAX).await.expect("it is there").len() as u64, HELD_BYTES + 1, "what was read first comes first");
    }

    #[tokio::test]
    async fn a_body_that_is_cut_off_stays_cut_off() {
        let cut = Body::from_stream(stream::iter([Ok(Bytes::from_static(b"hel")), Err(std::io::Error::other("cut"))]));
        let carried = Carried::of(cut).await;
        assert!(!carried.can_be_sent_again());
        assert!(to_bytes(carried.into_body(), 10).await.is_err());
    }
}
