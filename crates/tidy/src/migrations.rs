//! Migrations: numbered from one without gaps, each named in the code that runs it, and each only adding unless it says that it takes away.
use crate::{Finding, Tree};

/// Crates that keep something, and so have migrations.
const KEEPERS: [&str; 2] = ["endpoint", "network"];

/// Checks every crate's migrations.
pub fn check(tree: &Tree) -> Vec<Finding> {
    let names: Vec<&str> = tree.crates().map(|(name, _)| name).collect();
    names.into_iter().flat_map(|name| check_crate(tree, name)).collect()
}

fn check_crate(tree: &Tree, name: &str) -> Vec<Finding> {
    let folder = format!("crates/{name}/migrations/");
    let source = format!("crates/{name}/src/");
    let files: Vec<&str> = tree.0.iter().filter_map(|file| file.path.strip_prefix(&folder)).collect();
    let mut findings = Vec::new();
    if files.is_empty() && KEEPERS.contains(&name) {
        findings.push(Finding::new("migrations", &folder, "there are none, and the crate keeps data"));
    }
    // What the store's log adds stands in the network's list and has no file in its folder.
    let mut elsewhere: usize = tree.0.iter().filter(|code| code.path.starts_with(&source)).map(|code| code.text.matches("log::ADDED[").count()).sum();
    let mut next = 1;
    for file in &files {
        let place = format!("{folder}{file}");
        while elsewhere > 0 && file.get(..4).and_then(|number| number.parse::<usize>().ok()).is_some_and(|number| number > next) {
            (elsewhere, next) = (elsewhere - 1, next + 1);
        }
        let expected = format!("{next:04}_");
        next += 1;
        let title = file.strip_prefix(&expected).and_then(|rest| rest.strip_suffix(".sql"));
        if !title
            .is_some_and(|title| !title.is_empty() && title.bytes().all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'_'))
        {
            findings.push(Finding::new("migrations", &place, format!("name it {expected}WHAT.sql: numbers have no gaps, and twins are forbidden")));
        }
        if !tree.0.iter().any(|code| code.path.starts_with(&source) && code.text.contains(file)) {
            findings.push(Finding::new("migrations", &place, "no code of its crate names it, so it never runs"));
        }
    }
    let takes = tree.0.iter().filter(|file| file.path.starts_with(&folder)).filter_map(|file| Some((&file.path, takes_away(&file.text)?)));
    findings.extend(takes.map(|(path, what)| {
        Finding::new("migrations", path, format!("{what} breaks nodes of the release before: only add, or say `-- contract` a release later"))
    }));
    findings
}

/// What older programs would miss, or not know they have to give, unless the migration says so.
fn takes_away(sql: &str) -> Option<&'static str> {
    if sql.lines().any(|line| line.trim() == "-- contract") {
        return None;
    }
    let code: String = sql.lines().filter(|line| !line.trim_start().starts_with("--")).collect::<Vec<_>>().join("\n");
    let bare = |statement: &str| {
        let adds = statement.contains("ADD COLUMN") || (statement.contains("ALTER TABLE") && statement.contains(" ADD "));
        adds && statement.contains("NOT NULL") && !statement.contains("DEFAULT")
    };
    // Wherever it stands: a block of PostgreSQL's has statements of its own.
    let drops = |rest: &str| !gives(&code, rest.split(';').next().unwrap_or(rest).trim());
    (code.split("DROP TABLE").skip(1).any(drops).then_some("DROP TABLE"))
        .or_else(|| code.contains("DROP COLUMN").then_some("DROP COLUMN"))
        .or_else(|| code.split(';').any(|statement| renames(statement, &code)).then_some("RENAME"))
        .or_else(|| code.split(';').any(bare).then_some("a column that has to be given"))
}

/// Whether a statement takes away a name that older programs use: not that of an index, nor of a table whose name the same migration gives to another, or
/// has given itself.
fn renames(statement: &str, code: &str) -> bool {
    let words: Vec<&str> = statement.split_whitespace().collect();
    let Some(at) = words.iter().position(|word| *word == "RENAME") else { return false };
    match (at.checked_sub(2).map(|before| (words[before], words[before + 1])), words.get(at + 1)) {
        (Some(("INDEX", _)), _) => false,
        (Some(("TABLE", name)), Some(&"TO")) => !code.contains(&format!("CREATE TABLE {name} ")) && !gives(code, name),
        _ => true,
    }
}

/// Whether a migration gives this name to another table: one that is built anew.
fn gives(code: &str, name: &str) -> bool {
    code.contains(&format!("RENAME TO {name};"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::SourceFile;

    fn problems(paths: &[&str], code: &str) -> usize {
        let mut files = vec![("crates/network/Cargo.toml", ""), ("crates/network/src/lib.rs", code)];
        files.extend(paths.iter().map(|path| (*path, "")));
        let mut files: Vec<_> = files.into_iter().map(|(path, text)| SourceFile { path: path.into(), text: text.into() }).collect();
        files.sort_by(|a, b| a.path.cmp(&b.path));
        check(&Tree(files)).len()
    }

    #[test]
    fn what_takes_away_says_so() {
        let sql = |sql: &str| takes_away(sql).is_some();
        assert!(sql("ALTER TABLE t RENAME COLUMN a TO b;") && sql("DROP TABLE t;") && sql("ALTER TABLE t ADD COLUMN a BLOB NOT NULL;"));
        assert!(sql("ALTER TABLE t RENAME TO s;") && sql("ALTER TABLE t RENAME TO s;\nCREATE TABLE t (a BLOB);\nALTER TABLE u RENAME TO v;"));
        assert!(!sql("ALTER TABLE t RENAME TO s;\nALTER INDEX i RENAME TO j;\nCREATE TABLE t (a BLOB);\nALTER TABLE s RENAME TO r;"));
        assert!(!sql("CREATE TABLE s (a BLOB);\nDROP TABLE t;\nALTER TABLE s RENAME TO t;") && sql("DROP TABLE t;\nALTER TABLE s RENAME TO r;"));
        assert!(sql("DO $$ BEGIN DROP TABLE t; END $$;"));
        assert!(
            !sql("-- contract\nDROP TABLE t;")
                && !sql("-- No DROP TABLE here.\nDROP INDEX t_a;")
                && !sql("ALTER TABLE t ADD COLUMN a TEXT NOT NULL DEFAULT '';")
        );
    }

    #[test]
    fn numbers_go_up_by_one_and_every_file_is_run() {
        let [first, second, third] = ["0001_spine.sql", "0002_more.sql", "0003_x.sql"].map(|name| format!("crates/network/migrations/{name}"));
        let code = "0001_spine.sql 0002_more.sql 0003_x.sql";
        assert_eq!(problems(&[&first, &second], code), 0);
        assert_eq!(problems(&[&first, &third], &format!("{code} log::ADDED[0]")), 0, "the second is the log's");
        assert_eq!(problems(&[], code), 1);
        assert_eq!(problems(&[&first, &third], code), 1);
        assert_eq!(problems(&[&first, "crates/network/migrations/0001_twin.sql"], "0001_spine.sql 0001_twin.sql"), 1);
        assert_eq!(problems(&[&first, &second], "0001_spine.sql"), 1);
        assert_eq!(problems(&["crates/network/migrations/0001_Spine.sql"], "0001_Spine.sql"), 1);
    }
}
