//! From the shared SQL to what one engine takes.

/// An engine, as migrations name it.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Dialect {
    Sqlite,
    Postgres,
}

/// A migration as this engine takes it: its own lines, and for PostgreSQL its own names of types.
pub(crate) fn migration(sql: &str, dialect: Dialect) -> String {
    let mut mine = true;
    let mut lines = String::with_capacity(sql.len());
    for line in sql.lines() {
        match line.trim() {
            "-- both" => mine = true,
            "-- only sqlite" => mine = dialect == Dialect::Sqlite,
            "-- only postgres" => mine = dialect == Dialect::Postgres,
            _ if mine => {
                lines.push_str(line);
                lines.push('\n');
            }
            _ => {}
        }
    }
    match dialect {
        Dialect::Sqlite => lines,
        Dialect::Postgres => outside_quotes(&lines, types),
    }
}

/// A statement with its parameters as PostgreSQL writes them: `?1` becomes `$1`.
pub(crate) fn parameters(sql: &str) -> String {
    outside_quotes(sql, |text, out| {
        let mut rest = text;
        while let Some(at) = rest.find('?') {
            out.push_str(&rest[..at]);
            rest = &rest[at + 1..];
            out.push(if rest.starts_with(|next: char| next.is_ascii_digit()) { '$' } else { '?' });
        }
        out.push_str(rest);
    })
}

/// Names of types, in capitals; lower-case words are names of columns, but for `integer`, which would be a narrower type there.
fn types(text: &str, out: &mut String) {
    let text = text.replace(") STRICT", ")");
    let mut word = String::new();
    let flush = |word: &mut String, out: &mut String| {
        match word.as_str() {
            word if word.eq_ignore_ascii_case("INTEGER") => out.push_str("BIGINT"),
            "BLOB" => out.push_str("BYTEA"),
            other => out.push_str(other),
        }
        word.clear();
    };
    for character in text.chars() {
        if character.is_alphanumeric() || character == '_' {
            word.push(character);
        } else {
            flush(&mut word, out);
            out.push(character);
        }
    }
    flush(&mut word, out);
}

/// Hands everything but quoted text, quoted names and comments to `change`; those stay as they are.
fn outside_quotes(sql: &str, mut change: impl FnMut(&str, &mut String)) -> String {
    let mut out = String::with_capacity(sql.len() + 8);
    let mut rest = sql;
    while let Some((start, end)) = next_quoted(rest) {
        change(&rest[..start], &mut out);
        out.push_str(&rest[start..end]);
        rest = &rest[end..];
    }
    change(rest, &mut out);
    out
}

/// Where the next quoted part begins and ends. A doubled quote inside one looks like two parts side by side, which comes to the same.
fn next_quoted(sql: &str) -> Option<(usize, usize)> {
    let start = [sql.find('\''), sql.find('"'), sql.find("--"), sql.find("/*")].into_iter().flatten().min()?;
    let inside = &sql[start..];
    let end = match inside.as_bytes()[0] {
        b'-' => inside.find('\n'),
        b'/' => inside.find("*/").map(|at| at + 1),
        quote => inside[1..].find(char::from(quote)).map(|at| at + 1),
    };
    Some((start, end.map_or(sql.len(), |end| start + end + 1)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn parameters_change_outside_of_quotes_only() {
        for (shared, postgres) in [
            ("SELECT a FROM t WHERE b = ?1 AND c > ?12", "SELECT a FROM t WHERE b = $1 AND c > $12"),
            ("SELECT '?1', ?2", "SELECT '?1', $2"),
            ("SELECT 'it''s ?1', ?2", "SELECT 'it''s ?1', $2"),
            ("SELECT \"?1\", ?2", "SELECT \"?1\", $2"),
            ("SELECT ?1 -- don't ?2\n, ?3", "SELECT $1 -- don't ?2\n, $3"),
            ("SELECT /* ?1 ' */ ?2", "SELECT /* ?1 ' */ $2"),
            ("?1?2", "$1$2"),
            ("SELECT 'unfinished ?1", "SELECT 'unfinished ?1"),
            ("SELECT 'é?1é', ?2 /* ?3", "SELECT 'é?1é', $2 /* ?3"),
        ] {
            assert_eq!(parameters(shared), postgres);
        }
    }

    #[test]
    fn a_migration_gets_its_types_and_its_lines() {
        let shared =
            "CREATE TABLE t (blob BLOB NOT NULL, n integer, s TEXT DEFAULT 'BLOB') STRICT;\n-- only sqlite\nS;\n-- only postgres\nP;\n-- both\nB;";
        assert_eq!(migration(shared, Dialect::Postgres), "CREATE TABLE t (blob BYTEA NOT NULL, n BIGINT, s TEXT DEFAULT 'BLOB');\nP;\nB;\n");
        assert_eq!(migration(shared, Dialect::Sqlite), "CREATE TABLE t (blob BLOB NOT NULL, n integer, s TEXT DEFAULT 'BLOB') STRICT;\nS;\nB;\n");
    }
}
