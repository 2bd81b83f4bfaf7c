//! Header, body and footer: their lengths, their variables and the examples for these.
use super::{
    problem::{Problems, Subcode},
    validate::Context,
};
use suki_template::{Body, Button, Component, Example, Footer, Format, Header, NamedExample, ParameterFormat, Piece, pieces, variables};

/// A text with variables, and where it stands.
struct Text<'a> {
    at: &'a str,
    text: &'a str,
    /// The code for what is wrong with this part.
    subcode: Subcode,
}

/// A file, a place, or a line of text with few variables.
pub(super) fn header(context: &Context<'_>, at: &str, header: &Header, all: &[Component], problems: &mut Problems) {
    let parts = &context.policy.template_parts;
    let handles = header.example.as_ref().map_or(0, |example| example.header_handle.len());
    match header.format {
        Format::Audio => {
            let message =
                "AUDIO cannot stand in a template; TEXT, IMAGE, VIDEO, DOCUMENT, GIF and LOCATION can. Send audio inside the customer's window";
            problems.add(Subcode::Header, format!("{at}.format"), message);
        }
        Format::Text => {
            let at = format!("{at}.text");
            let Some(text) = header.text.as_deref().filter(|text| !text.is_empty()) else {
                return problems.add(Subcode::Missing, at, format!("a HEADER of format TEXT has 1 to {} characters", parts.header_chars));
            };
            problems.length(&at, text, parts.header_chars);
            let given = Text { at: &at, text, subcode: Subcode::Header };
            let count = variables(text).len();
            if count > parts.header_variables as usize {
                problems.add(Subcode::Header, &at, format!("it has {count} variables; at most {} are allowed", parts.header_variables));
            }
            if text.contains(['*', '_', '~', '`']) && !only_in_names(text) {
                problems.add(Subcode::Header, &at, "it has signs of formatting (* _ ~ `); a HEADER is always bold by itself");
            }
            plain(&at, text, Subcode::Header, problems);
            let example = header.example.as_ref();
            let rows = example.map(|example| vec![example.header_text.clone()]).unwrap_or_default();
            let named = example.map(|example| &example.header_text_named_params[..]).unwrap_or_default();
            filled(context, &given, &rows, named, ["header_text", "header_text_named_params"], problems);
        }
        Format::Location => {}
        Format::Product => {
            let sells = Component::buttons(all).iter().any(|button| matches!(button, Button::Spm { .. } | Button::Url { .. }));
            if !sells {
                problems.add(Subcode::Header, format!("{at}.format"), "a HEADER of format PRODUCT needs an SPM or URL button");
            }
        }
        Format::Image | Format::Video | Format::Document | Format::Gif if handles == 0 => {
            let message = format!("a HEADER of format {} needs example.header_handle: upload a file as an example first", header.format);
            problems.add(Subcode::Missing, format!("{at}.example"), message);
        }
        Format::Image | Format::Video | Format::Document | Format::Gif => {}
    }
}

/// Whether the underscores of a text stand in names of variables alone, and no other formatting stands anywhere.
fn only_in_names(text: &str) -> bool {
    pieces(text).unwrap_or_default().into_iter().all(|piece| match piece {
        Piece::Text(text) => !text.contains(['*', '_', '~', '`']),
        Piece::Variable(_) => true,
    })
}

/// The text itself.
pub(super) fn body(context: &Context<'_>, at: &str, body: &Body, most: u32, problems: &mut Problems) {
    let parts = &context.policy.template_parts;
    if body.add_security_recommendation.is_some() {
        problems.add(Subcode::Body, at, "add_security_recommendation belongs to AUTHENTICATION templates");
    }
    let at = format!("{at}.text");
    let text = body.text.as_deref().unwrap_or_default();
    problems.length(&at, text, most);
    if text.contains(&"\n".repeat(parts.line_breaks as usize + 1)) {
        problems.add(Subcode::Body, &at, format!("it has more than {} line breaks in a row", parts.line_breaks));
    }
    if text.chars().any(|c| c.is_control() && c != '\n') || text.contains("     ") {
        problems.add(Subcode::Body, &at, "it has tabs, control characters or more than 4 spaces in a row; write plain lines");
    }
    let count = variables(text).len();
    let words = pieces(text).unwrap_or_default().iter().map(|piece| if let Piece::Text(text) = piece { words(text) } else { 0 }).sum::<usize>();
    let least = count * parts.words_per_variable as usize;
    if words < least {
        let message = format!("it has {words} words for {count} variables; {least} are needed: write more words or use fewer variables");
        problems.add(Subcode::Variables, &at, message);
    }
    let given = Text { at: &at, text, subcode: Subcode::Body };
    let example = body.example.as_ref();
    let rows = example.map(|example: &Example| example.body_text.clone()).unwrap_or_default();
    let named = example.map(|example| &example.body_text_named_params[..]).unwrap_or_default();
    place(&given, problems);
    filled(context, &given, &rows, named, ["body_text", "body_text_named_params"], problems);
}

fn words(text: &str) -> usize {
    text.split_whitespace().filter(|word| word.chars().any(char::is_alphanumeric)).count()
}

/// A line below, without variables.
pub(super) fn footer(context: &Context<'_>, at: &str, footer: &Footer, problems: &mut Problems) {
    if footer.code_expiration_minutes.is_some() {
        problems.add(Subcode::Footer, at, "code_expiration_minutes belongs to AUTHENTICATION templates");
    }
    let at = format!("{at}.text");
    let text = footer.text.as_deref().unwrap_or_default();
    problems.length(&at, text, context.policy.template_parts.footer_chars);
    plain(&at, text, Subcode::Footer, problems);
    if text.contains("{{") {
        problems.add(Subcode::Footer, &at, "a FOOTER has no variables");
    }
}

/// One line, without control characters.
pub(super) fn plain(at: &str, text: &str, subcode: Subcode, problems: &mut Problems) {
    if text.chars().any(char::is_control) {
        problems.add(subcode, at, "it has line breaks or other control characters; write one line");
    }
}

/// A variable at the beginning or the end of a body has no words around it that say what it is.
fn place(given: &Text<'_>, problems: &mut Problems) {
    let trimmed = given.text.trim();
    if trimmed.starts_with("{{") || trimmed.ends_with("}}") {
        problems.add(Subcode::Place, given.at, "a variable stands at the beginning or at the end; put words before and after it");
    }
}

/// The variables of a text are well written, numbered without gaps or named, and each has an example.
fn filled(
    context: &Context<'_>,
    given: &Text<'_>,
    rows: &[Vec<String>],
    named: &[NamedExample],
    [row_field, named_field]: [&str; 2],
    problems: &mut Problems,
) {
    if let Err(error) = pieces(given.text) {
        return problems.add(given.subcode, given.at, error.to_string());
    }
    let names = variables(given.text);
    if names.is_empty() {
        return;
    }
    let is_number = |name: &&str| name.bytes().all(|byte| byte.is_ascii_digit());
    match context.format {
        ParameterFormat::Positional => {
            if !names.iter().all(is_number) {
                return problems.add(
                    given.subcode,
                    given.at,
                    "its variables have names; parameter_format is POSITIONAL: write {{1}}, {{2}} or set it to NAMED",
                );
            }
            if let Some(missing) = (1..=names.len()).find(|number| !names.contains(&number.to_string().as_str())) {
                let message = format!("it has {} variables, and {{{{{missing}}}}} is not among them: number them from 1 without gaps", names.len());
                return problems.add(given.subcode, given.at, message);
            }
            if rows.is_empty() || rows.iter().any(|row| row.len() != names.len() || row.iter().any(|value| value.trim().is_empty())) {
                let message = format!("example.{row_field} is missing or has another number of values than the {} variables", names.len());
                problems.add(Subcode::Missing, given.at, message);
            }
        }
        ParameterFormat::Named => {
            let starts_badly = |name: &&&str| !name.starts_with(|c: char| c.is_ascii_lowercase());
            if let Some(odd) = names.iter().find(starts_badly) {
                return problems.add(
                    given.subcode,
                    given.at,
                    format!("{{{{{odd}}}}} is no name; parameter_format is NAMED: begin names with a letter"),
                );
            }
            let has = |name: &&str| named.iter().any(|example| example.param_name == **name && !example.example.trim().is_empty());
            if let Some(missing) = names.iter().find(|name| !has(name)) {
                problems.add(Subcode::Missing, given.at, format!("example.{named_field} has no value for {{{{{missing}}}}}"));
            }
        }
    }
}
