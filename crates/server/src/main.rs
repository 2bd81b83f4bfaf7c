//! The binary `suki`.
use clap::Parser as _;
use std::process::ExitCode;

fn main() -> ExitCode {
    suki_server::cli::Cli::parse().run()
}
