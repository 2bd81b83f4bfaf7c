//! `suki chat`: a customer in the terminal.
use super::{Failure, block_on};
use crate::world;
use clap::Args;
use std::path::PathBuf;
use suki_client::chat::{self, Auto};

/// Be a customer in this terminal.
#[derive(Debug, Args)]
pub struct Chat {
    /// The shop's link, as it is printed by `suki serve` and `suki env`
    link: String,
    /// Say this first
    #[arg(long, value_name = "TEXT")]
    say: Vec<String>,
    /// Do without hands: any of deliver, read, reply:TEXT, joined by commas; reply comes last and takes the rest
    #[arg(long, value_name = "WHAT")]
    auto: Option<String>,
    /// What to be called
    #[arg(long, default_value = "")]
    name: String,
    /// Keep this customer in a file, and be him again the next time
    #[arg(long, value_name = "FILE")]
    state: Option<PathBuf>,
}

impl Chat {
    /// Chats until the input ends; without hands, until a signal comes.
    ///
    /// # Errors
    /// When the link leads nowhere or the state cannot be read.
    pub fn run(self) -> Result<(), Failure> {
        let auto = self.auto.as_deref().map(str::parse::<Auto>).transpose()?;
        let options = chat::Options { link: self.link, say: self.say, auto, name: self.name, state: self.state };
        block_on(async { Ok(chat::run(options, world::env()).await?) })
    }
}
