//! Writes each target's seeds into `corpus/TARGET/seed-N`, from where libFuzzer starts.
use std::{fs, io, path::Path};
use suki_fuzz::{cloud_api_request, envelope, webhook};

fn main() -> io::Result<()> {
    let corpus = Path::new(env!("CARGO_MANIFEST_DIR")).join("corpus");
    for (target, seeds) in [("envelope", envelope::seeds()), ("cloud_api_request", cloud_api_request::seeds()), ("webhook", webhook::seeds())] {
        let folder = corpus.join(target);
        fs::create_dir_all(&folder)?;
        for (number, seed) in seeds.iter().enumerate() {
            fs::write(folder.join(format!("seed-{number}")), seed)?;
        }
    }
    Ok(())
}
