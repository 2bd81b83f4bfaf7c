//! From the shared SQL to what one engine takes.

/// An engine, as migrations name it.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Dialect {
    Sqlite,
}

/// The lines of a migration that are for this engine.
pub(crate) fn lines_for(sql: &str, dialect: Dialect) -> String {
    let mut mine = true;
    let mut out = String::with_capacity(sql.len());
    for line in sql.lines() {
        match line.trim() {
            "-- both" => mine = true,
            "-- only sqlite" => mine = dialect == Dialect::Sqlite,
            "-- only postgres" => mine = dialect != Dialect::Sqlite,
            _ if mine => {
                out.push_str(line);
                out.push('\n');
            }
            _ => {}
        }
    }
    out
}
