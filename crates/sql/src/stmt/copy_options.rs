//! The options of COPY: how they are spelled, in both grammars, and which fit together. Source: PostgreSQL 16 `ProcessCopyOptions`.

use crate::cursor::Cursor;
use sqlparser::tokenizer::Token;
use std::fmt;
use weft_core::name::{nearest, quote_identifier, quote_literal};
use weft_core::option::parse_boolean;
use weft_core::{Error, ErrorKind, Result};

/// How rows are written.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CopyOptions {
    /// Lines of text, of CSV, or the binary form.
    pub format: CopyFormat,
    /// Whether a line of names comes first.
    pub header: bool,
    /// Between two values.
    pub delimiter: u8,
    /// What stands for NULL.
    pub null: String,
    /// Around values of CSV.
    pub quote: u8,
    /// Before a quote in a value of CSV.
    pub escape: u8,
    /// Which columns of CSV are always quoted.
    pub force_quote: ForceQuote,
}

/// The form of the rows.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum CopyFormat {
    /// Values as text, a line a row, with backslashes.
    Text,
    /// Values as text, a line a row, with quotes.
    Csv,
    /// Values in binary.
    Binary,
}

/// Which values are quoted although they need not be.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ForceQuote {
    /// Those of these columns.
    Columns(Vec<String>),
    /// All but NULL.
    All,
}

/// Options as they were typed.
#[derive(Debug, Default)]
pub(crate) struct Given(Vec<(String, Value, usize)>);

#[derive(Debug)]
enum Value {
    None,
    Text(String),
    Columns(Vec<String>),
    Star,
}

/// What the list in parentheses takes.
const KNOWN: &[&str] = &[
    "format",
    "freeze",
    "delimiter",
    "null",
    "header",
    "quote",
    "escape",
    "force_quote",
    "force_not_null",
    "force_null",
    "encoding",
];

/// What the delimiter of text cannot be: it would be taken for something else behind a backslash.
const NO_DELIMITER: &str = "\\.abcdefghijklmnopqrstuvwxyz0123456789";

impl Given {
    /// Reads what follows the target.
    pub(crate) fn read(&mut self, c: &mut Cursor<'_>) -> Result<()> {
        c.eat(&["USING"]);
        if c.at_words(&["DELIMITERS"]) {
            let position = c.position();
            c.advance();
            let value = Value::Text(c.string()?);
            self.push("delimiter", value, position)?;
        }
        c.eat(&["WITH"]);
        if c.at_sign(&Token::LParen) { self.list(c) } else { self.words(c) }
    }

    /// A word that stands for an option with this value.
    pub(crate) fn word(&mut self, c: &mut Cursor<'_>, name: &str, value: &str) -> Result<()> {
        let position = c.position();
        c.advance();
        self.push(name, Value::Text(value.to_owned()), position)
    }

    fn push(&mut self, name: &str, value: Value, position: usize) -> Result<()> {
        if self.0.iter().any(|(known, ..)| known == name) {
            return Err(Error::new(ErrorKind::SyntaxError, "conflicting or redundant options").at(position));
        }
        self.0.push((name.to_owned(), value, position));
        Ok(())
    }

    fn list(&mut self, c: &mut Cursor<'_>) -> Result<()> {
        c.expect_sign(&Token::LParen)?;
        loop {
            let position = c.position();
            let name = c.label()?;
            if !KNOWN.contains(&name.as_str()) {
                let error =
                    Error::new(ErrorKind::SyntaxError, format!("option \"{name}\" not recognized")).at(position);
                return Err(match nearest(&name, KNOWN.iter().copied()) {
                    Some(near) => error.with_hint(format!("Did you mean {near}?")),
                    None => error,
                });
            }
            let value = match c.peek() {
                Some(Token::Comma | Token::RParen) => Value::None,
                Some(Token::LParen) => Value::Columns(columns(c)?),
                Some(Token::Mul) => {
                    c.advance();
                    Value::Star
                }
                _ => Value::Text(c.constant()?),
            };
            self.push(&name, value, position)?;
            if c.eat_sign(&Token::RParen) {
                return Ok(());
            }
            c.expect_sign(&Token::Comma)?;
        }
    }

    /// The grammar before PostgreSQL 9.0, which clients still write.
    fn words(&mut self, c: &mut Cursor<'_>) -> Result<()> {
        const WORDS: &[&str] =
            &["BINARY", "CSV", "HEADER", "FREEZE", "DELIMITER", "NULL", "QUOTE", "ESCAPE", "ENCODING", "FORCE"];
        loop {
            let position = c.position();
            let Some(word) = c.eat_any(WORDS) else { return Ok(()) };
            let (name, value) = match word {
                "BINARY" | "CSV" => ("format", Value::Text(word.to_lowercase())),
                "HEADER" => ("header", Value::None),
                "FREEZE" => ("freeze", Value::None),
                "FORCE" if c.eat(&["QUOTE"]) => ("force_quote", bare_columns(c)?),
                "FORCE" if c.eat(&["NOT", "NULL"]) => ("force_not_null", bare_columns(c)?),
                "FORCE" => {
                    c.expect(&["NULL"])?;
                    ("force_null", bare_columns(c)?)
                }
                _ => {
                    c.eat(&["AS"]);
                    let name = KNOWN.iter().copied().find(|k| k.eq_ignore_ascii_case(word)).unwrap_or_default();
                    (name, Value::Text(c.string()?))
                }
            };
            self.push(name, value, position)?;
        }
    }

    fn text(&self, name: &str) -> Result<Option<&str>> {
        match self.0.iter().find(|(known, ..)| known == name) {
            None => Ok(None),
            Some((_, Value::Text(text), _)) => Ok(Some(text)),
            Some((_, _, position)) => {
                Err(Error::new(ErrorKind::SyntaxError, format!("{name} requires a parameter")).at(*position))
            }
        }
    }

    fn switch(&self, name: &str) -> Result<bool> {
        match self.0.iter().find(|(known, ..)| known == name) {
            None => Ok(false),
            Some((_, Value::None, _)) => Ok(true),
            Some((_, Value::Text(text), _)) if name == "header" && text.eq_ignore_ascii_case("match") => {
                Err(unfit(ErrorKind::FeatureNotSupported, "cannot use \"match\" with HEADER in COPY TO"))
            }
            Some((_, value, position)) => match value {
                Value::Text(text) => parse_boolean(text),
                _ => None,
            }
            .ok_or_else(|| {
                Error::new(ErrorKind::SyntaxError, format!("{name} requires a Boolean value")).at(*position)
            }),
        }
    }

    /// One byte of ASCII.
    fn byte(&self, name: &str, default: u8) -> Result<u8> {
        match self.text(name)?.map(str::as_bytes) {
            None => Ok(default),
            Some([byte]) if byte.is_ascii() => Ok(*byte),
            Some(_) => {
                Err(unfit(ErrorKind::FeatureNotSupported, &format!("COPY {name} must be a single one-byte character")))
            }
        }
    }

    /// The options, if they fit together.
    pub(crate) fn checked(&self) -> Result<CopyOptions> {
        use ErrorKind::{FeatureNotSupported, InvalidParameterValue};
        let format = match self.text("format")?.map(str::to_ascii_lowercase).as_deref() {
            None | Some("text") => CopyFormat::Text,
            Some("csv") => CopyFormat::Csv,
            Some("binary") => CopyFormat::Binary,
            Some(other) => {
                let message = format!("COPY format \"{other}\" not recognized");
                return Err(unfit(InvalidParameterValue, &message).with_hint("It takes text, csv or binary."));
            }
        };
        let is_csv = format == CopyFormat::Csv;
        for (name, _, position) in &self.0 {
            if format == CopyFormat::Binary && matches!(name.as_str(), "delimiter" | "null") {
                let message = format!("cannot specify {} in BINARY mode", name.to_uppercase());
                return Err(Error::new(ErrorKind::SyntaxError, message).at(*position));
            }
        }
        if let Some(encoding) = self.text("encoding")?
            && !["utf8", "utf-8", "unicode"].contains(&encoding.to_ascii_lowercase().as_str())
        {
            return Err(unfit(FeatureNotSupported, &format!("COPY in the encoding {encoding} is not supported"))
                .with_hint("UTF8 is all there is."));
        }
        if self.switch("freeze")? {
            return Err(unfit(FeatureNotSupported, "COPY freeze only available using COPY FROM"));
        }
        let delimiter = self.byte("delimiter", if is_csv { b',' } else { b'\t' })?;
        if matches!(delimiter, b'\n' | b'\r') {
            return Err(unfit(InvalidParameterValue, "COPY delimiter cannot be newline or carriage return"));
        }
        let null = self.text("null")?.unwrap_or(if is_csv { "" } else { "\\N" }).to_owned();
        if null.contains(['\n', '\r']) {
            return Err(unfit(InvalidParameterValue, "COPY null representation cannot use newline or carriage return"));
        }
        if !is_csv && NO_DELIMITER.as_bytes().contains(&delimiter) {
            return Err(unfit(InvalidParameterValue, &format!("COPY delimiter cannot be \"{}\"", delimiter as char)));
        }
        let header = self.switch("header")?;
        if header && format == CopyFormat::Binary {
            return Err(unfit(FeatureNotSupported, "cannot specify HEADER in BINARY mode"));
        }
        for (name, what) in [("quote", "quote"), ("escape", "escape"), ("force_quote", "force quote")] {
            if !is_csv && self.0.iter().any(|(known, ..)| known == name) {
                return Err(unfit(FeatureNotSupported, &format!("COPY {what} available only in CSV mode")));
            }
        }
        for (name, what) in [("force_not_null", "force not null"), ("force_null", "force null")] {
            if self.0.iter().any(|(known, ..)| known == name) {
                return Err(unfit(FeatureNotSupported, &format!("COPY {what} only available using COPY FROM")));
            }
        }
        let quote = self.byte("quote", b'"')?;
        if is_csv && delimiter == quote {
            return Err(unfit(InvalidParameterValue, "COPY delimiter and quote must be different"));
        }
        let escape = self.byte("escape", quote)?;
        if null.as_bytes().contains(&delimiter) && format != CopyFormat::Binary {
            return Err(unfit(InvalidParameterValue, "COPY delimiter must not appear in the NULL specification"));
        }
        if is_csv && null.as_bytes().contains(&quote) {
            return Err(unfit(InvalidParameterValue, "CSV quote character must not appear in the NULL specification"));
        }
        let force_quote = match self.0.iter().find(|(known, ..)| known == "force_quote") {
            None => ForceQuote::Columns(Vec::new()),
            Some((_, Value::Star, _)) => ForceQuote::All,
            Some((_, Value::Columns(columns), _)) => ForceQuote::Columns(columns.clone()),
            Some((_, _, position)) => {
                let message = "argument to option \"force_quote\" must be a list of column names";
                return Err(Error::new(InvalidParameterValue, message).at(*position));
            }
        };
        Ok(CopyOptions { format, header, delimiter, null, quote, escape, force_quote })
    }
}

fn unfit(kind: ErrorKind, message: &str) -> Error {
    Error::new(kind, message)
}

/// `(column, …)`
pub(crate) fn columns(c: &mut Cursor<'_>) -> Result<Vec<String>> {
    c.expect_sign(&Token::LParen)?;
    let mut columns = vec![c.identifier()?];
    while c.eat_sign(&Token::Comma) {
        columns.push(c.identifier()?);
    }
    c.expect_sign(&Token::RParen)?;
    Ok(columns)
}

fn bare_columns(c: &mut Cursor<'_>) -> Result<Value> {
    if c.eat_sign(&Token::Mul) {
        return Ok(Value::Star);
    }
    let mut columns = vec![c.identifier()?];
    while c.eat_sign(&Token::Comma) {
        columns.push(c.identifier()?);
    }
    Ok(Value::Columns(columns))
}

/// Writes ` (column, …)`, or nothing for none.
pub(crate) fn write_columns(f: &mut fmt::Formatter<'_>, columns: &[String]) -> fmt::Result {
    if columns.is_empty() {
        return Ok(());
    }
    write!(f, " ({})", columns.iter().map(|c| quote_identifier(c)).collect::<Vec<_>>().join(", "))
}

impl fmt::Display for CopyOptions {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let is_csv = self.format == CopyFormat::Csv;
        let byte = |byte: u8| quote_literal(&char::from(byte).to_string());
        let mut said: Vec<String> = Vec::new();
        match self.format {
            CopyFormat::Text => {}
            CopyFormat::Csv => said.push("FORMAT csv".to_owned()),
            CopyFormat::Binary => said.push("FORMAT binary".to_owned()),
        }
        let header = self.header.then(|| "HEADER".to_owned());
        if is_csv {
            said.extend(header.clone());
        }
        if self.delimiter != if is_csv { b',' } else { b'\t' } {
            said.push(format!("DELIMITER {}", byte(self.delimiter)));
        }
        if self.null != if is_csv { "" } else { "\\N" } {
            said.push(format!("NULL {}", quote_literal(&self.null)));
        }
        if !is_csv {
            said.extend(header);
        }
        if self.quote != b'"' {
            said.push(format!("QUOTE {}", byte(self.quote)));
        }
        if self.escape != self.quote {
            said.push(format!("ESCAPE {}", byte(self.escape)));
        }
        match &self.force_quote {
            ForceQuote::Columns(columns) if columns.is_empty() => {}
            ForceQuote::Columns(columns) => {
                let names: Vec<_> = columns.iter().map(|c| quote_identifier(c)).collect();
                said.push(format!("FORCE_QUOTE ({})", names.join(", ")));
            }
            ForceQuote::All => said.push("FORCE_QUOTE *".to_owned()),
        }
        if said.is_empty() { Ok(()) } else { write!(f, " WITH ({})", said.join(", ")) }
    }
}
