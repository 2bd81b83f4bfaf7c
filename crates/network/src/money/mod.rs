//! Money: what a message costs is fixed when it is admitted, booked when it is delivered, and released when it never is.
//!
//! The price comes from [`suki_rules::price::quote`] alone, before sending ([`calls`]) as at admission ([`admitted`]). A message's row says in which
//! state its price is and moves forward only; every movement is a row of a double-entry ledger ([`ledger`]), at most one for each message and step.
mod admit;
mod bill;
mod calls;
mod cards;
mod charges;
mod console;
mod ledger;
mod settle;
mod small;
mod statement;

pub use bill::ExtraChargeError;
pub use cards::{CardSummary, ImportError};

pub(crate) use admit::{Admitted, Payer, Terms, admitted, country_of, known};
pub(crate) use bill::Line;
pub(crate) use calls::call;
pub(crate) use cards::Cards;
pub(crate) use charges::{SPLIT as CHARGES, forget as forget_charges};
pub(crate) use settle::{Reached, booked};
pub(crate) use small::International;
