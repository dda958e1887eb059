//! Syntax errors with PostgreSQL's words and places. The parsers of tokens and of queries both report through here, so that a client sees one style.

use crate::lexeme::{Lexeme, Walk};
use sqlparser::parser::ParserError;
use sqlparser::tokenizer::{Location, TokenizerError};
use weft_core::name::nearest;
use weft_core::{Error, ErrorKind};

/// Whether constants in quotes may be repeated in an error. They may not where a password can stand: errors are logged.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Literals {
    Shown,
    Hidden,
}

/// `syntax error at or near …` this token, or at the end of the message if there is none.
pub(crate) fn at(message: &str, lexeme: Option<&Lexeme>, end: usize, literals: Literals) -> Error {
    let Some(lexeme) = lexeme else {
        return Error::new(ErrorKind::SyntaxError, "syntax error at end of input").at(end + 1);
    };
    let text = match literals {
        Literals::Hidden if lexeme.is_string() => "'***'",
        _ => message.get(lexeme.start..lexeme.end).unwrap_or_default(),
    };
    Error::new(ErrorKind::SyntaxError, format!("syntax error at or near \"{text}\"")).at(lexeme.offset + 1)
}

/// Adds the word that was likely meant.
pub(crate) fn suggest<'a>(
    error: Error,
    lexeme: Option<&Lexeme>,
    message: &str,
    words: impl IntoIterator<Item = &'a str>,
) -> Error {
    let typed = lexeme.and_then(|l| message.get(l.start..l.end)).unwrap_or_default().to_ascii_uppercase();
    // Distances to a long text cost its length times that of each candidate, and nothing of that length is a key word.
    match nearest(typed.get(..typed.len().min(32)).unwrap_or_default(), words) {
        Some(near) if typed.len() > 2 && near != typed => error.with_hint(format!("Did you mean {near}?")),
        _ => error,
    }
}

/// The name does not fit.
pub(crate) fn too_long(name: &str, position: Option<usize>) -> Error {
    let limit = weft_core::name::MAX_IDENTIFIER_BYTES;
    let shown: String = name.chars().take(20).collect();
    let error = Error::new(ErrorKind::NameTooLong, format!("identifier \"{shown}…\" is too long"))
        .with_detail(format!("It has {} bytes; {limit} are allowed.", name.len()));
    match position {
        Some(position) => error.at(position),
        None => error,
    }
}

/// The statement is nested too deeply to be worked on safely.
pub(crate) fn too_deep(position: usize) -> Error {
    Error::new(ErrorKind::ProgramLimitExceeded, "statement is too deeply nested")
        .with_hint("Split the statement, or replace long chains of OR by IN (…).")
        .at(position)
}

/// What the tokenizer could not cut.
pub(crate) fn of_tokenizer(message: &str, error: &TokenizerError) -> Error {
    let (_, offset) = Walk::new(message).to(error.location);
    let lower = error.message.to_ascii_lowercase();
    // The rest of an open string is not repeated: it may be a password.
    let what = if lower.contains("comment") {
        "unterminated /* comment".to_owned()
    } else if lower.contains("dollar") || lower.contains("$") {
        "unterminated dollar-quoted string".to_owned()
    } else if lower.contains("close delimiter") || lower.contains("identifier") {
        "unterminated quoted identifier".to_owned()
    } else if lower.contains("unterminated") {
        "unterminated quoted string".to_owned()
    } else {
        format!("syntax error: {lower}")
    };
    Error::new(ErrorKind::SyntaxError, what).at(offset + 1)
}

/// Where sqlparser says that it stopped. It has no field for that: the place ends the text.
pub(crate) fn location_of(error: &ParserError) -> Option<Location> {
    let (ParserError::ParserError(text) | ParserError::TokenizerError(text)) = error else { return None };
    let (_, place) = text.rsplit_once(" at Line: ")?;
    let (line, column) = place.split_once(", Column: ")?;
    Some(Location { line: line.parse().ok()?, column: column.parse().ok()? })
}

/// What sqlparser had expected, where it says so.
pub(crate) fn expectation_of(error: &ParserError) -> Option<String> {
    let ParserError::ParserError(text) = error else { return None };
    let (expected, _) = text.strip_prefix("Expected: ")?.split_once(", found: ")?;
    Some(format!("Expected {expected}."))
}
