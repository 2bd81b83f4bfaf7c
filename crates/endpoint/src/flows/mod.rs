//! Flows: forms of several screens (Cloud API, sections 3a and 3b). A draft may change; what was published stays as it is until it is deprecated.
//!
//! | file | subject |
//! |---|---|
//! | [`row`] | what is stored of a flow |
//! | [`manage`] | making, changing, publishing, copying, deleting |
//! | [`send`], [`template`] | a flow as it is sealed into a message, by itself or on a template's button |
//! | [`exchange`], [`server`], [`channel`] | what a form asks while it is open: the device's question, the server that is asked, how it is encrypted |
//! | [`health`] | how the server is |
//! | [`preview`] | the addresses of its preview and of its file |
mod channel;
pub(crate) mod exchange;
pub(crate) mod health;
mod manage;
mod preview;
mod row;
pub(crate) mod send;
mod server;
mod template;

pub use manage::Copied;
pub use preview::{Shown, What};
pub use row::Flow;

use crate::{Business, Error};
use suki_cloud_api::{ApiError, Code};
use suki_protocol::calls::rules::FlowRules;

fn refused(code: Code, details: impl Into<String>) -> Error {
    Error::Refused(ApiError::new(code, details))
}

impl Business {
    /// The figures of the policy about flows.
    ///
    /// # Errors
    /// [`Error::Unavailable`] before the network was ever reached.
    fn flow_rules(&self) -> Result<FlowRules, Error> {
        let rules = self.rules().map(|rules| rules.flows);
        rules.ok_or_else(|| Error::Unavailable("The network was not reached yet, so its rules for flows are not known; try again shortly".into()))
    }
}
