//! What the endpoint refuses, and what fails under it.
use suki_link::LinkError;
use suki_store::StoreError;
use suki_types::Timestamp;

/// Why something was not done. Faces turn it into their own words and numbers in one place each.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// There is no such thing, or it belongs to somebody else.
    #[error("no such {0}")]
    NotFound(&'static str),
    /// Free text may not be sent any more: the customer's last message is too long ago.
    #[error("the customer service window is closed")]
    WindowClosed {
        /// When it closed; none if the customer never wrote.
        closed_at: Option<Timestamp>,
    },
    /// The request says something that is not allowed; the text says what is.
    #[error("{0}")]
    Invalid(String),
    /// The request contradicts what is stored.
    #[error("{0}")]
    Conflict(String),
    /// The one who asks may not do this.
    #[error("{0}")]
    Forbidden(String),
    /// Who asks is not known, or not any more.
    #[error("{0}")]
    Unauthorized(String),
    /// A token was this server's once, and its time is over.
    #[error("the access token has expired")]
    Expired,
    /// The receiver of a webhook did not do its part.
    #[error("{0}")]
    Callback(suki_cloud_api::ApiError),
    /// Not possible at the moment; nothing was stored; trying again later may help.
    #[error("{0}")]
    Unavailable(String),
    /// The store failed.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// The network could not be asked.
    #[error(transparent)]
    Link(#[from] LinkError),
    /// MLS failed.
    #[error("encryption: {0}")]
    Group(#[from] suki_e2ee::Error),
    /// A fault of ours.
    #[error("internal error: {0}")]
    Internal(String),
}
