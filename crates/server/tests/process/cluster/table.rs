//! `bench/FAULTS.md`: what each fault did when all of them were tried last.
use super::{fault::Fault, run::Row};

const PATH: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../../bench/FAULTS.md");

const HEAD: &str = "# Faults

Three nodes (`suki serve`, debug build) over a PostgreSQL primary with a synchronous standby and a NATS cluster of three, all on one machine, each node in a network
of its own behind a proxy that gives new connections to nodes that say they are ready. Nine people in three shops write and are written to by programs, each ten times
a second through all nodes; people stop while twenty of their messages wait, programs while one does. `make faults` wrote this; the faults are tried one after the other
in one cluster, `disk-full-on-postgres` in a second one on small disks, and after each the checker compares both sides of every chat, the inbox and the webhooks.

- **first**: seconds from the fault to the first acknowledgement, in any chat, of something written after it.
- **all**: seconds from the fault until people and programs of *every* chat were served again, while the fault lasted.
- **caught up**: seconds from the end of the fault until everything that had waited was where it belongs.
- **checked**: messages of people + of programs compared so far in the run.

| fault | first | all | caught up | checked | lost | shown twice |
|---|---|---|---|---|---|---|
";

/// The faults that FAULTS names; all without it.
pub fn chosen() -> Vec<Fault> {
    let names = std::env::var("FAULTS").unwrap_or_default();
    let names: Vec<&str> = names.split([',', ' ']).filter(|name| !name.is_empty()).collect();
    let all = Fault::ALL.map(Fault::name);
    for name in &names {
        assert!(all.iter().any(|one| one == name), "FAULTS names {name}, which is none of: {}", all.join(", "));
    }
    Fault::ALL.into_iter().filter(|fault| names.is_empty() || names.contains(&fault.name().as_str())).collect()
}

/// Writes the table when everything was tried.
pub fn write(rows: &[Row]) {
    if rows.len() == Fault::ALL.len() {
        let lines: Vec<String> = rows.iter().map(Row::line).collect();
        std::fs::write(PATH, format!("{HEAD}{}\n", lines.join("\n"))).expect("the repository can be written");
    }
}
