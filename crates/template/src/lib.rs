//! What a message template is: the JSON of Meta's `components` ([`Component`]), the variables in its texts ([`pieces`]) and the fixed texts of
//! one-time codes ([`authentication`]). Rules about it are in `suki-rules`; filling it in is in `suki-protocol`.
//!
//! Reading is lenient where programs differ: words such as `BODY` in any case, one example or a list of them, fields that nobody knows.
pub mod authentication;
mod button;
mod choice;
mod component;
mod draft;
mod shape;
mod variables;

pub use button::{Button, ButtonKind, OtpKind, SupportedApp};
pub use choice::UnknownChoice;
pub use component::{Body, Buttons, Card, Carousel, Component, Example, Footer, Format, Header, LimitedTimeOffer, NamedExample, Offer};
pub use draft::{Category, Draft, ParameterFormat, Quality, Reason, Status, TextLimits};
pub use shape::Shape;
pub use variables::{Piece, VariableError, pieces, variables};
