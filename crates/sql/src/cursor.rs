//! Reading the tokens of one statement from left to right: words, names, strings. It knows the lexical rules of PostgreSQL, and no statement.

use crate::error::{self, Literals};
use crate::lexeme::Lexeme;
use sqlparser::tokenizer::Token;
use weft_core::name::{MAX_IDENTIFIER_BYTES, quote_identifier};
use weft_core::{Error, ErrorKind, ObjectName, Result};

/// Words that can be followed by something that must not be shown.
const CONFIDENTIAL: &[&str] = &["OPTIONS", "PASSWORD", "SECRET"];

/// A place among the tokens of a statement.
#[derive(Debug, Clone)]
pub(crate) struct Cursor<'a> {
    message: &'a str,
    lexemes: &'a [Lexeme],
    next: usize,
    literals: Literals,
}

impl<'a> Cursor<'a> {
    /// At the first token. `lexemes` are those of one statement in the message.
    pub(crate) fn new(message: &'a str, lexemes: &'a [Lexeme]) -> Self {
        let confidential = lexemes.iter().any(|l| CONFIDENTIAL.iter().any(|w| l.is_word(w)));
        let literals = if confidential { Literals::Hidden } else { Literals::Shown };
        Cursor { message, lexemes, next: 0, literals }
    }

    /// At the first token of the same statement that starts at this byte of the message or after it.
    pub(crate) fn at_byte(&self, byte: usize) -> Self {
        Cursor { next: self.lexemes.partition_point(|l| l.start < byte), ..self.clone() }
    }

    /// The whole message, of which this statement is a part.
    pub(crate) fn message(&self) -> &'a str {
        self.message
    }

    /// What has not been read yet.
    pub(crate) fn rest(&self) -> &'a [Lexeme] {
        self.lexemes.get(self.next..).unwrap_or_default()
    }

    /// The token that comes next.
    pub(crate) fn peek(&self) -> Option<&'a Token> {
        self.rest().first().map(|l| &l.token.token)
    }

    /// Goes past one token.
    pub(crate) fn advance(&mut self) {
        self.next += 1;
    }

    /// Goes past so many.
    pub(crate) fn advance_by(&mut self, tokens: usize) {
        self.next += tokens;
    }

    /// The text of what has not been read yet.
    pub(crate) fn rest_text(&self) -> &'a str {
        match (self.rest().first(), self.rest().last()) {
            (Some(first), Some(last)) => self.message.get(first.start..last.end).unwrap_or_default(),
            _ => "",
        }
    }

    /// Goes past all of them.
    pub(crate) fn skip_rest(&mut self) {
        self.next = self.lexemes.len();
    }

    /// Whether these words come next; nothing is read.
    pub(crate) fn at_words(&self, words: &[&str]) -> bool {
        self.rest().len() >= words.len() && self.rest().iter().zip(words).all(|(l, w)| l.is_word(w))
    }

    /// Reads the words if they come next, else nothing.
    pub(crate) fn eat(&mut self, words: &[&str]) -> bool {
        let there = self.at_words(words);
        if there {
            self.next += words.len();
        }
        there
    }

    /// Reads the first of these words that comes next.
    pub(crate) fn eat_any(&mut self, words: &[&'static str]) -> Option<&'static str> {
        words.iter().copied().find(|w| self.eat(&[w]))
    }

    /// Reads the words, which must come next.
    pub(crate) fn expect(&mut self, words: &[&str]) -> Result<()> {
        for word in words {
            if !self.eat(&[word]) {
                return Err(self.expected(&[word]));
            }
        }
        Ok(())
    }

    /// Whether this sign comes next; nothing is read.
    pub(crate) fn at_sign(&self, sign: &Token) -> bool {
        self.peek() == Some(sign)
    }

    /// Reads the sign if it comes next.
    pub(crate) fn eat_sign(&mut self, sign: &Token) -> bool {
        let there = self.at_sign(sign);
        if there {
            self.advance();
        }
        there
    }

    /// Reads the sign, which must come next.
    pub(crate) fn expect_sign(&mut self, sign: &Token) -> Result<()> {
        if self.eat_sign(sign) { Ok(()) } else { Err(self.unexpected()) }
    }

    /// The statement must be over.
    pub(crate) fn finish(&self) -> Result<()> {
        if self.rest().is_empty() { Ok(()) } else { Err(self.unexpected()) }
    }

    /// The word that comes next in capitals, if it is unquoted.
    pub(crate) fn keyword(&self) -> Option<String> {
        match self.peek() {
            Some(Token::Word(w)) if w.quote_style.is_none() => Some(w.value.to_ascii_uppercase()),
            _ => None,
        }
    }

    /// A name of one part. Unquoted it is folded, and must not be a reserved word.
    pub(crate) fn identifier(&mut self) -> Result<String> {
        match self.keyword() {
            Some(word) if is_reserved(&word.to_ascii_lowercase()) => Err(self.unexpected()),
            _ => self.label(),
        }
    }

    /// A name where even a reserved word can stand, such as that of an option.
    pub(crate) fn label(&mut self) -> Result<String> {
        let Some(Token::Word(word)) = self.peek() else { return Err(self.unexpected()) };
        let name = match word.quote_style {
            None => word.value.to_ascii_lowercase(),
            Some(_) if word.value.is_empty() => {
                return Err(Error::new(ErrorKind::SyntaxError, "zero-length delimited identifier").at(self.position()));
            }
            Some(_) => word.value.clone(),
        };
        if name.len() > MAX_IDENTIFIER_BYTES {
            return Err(error::too_long(&name, Some(self.position())));
        }
        self.advance();
        Ok(name)
    }

    /// A name of one to `parts` parts.
    pub(crate) fn object_name(&mut self, parts: usize) -> Result<ObjectName> {
        let mut name = vec![self.identifier()?];
        while name.len() < parts && self.eat_sign(&Token::Period) {
            name.push(self.label()?);
        }
        Ok(ObjectName(name))
    }

    /// A string constant of any notation.
    pub(crate) fn string(&mut self) -> Result<String> {
        let text = match self.peek() {
            Some(Token::SingleQuotedString(s) | Token::EscapedStringLiteral(s) | Token::UnicodeStringLiteral(s)) => {
                s.clone()
            }
            Some(Token::DollarQuotedString(s)) => s.value.clone(),
            _ => return Err(self.unexpected()),
        };
        self.advance();
        Ok(text)
    }

    /// A constant as text: a string, a number with or without sign, or a bare word, folded.
    pub(crate) fn constant(&mut self) -> Result<String> {
        let sign = if self.eat_sign(&Token::Minus) { "-" } else { "" };
        match self.peek() {
            Some(Token::Number(digits, _)) => {
                self.advance();
                Ok(format!("{sign}{digits}"))
            }
            Some(Token::Word(word)) if sign.is_empty() => {
                let text =
                    if word.quote_style.is_some() { word.value.clone() } else { word.value.to_ascii_lowercase() };
                self.advance();
                Ok(text)
            }
            _ if sign.is_empty() => self.string(),
            _ => Err(self.unexpected()),
        }
    }

    /// Characters from 1 to what comes next.
    pub(crate) fn position(&self) -> usize {
        self.rest().first().map_or_else(|| self.end(), |l| l.offset) + 1
    }

    /// A syntax error at what comes next.
    pub(crate) fn unexpected(&self) -> Error {
        error::at(self.message, self.rest().first(), self.end(), self.literals)
    }

    /// A syntax error at what comes next, with the nearest of the words that could have stood there.
    pub(crate) fn expected(&self, words: &[&str]) -> Error {
        error::suggest(self.unexpected(), self.rest().first(), self.message, words.iter().copied())
    }

    /// Characters before the end of the statement.
    fn end(&self) -> usize {
        let last = self.lexemes.last();
        last.map_or(0, |l| l.offset + self.message.get(l.start..l.end).unwrap_or_default().chars().count())
    }
}

/// Whether PostgreSQL refuses this folded word as a bare name.
fn is_reserved(folded: &str) -> bool {
    folded.bytes().all(|b| b.is_ascii_lowercase() || b == b'_') && quote_identifier(folded) != folded
}
