//! Svelte components: their script apart from their markup, and texts that stand in the markup instead of in the catalogue.
use crate::{Finding, SourceFile, Tree, script};

/// Attributes that people read or hear, of elements and of components.
const SPOKEN: [&str; 16] = [
    "alt",
    "aria-description",
    "aria-label",
    "aria-placeholder",
    "aria-roledescription",
    "aria-valuetext",
    "caption",
    "description",
    "heading",
    "hint",
    "label",
    "message",
    "placeholder",
    "subtitle",
    "text",
    "title",
];

/// Finds every text in every component that no translator would see.
pub fn check(tree: &Tree) -> Vec<Finding> {
    tree.written("svelte").filter(|file| !file.is_test()).flat_map(check_file).collect()
}

/// Finds the texts of one component.
pub fn check_file(file: &SourceFile) -> Vec<Finding> {
    let (_, rest) = split(&file.text);
    let mut reader = Reader { text: &blank(&rest, "<style", "</style>"), at: 0, found: Vec::new() };
    reader.run();
    let found = reader.found.into_iter();
    found.map(|(line, text)| Finding::new("untranslated", format!("{}:{line}", file.path), format!("{text:?} belongs into the catalogue"))).collect()
}

/// A component's scripts, and all else, each as long as the whole: what belongs to the other became spaces. HTML and CSS comments are gone.
pub fn split(text: &str) -> (String, String) {
    let rest = blank(text, "<script", "</script>");
    let scripts = text.chars().zip(rest.chars()).map(|(all, rest)| if all == rest && all != '\n' { ' ' } else { all }).collect::<String>();
    // The tags themselves are markup.
    let scripts = blank(&blank(&scripts, "<script", ">"), "</script", ">");
    (scripts, blank(&blank(&rest, "<!--", "-->"), "/*", "*/"))
}

/// Makes spaces of everything from one mark to another, both included.
fn blank(text: &str, from: &str, to: &str) -> String {
    let (mut blanked, mut rest) = (String::new(), text);
    while let Some(start) = rest.find(from) {
        let end = rest[start..].find(to).map_or(rest.len(), |end| start + end + to.len());
        blanked.push_str(&rest[..start]);
        blanked.extend(rest[start..end].chars().map(|c| if c == '\n' { c } else { ' ' }));
        rest = &rest[end..];
    }
    blanked + rest
}

struct Reader<'a> {
    text: &'a str,
    at: usize,
    found: Vec<(usize, String)>,
}

impl Reader<'_> {
    fn run(&mut self) {
        while self.at < self.text.len() {
            let rest = &self.text[self.at..];
            match rest.as_bytes()[0] {
                b'{' => {
                    let expression = self.expression();
                    self.literals(self.at, &expression);
                }
                b'<' if rest[1..].starts_with(|c: char| c.is_ascii_alphabetic() || c == '/') => self.tag(),
                _ => {
                    let end = rest.char_indices().skip(1).find(|(_, c)| matches!(c, '<' | '{')).map_or(rest.len(), |(end, _)| end);
                    self.note(self.at, &rest[..end]);
                    self.at += end;
                }
            }
        }
    }

    fn line(&self, at: usize) -> usize {
        self.text[..at].matches('\n').count() + 1
    }

    /// Notes a text if it has a word: two letters in a row. Entities such as `&nbsp;` are none.
    fn note(&mut self, at: usize, text: &str) {
        let words = text.split('&').enumerate().map(|(i, part)| if i == 0 { part } else { part.split_once(';').map_or(part, |(_, after)| after) });
        let has_word = words.flat_map(|part| part.split(|c: char| !c.is_alphabetic())).any(|word| word.chars().count() >= 2);
        if has_word {
            let line = self.line(at + text.len() - text.trim_start().len());
            self.found.push((line, text.trim().chars().take(60).collect()));
        }
    }

    /// Reads a `{ … }`, and gives what stands within.
    fn expression(&mut self) -> String {
        let rest = &self.text[self.at..];
        // Svelte's own marks after the bracket would confuse the reader of scripts.
        let bare = script::mask(rest).bare;
        let mut depth = 0usize;
        let length = bare.char_indices().find_map(|(at, c)| {
            depth = match c {
                '{' => depth + 1,
                '}' => depth.saturating_sub(1),
                _ => depth,
            };
            (depth == 0).then_some(bare[..at].chars().count())
        });
        let expression: String = rest.chars().skip(1).take(length.unwrap_or(usize::MAX).saturating_sub(1)).collect();
        self.at += expression.len() + if length.is_some() { 2 } else { 1 };
        expression
    }

    /// Texts in an expression that shows them: `{open ? "Close" : "Open it"}`. Block marks such as `{#if …}` show nothing.
    fn literals(&mut self, end: usize, expression: &str) {
        if expression.trim_start().starts_with(['#', ':', '/', '@']) {
            return;
        }
        let bare = script::mask(expression).bare;
        let mut depth = 0i32;
        let mut open: Option<usize> = None;
        let mut texts = Vec::new();
        let chars: Vec<char> = expression.chars().collect();
        for (at, c) in bare.chars().enumerate() {
            match (c, open) {
                ('(', None) => depth += 1,
                (')', None) => depth -= 1,
                ('"' | '\'' | '`', None) => open = Some(at),
                ('"' | '\'' | '`', Some(from)) => {
                    // The arguments of a call are keys and names, not texts.
                    if depth == 0 {
                        texts.push(chars[from + 1..at].iter().collect::<String>());
                    }
                    open = None;
                }
                _ => {}
            }
        }
        for text in texts.iter().filter(|text| text.contains(' ') || text.starts_with(|c: char| c.is_uppercase())) {
            self.note(end.saturating_sub(text.len()), text);
        }
    }

    fn tag(&mut self) {
        self.at += 1;
        while let Some(c) = self.text[self.at..].chars().next() {
            match c {
                '>' => {
                    self.at += 1;
                    return;
                }
                '{' => {
                    self.expression();
                }
                c if c.is_whitespace() || c == '/' => self.at += 1,
                _ => self.attribute(),
            }
        }
    }

    /// Reads `name`, `name=value`, `name="text {expression}"` or `name={expression}`; a tag's own name reads like the first.
    fn attribute(&mut self) {
        let rest = &self.text[self.at..];
        let length = rest.find(|c: char| c.is_whitespace() || "=>{".contains(c)).unwrap_or(rest.len()).max(1);
        let length = (length..=rest.len()).find(|end| rest.is_char_boundary(*end)).unwrap_or(rest.len());
        let name = rest[..length].to_owned();
        self.at += length;
        if !self.text[self.at..].starts_with('=') {
            return;
        }
        self.at += 1;
        let spoken = SPOKEN.contains(&name.as_str());
        let rest = &self.text[self.at..];
        if let Some(quote) = rest.chars().next().filter(|c| *c == '"' || *c == '\'') {
            self.at += 1;
            self.quoted(quote, spoken);
        } else if rest.starts_with('{') {
            let expression = self.expression();
            if spoken {
                self.literals(self.at, &expression);
            }
        }
    }

    fn quoted(&mut self, quote: char, spoken: bool) {
        while let Some(c) = self.text[self.at..].chars().next() {
            if c == quote {
                self.at += 1;
                return;
            }
            if c == '{' {
                self.expression();
                continue;
            }
            let rest = &self.text[self.at..];
            let end = rest.find(['{', quote]).unwrap_or(rest.len());
            if spoken {
                self.note(self.at, &rest[..end]);
            }
            self.at += end;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(text: &str) -> Vec<String> {
        check_file(&SourceFile { path: "a.svelte".into(), text: text.into() }).into_iter().map(|finding| finding.to_string()).collect()
    }

    #[test]
    fn texts_in_the_markup_are_found() {
        for (text, place, found) in [
            ("<p>\n  Hello there\n</p>", "a.svelte:2", "Hello there"),
            ("<p>{name} wrote</p>", "a.svelte:1", "wrote"),
            ("<input placeholder=\"Your name\">", "a.svelte:1", "Your name"),
            ("<button\n  class=\"a b\" aria-label='Close'>×</button>", "a.svelte:2", "Close"),
            ("<Button label=\"Send {n}\" />", "a.svelte:1", "Send"),
            ("<p>{open ? \"Close\" : t(\"chat.open\")}</p>", "a.svelte:1", "Close"),
            ("<p>{open ? t(\"a\") : 'not open'}</p>", "a.svelte:1", "not open"),
            ("<p title={open ? \"Close it\" : undefined}></p>", "a.svelte:1", "Close it"),
            ("{#if a}Ja{/if}", "a.svelte:1", "Ja"),
        ] {
            let findings = check(text);
            assert!(findings.len() == 1 && findings[0].starts_with(place) && findings[0].contains(&format!("{found:?}")), "{text}: {findings:?}");
        }
    }

    #[test]
    fn everything_else_passes() {
        for text in [
            "<script lang=\"ts\">const a = \"Hello there\";</script>\n<p>{a}</p>",
            "<p>{t(\"chat.open\")} · {count} × &nbsp; 5</p>",
            "<p class=\"two words\" data-kind=\"Hello\" style=\"color: red\">{@render children()}</p>",
            "{#each lines as line (line.id)}<li>{line.text}</li>{:else}<i></i>{/each}",
            "<button onclick={() => { if (a > b) go(\"Some Where\"); }} disabled>{t(`a.${b}`)}</button>",
            "<!-- Hello there -->\n<style>\n  .hello { content: \"x\"; } /* Hello there */\n</style>",
            "<svg viewBox=\"0 0 24 24\"><path d=\"M4 4 L5 5\" /></svg>",
            "<p title={t(\"Title Case\")} aria-label={label}>{kind === \"text\" ? body : \"\"}</p>",
            "{#if a === \"Hello There\"}{/if}",
        ] {
            assert_eq!(check(text), [""; 0], "{text}");
        }
    }

    #[test]
    fn what_is_cut_short_ends() {
        let text = "<p class=\"a {b(\"c\")}\" {d} title='x y'>{e ? `f` : \"g\"}<!-- h --><style></style><script>i</script> é &amp;";
        for end in (0..text.len()).filter(|end| text.is_char_boundary(*end)) {
            check(&text[..end]);
        }
    }
}
