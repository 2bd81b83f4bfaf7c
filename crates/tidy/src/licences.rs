//! The dependencies against `deny.toml`: licences, bans and sources, read from what cargo itself says.
//!
//! `cargo deny check licenses bans sources` reads the same file and says more; this part needs nothing installed.
use crate::Finding;
use serde_json::Value;
use spdx::{Expression, Licensee};
use std::collections::BTreeSet;
use toml::Table;

/// The registry's name in cargo's metadata.
const CRATES_IO: &str = "registry+https://github.com/rust-lang/crates.io-index";

/// What `deny.toml` says, as far as this check reads it.
#[derive(Debug)]
pub struct Policy {
    allowed: Vec<Licensee>,
    /// Licences that are allowed to one crate alone.
    exceptions: Vec<(String, Vec<Licensee>)>,
    banned: BTreeSet<String>,
}

impl Policy {
    /// Reads `deny.toml`: `licenses.allow`, `licenses.exceptions` and `bans.deny`.
    ///
    /// # Errors
    /// When it cannot be parsed, allows no licence, or names one that does not exist.
    pub fn parse(text: &str) -> Result<Self, String> {
        let table: Table = text.parse().map_err(|error: toml::de::Error| error.to_string())?;
        let list = |section: &str, key: &str| {
            table.get(section).and_then(|section| section.get(key)).and_then(toml::Value::as_array).cloned().unwrap_or_default()
        };
        let licence = |name: &str| Licensee::parse(name).map_err(|error| format!("{name}: {error}"));
        let licences = |names: &[toml::Value]| names.iter().filter_map(toml::Value::as_str).map(licence).collect::<Result<Vec<_>, _>>();
        let allowed = licences(&list("licenses", "allow"))?;
        if allowed.is_empty() {
            return Err("licenses.allow is missing or empty".into());
        }
        let mut exceptions = Vec::new();
        for entry in list("licenses", "exceptions") {
            let name = entry.get("crate").and_then(toml::Value::as_str).ok_or("licenses.exceptions: an entry names no crate")?;
            let names = entry.get("allow").and_then(toml::Value::as_array).ok_or("licenses.exceptions: an entry allows nothing")?;
            exceptions.push((name.to_owned(), licences(names)?));
        }
        let ban = |entry: &toml::Value| entry.as_str().or_else(|| entry.get("crate")?.as_str()).map(str::to_owned);
        Ok(Self { allowed, exceptions, banned: list("bans", "deny").iter().filter_map(ban).collect() })
    }

    fn permits(&self, name: &str, licence: &str) -> bool {
        let exceptions = self.exceptions.iter().filter(|(exempt, _)| exempt == name).flat_map(|(_, licences)| licences);
        let allowed: Vec<&Licensee> = self.allowed.iter().chain(exceptions).collect();
        let expression = Expression::parse_mode(licence, spdx::ParseMode::LAX);
        expression.is_ok_and(|expression| expression.evaluate(|required| allowed.iter().any(|allowed| allowed.satisfies(required))))
    }
}

/// Checks every package of `cargo metadata`.
pub fn check(policy: &Policy, metadata: &Value) -> Vec<Finding> {
    let packages = metadata["packages"].as_array().into_iter().flatten();
    packages.flat_map(|package| check_package(policy, package)).collect()
}

fn check_package(policy: &Policy, package: &Value) -> Vec<Finding> {
    let text = |key: &str| package[key].as_str().unwrap_or_default();
    let (name, licence, source) = (text("name"), text("license"), text("source"));
    let finding = |problem: String| Finding::new("licences", format!("{name} {}", text("version")), problem);
    let mut findings = Vec::new();
    if !policy.permits(name, licence) {
        findings.push(finding(format!("deny.toml does not allow its licence {licence:?}")));
    }
    if policy.banned.contains(name) {
        findings.push(finding("deny.toml bans it".into()));
    }
    // The workspace's own crates have no source.
    if !source.is_empty() && source != CRATES_IO {
        findings.push(finding(format!("it comes from {source}; only crates.io is allowed")));
    }
    findings
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn problems(licence: &str, name: &str, source: Value) -> usize {
        let policy = Policy::parse("[licenses]\nallow = [\"MIT\", \"Zlib\"]\nexceptions = [{ crate = \"d\", allow = [\"MPL-2.0\"] }]\n[bans]\ndeny = [\"a\", { crate = \"b\" }]").expect("it is one");
        check(&policy, &json!({"packages": [{"name": name, "version": "1.0.0", "license": licence, "source": source}]})).len()
    }

    #[test]
    fn licences_bans_and_sources_are_checked() {
        for (licence, count) in
            [("MIT", 0), ("MIT OR Apache-2.0", 0), ("Apache-2.0/MIT", 0), ("MIT AND Zlib", 0), ("MIT AND Apache-2.0", 1), ("", 1), ("x", 1)]
        {
            assert_eq!(problems(licence, "c", json!(CRATES_IO)), count, "{licence}");
        }
        assert_eq!((problems("MPL-2.0", "c", Value::Null), problems("MPL-2.0", "d", Value::Null)), (1, 0));
        assert_eq!(problems("MIT", "a", json!(CRATES_IO)), 1);
        assert_eq!(problems("MIT", "b", Value::Null), 1);
        assert_eq!(problems("MIT", "c", Value::Null), 0);
        assert_eq!(problems("MIT", "c", json!("git+https://example.org/c")), 1);
    }

    #[test]
    fn a_policy_without_licences_is_refused() {
        for text in ["", "[", "[licenses]\nallow = []", "[licenses]\nallow = [\"No-Such\"]", "[licenses]\nallow = [\"MIT\"]\nexceptions = [{}]"] {
            assert!(Policy::parse(text).is_err(), "{text}");
        }
    }
}
