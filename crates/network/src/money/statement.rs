//! A month's statement as a file: comma-separated values for programs, a document for people.
use super::bill::{Bill, Extra, Sum};
use crate::period::{day_name, month_name};
use pdf_writer::{Content, Finish as _, Name, Pdf, Rect, Ref, Str};
use suki_types::Timestamp;

/// Whose statement it is.
#[derive(Debug, Clone)]
pub(super) struct Holder {
    pub name: String,
    pub account: String,
    /// When it is made.
    pub at: Timestamp,
}

const HEADER: [&str; 7] = ["Market", "Category", "Type", "Volume tier", "Messages", "Amount", "Currency"];

/// Lines of text about the statement, then a table: a row for each kind of message, one for each service, and the sum.
pub(super) fn csv(holder: &Holder, bill: &Bill) -> Result<Vec<u8>, csv::Error> {
    let mut file = csv::WriterBuilder::new().flexible(true).from_writer(Vec::new());
    file.write_record([format!("Statement {}", month_name(bill.month))])?;
    file.write_record([plain_cell(&holder.name), holder.account.clone()])?;
    file.write_record(HEADER)?;
    for row in rows(bill) {
        file.write_record(row.map(|cell| plain_cell(&cell)))?;
    }
    let [market, category, kind, tier, messages, amount, currency] = total(bill);
    file.write_record([market, category, kind, tier, messages, amount, currency])?;
    file.into_inner().map_err(|error| csv::Error::from(std::io::Error::other(error.to_string())))
}

/// Programs for tables take what begins so for a formula.
fn plain_cell(text: &str) -> String {
    if text.starts_with(['=', '+', '-', '@', '\t', '\r']) { format!("'{text}") } else { text.to_owned() }
}

fn rows(bill: &Bill) -> impl Iterator<Item = [String; 7]> {
    bill.lines.iter().map(message_row).chain(bill.extras.iter().map(service_row))
}

fn message_row(sum: &Sum) -> [String; 7] {
    let line = &sum.line;
    let amount = sum.amount.plain(line.currency.decimals());
    let words = [line.category.word().to_owned(), line.kind.word().to_owned(), line.tier.clone()];
    let [category, kind, tier] = words;
    [line.market.clone(), category, kind, tier, sum.count.to_string(), amount, line.currency.to_string()]
}

fn service_row(extra: &Extra) -> [String; 7] {
    let amount = extra.amount.plain(extra.currency.decimals());
    [extra.service.clone(), "extra service".into(), day_name(extra.at), String::new(), String::new(), amount, extra.currency.to_string()]
}

fn total(bill: &Bill) -> [String; 7] {
    let messages: u64 = bill.lines.iter().map(|sum| sum.count).sum();
    let empty = String::new;
    let amount = bill.total().plain(bill.currency.decimals());
    ["Total".into(), empty(), empty(), empty(), messages.to_string(), amount, bill.currency.to_string()]
}

/// A4 in points.
const PAGE: (f32, f32) = (595.0, 842.0);
const MARGIN: f32 = 40.0;
const LINE: f32 = 12.0;
/// How many lines of the table stand on one page.
const LINES_PER_PAGE: usize = 56;
/// The width of each column in characters; the last but two are numbers and stand to the right.
const WIDTHS: [usize; 7] = [32, 15, 22, 20, 10, 14, 4];

/// The fonts that every reader of such documents has. They hold Western European letters.
const HEADING: Name<'static> = Name(b"H");
const TABLE: Name<'static> = Name(b"T");

/// Pages of A4.
pub(super) fn pdf(holder: &Holder, bill: &Bill) -> Result<Vec<u8>, csv::Error> {
    let mut lines: Vec<String> = rows(bill).map(|row| table_line(&row)).collect();
    lines.push("-".repeat(WIDTHS.iter().sum::<usize>() + WIDTHS.len() - 1));
    lines.push(table_line(&total(bill)));
    if !bill.reserved.is_zero() {
        lines.push(String::new());
        lines.push(format!("Under way and not in the total: {}", bill.reserved.display(bill.currency)));
    }
    let pages: Vec<&[String]> = lines.chunks(LINES_PER_PAGE).collect();
    let mut pdf = Pdf::new();
    let (catalog, tree, heading, table) = (Ref::new(1), Ref::new(2), Ref::new(3), Ref::new(4));
    let place = |number: usize| i32::try_from(number).unwrap_or(i32::MAX / 4);
    let page_ref = |number: usize| Ref::new(5 + 2 * place(number));
    pdf.catalog(catalog).pages(tree);
    pdf.pages(tree).kids((0..pages.len()).map(page_ref)).count(place(pages.len()));
    pdf.type1_font(heading).base_font(Name(b"Helvetica-Bold")).encoding_predefined(Name(b"WinAnsiEncoding"));
    pdf.type1_font(table).base_font(Name(b"Courier")).encoding_predefined(Name(b"WinAnsiEncoding"));
    for (number, lines) in pages.iter().enumerate() {
        let content = Ref::new(6 + 2 * place(number));
        let mut page = pdf.page(page_ref(number));
        page.media_box(Rect::new(0.0, 0.0, PAGE.0, PAGE.1)).parent(tree).contents(content);
        let mut resources = page.resources();
        resources.fonts().pair(HEADING, heading).pair(TABLE, table);
        resources.finish();
        page.finish();
        pdf.stream(content, &page_content(holder, bill, lines, (number + 1, pages.len())));
    }
    Ok(pdf.finish())
}

fn page_content(holder: &Holder, bill: &Bill, lines: &[String], (number, of): (usize, usize)) -> Vec<u8> {
    let mut content = Content::new();
    let top = PAGE.1 - MARGIN;
    let mut write = |font, size, y, text: &str| {
        content.begin_text().set_font(font, size).next_line(MARGIN, y).show(Str(&encoded(text))).end_text();
    };
    write(HEADING, 16.0, top, &format!("Statement {}", month_name(bill.month)));
    write(HEADING, 10.0, top - 18.0, &holder_line(holder));
    write(TABLE, 7.0, top - 32.0, &format!("Made {}, times are UTC. Page {number} of {of}.", day_name(holder.at)));
    write(TABLE, 7.0, top - 50.0, &table_line(&HEADER.map(str::to_owned)));
    for (place, line) in lines.iter().enumerate() {
        write(TABLE, 7.0, top - 64.0 - LINE * place as f32, line);
    }
    content.finish().into_vec()
}

/// A name in letters that the document's fonts lack is left to the file of values; the account says whose it is.
fn holder_line(holder: &Holder) -> String {
    let written = encoded(&holder.name);
    if written.contains(&b'?') && !holder.name.contains('?') {
        format!("Account {}", holder.account)
    } else {
        format!("{}, account {}", holder.name, holder.account)
    }
}

fn table_line(row: &[String; 7]) -> String {
    let cells = row.iter().zip(WIDTHS).enumerate().map(|(column, (cell, width))| {
        let cell: String = cell.chars().take(width).collect();
        if matches!(column, 4 | 5) { format!("{cell:>width$}") } else { format!("{cell:<width$}") }
    });
    cells.collect::<Vec<_>>().join(" ")
}

/// In the fonts' encoding, which is that of Unicode for the letters of Western Europe; a question mark for every other.
fn encoded(text: &str) -> Vec<u8> {
    text.chars().map(|c| if matches!(c, ' '..='~' | '\u{a1}'..='\u{ff}') { u8::try_from(u32::from(c)).unwrap_or(b'?') } else { b'?' }).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{money::bill::Line, period::month};
    use suki_rules::price::{Category, PricingType};
    use suki_types::Amount;

    fn bill(lines: usize) -> Bill {
        let currency = "RUB".parse().expect("a currency");
        let month = month("2026-11").expect("a month");
        let line = |number: usize| Line {
            currency,
            market: format!("Market {number}"),
            country: String::new(),
            category: Category::Utility,
            kind: PricingType::Regular,
            tier: "0:10000".into(),
        };
        let sum = |number| Sum { at: month, line: line(number), count: 3, amount: Amount::from_millionths(1_800_000) };
        let extra = Extra { at: month, service: "=Partner fee".into(), amount: Amount::from_millionths(1_000_000_000), currency };
        Bill { month, lines: (0..lines).map(sum).collect(), extras: vec![extra], reserved: Amount::from_millionths(600_000), currency }
    }

    fn holder(name: &str) -> Holder {
        Holder { name: name.into(), account: "acc_1".into(), at: month("2026-12").expect("a month") }
    }

    #[test]
    fn r103_values_are_exact_add_up_and_are_no_formulas() {
        let text = String::from_utf8(csv(&holder("Кафе \"Сова\", Пермь"), &bill(2)).expect("it is written")).expect("it is text");
        let expected = "Statement 2026-11\n\"Кафе \"\"Сова\"\", Пермь\",acc_1\nMarket,Category,Type,Volume tier,Messages,Amount,Currency\n\
             Market 0,utility,regular,0:10000,3,1.80,RUB\nMarket 1,utility,regular,0:10000,3,1.80,RUB\n\
             '=Partner fee,extra service,2026-11-01,,,1000.00,RUB\nTotal,,,,6,1003.60,RUB\n";
        assert_eq!(text, expected);
    }

    #[test]
    fn a_document_has_as_many_pages_as_it_needs() {
        for (lines, pages) in [(0, 1), (LINES_PER_PAGE - 5, 1), (LINES_PER_PAGE, 2), (3 * LINES_PER_PAGE, 4)] {
            let data = pdf(&holder("Kape"), &bill(lines)).expect("it is written");
            assert!(data.starts_with(b"%PDF-") && data.trim_ascii_end().ends_with(b"%%EOF"));
            let text = String::from_utf8_lossy(&data);
            assert!(text.contains(&format!("/Count {pages}")), "{lines} lines");
            assert!(text.contains("1000.00 RUB") && text.contains("Kape, account acc_1"));
        }
        let foreign = pdf(&holder("Кафе"), &bill(1)).expect("it is written");
        assert!(String::from_utf8_lossy(&foreign).contains("(Account acc_1)"));
    }
}
