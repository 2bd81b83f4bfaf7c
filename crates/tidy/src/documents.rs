//! The documents at the root, and that the map of the code is whole.
use crate::{Finding, Tree};

/// What a newcomer looks for.
const NEEDED: [&str; 5] = ["ARCHITECTURE.md", "CONTRIBUTING.md", "LICENSE-APACHE", "LICENSE-MIT", "README.md"];

/// Checks that they are there, and that ARCHITECTURE.md names every crate.
pub fn check(tree: &Tree) -> Vec<Finding> {
    let missing = NEEDED.iter().filter(|path| tree.file(path).is_none_or(|file| file.text.trim().is_empty()));
    let mut findings: Vec<Finding> = missing.map(|path| Finding::new("documents", *path, "it is missing or empty")).collect();
    if let Some(map) = tree.file("ARCHITECTURE.md") {
        let words: Vec<&str> = map.text.split(|c: char| !c.is_alphanumeric() && c != '_').collect();
        let unnamed = tree.crates().filter(|(name, _)| !words.contains(name));
        findings
            .extend(unnamed.map(|(name, _)| Finding::new("documents", format!("ARCHITECTURE.md::{name}"), format!("say what crates/{name} is for"))));
    }
    findings
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::SourceFile;

    #[test]
    fn every_crate_has_its_place_on_the_map() {
        let file = |path: &str, text: &str| SourceFile { path: path.into(), text: text.into() };
        assert_eq!(check(&Tree::default()).len(), NEEDED.len());
        let mut files: Vec<_> = NEEDED.iter().map(|path| file(path, "`crates/store` stores.")).collect();
        files.push(file("crates/store/Cargo.toml", ""));
        assert_eq!(check(&Tree(files.clone())), []);
        files.push(file("crates/bus/Cargo.toml", ""));
        assert_eq!(check(&Tree(files)).len(), 1);
    }
}
