//! Rate cards from CSV. A file with anything wrong gives no card, and every place that is wrong is listed.
//!
//! Rates have the shape of the published rate cards (Cloud API, section 3f): lines of text first, then the header
//! `Market,Currency,Marketing,Utility,Authentication,"Authentication-⏎International",Service`, then a row for each market; `n/a` where there is no price.
//! The columns `Late reply` and `SMS` may follow (R98).
//!
//! Volume tiers are `Market,Currency,Category,From,To,Rate`: a row for each slice, messages number From + 1 to To of the month; the first begins at 0,
//! each begins where the one before ends, and the last ends at `MAX`.
use super::{Category, Rate, RateCard, Rates, Tier};
use std::{collections::BTreeMap, fmt};
use suki_types::{Amount, Currency, Market, market::Region};

/// The most bytes of a file: a card of every country is a tenth of it.
pub const MAX_CARD_BYTES: usize = 256 * 1024;
/// So many places are listed; a file with more is another kind of file.
const MAX_ERRORS: usize = 200;
/// So many lines of text may come before the header.
const MAX_PREAMBLE: usize = 50;
/// No message costs more than so many units: a slip of the pen, not a price. It also keeps every product of a rate within 64 bits.
const MAX_RATE: i64 = 1_000_000 * suki_types::money::MILLIONTHS;

/// A place in the file that is wrong.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize)]
pub struct CellError {
    /// The line, from 1.
    pub line: u64,
    /// The column's name; empty when it is the line as a whole.
    pub column: String,
    /// What is wrong, and what is allowed.
    pub problem: String,
}

/// Why a file gives no rate card: every place that is wrong, at most 200.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error, serde::Serialize)]
pub struct CardError(pub Vec<CellError>);

impl fmt::Display for CardError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let shown = self.0.iter().map(|error| match error.column.as_str() {
            "" => format!("line {}: {}", error.line, error.problem),
            column => format!("line {}, {column}: {}", error.line, error.problem),
        });
        f.write_str(&shown.collect::<Vec<_>>().join("\n"))
    }
}

const RATE_COLUMNS: [(&str, Rate, bool); 7] = [
    ("Marketing", Rate::Of(Category::Marketing), true),
    ("Utility", Rate::Of(Category::Utility), true),
    ("Authentication", Rate::Of(Category::Authentication), true),
    ("Authentication-International", Rate::Of(Category::AuthenticationInternational), false),
    ("Service", Rate::Of(Category::Service), false),
    ("Late reply", Rate::LateReply, false),
    ("SMS", Rate::Sms, false),
];

/// Reads a card's rates.
///
/// # Errors
/// Every place that is wrong.
pub fn import_rates(text: &str, currency: Currency) -> Result<RateCard, CardError> {
    let mut file = File::read(text, "Market,Currency,Marketing,Utility,Authentication")?;
    let mut markets = BTreeMap::new();
    for row in std::mem::take(&mut file.rows) {
        let before = file.errors.len();
        let market = file.market(&row);
        file.check_currency(&row, currency);
        let rates = rates(&mut file, &row);
        if let Some(market) = market.filter(|_| file.errors.len() == before)
            && markets.insert(market, rates).is_some()
        {
            file.wrong(row.line, "Market", format!("{market} has a row already; a market has one row"));
        }
    }
    if file.errors.is_empty() && !markets.contains_key(&Market::Region(Region::Other)) {
        file.wrong(file.last, "Market", "a row for Other is missing: it prices every country that has no other row".into());
    }
    file.finish(RateCard { currency, markets, tiers: BTreeMap::new() })
}

/// Reads the volume tiers of a card that has its rates, and adds them to it in place of those it had.
///
/// # Errors
/// Every place that is wrong.
pub fn import_tiers(card: RateCard, text: &str) -> Result<RateCard, CardError> {
    let mut file = File::read(text, "Market,Currency,Category,From,To,Rate")?;
    let mut tiers: BTreeMap<(Market, Category), Vec<(u64, Tier)>> = BTreeMap::new();
    for row in std::mem::take(&mut file.rows) {
        let market = file.market(&row);
        if market.is_some_and(|market| !card.markets.contains_key(&market)) {
            file.wrong(row.line, "Market", "the rate card has no row for this market".into());
        }
        file.check_currency(&row, card.currency);
        let category = Category::from_word(&file.cell(&row, "Category").to_lowercase()).filter(|category| *category != Category::MarketingLite);
        if category.is_none() {
            file.wrong(row.line, "Category", "write marketing, utility, authentication, authentication-international or service".into());
        }
        let tier = tier(&mut file, &row);
        if let (Some(market), Some(category), Some(tier)) = (market, category, tier) {
            tiers.entry((market, category)).or_default().push((row.line, tier));
        }
    }
    if file.errors.is_empty() {
        tiers.values().for_each(|slices| check_slices(&mut file, slices));
    }
    let tiers = tiers.into_iter().map(|(key, slices)| (key, slices.into_iter().map(|(_, tier)| tier).collect())).collect();
    file.finish(RateCard { tiers, ..card })
}

fn rates(file: &mut File, row: &Row) -> Rates {
    let mut rates = BTreeMap::new();
    for (column, rate, needed) in RATE_COLUMNS {
        if !file.has(column) {
            continue;
        }
        match file.cell(row, column) {
            "n/a" if needed => file.wrong(row.line, column, "this category needs a price in every market".into()),
            "n/a" => {}
            _ => rates.extend(file.amount(row, column).map(|amount| (rate, amount))),
        }
    }
    if let (Some(late), Some(sms)) = (rates.get(&Rate::LateReply), rates.get(&Rate::Sms))
        && late <= sms
    {
        file.wrong(
            row.line,
            "Late reply",
            format!("a late reply costs more than a short message, and {} is not more than {}", late.plain(2), sms.plain(2)),
        );
    }
    Rates(rates)
}

fn tier(file: &mut File, row: &Row) -> Option<Tier> {
    let from = file.count(row, "From");
    let to = if file.cell(row, "To") == "MAX" { Some(None) } else { file.count(row, "To").map(Some) };
    let rate = file.amount(row, "Rate");
    let (from, to, rate) = (from?, to?, rate?);
    if to.is_some_and(|to| to <= from) {
        file.wrong(row.line, "To", "a slice ends after it begins; the last one ends at MAX".into());
        return None;
    }
    Some(Tier { from, to, rate })
}

/// Slices follow each other without gap or overlap from 0 to MAX.
fn check_slices(file: &mut File, slices: &[(u64, Tier)]) {
    let mut expected = Some(0);
    for (line, tier) in slices {
        match expected {
            Some(from) if from == tier.from => {}
            Some(from) => file.wrong(*line, "From", format!("this slice has to begin at {from}: slices follow each other from 0 on without gaps")),
            None => file.wrong(*line, "From", "the slice before it ends at MAX already".into()),
        }
        expected = tier.to;
    }
    if let (Some(to), Some((line, _))) = (expected, slices.last()) {
        file.wrong(*line, "To", format!("the last slice of a market and category ends at MAX, and this one at {to}"));
    }
}

struct Row {
    line: u64,
    cells: Vec<String>,
}

/// A file being read: its columns, its rows, and what was found wrong.
struct File {
    columns: Vec<String>,
    rows: Vec<Row>,
    errors: Vec<CellError>,
    last: u64,
}

impl File {
    /// Finds the header, whose first columns are `expected`, and the rows below it.
    fn read(text: &str, expected: &str) -> Result<Self, CardError> {
        let mut file = Self { columns: Vec::new(), rows: Vec::new(), errors: Vec::new(), last: 1 };
        if text.len() > MAX_CARD_BYTES {
            file.wrong(1, "", format!("the file has {} bytes; a rate card has at most {MAX_CARD_BYTES}", text.len()));
            return Err(CardError(file.errors));
        }
        let mut reader = csv::ReaderBuilder::new().has_headers(false).flexible(true).trim(csv::Trim::All).from_reader(text.as_bytes());
        let mut preamble = 0;
        for record in reader.records() {
            let record = record.map_err(|error| CardError(vec![CellError { line: file.last, column: String::new(), problem: error.to_string() }]))?;
            file.last = record.position().map_or(file.last, csv::Position::line);
            // A line break inside a quoted name is part of the file's looks.
            let cells = || record.iter().map(|cell| cell.split_whitespace().collect::<Vec<_>>().join(" "));
            if !file.columns.is_empty() {
                if record.iter().any(|cell| !cell.is_empty()) {
                    file.rows.push(Row { line: file.last, cells: cells().collect() });
                }
            } else if record.get(0).is_some_and(|cell| cell.eq_ignore_ascii_case("Market")) {
                file.columns = cells().map(|column| column.replace("- ", "-")).collect();
            } else {
                preamble += 1;
                if preamble > MAX_PREAMBLE {
                    break;
                }
            }
        }
        file.check_header(expected);
        if file.errors.is_empty() { Ok(file) } else { Err(CardError(file.errors)) }
    }

    fn check_header(&mut self, expected: &str) {
        if self.columns.is_empty() {
            self.wrong(self.last, "", format!("no header was found: a line that begins with {expected}"));
            return;
        }
        for column in expected.split(',') {
            if !self.has(column) {
                self.wrong(self.last, column, format!("this column is missing; the header begins with {expected}"));
            }
        }
        if self.errors.is_empty() && self.rows.is_empty() {
            self.wrong(self.last, "", "there are no rows below the header".into());
        }
    }

    fn finish(self, card: RateCard) -> Result<RateCard, CardError> {
        if self.errors.is_empty() { Ok(card) } else { Err(CardError(self.errors)) }
    }

    fn wrong(&mut self, line: u64, column: &str, problem: String) {
        if self.errors.len() < MAX_ERRORS {
            self.errors.push(CellError { line, column: column.to_owned(), problem });
        }
    }

    fn has(&self, column: &str) -> bool {
        self.columns.iter().any(|name| name.eq_ignore_ascii_case(column))
    }

    /// Empty where the row is too short.
    fn cell<'a>(&self, row: &'a Row, column: &str) -> &'a str {
        let place = self.columns.iter().position(|name| name.eq_ignore_ascii_case(column));
        place.and_then(|place| row.cells.get(place)).map_or("", String::as_str)
    }

    fn market(&mut self, row: &Row) -> Option<Market> {
        if row.cells.len() != self.columns.len() {
            self.wrong(row.line, "", format!("this line has {} cells, and the header {}", row.cells.len(), self.columns.len()));
            return None;
        }
        match self.cell(row, "Market").parse() {
            Ok(market) => Some(market),
            Err(error) => {
                let error: suki_types::market::MarketError = error;
                self.wrong(row.line, "Market", error.to_string());
                None
            }
        }
    }

    fn check_currency(&mut self, row: &Row, currency: Currency) {
        let cell = self.cell(row, "Currency");
        // Older files write $US.
        let code = if cell == "$US" { "USD" } else { cell };
        if !row.cells.is_empty() && code != currency.code() {
            let problem = format!("the card is in {currency}; this row says {:?}", shorten(cell));
            self.wrong(row.line, "Currency", problem);
        }
    }

    fn amount(&mut self, row: &Row, column: &str) -> Option<Amount> {
        let cell = self.cell(row, column);
        match cell.parse::<Amount>() {
            Ok(amount) if (0..=MAX_RATE).contains(&amount.millionths()) => Some(amount),
            Ok(_) => {
                self.wrong(row.line, column, format!("a price is from 0 to {}", Amount::from_millionths(MAX_RATE).plain(0)));
                None
            }
            Err(error) => {
                let problem = format!("{:?} is no price: {error}, or n/a", shorten(cell));
                self.wrong(row.line, column, problem);
                None
            }
        }
    }

    fn count(&mut self, row: &Row, column: &str) -> Option<u64> {
        let cell = self.cell(row, column);
        let count = cell.parse::<u64>().ok().filter(|count| *count <= 1_000_000_000_000 && !cell.starts_with('+'));
        if count.is_none() {
            let problem = format!("{:?} is no number of messages: write digits alone, or MAX for the end of the last slice", shorten(cell));
            self.wrong(row.line, column, problem);
        }
        count
    }
}

/// The beginning of a cell, for an error.
fn shorten(cell: &str) -> String {
    cell.chars().take(40).collect()
}
