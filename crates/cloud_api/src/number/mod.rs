//! What a phone number has besides messages (section 3a): each file is one edge of it, with what it takes and what it answers.
//!
//! What is kept between two requests is a type that serialises to JSON; the endpoint stores it as that.
pub mod automation;
mod bounds;
pub mod commerce;
pub mod compliance;
pub mod encryption_key;
pub mod profile;
pub mod qr_links;
pub mod registration;
pub mod settings;
pub mod username;
