//! Runs every check over this repository.
use std::{path::Path, process::Command};
use suki_tidy::{
    Finding, Tree, crates, documents,
    exceptions::{self, EXCEPTIONS},
    licences, markup, migrations, rust_code, script_code, web, words,
};

fn root() -> &'static Path {
    Path::new(concat!(env!("CARGO_MANIFEST_DIR"), "/../.."))
}

/// The dependencies that this kind of machine builds: what is for others is not downloaded here.
fn licences() -> Vec<Finding> {
    let cargo = std::env::var("CARGO").unwrap_or_else(|_| "cargo".into());
    let version = Command::new(&cargo).arg("-vV").output().expect("cargo runs");
    let version = String::from_utf8(version.stdout).expect("cargo writes UTF-8");
    let host = version.lines().find_map(|line| line.strip_prefix("host: ")).expect("cargo names its host");
    let arguments = ["metadata", "--format-version", "1", "--offline", "--filter-platform", host];
    let output = Command::new(&cargo).args(arguments).current_dir(root()).output().expect("cargo runs");
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let metadata = serde_json::from_slice(&output.stdout).expect("cargo writes JSON");
    let deny = std::fs::read_to_string(root().join("deny.toml")).expect("deny.toml is there");
    licences::check(&licences::Policy::parse(&deny).expect("deny.toml is right"), &metadata)
}

#[test]
fn the_repository_is_tidy() {
    let tree = Tree::read(root()).expect("the checkout can be read");
    assert!(tree.file("Cargo.toml").is_some() && tree.crates().count() > 10, "the tree is the repository's");
    let checks = [rust_code::check, script_code::check, markup::check, words::check, crates::check, web::check, migrations::check, documents::check];
    let findings = checks.iter().flat_map(|check| check(&tree)).chain(licences()).collect();
    let open = exceptions::apply(findings, EXCEPTIONS);
    let list: Vec<String> = open.iter().map(ToString::to_string).collect();
    assert!(open.is_empty(), "{} findings:\n{}", open.len(), list.join("\n"));
}
