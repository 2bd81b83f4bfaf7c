//! Variables in a template's texts: `{{1}}` or `{{first_name}}`.

/// A stretch of a text.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Piece<'a> {
    /// Words that stay.
    Text(&'a str),
    /// A variable's name or number, without brackets and spaces.
    Variable(&'a str),
}

/// Why brackets make no variable.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum VariableError {
    /// `{{` without `}}`, or the other way round.
    #[error("a variable is written {{{{name}}}} or {{{{1}}}}, and here two curly brackets have no partner")]
    Brackets,
    /// Something else than a name between them.
    #[error("between {{{{ and }}}} stands a number or a name out of a to z, 0 to 9 and _")]
    Name,
}

/// Cuts a text into words and variables.
///
/// # Errors
/// When double curly brackets do not enclose a name or a number.
pub fn pieces(text: &str) -> Result<Vec<Piece<'_>>, VariableError> {
    let (mut found, mut rest) = (Vec::new(), text);
    while let Some(start) = rest.find("{{") {
        let (before, from) = (&rest[..start], &rest[start + 2..]);
        let end = from.find("}}").ok_or(VariableError::Brackets)?;
        let name = from[..end].trim_matches(' ');
        if name.is_empty() || !name.bytes().all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'_') {
            return Err(VariableError::Name);
        }
        push(&mut found, before)?;
        found.push(Piece::Variable(name));
        rest = &from[end + 2..];
    }
    push(&mut found, rest)?;
    Ok(found)
}

fn push<'a>(found: &mut Vec<Piece<'a>>, text: &'a str) -> Result<(), VariableError> {
    if text.contains("}}") {
        return Err(VariableError::Brackets);
    }
    if !text.is_empty() {
        found.push(Piece::Text(text));
    }
    Ok(())
}

/// The different variables of a text, in the order of their first place; none when the text is not well formed.
pub fn variables(text: &str) -> Vec<&str> {
    let mut names = Vec::new();
    for piece in pieces(text).unwrap_or_default() {
        if let Piece::Variable(name) = piece
            && !names.contains(&name)
        {
            names.push(name);
        }
    }
    names
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_text_is_cut_into_words_and_variables() {
        assert_eq!(
            pieces("Hi {{1}}, {{ name_2 }}!"),
            Ok(vec![Piece::Text("Hi "), Piece::Variable("1"), Piece::Text(", "), Piece::Variable("name_2"), Piece::Text("!")])
        );
        assert_eq!(pieces("{single} braces stay"), Ok(vec![Piece::Text("{single} braces stay")]));
        assert_eq!(pieces(""), Ok(vec![]));
        assert_eq!(variables("{{b}} {{a}} {{b}}"), ["b", "a"]);
    }

    #[test]
    fn brackets_without_a_name_are_refused() {
        for text in ["{{1", "1}}", "{{1}} }}", "a {{2}} {{"] {
            assert_eq!(pieces(text), Err(VariableError::Brackets), "{text}");
        }
        for text in ["{{}}", "{{ }}", "{{Name}}", "{{a b}}", "{{né}}", "{{{1}}}"] {
            assert_eq!(pieces(text), Err(VariableError::Name), "{text}");
        }
    }
}
