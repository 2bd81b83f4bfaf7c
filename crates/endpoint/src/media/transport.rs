//! Files behind links. The process that runs the endpoint says how they are fetched.
use crate::Error;
use futures_util::future::BoxFuture;
use suki_link::MoveError;
use suki_store::blobs::BlobStream;

impl From<MoveError> for Error {
    fn from(error: MoveError) -> Self {
        match error {
            MoveError::Gone => Self::NotFound("file"),
            MoveError::Refused(text) => Self::Invalid(text),
            MoveError::Later(text) => Self::Unavailable(text),
        }
    }
}

/// What a link leads to.
pub struct Linked {
    /// The media type that the answer names, "" if none.
    pub media_type: String,
    /// What the answer calls the file, "" if nothing.
    pub filename: String,
    /// How many bytes the answer says it has.
    pub bytes: Option<u64>,
    /// The bytes. Who reads them watches how many come, and how long it takes.
    pub body: BlobStream,
}

/// Files behind links. The implementation refuses private addresses, also those that a redirect or a name leads to, and follows three redirects at most.
pub trait Links: Send + Sync {
    /// Asks for the file; the error says why there is none, without the address.
    fn fetch(&self, url: &str) -> BoxFuture<'static, Result<Linked, String>>;
}
