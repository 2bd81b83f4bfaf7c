//! A whole Suki in one process, on a clock that tests move: the network and the endpoint, each on a runtime of its own so that it can be killed and
//! started again from its store; shops and customers as actors; a receiver of webhooks that can fail and hang.
//!
//! A test waits for what it wants to see and for nothing else. While nothing happens the clock goes on slowly, so that whatever waits for it comes
//! to its turn; where the exact time matters, [`Pace::Still`] lets it stand.
//!
//! | module | subject |
//! |---|---|
//! | [`world`] | the planes, their stores, stopping and starting them |
//! | [`http`] | requests to the faces, and an operator's signed-in browser |
//! | [`shop`], [`customer`], [`receiver`] | the actors |
//! | [`web`] | files behind links |
//! | [`codes`] | the codes that numbers are sent |
//! | [`wait`] | bounded waiting |
pub mod codes;
pub mod customer;
pub mod http;
mod plane;
pub mod policy;
pub mod receiver;
pub mod shop;
pub mod wait;
pub mod web;
pub mod world;

pub use codes::Codes;
pub use customer::Customer;
pub use http::{Answer, Browser, Call};
pub use receiver::{Delivery, Mode, Receiver};
pub use shop::Shop;
pub use wait::Pace;
pub use web::Web;
pub use world::World;
