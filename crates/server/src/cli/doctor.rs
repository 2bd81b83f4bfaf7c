//! `suki doctor`: what keeps a server from doing its work.
use super::{Failure, Serve, block_on};
use crate::operate::doctor;
use clap::Args;

/// Check the machine, the store, the bus and the addresses that `suki serve` with the same options would use, and say what to do.
#[derive(Debug, Args)]
pub struct Doctor {
    #[command(flatten)]
    serve: Box<Serve>,
    /// Print JSON
    #[arg(long)]
    json: bool,
}

impl Doctor {
    /// Checks, and prints what was found.
    ///
    /// # Errors
    /// When a check failed.
    #[expect(clippy::print_stdout, reason = "this command's purpose is its output")]
    pub fn run(self) -> Result<(), Failure> {
        block_on(async move {
            let findings = doctor::examine(&self.serve).await;
            if self.json {
                println!("{}", serde_json::to_string_pretty(&findings)?);
            } else {
                print!("{}", doctor::table(&findings));
            }
            doctor::verdict(&findings)
        })
    }
}
