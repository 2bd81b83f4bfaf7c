//! The real binary, as a process: killed, out of disk, started wrongly, started again, and several of them as a cluster.
#![expect(clippy::print_stderr, reason = "a failing run tells its seed and its figures")]
mod business;
mod busy;
mod cluster;
mod console;
mod customer;
mod demo;
mod dev_tls;
mod disk;
mod kill;
mod later;
mod logs;
mod metrics;
mod nodes;
mod operating;
mod refusals;
mod sandbox;
mod sandbox_api;
mod server;
mod shared_sandbox;
mod tls;
mod token;
mod traces;
mod upgrade;
mod webhook;
