//! Calls: typed requests and answers as JSON, over one pair of frames.
use crate::{Link, LinkError};
use suki_protocol::{
    calls::Call,
    pb::{self, client_frame, server_frame::Body},
};

/// Why a call has no answer.
#[derive(Debug, Clone, thiserror::Error)]
pub enum CallError {
    /// There is no connection, or it broke before the answer came.
    #[error(transparent)]
    Link(#[from] LinkError),
    /// The network refuses; it says what was wrong, what is allowed, what to do.
    #[error("{}", .0.message)]
    Refused(Box<pb::Refused>),
    /// The answer is not what this program expects: the network is of another version.
    #[error("the network's answer to {0} cannot be read")]
    Answer(&'static str),
}

impl Link {
    /// Asks and waits for the answer. Within the first 5 s of a link that has begun or broken it waits for the connection; later it fails at once without one.
    ///
    /// # Errors
    /// When there is no connection, the network refuses, or its answer cannot be read.
    pub async fn call<C: Call>(&self, request: &C) -> Result<C::Answer, CallError> {
        let json = serde_json::to_vec(request).map_err(|_| CallError::Answer(C::NAME))?;
        let body = client_frame::Body::Call(pb::Call { name: C::NAME.to_owned(), json });
        self.0.0.settled().await;
        match self.request(body).await? {
            Body::Called(called) => serde_json::from_slice(&called.json).map_err(|_| CallError::Answer(C::NAME)),
            Body::Refused(refused) => Err(CallError::Refused(Box::new(refused))),
            _ => Err(CallError::Answer(C::NAME)),
        }
    }
}
