//! Filling a template in: whether what is sent fits the approved text ([`check`]), and what the reader sees ([`render`]), out of
//! the signed pack of its texts ([`Pack`]). What a template is
//! stands in [`suki_template`].
mod buttons;
mod check;
mod pack;
mod render;
mod shown;
#[cfg(test)]
mod tests;

pub use check::{Mismatch, check};
pub use pack::{Fallback, Pack, PackError, PackText, open, sign};
pub use render::{Locale, Rendered, RenderedButton, RenderedCard, RenderedHeader, SenderWords, render};
pub use shown::{Origin, Shown, ShownButton, ShownCard, ShownHeader};
pub use suki_template::*;
