//! The door of the crate: splits a message into statements and sends each to its reader by its first words. Everything that is not
//! administrative, and starts as a query does, is sqlparser's.

use crate::cursor::Cursor;
use crate::lexeme::{self, Lexeme};
use crate::statement::{Statement, StatementKind};
use crate::stmt::*;
use crate::{query, unsupported};
use sqlparser::tokenizer::Token;
use weft_core::Result;

/// Reads a message of any number of statements. Empty ones vanish. Positions of errors count from the start of the whole message.
pub fn parse(sql: &str) -> Result<Vec<Statement>> {
    let lexemes = lexeme::tokenize(sql)?;
    lexemes
        .split(|l| l.token.token == Token::SemiColon)
        .filter(|lexemes| !lexemes.is_empty())
        .map(|lexemes| statement(sql, lexemes))
        .collect()
}

/// Reads the statement that these tokens of the message are.
pub(crate) fn statement(message: &str, lexemes: &[Lexeme]) -> Result<Statement> {
    let mut cursor = Cursor::new(message, lexemes);
    let kind = kind(&mut cursor)?;
    cursor.finish()?;
    let (start, offset) = lexemes.first().map_or((0, 0), |l| (l.start, l.offset));
    let end = lexemes.last().map_or(start, |l| l.end);
    Ok(Statement { kind, text: message.get(start..end).unwrap_or_default().to_owned(), offset })
}

fn kind(c: &mut Cursor<'_>) -> Result<StatementKind> {
    if c.at_sign(&Token::LParen) {
        return query::parse(c);
    }
    let Some(word) = c.keyword() else { return Err(c.unexpected()) };
    match word.as_str() {
        "SELECT" | "WITH" | "VALUES" | "TABLE" => query::parse(c),
        "EXPLAIN" => explain::parse(c),
        "CREATE" if c.at_words(&["CREATE", "CATALOG"]) => create_catalog::parse(c),
        "DROP" if c.at_words(&["DROP", "CATALOG"]) => drop_catalog::parse(c),
        "CHECK" if c.at_words(&["CHECK", "CATALOG"]) => check_catalog::parse(c),
        "SHOW" => show::parse(c),
        "SET" => set::parse(c),
        "RESET" => reset::parse(c),
        "DISCARD" => discard::parse(c),
        "BEGIN" | "START" => begin::parse(c),
        "COMMIT" | "END" => commit::parse(c),
        "ROLLBACK" | "ABORT" => rollback::parse(c),
        "SAVEPOINT" => savepoint::parse(c),
        "RELEASE" => savepoint::parse_release(c),
        "PREPARE" => prepare::parse(c),
        "EXECUTE" => execute::parse(c),
        "DEALLOCATE" => deallocate::parse(c),
        _ => unsupported::parse(c),
    }
}
