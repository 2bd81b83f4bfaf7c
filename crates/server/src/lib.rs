//! The binary `suki`: command line, HTTP faces, wiring.
//!
//! | module | subject |
//! |---|---|
//! | [`cli`] | the commands, a file each |
//! | [`wiring`] | the two planes, opened over their stores and joined |
//! | [`storage`] | where a server's data is: a folder, or a database that nodes share |
//! | [`bus`] | the way to other nodes |
//! | [`demo`] | the demo shop |
//! | [`dev_tls`] | TLS under Meta's names, for programs that cannot be told another address |
//! | [`sandbox`] | a clock that can be moved, and simulated customers |
//! | [`http`] | the faces: registration, the device socket, the inbox API, the Cloud API, the web apps |
//! | [`outgoing`], [`links`], [`open_files`] | HTTP that leaves: webhooks, files behind links; how many sockets there may be |
//! | [`operate`] | what an operator sees of a running server, and how it ends |
//! | [`carrier`] | sealed files between planes of one process |
//! | [`world`], [`key_file`] | what everything else takes as an argument |
//! | [`node`], [`cluster_clock`] | one of many nodes over one database, and the time they share |
pub mod bus;
pub mod carrier;
pub mod cli;
pub mod cluster_clock;
pub mod codes;
pub mod demo;
pub mod dev_tls;
pub mod files;
pub mod http;
pub mod key_file;
pub mod links;
pub mod node;
pub mod open_files;
pub mod operate;
pub mod outgoing;
pub mod registry;
pub mod sandbox;
pub mod storage;
pub mod wiring;
pub mod world;
