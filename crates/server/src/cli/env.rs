//! `suki env`: how to reach the demo shop. The sign-in in the inbox link is a new one each time.
use super::{Failure, block_on};
use crate::{demo::Coordinates, storage::Storage, world};
use clap::Args;

/// Print how to reach the demo shop, as shell exports or JSON.
#[derive(Debug, Args)]
pub struct Env {
    /// Print JSON
    #[arg(long)]
    json: bool,
    #[command(flatten)]
    storage: Storage,
}

impl Env {
    /// Prints.
    ///
    /// # Errors
    /// When there is no demo shop in the data folder.
    #[expect(clippy::print_stdout, reason = "this command's purpose is its output")]
    pub fn run(self) -> Result<(), Failure> {
        let coordinates = Coordinates::load(&self.storage.data)?;
        let pairs = block_on(coordinates.pairs(&self.storage, &world::of_folder(&self.storage.data)?))?;
        if self.json {
            let object: serde_json::Map<String, serde_json::Value> = pairs.into_iter().map(|(name, value)| (name.into(), value.into())).collect();
            println!("{}", serde_json::to_string_pretty(&object)?);
        } else {
            pairs.iter().for_each(|(name, value)| println!("export {name}='{}'", value.replace('\'', r"'\''")));
        }
        Ok(())
    }
}
