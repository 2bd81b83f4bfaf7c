//! The crates' manifests: which crate may know which, and what each inherits from the workspace.
use crate::{Finding, SourceFile, Tree};
use std::collections::{BTreeMap, BTreeSet};
use toml::{Table, Value};

/// Crates without input and output: nothing that waits, listens or stores.
const PURE: [&str; 6] = ["types", "template", "rules", "protocol", "cloud_api", "e2ee"];
/// What a pure crate may not use.
const IO: [&str; 14] = [
    "async-nats",
    "axum",
    "futures-util",
    "hyper",
    "mio",
    "postgres",
    "reqwest",
    "rusqlite",
    "tokio",
    "tokio-postgres",
    "tokio-tungstenite",
    "tower",
    "tower-http",
    "ureq",
];
/// Which crate may not reach which, not even through others, and why.
const FORBIDDEN: [(&str, &[&str], &str); 6] = [
    ("network", &["e2ee", "endpoint", "client", "cloud_api", "connectors"], "the network cannot read messages, and knows no business"),
    ("endpoint", &["network", "rules"], "the planes talk through the device protocol, and the network alone decides by the rules"),
    ("client", &["network", "endpoint"], "a device knows the protocol only"),
    ("link", &["network", "endpoint", "e2ee", "client"], "the link carries what it cannot read"),
    ("store", &["bus", "protocol", "rules"], "the store knows units of work, not what they mean"),
    ("bus", &["store", "rules"], "the bus wakes, and the truth is in the store"),
];
/// Crates that nothing but tests may use.
const TOP: [&str; 3] = ["server", "testkit", "tidy"];

/// Checks every manifest.
pub fn check(tree: &Tree) -> Vec<Finding> {
    let mut findings = Vec::new();
    let mut edges = BTreeMap::new();
    for (name, file) in tree.crates() {
        match file.text.parse::<Table>() {
            Ok(manifest) => {
                findings.extend(inherited(file, &manifest));
                findings.extend(pure(name, file, &manifest));
                edges.insert(name.to_owned(), own_dependencies(&manifest));
            }
            Err(error) => findings.push(Finding::new("crates", &file.path, format!("cannot be parsed: {}", error.message()))),
        }
    }
    findings.extend(forbidden(&edges));
    findings
}

/// The dependencies of every kind but for tests.
fn dependencies(manifest: &Table) -> impl Iterator<Item = (&String, &Value)> {
    let tables = ["dependencies", "build-dependencies"].into_iter().filter_map(|key| manifest.get(key));
    let targets = manifest.get("target").and_then(Value::as_table).into_iter().flat_map(|targets| targets.values());
    tables.chain(targets.filter_map(|target| target.get("dependencies"))).filter_map(Value::as_table).flatten()
}

/// The crates of this workspace it depends on, by folder.
fn own_dependencies(manifest: &Table) -> BTreeSet<String> {
    dependencies(manifest).filter_map(|(name, _)| name.strip_prefix("suki-")).map(|name| name.replace('-', "_")).collect()
}

fn inherited(file: &SourceFile, manifest: &Table) -> Vec<Finding> {
    let finding = |problem: String| Finding::new("crates", &file.path, problem);
    let inherits = |table: Option<&Value>| table.and_then(|table| table.get("workspace")).and_then(Value::as_bool) == Some(true);
    let package = manifest.get("package");
    let mut findings = Vec::new();
    if !inherits(manifest.get("lints")) {
        findings.push(finding("write [lints] workspace = true".into()));
    }
    for key in ["version", "edition", "rust-version", "license", "publish"] {
        if !inherits(package.and_then(|package| package.get(key))) {
            findings.push(finding(format!("write {key}.workspace = true")));
        }
    }
    if package.and_then(|package| package.get("description")).and_then(Value::as_str).is_none_or(str::is_empty) {
        findings.push(finding("write a description".into()));
    }
    let tests = manifest.get("dev-dependencies").and_then(Value::as_table).into_iter().flatten();
    for (name, value) in dependencies(manifest).chain(tests) {
        // A crate may name itself in its tests, to switch a feature on.
        if !inherits(Some(value)) && value.get("path").and_then(Value::as_str) != Some(".") {
            findings.push(finding(format!("take {name} from the workspace: {name}.workspace = true")));
        }
    }
    findings
}

fn pure(name: &str, file: &SourceFile, manifest: &Table) -> Vec<Finding> {
    let used = dependencies(manifest).filter(|(dependency, _)| PURE.contains(&name) && IO.contains(&dependency.as_str()));
    used.map(|(dependency, _)| Finding::new("crates", &file.path, format!("{name} has no input and output, so it cannot use {dependency}"))).collect()
}

fn forbidden(edges: &BTreeMap<String, BTreeSet<String>>) -> Vec<Finding> {
    let outer: BTreeSet<&str> = edges.keys().map(String::as_str).filter(|name| !PURE.contains(name) && !TOP.contains(name)).collect();
    let mut findings = Vec::new();
    for name in edges.keys() {
        let reached = reach(name, edges);
        let mut wrong: Vec<(&str, &str)> = Vec::new();
        for (_, banned, why) in FORBIDDEN.iter().filter(|(from, ..)| from == name) {
            wrong.extend(banned.iter().map(|to| (*to, *why)));
        }
        if PURE.contains(&name.as_str()) {
            wrong.extend(outer.iter().map(|to| (*to, "it has no input and output")));
        }
        if !TOP.contains(&name.as_str()) {
            wrong.extend(TOP.iter().map(|to| (*to, "only the program and tests stand above it")));
        }
        for (to, why) in wrong.into_iter().filter(|(to, _)| reached.contains(*to)) {
            findings.push(Finding::new("crates", format!("crates/{name}::{to}"), format!("{name} reaches {to}: {why}")));
        }
    }
    findings
}

/// Everything a crate depends on, directly or not; itself not counted.
fn reach<'a>(name: &str, edges: &'a BTreeMap<String, BTreeSet<String>>) -> BTreeSet<&'a str> {
    let (mut reached, mut next) = (BTreeSet::new(), edges.get(name).into_iter().flatten().collect::<Vec<_>>());
    while let Some(crate_name) = next.pop() {
        if reached.insert(crate_name.as_str()) {
            next.extend(edges.get(crate_name).into_iter().flatten());
        }
    }
    reached
}

#[cfg(test)]
mod tests {
    use super::*;

    const INHERITED: &str = "[package]\ndescription = \"x\"\nversion.workspace = true\nedition.workspace = true\nrust-version.workspace = true\nlicense.workspace = true\npublish.workspace = true\n[lints]\nworkspace = true\n";

    fn problems(manifests: &[(&str, &str)]) -> Vec<String> {
        let file = |(name, rest): &(&str, &str)| SourceFile { path: format!("crates/{name}/Cargo.toml"), text: format!("{INHERITED}{rest}") };
        check(&Tree(manifests.iter().map(file).collect())).into_iter().map(|finding| finding.problem).collect()
    }

    #[test]
    fn forbidden_edges_are_found_through_others() {
        let link = ("link", "[dependencies]\nsuki-e2ee.workspace = true");
        let network = ("network", "[dependencies]\nsuki-link.workspace = true\ntokio.workspace = true");
        let found = problems(&[link, network, ("e2ee", "")]);
        assert_eq!(found.len(), 2, "{found:?}");
        assert!(found[0].starts_with("link reaches e2ee") && found[1].starts_with("network reaches e2ee"), "{found:?}");
        assert_eq!(problems(&[("endpoint", "[dependencies]\nsuki-network.workspace = true")]).len(), 1);
        assert_eq!(problems(&[("rules", "[dependencies]\nsuki-store.workspace = true"), ("store", "")]).len(), 1);
        assert_eq!(problems(&[("bus", "[build-dependencies]\nsuki-server.workspace = true")]).len(), 1);
        // Tests may reach further.
        assert_eq!(problems(&[("network", "[dev-dependencies]\nsuki-client.workspace = true")]), [""; 0]);
    }

    #[test]
    fn pure_crates_have_no_input_and_output() {
        let found = problems(&[("cloud_api", "[target.'cfg(unix)'.dependencies]\ntokio.workspace = true\n[dependencies]\nserde.workspace = true")]);
        assert_eq!(found, ["cloud_api has no input and output, so it cannot use tokio"]);
    }

    #[test]
    fn what_is_not_inherited_is_found() {
        assert_eq!(problems(&[("a", "[dependencies]\nserde = \"1\"\n[dev-dependencies]\nsuki-a = { path = \".\", features = [\"b\"] }")]).len(), 1);
        let bare = Tree(vec![SourceFile { path: "crates/a/Cargo.toml".into(), text: "[package]\nname = \"a\"".into() }]);
        assert_eq!(check(&bare).len(), 7);
        let broken = Tree(vec![SourceFile { path: "crates/a/Cargo.toml".into(), text: "[".into() }]);
        assert_eq!(check(&broken).len(), 1);
    }
}
