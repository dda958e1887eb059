//! `OPTIONS (path '…', depth '3')` and `WITH (k = v, …)`: the two lists that administrative statements share. Which names exist and what their
//! values mean is the engine's to check.

use crate::cursor::Cursor;
use sqlparser::tokenizer::Token;
use std::fmt;
use weft_core::name::{quote_identifier, quote_literal};
use weft_core::{Error, ErrorKind, Result};

/// Names and values in the order in which they were typed.
pub type Pairs = Vec<(String, String)>;

/// `(name 'value', …)` after `OPTIONS`. A value is a string, a number or a bare word.
pub(crate) fn options(c: &mut Cursor<'_>) -> Result<Pairs> {
    list(c, |c| c.constant())
}

/// `(name = value, …)` after `WITH`. A name alone stands for `true`.
pub(crate) fn properties(c: &mut Cursor<'_>) -> Result<Pairs> {
    list(c, |c| if c.eat_sign(&Token::Eq) { c.constant() } else { Ok("true".to_owned()) })
}

fn list(c: &mut Cursor<'_>, value: impl Fn(&mut Cursor<'_>) -> Result<String>) -> Result<Pairs> {
    let mut pairs = Pairs::new();
    c.expect_sign(&Token::LParen)?;
    if c.eat_sign(&Token::RParen) {
        return Ok(pairs);
    }
    loop {
        let position = c.position();
        let name = c.label()?;
        if pairs.iter().any(|(n, _)| *n == name) {
            let message = format!("option {} provided more than once", quote_identifier(&name));
            return Err(Error::new(ErrorKind::SyntaxError, message).at(position));
        }
        pairs.push((name, value(c)?));
        if c.eat_sign(&Token::RParen) {
            return Ok(pairs);
        }
        c.expect_sign(&Token::Comma)?;
    }
}

/// Writes ` OPTIONS (…)`, or nothing for an empty list.
pub(crate) fn write_options(f: &mut fmt::Formatter<'_>, pairs: &Pairs) -> fmt::Result {
    write(f, "OPTIONS", " ", pairs)
}

/// Writes ` WITH (…)`, or nothing for an empty list.
pub(crate) fn write_properties(f: &mut fmt::Formatter<'_>, pairs: &Pairs) -> fmt::Result {
    write(f, "WITH", " = ", pairs)
}

/// Writes ` SET (…)`, also for an empty list.
pub(crate) fn write_set(f: &mut fmt::Formatter<'_>, pairs: &Pairs) -> fmt::Result {
    if pairs.is_empty() { f.write_str(" SET ()") } else { write(f, "SET", " = ", pairs) }
}

fn write(f: &mut fmt::Formatter<'_>, word: &str, between: &str, pairs: &Pairs) -> fmt::Result {
    for (i, (name, value)) in pairs.iter().enumerate() {
        if i == 0 {
            write!(f, " {word} (")?;
        } else {
            f.write_str(", ")?;
        }
        write!(f, "{}{between}{}", quote_identifier(name), quote_literal(value))?;
    }
    if pairs.is_empty() { Ok(()) } else { f.write_str(")") }
}
