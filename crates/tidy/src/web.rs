//! The web packages: which may know which.
use crate::{Finding, SourceFile, Tree};
use serde_json::Value;

/// What each package may use of the others; apps may use every package, and none may use an app.
const ALLOWED: [(&str, &[&str]); 8] = [
    ("api", &[]),
    ("console-api", &["inbox"]),
    ("crypto", &["api"]),
    ("i18n", &[]),
    ("inbox", &["api"]),
    ("ui", &["i18n"]),
    ("model", &["api", "crypto"]),
    ("fake", &["api", "console-api", "crypto", "inbox", "model"]),
];

/// Checks the manifests and the imports of every package.
pub fn check(tree: &Tree) -> Vec<Finding> {
    tree.0
        .iter()
        .filter_map(|file| package_of(&file.path).map(|package| (package, file)))
        .flat_map(|(package, file)| check_file(package, file))
        .collect()
}

fn package_of(path: &str) -> Option<&str> {
    path.strip_prefix("web/packages/")?.split('/').next()
}

fn check_file(package: &str, file: &SourceFile) -> Vec<Finding> {
    let used = match file.path.strip_prefix("web/packages/").and_then(|path| path.strip_prefix(package)) {
        Some("/package.json") => declared(&file.text),
        _ if matches!(file.extension(), "ts" | "js" | "mjs" | "svelte") => imported(&file.text),
        _ => return Vec::new(),
    };
    let Some((_, allowed)) = ALLOWED.iter().find(|(name, _)| *name == package) else {
        return vec![Finding::new("web", format!("web/packages/{package}"), "say in tidy which packages it may use")];
    };
    let wrong = used.into_iter().filter(|name| name != package && !allowed.contains(&name.as_str()));
    wrong.map(|name| Finding::new("web", &file.path, format!("{package} may not use {name}; it may use {allowed:?}"))).collect()
}

/// The packages of this workspace a manifest names, but for tests.
fn declared(text: &str) -> Vec<String> {
    let manifest: Value = serde_json::from_str(text).unwrap_or_default();
    let names = manifest["dependencies"].as_object().into_iter().flatten();
    names.filter_map(|(name, _)| name.strip_prefix("@suki/")).map(str::to_owned).collect()
}

/// The packages of this workspace a script imports.
fn imported(text: &str) -> Vec<String> {
    let quoted = |part: &str| part.chars().take_while(|c| c.is_ascii_alphanumeric() || *c == '-').collect::<String>();
    let mut names: Vec<String> = ["\"@suki/", "'@suki/"].iter().flat_map(|mark| text.split(mark).skip(1).map(quoted)).collect();
    names.sort();
    names.dedup();
    names
}

#[cfg(test)]
mod tests {
    use super::*;

    fn problems(path: &str, text: &str) -> usize {
        check(&Tree(vec![SourceFile { path: path.into(), text: text.into() }])).len()
    }

    #[test]
    fn the_components_know_no_model() {
        assert_eq!(problems("web/packages/ui/src/a.svelte", "<script>import { a } from \"@suki/model\";</script>"), 1);
        assert_eq!(problems("web/packages/ui/package.json", r#"{"dependencies": {"@suki/model": "*", "svelte": "5"}}"#), 1);
        assert_eq!(problems("web/packages/ui/src/a.ts", "import { t } from '@suki/i18n';"), 0);
        assert_eq!(problems("web/packages/model/src/a.ts", "import \"@suki/business/x\"; import \"@suki/api/gen\"; import '@suki/model';"), 1);
        assert_eq!(problems("web/packages/new/src/a.ts", ""), 1);
        assert_eq!(problems("web/apps/business/src/a.ts", "import \"@suki/model\";"), 0);
    }
}
