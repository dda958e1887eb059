//! Names inside of text, as in `'c.s."T"'::regclass`: the same rules as in a statement, without one.

use crate::error;
use weft_core::name::MAX_IDENTIFIER_BYTES;
use weft_core::{Error, ErrorKind, ObjectName, Result};

/// The most parts that a name has: catalog, schema, object.
pub const MAX_PARTS: usize = 3;

/// Reads a name of one to three parts. Unquoted parts are folded; white space around a part is allowed.
pub fn parse_name(text: &str) -> Result<ObjectName> {
    let mut parts = Vec::new();
    let mut rest = text.trim_start();
    loop {
        let (part, after) = part(text, rest)?;
        if part.len() > MAX_IDENTIFIER_BYTES {
            return Err(error::too_long(&part, None));
        }
        parts.push(part);
        let after = after.trim_start();
        match after.strip_prefix('.') {
            Some(next) => rest = next.trim_start(),
            None if after.is_empty() => break,
            None => return Err(invalid(text)),
        }
    }
    if parts.len() > MAX_PARTS {
        let name = text.trim();
        return Err(Error::new(
            ErrorKind::SyntaxError,
            format!("improper qualified name (too many dotted names): {name}"),
        ));
    }
    Ok(ObjectName(parts))
}

/// The first part, and what follows it.
fn part<'a>(text: &str, rest: &'a str) -> Result<(String, &'a str)> {
    if let Some(quoted) = rest.strip_prefix('"') {
        let mut name = String::new();
        let mut from = quoted;
        loop {
            let (before, after) = from.split_once('"').ok_or_else(|| invalid(text))?;
            name.push_str(before);
            match after.strip_prefix('"') {
                Some(more) => {
                    name.push('"');
                    from = more;
                }
                None if name.is_empty() => return Err(invalid(text)),
                None => return Ok((name, after)),
            }
        }
    }
    let end = rest.find(|c: char| c == '.' || c == '"' || c.is_whitespace()).unwrap_or(rest.len());
    let (name, after) = rest.split_at(end);
    if name.is_empty() { Err(invalid(text)) } else { Ok((name.to_ascii_lowercase(), after)) }
}

fn invalid(text: &str) -> Error {
    let shown: String = text.chars().take(100).collect();
    Error::new(ErrorKind::InvalidName, "invalid name syntax").with_detail(format!("The text is \"{shown}\"."))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_read_as_in_a_statement() {
        for (text, parts) in [
            ("Orders", vec!["orders"]),
            (" lake . Public.\"T.1\" ", vec!["lake", "public", "T.1"]),
            ("\"a\"\"b\".c", vec!["a\"b", "c"]),
            ("größe", vec!["größe"]),
        ] {
            assert_eq!(parse_name(text).expect(text).0, parts);
        }
    }

    #[test]
    fn broken_names_are_refused() {
        for text in ["", " ", ".", "a.", ".a", "a..b", "\"a", "\"\"", "a b", "a\"b\"", "\"a\"b"] {
            assert_eq!(parse_name(text).expect_err(text).kind(), ErrorKind::InvalidName, "{text}");
        }
        assert_eq!(parse_name("a.b.c.d").unwrap_err().kind(), ErrorKind::SyntaxError);
        assert_eq!(parse_name(&"x".repeat(64)).unwrap_err().kind(), ErrorKind::NameTooLong);
        assert!(parse_name(&"x".repeat(63)).is_ok());
    }

    #[test]
    fn a_displayed_name_reads_back() {
        for text in ["a.b.c", "\"A b\".c", "\"select\"", "\"a\"\"b\""] {
            let name = parse_name(text).expect(text);
            assert_eq!(parse_name(&name.to_string()).expect("again"), name);
        }
    }
}
