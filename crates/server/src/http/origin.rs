//! By which address a request came: what an answer points to has to be reachable for whoever asked.
use super::Faces;
use axum::{extract::FromRequestParts, http::request::Parts};
use std::convert::Infallible;

/// By which address a request came. Requests carry it as an extension; those without one came to the server's own address.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Origin {
    /// The server's own.
    #[default]
    Own,
    /// Meta's, over the development TLS: the client can reach those alone.
    Meta,
}

impl Origin {
    /// The origin of a request.
    pub fn of(parts: &Parts) -> Self {
        parts.extensions.get().copied().unwrap_or_default()
    }

    /// What addresses of the Cloud API begin with, such as the next page of a list. No slash at its end.
    pub fn api(self, faces: &Faces) -> &str {
        match self {
            Self::Own => &faces.public_url,
            Self::Meta => "https://graph.facebook.com",
        }
    }

    /// What addresses of files begin with, such as a medium's `url`. No slash at its end.
    pub fn files(self, faces: &Faces) -> &str {
        match self {
            Self::Own => &faces.public_url,
            Self::Meta => "https://lookaside.fbsbx.com",
        }
    }
}

impl<S: Send + Sync> FromRequestParts<S> for Origin {
    type Rejection = Infallible;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Infallible> {
        Ok(Self::of(parts))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use axum::http::Request;

    #[test]
    fn answers_point_to_where_the_request_came_from() {
        let faces = Faces::new(None, None, "http://suki.test".into());
        let (mut parts, ()) = Request::new(()).into_parts();
        assert_eq!((Origin::of(&parts).api(&faces), Origin::of(&parts).files(&faces)), ("http://suki.test", "http://suki.test"));
        parts.extensions.insert(Origin::Meta);
        assert_eq!((Origin::of(&parts).api(&faces), Origin::of(&parts).files(&faces)), ("https://graph.facebook.com", "https://lookaside.fbsbx.com"));
    }
}
