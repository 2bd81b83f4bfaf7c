//! Who a business is: the terms it accepts, its name and number, how far it was checked, how customers find it, and what the platform announces to it
//! (R22, R26 to R48, R109, R110).
//!
//! | file | subject |
//! |---|---|
//! | [`terms`] | versions of the terms, and who accepted which |
//! | [`name`] | names: checked by the rules, looked at by a person where the policy wants it, and where they are found |
//! | [`number`] | a number is the business's when it knows the code that was sent there |
//! | [`verification`] | requests for a level |
//! | [`documents`] | what a business uploads for them |
//! | [`request`] | the stage of a request, whatever it is about |
//! | [`decision`] | what a decision of a person does |
//! | [`status`] | all of it, as the business is shown it |
//! | [`card`] | what customers see |
//! | [`search`] | finding businesses |
//! | [`console`] | what the platform's people see and do |
//! | [`announcements`] | the platform's own account speaks |
mod announcements;
pub(crate) mod card;
mod console;
mod decision;
mod documents;
mod name;
pub(crate) mod number;
mod request;
mod search;
mod status;
pub(crate) mod terms;
mod verification;

pub use announcements::{AnnounceError, Announced, Audience, NewAnnouncement};
pub(crate) use decision::decided;
pub use documents::{DocumentInfo, StoredDocument};
pub(crate) use name::{first_name, look_alike};
pub(crate) use search::Searches;

use crate::{Network, rows::Caller, session::Answer};
use suki_protocol::calls::{Call as _, announcement, directory, trust as wire};

/// Answers a call about trust; `None` when there is none of this name.
pub(crate) fn call(network: &Network, caller: Caller, name: &str, json: &[u8]) -> Option<Answer> {
    Some(match name {
        wire::GetTerms::NAME => terms::status(network, caller, json),
        wire::AcceptTerms::NAME => terms::accept(network, caller, json),
        wire::CheckName::NAME => name::check(network, caller, json),
        wire::RequestName::NAME => name::request(network, caller, json),
        wire::RequestNumberCode::NAME => number::request_code(network, caller, json),
        wire::VerifyNumber::NAME => number::verify(network, caller, json),
        wire::UploadDocument::NAME => documents::upload(network, caller, json),
        wire::RequestVerification::NAME => verification::request(network, caller, json),
        wire::Withdraw::NAME => request::withdraw(network, caller, json),
        wire::Appeal::NAME => request::appeal(network, caller, json),
        wire::GetTrust::NAME => status::get(network, caller, json),
        directory::SearchBusinesses::NAME => search::search(network, caller, json),
        announcement::ListAnnouncements::NAME => announcements::list(network, caller, json),
        _ => return None,
    })
}

/// Whether a call of this subject, the part of its name before the dot, is answered here.
pub(crate) fn answers(subject: &str) -> bool {
    matches!(subject, "terms" | "name" | "number" | "verification" | "trust" | "business" | "announcement")
}
