//! docs/ERROR-CODES.md lists every error code with the moment a program learns of it. It is made from the table of codes; this test fails when it is
//! stale, and `SUKI_WRITE_DOCS=1 cargo test -p suki-cloud-api --test codes_page` writes it anew.
use std::{fmt::Write as _, path::Path};
use suki_cloud_api::{Code, codes::Moment};

const INTRODUCTION: &str = "# Error codes of the Cloud API

A request that is refused is answered with `error.code` and the HTTP status beside it. A message that was taken and fails afterwards has a status webhook
`failed` with the same code in `errors`: *as status*. Where both are marked, the answer says it if it is known by then. `error_data.details` always says
what was wrong, what is allowed and what to do.

Do not edit this page: it is made from the code by `SUKI_WRITE_DOCS=1 cargo test -p suki-cloud-api --test codes_page`.

| code | HTTP | title | as answer | as status |
|---|---|---|---|---|
";

fn page() -> String {
    let mut page = INTRODUCTION.to_owned();
    let mut codes = Code::ALL.to_vec();
    codes.sort_by_key(|code| code.number());
    for code in codes {
        let (answer, status) = match code.moment() {
            Moment::Answer => ("yes", ""),
            Moment::Status => ("", "yes"),
            Moment::Either => ("yes", "yes"),
            Moment::Inbound => ("", "with a customer's message"),
        };
        writeln!(page, "| {} | {} | {} | {answer} | {status} |", code.number(), code.http_status(), code.title()).expect("a text takes it");
    }
    page
}

#[test]
fn the_page_is_not_stale() {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../docs/ERROR-CODES.md");
    if std::env::var_os("SUKI_WRITE_DOCS").is_some() {
        std::fs::write(&path, page()).expect("it can be written");
    }
    let found = std::fs::read_to_string(&path).unwrap_or_default();
    assert_eq!(found, page(), "docs/ERROR-CODES.md is stale: SUKI_WRITE_DOCS=1 cargo test -p suki-cloud-api --test codes_page");
}

/// Section 3d, column "Mode": the codes that a send can cause, each at its moment.
#[test]
fn what_a_send_can_cause_is_told_when_it_belongs() {
    use Moment::{Answer, Either, Inbound, Status};
    for (number, moment) in [
        (100, Answer),
        (130_403, Status),
        (130_429, Either),
        (130_472, Status),
        (130_497, Either),
        (131_000, Either),
        (131_005, Answer),
        (131_008, Answer),
        (131_009, Either),
        (131_021, Answer),
        (131_026, Either),
        (131_030, Answer),
        (131_031, Either),
        (131_037, Either),
        (131_042, Status),
        (131_047, Status),
        (131_048, Status),
        (131_049, Status),
        (131_050, Status),
        (131_051, Answer),
        (131_052, Inbound),
        (131_053, Either),
        (131_056, Either),
        (131_062, Answer),
        (131_063, Answer),
        (132_000, Answer),
        (132_001, Either),
        (132_005, Answer),
        (132_007, Answer),
        (132_008, Answer),
        (132_012, Answer),
        (132_015, Either),
        (132_016, Either),
        (132_018, Answer),
        (132_068, Answer),
        (132_069, Answer),
        (134_011, Answer),
        (137_000, Status),
        (138_000, Answer),
    ] {
        assert_eq!(Code::from_number(number).map(Code::moment), Some(moment), "{number}");
    }
}
