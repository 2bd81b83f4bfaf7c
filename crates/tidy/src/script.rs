//! TypeScript and JavaScript without their comments and texts, so that lines and brackets can be counted.

/// A script, twice, character for character as long as it was: what is taken out became spaces.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Masked {
    /// Without comments.
    pub code: String,
    /// Without comments and without what stands in quotes; expressions in templates stay.
    pub bare: String,
}

/// Takes the comments and texts out of a script.
pub fn mask(text: &str) -> Masked {
    let mut masker = Masker { chars: text.chars().collect(), at: 0, code: String::new(), bare: String::new(), before: None };
    masker.run();
    Masked { code: masker.code, bare: masker.bare }
}

struct Masker {
    chars: Vec<char>,
    at: usize,
    code: String,
    bare: String,
    /// The last character that is code: it tells a division from a regular expression.
    before: Option<char>,
}

impl Masker {
    fn run(&mut self) {
        // The brackets that are open; `true` for one that stands in a template and leads back into it.
        let mut open = Vec::new();
        while let Some(c) = self.peek(0) {
            match (c, self.peek(1)) {
                ('/', Some('/')) => self.comment(|masker| masker.peek(0) == Some('\n')),
                ('/', Some('*')) => {
                    self.drop();
                    self.drop();
                    self.comment(|masker| masker.peek(0) == Some('*') && masker.peek(1) == Some('/'));
                    self.drop();
                    self.drop();
                }
                ('/', _) if self.is_regex() => self.regex(),
                ('"' | '\'', _) => self.quoted(c),
                ('`', _) => {
                    self.keep();
                    self.template(&mut open);
                }
                ('{', _) => {
                    open.push(false);
                    self.keep();
                }
                ('}', _) => {
                    self.keep();
                    if open.pop() == Some(true) {
                        self.template(&mut open);
                    }
                }
                _ => self.keep(),
            }
        }
    }

    fn peek(&self, ahead: usize) -> Option<char> {
        self.chars.get(self.at + ahead).copied()
    }

    fn keep(&mut self) {
        if let Some(c) = self.peek(0) {
            self.code.push(c);
            self.bare.push(c);
            if !c.is_whitespace() {
                self.before = Some(c);
            }
            self.at += 1;
        }
    }

    /// Of a text: stays code, becomes bare space.
    fn hide(&mut self) {
        if let Some(c) = self.peek(0) {
            self.code.push(c);
            self.bare.push(if c == '\n' { c } else { ' ' });
            self.at += 1;
        }
    }

    /// Of a comment: becomes space in both.
    fn drop(&mut self) {
        if let Some(c) = self.peek(0) {
            let c = if c == '\n' { c } else { ' ' };
            self.code.push(c);
            self.bare.push(c);
            self.at += 1;
        }
    }

    fn comment(&mut self, ended: impl Fn(&Self) -> bool) {
        while self.peek(0).is_some() && !ended(self) {
            self.drop();
        }
    }

    fn quoted(&mut self, quote: char) {
        self.keep();
        while let Some(c) = self.peek(0).filter(|c| *c != quote && *c != '\n') {
            self.hide();
            if c == '\\' {
                self.hide();
            }
        }
        self.keep();
    }

    fn template(&mut self, open: &mut Vec<bool>) {
        while let Some(c) = self.peek(0) {
            if c == '`' {
                return self.keep();
            }
            if c == '$' && self.peek(1) == Some('{') {
                self.hide();
                open.push(true);
                return self.keep();
            }
            self.hide();
            if c == '\\' {
                self.hide();
            }
        }
    }

    /// A slash begins a regular expression where a value may stand.
    fn is_regex(&self) -> bool {
        let word: String = self.bare.trim_end().chars().rev().take_while(|c| c.is_alphanumeric()).collect();
        matches!(word.as_str(), "nruter" | "esac" | "foepyt") || self.before.is_none_or(|c| "(,=:[!&|?{};+<>~%^*-".contains(c))
    }

    fn regex(&mut self) {
        let mut class = false;
        self.keep();
        while let Some(c) = self.peek(0).filter(|c| *c != '\n' && (class || *c != '/')) {
            self.hide();
            match c {
                '\\' => self.hide(),
                '[' => class = true,
                ']' => class = false,
                _ => {}
            }
        }
        self.keep();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn comments_and_texts_are_taken_out_and_nothing_moves() {
        for (text, bare) in [
            ("a(\"}\", '{\\'', b) // {", "a(\" \", '   ', b)     "),
            ("a /* { \n } */ b", "a      \n      b"),
            ("`{${a({})}}`+{", "`  {a({})} `+{"),
            ("`a${`b${c}`}d`", "`  {`  {c}`} `"),
            ("x = /[/{]\\//.test(y) / 2 / z", "x = /      /.test(y) / 2 / z"),
            ("return /}/", "return / /"),
            ("\"open", "\"    "),
        ] {
            let masked = mask(text);
            assert_eq!(masked.bare, bare, "{text}");
            assert_eq!(masked.code.chars().count(), text.chars().count(), "{text}");
        }
        assert_eq!(mask("a(\"x\") // y").code, "a(\"x\")     ");
    }
}
