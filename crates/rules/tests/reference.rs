//! docs/POLICY.md says of every field of a policy file what it means, what may stand there, and what the shipped policies have. It is made from the
//! sections themselves; this test fails when it is stale, and `SUKI_WRITE_DOCS=1 cargo test -p suki-rules --test reference` writes it anew.
use std::{fmt::Write as _, path::Path};
use suki_rules::{FieldRow, SHIPPED_POLICIES, reference};

const INTRODUCTION: &str = "# Policy files

A policy is one TOML file with every rule's figures. `suki serve --policy meta-2026` (the default) and `--policy classic` name those that come with the
program; `--policy FILE` names your own: copy one from [policies/](../policies) and change it. A typo, a wrong unit, a figure out of range or a missing
field refuses to start, and the message names the file, the line and the field.

Lengths of time are a whole number and one unit, in quotes: `\"90s\"`, `\"5m\"`, `\"24h\"`, `\"30d\"`. The file begins with `name`, 1 to 64 characters out of
a to z, 0 to 9 and -: refusals and the console call the policy by it. All fields below are needed.

Do not edit this page: it is made from the code by `SUKI_WRITE_DOCS=1 cargo test -p suki-rules --test reference`.
";

/// What one shipped policy has in a field, short enough for a table.
fn value(tables: &toml::Table, table: &str, field: &str) -> String {
    let found = tables.get(table).and_then(|table| table.get(field));
    let text = found.map_or_else(String::new, ToString::to_string).replace('\n', " ").replace('|', "\\|");
    match text.chars().count() {
        0..=60 => format!("`{text}`"),
        _ => found.and_then(toml::Value::as_array).map_or_else(|| "a text".to_owned(), |list| format!("{} entries", list.len())),
    }
}

fn page() -> String {
    let parsed = SHIPPED_POLICIES.map(|(name, text)| (name, text.parse::<toml::Table>().expect("a shipped policy is TOML")));
    let names = parsed.each_ref().map(|(name, _)| *name);
    let mut page = INTRODUCTION.to_owned();
    for (table, about, rows) in reference() {
        write!(page, "\n## `[{table}]`\n\n{about}\n\n| field | what it means | what may stand there | {} |\n", names.join(" | "))
            .expect("a text takes it");
        page += &format!("|---|---|---|{}\n", "---|".repeat(names.len()));
        for FieldRow { name, shape, allowed, meaning } in rows {
            let allowed = if allowed.is_empty() { shape } else { format!("{shape}, {allowed}") };
            let values: Vec<_> = parsed.iter().map(|(_, tables)| value(tables, table, name)).collect();
            writeln!(page, "| `{name}` | {} | {} | {} |", meaning.replace('|', "\\|"), allowed.replace('|', "\\|"), values.join(" | "))
                .expect("a text takes it");
        }
    }
    page
}

#[test]
fn the_reference_of_the_policy_is_fresh() {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../docs/POLICY.md");
    let fresh = page();
    if std::env::var_os("SUKI_WRITE_DOCS").is_some() {
        std::fs::write(&path, &fresh).expect("the page can be written");
    }
    let written = std::fs::read_to_string(&path).expect("docs/POLICY.md is there");
    let stale = written.lines().zip(fresh.lines()).find(|(written, fresh)| written != fresh);
    assert!(written == fresh, "docs/POLICY.md is stale: write it anew, see above. The first line that differs: {stale:?}");
}

/// Every section's every field is explained: a sentence, not a repetition of its name.
#[test]
fn every_field_is_explained() {
    for (table, about, rows) in reference() {
        assert!(about.ends_with('.'), "[{table}]: {about}");
        for row in rows {
            assert!(row.meaning.ends_with('.') && row.meaning.split(' ').count() >= 2, "{table}.{}: {}", row.name, row.meaning);
        }
    }
}
