//! What an endpoint may ask of its business's counters.
use super::{
    Counts,
    read::{self, Counted},
};
use crate::{
    Network,
    operations::call::{business_only, reads},
    period::{DAY, Level},
    refusal::Refusal,
    rows::Caller,
    session::Answer,
};
use std::collections::BTreeMap;
use suki_protocol::calls::{
    Call as _,
    statistics::{self as wire, Dimension, GetStatistics, Granularity, Point, Statistics},
};
use suki_rules::price::Category;
use suki_store::Tx;
use suki_types::{AccountId, Timestamp};

/// The most points of an answer.
const MAX_POINTS: usize = 1_200;
/// The longest time one call may ask for, in milliseconds: five years and their leap days.
const MAX_SPAN: i64 = (5 * 365 + 2) * DAY;

/// The calls of this subject; `None` when there is none of this name.
pub(crate) fn call(network: &Network, caller: Caller, name: &str, json: &[u8]) -> Option<Answer> {
    Some(match name {
        GetStatistics::NAME => {
            let own = network.clone();
            reads::<GetStatistics>(network, json, move |tx, asked| {
                business_only(&caller)?;
                statistics(tx, caller.account, asked, own.now())
            })
        }
        _ => return None,
    })
}

fn statistics(tx: &mut Tx<'_>, business: AccountId, asked: &GetStatistics, now: Timestamp) -> Result<Statistics, Refusal> {
    let level = match asked.granularity {
        Granularity::HalfHour => Level::HalfHour,
        Granularity::Day => Level::Day,
        Granularity::Month | Granularity::Total => Level::Month,
    };
    // A total begins and ends with a day; what has not happened yet need not be looked for.
    let edge = if asked.granularity == Granularity::Total { Level::Day } else { level };
    let (from, to) = (edge.start(asked.from), up(edge, asked.to.min(Level::Month.next(now))));
    if to <= from {
        return Ok(Statistics { points: Vec::new() });
    }
    if to.since(from) > MAX_SPAN {
        return Err(Refusal::malformed("Ask for at most five years at once"));
    }
    let rolled = read::rolled(tx, business)?;
    let mut points: BTreeMap<(Timestamp, String, u64, String), Counts> = BTreeMap::new();
    for stretch in read::cover(from, to, level, rolled) {
        for row in read::rows(tx, business, stretch)?.into_iter().filter(|row| counts(&asked.of, row)) {
            let at = if asked.granularity == Granularity::Total { from } else { level.start(row.at) };
            add(points.entry(key(at, &row, &asked.by)).or_default(), row.counts);
        }
    }
    if points.len() > MAX_POINTS {
        let text = format!("The answer has {} points and at most {MAX_POINTS} are given: ask for a shorter time, or tell less apart", points.len());
        return Err(Refusal::malformed(text));
    }
    let points = points.into_iter().map(|((at, category, template, country), counts)| Point { at, category, template, country, counts });
    Ok(Statistics { points: points.collect() })
}

/// The end of the period that holds the moment before `to`.
fn up(level: Level, to: Timestamp) -> Timestamp {
    let start = level.start(to);
    if start == to { to } else { level.next(to) }
}

/// Whether what is asked for has this row in it.
fn counts(of: &wire::Counted, row: &Counted) -> bool {
    let kind = match (row.category, row.template) {
        (0, _) => wire::Kind::Received,
        (_, 0) => wire::Kind::Other,
        _ => wire::Kind::Template,
    };
    (of.kinds.is_empty() || of.kinds.contains(&kind))
        && (of.templates.is_empty() || of.templates.contains(&row.template))
        && (of.countries.is_empty() || of.countries.iter().any(|country| country.code() == row.country))
}

fn key(at: Timestamp, row: &Counted, by: &[Dimension]) -> (Timestamp, String, u64, String) {
    let category = Category::from_number(row.category).map_or("", Category::word);
    (
        at,
        if by.contains(&Dimension::Category) { category.to_owned() } else { String::new() },
        if by.contains(&Dimension::Template) { row.template } else { 0 },
        if by.contains(&Dimension::Country) { row.country.clone() } else { String::new() },
    )
}

fn add(sum: &mut Counts, more: Counts) {
    sum.sent += more.sent;
    sum.delivered += more.delivered;
    sum.read += more.read;
    sum.received += more.received;
    sum.replied += more.replied;
    sum.visited += more.visited;
    sum.against += more.against;
}
