//! The command line.
mod business;
mod chat;
pub(crate) mod console;
mod doctor;
mod env;
mod migrate_store;
mod sandbox;
mod serve;
mod token;

pub use serve::{Role, Serve};

use clap::{Parser, Subcommand};
use std::process::ExitCode;
use suki_protocol::http::Problem;

/// An open business-messaging platform on a server you own.
#[derive(Debug, Parser)]
#[command(name = "suki", version, about, max_term_width = 120)]
pub struct Cli {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Run the server
    Serve(Box<Serve>),
    /// Make businesses, list them, and sign their owners in
    Business(business::Business),
    /// Check what a server needs, and say what to do
    Doctor(doctor::Doctor),
    /// Print how to reach the demo shop, as shell exports or JSON
    Env(env::Env),
    /// Move a sandbox's clock and play its customers
    Sandbox(sandbox::Sandbox),
    /// Be a customer in this terminal
    Chat(chat::Chat),
    /// Manage the platform's console
    Console(console::Console),
    /// Move a server's data between SQLite and PostgreSQL, and its files into a bucket, while no server runs
    MigrateStore(migrate_store::MigrateStore),
    /// Make, list and revoke the tokens that programs show
    Token(token::Token),
}

impl Cli {
    /// Carries out the command. A failure is told on standard error, and the exit code is 1.
    #[expect(clippy::print_stderr, reason = "this is where the command line tells what went wrong")]
    pub fn run(self) -> ExitCode {
        let done = match self.command {
            Command::Serve(serve) => serve.run(),
            Command::Business(business) => business.run(),
            Command::Doctor(doctor) => doctor.run(),
            Command::Env(env) => env.run(),
            Command::Sandbox(sandbox) => sandbox.run(),
            Command::Chat(chat) => chat.run(),
            Command::Console(console) => console.run(),
            Command::MigrateStore(moving) => moving.run(),
            Command::Token(token) => token.run(),
        };
        match done {
            Ok(()) => ExitCode::SUCCESS,
            Err(error) => {
                eprintln!("suki: {error}");
                ExitCode::FAILURE
            }
        }
    }
}

/// Anything that ends a command; its text is for the person who typed it.
pub type Failure = Box<dyn std::error::Error + Send + Sync>;

/// A refusal of the server, in its own words.
fn refused(problem: &Problem) -> Failure {
    format!("{}. {}", problem.title.trim_end_matches('.'), problem.detail).into()
}

/// Runs a future to its end on a runtime of its own.
fn block_on<T>(future: impl Future<Output = Result<T, Failure>>) -> Result<T, Failure> {
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build()?;
    let done = runtime.block_on(future);
    // Whatever still runs is cut off: everything that matters is durable already.
    runtime.shutdown_background();
    done
}

#[cfg(test)]
mod tests {
    use super::Cli;
    use clap::CommandFactory as _;

    #[test]
    fn the_command_line_is_sound() {
        Cli::command().debug_assert();
    }
}
