//! What is hot has a key: only the units listed here run SERIALIZABLE, where many nodes are in each other's way. The list may only shrink.
use std::{collections::BTreeMap, fs, path::Path};

/// The files whose units may be about anything, with how many there are, and what they claim or change that no business's key stands for.
const COLD: [(&str, usize, &str); 18] = [
    ("blobs.rs", 2, "a file belongs to an account, and is found by its name"),
    ("console/mod.rs", 1, "decisions of operators: cases, their audit, operators themselves"),
    ("console/session.rs", 1, "operators' sign-in"),
    ("jobs.rs", 3, "expiry and purge of the logs of many devices; old rows of many businesses"),
    ("lib.rs", 2, "the platform's own account, at the first start; and whether the store takes writes"),
    ("money/cards.rs", 1, "rate cards are of the whole platform"),
    ("moves.rs", 1, "a phone number is claimed"),
    ("operations/ack.rs", 1, "the handle of the frame, which has the keys of what is acknowledged"),
    ("operations/mod.rs", 1, "the handle of the frame, which has the key of what it is about"),
    ("registration/business.rs", 2, "an address of a link is claimed"),
    ("registration/device.rs", 1, "a device joins an account by a code"),
    ("registration/guest.rs", 1, "a test number is claimed, and guests are counted"),
    ("registration/phone.rs", 3, "a phone number is claimed, and codes are counted"),
    ("standing/jobs.rs", 1, "the policy in force is of the whole platform"),
    ("templates/jobs.rs", 1, "old rows of many businesses"),
    ("trust/announcements.rs", 2, "announcements are the platform's"),
    ("trust/decision.rs", 1, "a confirmed name is claimed"),
    ("trust/others", 4, "documents, numbers and terms: names are claimed, and all businesses concerned"),
];

#[test]
fn what_is_not_listed_is_about_a_business() {
    let mut found = BTreeMap::new();
    collect(Path::new(concat!(env!("CARGO_MANIFEST_DIR"), "/src")), "", &mut found);
    let merged = ["documents", "number", "terms"].iter().filter_map(|name| found.remove(&format!("trust/{name}.rs"))).sum();
    found.insert("trust/others".to_owned(), merged);
    let listed: BTreeMap<String, usize> = COLD.iter().map(|(file, count, _)| ((*file).to_owned(), *count)).collect();
    assert_eq!(found, listed, "left: units without a key; give a new one the key of its business: network.of(business).db().write(…)");
}

fn collect(folder: &Path, below: &str, found: &mut BTreeMap<String, usize>) {
    for entry in fs::read_dir(folder).expect("a folder") {
        let entry = entry.expect("an entry");
        let name = format!("{below}{}", entry.file_name().to_string_lossy());
        if entry.path().is_dir() {
            collect(&entry.path(), &format!("{name}/"), found);
        } else if !name.ends_with("tests.rs") {
            let source = fs::read_to_string(entry.path()).expect("a source file");
            let product = source.split("#[cfg(test)]").next().unwrap_or_default();
            let text: String = product.lines().filter(|line| !line.trim_start().starts_with("//")).flat_map(str::split_whitespace).collect();
            let count = unkeyed(&text);
            if count > 0 {
                found.insert(name, count);
            }
        }
    }
}

/// How often a unit is written through a handle that has no key of a business.
fn unkeyed(text: &str) -> usize {
    let through_network = text.match_indices("db().write(").filter(|(at, _)| {
        let before = &text[..*at];
        let call = before.rfind(".of(").map_or("", |from| &before[from..]);
        let is_of_one = before.ends_with("of.") || call.ends_with(").") && call.matches('(').count() == 1;
        !is_of_one
    });
    let through_store = text.match_indices("db.write(").filter(|(at, _)| !text[..*at].ends_with("audit_"));
    through_network.count() + through_store.count()
}
