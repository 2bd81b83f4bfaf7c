//! The length of functions and files in TypeScript, JavaScript and Svelte, in lines of code.
use crate::{FILE_LINES, FUNCTION_LINES, Finding, SourceFile, Tree, markup, script, too_long};

/// Checks every script and component.
pub fn check(tree: &Tree) -> Vec<Finding> {
    ["ts", "js", "mjs", "svelte"].into_iter().flat_map(|extension| tree.written(extension)).flat_map(check_file).collect()
}

/// Checks one script or component.
pub fn check_file(file: &SourceFile) -> Vec<Finding> {
    let (scripts, rest) = if file.extension() == "svelte" { markup::split(&file.text) } else { (file.text.clone(), String::new()) };
    let masked = script::mask(&scripts);
    let code_lines: Vec<bool> = masked.code.lines().map(|line| !line.trim().is_empty()).collect();
    let mut findings: Vec<Finding> = functions(&masked.bare)
        .into_iter()
        .filter_map(|function| {
            let count = code_lines[function.from..=function.to].iter().filter(|code| **code).count();
            too_long("function-length", format!("{}::{}", file.path, function.name), count, FUNCTION_LINES)
        })
        .collect();
    if !file.is_test() {
        let count = code_lines.iter().filter(|code| **code).count() + rest.lines().filter(|line| !line.trim().is_empty()).count();
        findings.extend(too_long("file-length", file.path.clone(), count, FILE_LINES));
    }
    findings
}

struct Function {
    name: String,
    /// Lines, from 0, both inclusive.
    from: usize,
    to: usize,
}

/// Every `{ … }` that is a function's body: it follows an arrow, or the round brackets of something that is no `if` or the like.
fn functions(bare: &str) -> Vec<Function> {
    let (mut found, mut open, mut line) = (Vec::new(), Vec::new(), 0);
    for (at, byte) in bare.bytes().enumerate() {
        match byte {
            b'\n' => line += 1,
            b'{' => open.push((head(&bare[..at]), line)),
            b'}' => {
                if let Some((Some(name), from)) = open.pop() {
                    found.push(Function { name, from, to: line });
                }
            }
            _ => {}
        }
    }
    found
}

/// The name of the function whose body begins here; `None` when it is no function's.
fn head(before: &str) -> Option<String> {
    // A body's head is short; looking further back would cost the square of the file's length.
    let start = before.len().saturating_sub(2_000);
    let start = (start..=before.len()).find(|at| before.is_char_boundary(*at)).unwrap_or(before.len());
    let before = before[start..].trim_end();
    if let Some(arrow) = before.strip_suffix("=>") {
        // A `describe` holds tests, as a file does; each of them is counted.
        let line = arrow.lines().next_back().unwrap_or_default().trim_start();
        return (!line.starts_with("describe")).then(|| arrow_name(arrow));
    }
    let signature = without_type(before)?;
    let name = word_before(&signature[..opening(signature)?]);
    (!matches!(name, "if" | "for" | "while" | "switch" | "catch" | "with" | "await"))
        .then(|| if name.is_empty() { "function".into() } else { name.to_owned() })
}

/// A signature without the type it returns, up to its closing round bracket.
fn without_type(before: &str) -> Option<&str> {
    if before.ends_with(')') {
        return Some(before);
    }
    let colon = before.rfind("):")?;
    let kind = &before[colon + 2..];
    let plain = kind.chars().all(|c| c.is_alphanumeric() || c.is_whitespace() || "_$<>[]|,.&".contains(c));
    plain.then(|| &before[..=colon])
}

/// Where the round bracket opens that closes at the end.
fn opening(text: &str) -> Option<usize> {
    let mut depth = 0usize;
    text.bytes().enumerate().rev().find_map(|(at, byte)| {
        match byte {
            b')' => depth += 1,
            b'(' => depth -= 1,
            _ => {}
        }
        (depth == 0).then_some(at)
    })
}

fn word_before(text: &str) -> &str {
    let text = text.trim_end();
    // The type parameters of a generic function stand between its name and the brackets.
    let text = text.rfind('<').filter(|_| text.ends_with('>')).map_or(text, |at| &text[..at]);
    let start = text.rfind(|c: char| !c.is_alphanumeric() && c != '_' && c != '$').map_or(0, |at| at + 1);
    &text[start..]
}

/// What an arrow function is bound to: `const name = (…) =>`, `name: async (…) =>`.
fn arrow_name(text: &str) -> String {
    let text = without_type(text.trim_end()).unwrap_or(text).trim_end();
    let head = if text.ends_with(')') { opening(text).map_or(text, |at| &text[..at]) } else { text.trim_end_matches(|c: char| c.is_alphanumeric()) };
    let head = head.trim_end().trim_end_matches("async").trim_end();
    let name = head.strip_suffix(['=', ':']).map_or("", word_before);
    if name.is_empty() { "function".into() } else { name.to_owned() }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(path: &str, text: &str) -> Vec<String> {
        let file = SourceFile { path: path.into(), text: text.into() };
        check_file(&file).into_iter().map(|finding| format!("{} {}", finding.check, finding.place)).collect()
    }

    #[test]
    fn functions_of_every_form_are_found() {
        let body = "  call();\n\n  // why\n".repeat(69);
        for (head, name) in [
            ("function long(a: string) {", "long"),
            ("export async function long<T>(a: T): Promise<Map<string, T>> {", "long"),
            ("const long = async (a: string): Promise<void> => {", "long"),
            ("const long = a => {", "long"),
            ("class A { long() {", "long"),
            ("on(\"x\", () => {", "function"),
        ] {
            let close = "}".repeat(head.matches('{').count());
            let text = format!("{head}\n{body}{close}");
            assert_eq!(check("a.ts", &text), [format!("function-length a.ts::{name}")], "{head}");
            assert_eq!(check("a.ts", &text.replacen("  call();\n", "", 1)), [""; 0], "{head}");
        }
        for head in ["if (a) {", "for (const a of b) {", "const a = {", "class A {", "} catch (error) {", "type A = {", "describe(\"a\", () => {"] {
            assert_eq!(check("a.ts", &format!("{head}\n{body}}}")), [""; 0], "{head}");
        }
    }

    #[test]
    fn a_component_counts_its_script_markup_and_style() {
        let script = "<script lang=\"ts\">\n// why\nlet a = 1;\n</script>\n";
        let text = format!("{script}<!-- why\nnot -->\n{}<style>\n  /* why */\n  a {{}}\n</style>\n", "<p></p>\n".repeat(496));
        assert_eq!(check("a.svelte", &text), [""; 0]);
        assert_eq!(check("a.svelte", &text.replacen("<p>", "<i></i>\n<p>", 1)), ["file-length a.svelte"]);
        assert_eq!(check("web/e2e/a.ts", &"a();\n".repeat(900)), [""; 0]);
        assert_eq!(check("web/a.ts", &"a();\n".repeat(501)), ["file-length web/a.ts"]);
    }
}
