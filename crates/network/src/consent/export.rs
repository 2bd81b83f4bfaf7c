//! The ledger as evidence: pages of it as JSON, as JSON lines, and as CSV. A business sees its own customers, and nothing of what is not for it to know.
use super::{
    business, events,
    events::{Subject, word},
};
use crate::{Network, int, operations::call, refusal::Refusal, rows::Caller, session::Answer};
use std::collections::BTreeMap;
use suki_protocol::calls::consent::{By, Event, ExportConsents, Exported, Format, Line, Lines, ListConsents, What};
use suki_store::{StoreError, Tx};
use suki_types::{AccountId, Phone, Timestamp};

/// How many events a page has at most.
const LINES: usize = 200;
/// A page ends after so many bytes of text, so that an answer stays within a call's.
const BYTES: usize = 64 * 1024;

/// The names of the columns of a CSV file.
const COLUMNS: [&str; 11] = ["customer", "phone", "at", "by", "what", "given_at", "how", "form", "wording", "evidence", "replaced_at"];

pub(super) fn list(network: &Network, caller: Caller, json: &[u8]) -> Answer {
    call::reads::<ListConsents>(network, json, move |tx, asked| {
        call::business_only(&caller)?;
        page(tx, caller.account, &asked.after)
    })
}

pub(super) fn export(network: &Network, caller: Caller, json: &[u8]) -> Answer {
    call::reads::<ExportConsents>(network, json, move |tx, asked| {
        call::business_only(&caller)?;
        let page = page(tx, caller.account, &asked.after)?;
        let text = match asked.format {
            Format::Jsonl => jsonl(&page.lines),
            Format::Csv => csv(&page.lines, asked.after.is_empty()),
        };
        Ok(Exported { text: text?, next: page.next })
    })
}

/// Where a page begins: after this event.
fn place(after: &str) -> Result<(&str, i64), Refusal> {
    if after.is_empty() {
        return Ok(("", 0));
    }
    let parts = after.split_once('/').filter(|(subject, _)| subject.len() <= 64 && !subject.contains('\0'));
    let place = parts.and_then(|(subject, at)| Some((subject, at.parse().ok()?)));
    place.ok_or_else(|| Refusal::malformed("`after` is the `next` of the page before, or empty"))
}

fn page(tx: &mut Tx<'_>, business: AccountId, after: &str) -> Result<Lines, Refusal> {
    let (subject, at) = place(after)?;
    let found = tx.query(
        "SELECT by_side, what, choice, given_at, how, form, wording, evidence, replaced_at, at, subject FROM consent_event \
         WHERE business = ?1 AND (subject, at) > (?2, ?3) AND aspect < 10 ORDER BY subject, at LIMIT ?4",
        &[(&business).into(), subject.into(), at.into(), int(LINES as u64 + 1)],
        |row| Ok((events::shown(row)?, row.get::<String>(10)?)),
    )?;
    let shown = fitting(&found);
    let next = match shown.last() {
        Some((event, subject)) if shown.len() < found.len() => format!("{subject}/{}", event.at.millis()),
        _ => String::new(),
    };
    let mut phones: BTreeMap<&str, (Option<AccountId>, Option<Phone>)> = BTreeMap::new();
    let mut lines = Vec::with_capacity(shown.len());
    for (event, subject) in shown {
        if !phones.contains_key(subject.as_str()) {
            phones.insert(subject, known_as(tx, subject)?);
        }
        let (customer, phone) = phones[subject.as_str()].clone();
        lines.push(Line { customer, phone, event: event.clone() });
    }
    Ok(Lines { lines, next })
}

fn known_as(tx: &mut Tx<'_>, subject: &str) -> Result<(Option<AccountId>, Option<Phone>), StoreError> {
    let subject = Subject::parse(subject)?;
    let phone = business::phone(tx, &subject)?;
    Ok(match subject {
        Subject::Customer(customer) => (Some(customer), phone),
        Subject::Phone(_) => (None, phone),
    })
}

/// The first events of a page, by number and by size; at least one.
fn fitting(found: &[(Event, String)]) -> &[(Event, String)] {
    let mut bytes = 0;
    let fit = found.iter().take(LINES).take_while(|(event, _)| {
        let before = bytes;
        bytes += 300 + 2 * (event.how.len() + event.form.len() + event.wording.len() + event.evidence.len());
        before == 0 || bytes <= BYTES
    });
    &found[..fit.count()]
}

fn unwritable() -> Refusal {
    Refusal::malformed("The ledger cannot be written in this format; take the other one")
}

fn jsonl(lines: &[Line]) -> Result<String, Refusal> {
    let mut text = String::new();
    for line in lines {
        text.push_str(&serde_json::to_string(line).map_err(|_| unwritable())?);
        text.push('\n');
    }
    Ok(text)
}

fn csv(lines: &[Line], first: bool) -> Result<String, Refusal> {
    let mut writer = ::csv::WriterBuilder::new().terminator(::csv::Terminator::CRLF).from_writer(Vec::new());
    if first {
        writer.write_record(COLUMNS).map_err(|_| unwritable())?;
    }
    for line in lines {
        writer.write_record(cells(line)).map_err(|_| unwritable())?;
    }
    let bytes = writer.into_inner().map_err(|_| unwritable())?;
    String::from_utf8(bytes).map_err(|_| unwritable())
}

fn cells(line: &Line) -> [String; 11] {
    let event = &line.event;
    let time = |at: Option<Timestamp>| at.map_or_else(String::new, Timestamp::utc);
    [
        line.customer.map_or_else(String::new, |customer| customer.to_string()),
        line.phone.as_ref().map_or_else(String::new, |phone| phone.digits().to_owned()),
        event.at.utc(),
        if event.by == By::Customer { "customer" } else { "business" }.to_owned(),
        word(event.what).to_owned(),
        time(event.given_at.filter(|_| event.what == What::OptIn)),
        harmless(&event.how),
        harmless(&event.form),
        harmless(&event.wording),
        harmless(&event.evidence),
        time(event.replaced_at),
    ]
}

/// A spreadsheet takes what begins so for a formula; an apostrophe makes it text.
fn harmless(text: &str) -> String {
    if text.starts_with(['=', '+', '-', '@', '\t', '\r']) { format!("'{text}") } else { text.to_owned() }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn event(wording: usize) -> (Event, String) {
        let event = Event {
            at: Timestamp::from_millis(1),
            by: By::Business,
            what: What::OptIn,
            choice: None,
            given_at: Some(Timestamp::from_millis(0)),
            how: "=1+1".into(),
            form: String::new(),
            wording: "x".repeat(wording),
            evidence: "a \"quoted\", one\r\nwith a line".into(),
            replaced_at: None,
        };
        (event, "639171234567".into())
    }

    #[test]
    fn a_page_ends_by_size_and_never_empty() {
        assert_eq!(fitting(&vec![event(0); 500]).len(), BYTES / 364);
        assert_eq!(fitting(&vec![(Event { how: String::new(), evidence: String::new(), ..event(0).0 }, String::new()); 500]).len(), LINES);
        assert_eq!(fitting(&[event(40_000), event(10)]).len(), 1);
        assert!(fitting(&[]).is_empty());
    }

    #[test]
    fn a_cell_is_never_a_formula_and_quotes_are_kept() {
        let line = Line { customer: None, phone: Some(Phone::test(1)), event: event(3).0 };
        let text = csv(std::slice::from_ref(&line), true).expect("it is written");
        let mut reader = ::csv::Reader::from_reader(text.as_bytes());
        assert_eq!(reader.headers().expect("names").iter().collect::<Vec<_>>(), COLUMNS);
        let row = reader.records().next().expect("a row").expect("it is right");
        assert_eq!((&row[1], &row[2], &row[6], &row[9]), ("999000000001", "1970-01-01T00:00:00.001Z", "'=1+1", "a \"quoted\", one\r\nwith a line"));
        assert_eq!(jsonl(&[line]).expect("it is written").lines().count(), 1);
    }

    #[test]
    fn a_place_is_one_that_was_given_out() {
        assert_eq!(place("").ok(), Some(("", 0)));
        assert_eq!(place("acc_1/17").ok(), Some(("acc_1", 17)));
        for wrong in ["x", "x/", "x/y", "/9/9", &format!("{}/1", "x".repeat(65))] {
            assert!(place(wrong).is_err(), "{wrong}");
        }
    }
}
