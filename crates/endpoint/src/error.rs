//! What the endpoint refuses, and what fails under it.
use suki_cloud_api::{ApiError, Code};
use suki_link::{CallError, LinkError};
use suki_protocol::pb::RefusalCode;
use suki_store::StoreError;
use suki_types::{AccountId, Timestamp};

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
    Callback(ApiError),
    /// The platform's rules do not allow it; the refusal has the Cloud API's code, and says what is allowed and what to do.
    #[error("{}", .0.details)]
    Refused(ApiError),
    /// The business writes faster than it may; the text says how fast that is.
    #[error("{text}")]
    TooFast {
        /// Which of the rates, as the Cloud API numbers them.
        cloud_api_code: i32,
        /// What is allowed.
        text: String,
        /// When the next message may go.
        retry_at: Timestamp,
    },
    /// Not possible at the moment; nothing was stored; trying again later may help.
    #[error("{0}")]
    Unavailable(String),
    /// Another node runs this business, or will in a moment; nothing was stored.
    #[error("this business is on its way from one node to another; ask again in a moment")]
    Elsewhere(AccountId),
    /// The store failed.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// The network could not be asked.
    #[error(transparent)]
    Link(#[from] LinkError),
    /// MLS failed.
    #[error("encryption: {0}")]
    Group(#[from] suki_e2ee::Error),
    /// The network's answer was not what was expected.
    #[error("the network's answer to {0} cannot be read: it is of another version")]
    Answer(&'static str),
    /// A fault of ours.
    #[error("internal error: {0}")]
    Internal(String),
}

/// From this number on codes stand as subcode of code 100: those of making templates (Cloud API, section 3d).
const SUBCODES: i32 = 2_000_000;

/// A refusal by the network, in the Cloud API's words.
impl From<CallError> for Error {
    fn from(error: CallError) -> Self {
        let refused = match error {
            CallError::Link(error) => return Self::Link(error),
            CallError::Answer(name) => return Self::Answer(name),
            CallError::Refused(refused) => refused,
        };
        match (refused.cloud_api_code, refused.code()) {
            (0, RefusalCode::Unavailable | RefusalCode::NotLoggedIn) => Self::Unavailable(refused.message),
            (0, RefusalCode::Forbidden) => Self::Forbidden(refused.message),
            (0, RefusalCode::Conflict) => Self::Conflict(refused.message),
            (0, RefusalCode::RateLimited) => Self::Refused(ApiError::new(Code::AccountRateLimit, refused.message)),
            (0, _) => Self::Refused(ApiError::invalid_parameter(refused.message)),
            (code, _) if code >= SUBCODES => Self::Refused(ApiError::with_subcode(code, refused.message)),
            (code, _) => Self::Refused(ApiError::from_number(code, refused.message)),
        }
    }
}
