//! The binary `suki`: command line, HTTP faces, wiring.
//!
//! | module | subject |
//! |---|---|
//! | [`cli`] | the commands, a file each |
//! | [`wiring`] | the two planes, opened over their stores and joined |
//! | [`demo`] | the demo shop |
//! | [`http`] | the faces: registration, the device socket, the inbox API, the Cloud API, the web apps |
//! | [`outgoing`] | HTTP that leaves: webhooks |
//! | [`world`], [`key_file`] | what everything else takes as an argument |
pub mod cli;
pub mod codes;
pub mod demo;
pub mod http;
pub mod key_file;
pub mod outgoing;
pub mod wiring;
pub mod world;
