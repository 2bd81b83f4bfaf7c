//! The length of Rust functions and files, in lines of code: lines that hold a token which is no comment.
use crate::{FILE_LINES, FUNCTION_LINES, Finding, SourceFile, Tree, too_long};
use proc_macro2::{Span, TokenStream, TokenTree};
use std::{collections::BTreeSet, ops::RangeInclusive};
use syn::{
    Attribute, ImplItemFn, Item, ItemFn, Signature, TraitItemFn,
    spanned::Spanned,
    visit::{self, Visit},
};

/// Checks every Rust file.
pub fn check(tree: &Tree) -> Vec<Finding> {
    tree.written("rs").flat_map(check_file).collect()
}

/// Checks one Rust file.
pub fn check_file(file: &SourceFile) -> Vec<Finding> {
    let parsed = match syn::parse_file(&file.text) {
        Ok(parsed) => parsed,
        Err(error) => return vec![Finding::new("rust", &file.path, format!("cannot be parsed: {error}"))],
    };
    let tokens: TokenStream = file.text.parse().unwrap_or_default();
    let mut lines = BTreeSet::new();
    collect(tokens, &file.text.lines().collect::<Vec<_>>(), &mut lines);
    let mut functions = Functions { path: &file.path, lines: &lines, findings: Vec::new() };
    functions.visit_file(&parsed);
    let mut findings = functions.findings;
    if !file.is_test() {
        let tests: Vec<_> = parsed.items.iter().filter(|item| is_test(item)).map(|item| range(item.span(), item.span())).collect();
        let count = lines.iter().filter(|line| !tests.iter().any(|test| test.contains(line))).count();
        findings.extend(too_long("file-length", file.path.clone(), count, FILE_LINES));
    }
    findings
}

/// Notes the lines of every token. Documentation comments are tokens too, and are told apart by how the source reads there.
fn collect(tokens: TokenStream, source: &[&str], lines: &mut BTreeSet<usize>) {
    for token in tokens {
        let start = token.span().start();
        let rest = source.get(start.line - 1).map_or("", |line| line.get(byte_of(line, start.column)..).unwrap_or_default());
        if rest.starts_with("//") || rest.starts_with("/*") {
            continue;
        }
        match token {
            TokenTree::Group(group) => {
                lines.extend(range(group.span_open(), group.span_open()));
                lines.extend(range(group.span_close(), group.span_close()));
                collect(group.stream(), source, lines);
            }
            other => lines.extend(range(other.span(), other.span())),
        }
    }
}

/// The byte at which a column, counted in characters, begins.
fn byte_of(line: &str, column: usize) -> usize {
    line.char_indices().nth(column).map_or(line.len(), |(byte, _)| byte)
}

fn range(from: Span, to: Span) -> RangeInclusive<usize> {
    from.start().line..=to.end().line
}

fn is_test(item: &Item) -> bool {
    let attributes = match item {
        Item::Mod(item) => &item.attrs,
        Item::Fn(item) => &item.attrs,
        Item::Impl(item) => &item.attrs,
        Item::Use(item) => &item.attrs,
        _ => return false,
    };
    attributes.iter().any(is_cfg_test)
}

fn is_cfg_test(attribute: &Attribute) -> bool {
    let path = |name| attribute.path().is_ident(name);
    path("test") || (path("cfg") && attribute.parse_args::<syn::Ident>().is_ok_and(|ident| ident == "test"))
}

struct Functions<'a> {
    path: &'a str,
    lines: &'a BTreeSet<usize>,
    findings: Vec<Finding>,
}

impl Functions<'_> {
    fn function(&mut self, signature: &Signature, end: Span) {
        let count = self.lines.range(range(signature.span(), end)).count();
        let place = format!("{}::{}", self.path, signature.ident);
        self.findings.extend(too_long("function-length", place, count, FUNCTION_LINES));
    }
}

impl<'ast> Visit<'ast> for Functions<'_> {
    fn visit_item_fn(&mut self, item: &'ast ItemFn) {
        self.function(&item.sig, item.block.span());
        visit::visit_item_fn(self, item);
    }
    fn visit_impl_item_fn(&mut self, item: &'ast ImplItemFn) {
        self.function(&item.sig, item.block.span());
        visit::visit_impl_item_fn(self, item);
    }
    fn visit_trait_item_fn(&mut self, item: &'ast TraitItemFn) {
        if let Some(block) = &item.default {
            self.function(&item.sig, block.span());
        }
        visit::visit_trait_item_fn(self, item);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn file(text: String) -> SourceFile {
        SourceFile { path: "crates/a/src/lib.rs".into(), text }
    }

    fn function(lines: usize) -> String {
        // Comments, documentation and empty lines do not count; the signature and the brackets do.
        format!("/// Long.\nfn long() {{\n\n    // why\n{}}}\n", "    call(\"é\"); // why\n".repeat(lines - 2))
    }

    #[test]
    fn a_function_of_seventy_lines_passes_and_one_of_seventy_one_does_not() {
        assert_eq!(check_file(&file(function(70))), []);
        let findings = check_file(&file(function(71)));
        assert_eq!(findings.len(), 1, "{findings:?}");
        assert_eq!((findings[0].check, findings[0].place.as_str()), ("function-length", "crates/a/src/lib.rs::long"));
        let method = format!("struct A;\nimpl A {{\n{}}}\n", function(71));
        assert_eq!(check_file(&file(method)).len(), 1);
    }

    #[test]
    fn a_file_may_have_five_hundred_lines_and_tests_beside() {
        let lines = "/// Documented.\n\nconst A: u8 = 0;\n".repeat(500);
        let tests = format!("#[cfg(test)]\nmod tests {{\n{}}}\n", "    const A: u8 = 0;\n".repeat(600));
        assert_eq!(check_file(&file(format!("{lines}{tests}"))), []);
        let findings = check_file(&file(format!("{lines}const B: u8 = 0;\n{tests}")));
        assert!(findings.len() == 1 && findings[0].check == "file-length", "{findings:?}");
    }

    #[test]
    fn what_cannot_be_parsed_is_a_finding() {
        assert_eq!(check_file(&file("fn (".into())).len(), 1);
    }
}
