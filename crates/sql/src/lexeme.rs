//! Tokens of a message with their place in it. Comments and white space are gone; strings of every kind are already one token, so a `;` here is
//! always a separator. What a token means is not known here.

use crate::error;
use sqlparser::dialect::PostgreSqlDialect;
use sqlparser::tokenizer::{Location, Token, TokenWithSpan, Tokenizer};
use weft_core::Result;

/// One token that matters.
#[derive(Debug, Clone)]
pub(crate) struct Lexeme {
    /// As sqlparser's parser takes it.
    pub(crate) token: TokenWithSpan,
    /// First byte in the message.
    pub(crate) start: usize,
    /// The byte after its last one.
    pub(crate) end: usize,
    /// Characters before it in the message.
    pub(crate) offset: usize,
}

impl Lexeme {
    /// Whether it is this word, unquoted, in any case.
    pub(crate) fn is_word(&self, word: &str) -> bool {
        matches!(&self.token.token, Token::Word(w) if w.quote_style.is_none() && w.value.eq_ignore_ascii_case(word))
    }

    /// Whether it is a constant in quotes.
    pub(crate) fn is_string(&self) -> bool {
        matches!(
            self.token.token,
            Token::SingleQuotedString(_)
                | Token::EscapedStringLiteral(_)
                | Token::DollarQuotedString(_)
                | Token::NationalStringLiteral(_)
                | Token::UnicodeStringLiteral(_)
                | Token::HexStringLiteral(_)
                | Token::SingleQuotedByteStringLiteral(_)
        )
    }
}

/// Cuts the whole message.
pub(crate) fn tokenize(message: &str) -> Result<Vec<Lexeme>> {
    let mut tokens = Vec::new();
    Tokenizer::new(&PostgreSqlDialect {}, message)
        .tokenize_with_location_into_buf(&mut tokens)
        .map_err(|e| error::of_tokenizer(message, &e))?;
    let mut walk = Walk::new(message);
    let mut lexemes = Vec::with_capacity(tokens.len() / 2);
    for token in tokens {
        let (start, offset) = walk.to(token.span.start);
        let (end, _) = walk.to(token.span.end);
        if !matches!(token.token, Token::Whitespace(_) | Token::EOF) {
            lexemes.push(Lexeme { token, start, end, offset });
        }
    }
    Ok(lexemes)
}

/// Turns the tokenizer's lines and columns into bytes and characters in one pass over the text.
pub(crate) struct Walk<'a> {
    chars: std::str::Chars<'a>,
    length: usize,
    line: u64,
    column: u64,
    offset: usize,
}

impl<'a> Walk<'a> {
    /// Starts at the first character.
    pub(crate) fn new(message: &'a str) -> Self {
        Walk { chars: message.chars(), length: message.len(), line: 1, column: 1, offset: 0 }
    }

    /// Goes forward to the place: its byte, and the characters before it.
    pub(crate) fn to(&mut self, place: Location) -> (usize, usize) {
        while (self.line, self.column) < (place.line, place.column) {
            match self.chars.next() {
                None => break,
                Some('\n') => (self.line, self.column) = (self.line + 1, 1),
                Some(_) => self.column += 1,
            }
            self.offset += 1;
        }
        (self.length - self.chars.as_str().len(), self.offset)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn places_are_bytes_and_characters() {
        let message = "sélect /* ; */ 'ö;\n' ,\r\n$a$;$a$ -- ;\n x";
        let lexemes = tokenize(message).expect("tokens");
        let texts: Vec<_> = lexemes.iter().map(|l| &message[l.start..l.end]).collect();
        assert_eq!(texts, ["sélect", "'ö;\n'", ",", "$a$;$a$", "x"]);
        for l in &lexemes {
            assert_eq!(message[..l.start].chars().count(), l.offset);
        }
    }
}
