//! `BEGIN [WORK|TRANSACTION] [modes]` and `START TRANSACTION [modes]`; the modes are also those of SET TRANSACTION.

use crate::StatementKind;
use crate::cursor::Cursor;
use sqlparser::tokenizer::Token;
use std::fmt;
use weft_core::Result;

/// How much a transaction sees of others.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum IsolationLevel {
    /// As PostgreSQL has it: the same as the next.
    ReadUncommitted,
    /// What was committed before each statement.
    ReadCommitted,
    /// What was committed before the transaction.
    RepeatableRead,
    /// As if transactions ran one after the other.
    Serializable,
}

/// One property of a transaction.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum TransactionMode {
    /// ISOLATION LEVEL.
    Isolation(IsolationLevel),
    /// READ ONLY.
    ReadOnly,
    /// READ WRITE.
    ReadWrite,
    /// DEFERRABLE.
    Deferrable,
    /// NOT DEFERRABLE.
    NotDeferrable,
}

/// The statement.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Begin {
    /// In the order in which they were typed.
    pub modes: Vec<TransactionMode>,
}

/// Words that begin a mode.
pub(crate) const MODE_WORDS: &[&str] = &["ISOLATION", "READ", "DEFERRABLE", "NOT"];

pub(crate) fn parse(c: &mut Cursor<'_>) -> Result<StatementKind> {
    if c.eat(&["START"]) {
        c.expect(&["TRANSACTION"])?;
    } else {
        c.expect(&["BEGIN"])?;
        c.eat_any(&["WORK", "TRANSACTION"]);
    }
    let modes = modes(c)?;
    if !c.rest().is_empty() {
        return Err(c.expected(MODE_WORDS));
    }
    Ok(StatementKind::Begin(Begin { modes }))
}

/// Modes, with or without commas between them.
pub(crate) fn modes(c: &mut Cursor<'_>) -> Result<Vec<TransactionMode>> {
    let mut modes = Vec::new();
    loop {
        let comma = !modes.is_empty() && c.eat_sign(&Token::Comma);
        match c.eat_any(MODE_WORDS) {
            Some("ISOLATION") => {
                c.expect(&["LEVEL"])?;
                modes.push(TransactionMode::Isolation(level(c)?));
            }
            Some("READ") => modes.push(match c.eat_any(&["ONLY", "WRITE"]) {
                Some("ONLY") => TransactionMode::ReadOnly,
                Some(_) => TransactionMode::ReadWrite,
                None => return Err(c.expected(&["ONLY", "WRITE"])),
            }),
            Some("NOT") => {
                c.expect(&["DEFERRABLE"])?;
                modes.push(TransactionMode::NotDeferrable);
            }
            Some(_) => modes.push(TransactionMode::Deferrable),
            None if comma => return Err(c.expected(MODE_WORDS)),
            None => return Ok(modes),
        }
    }
}

fn level(c: &mut Cursor<'_>) -> Result<IsolationLevel> {
    for (words, level) in [
        (&["READ", "UNCOMMITTED"][..], IsolationLevel::ReadUncommitted),
        (&["READ", "COMMITTED"][..], IsolationLevel::ReadCommitted),
        (&["REPEATABLE", "READ"][..], IsolationLevel::RepeatableRead),
        (&["SERIALIZABLE"][..], IsolationLevel::Serializable),
    ] {
        if c.eat(words) {
            return Ok(level);
        }
    }
    Err(c.expected(&["READ", "REPEATABLE", "SERIALIZABLE"]))
}

/// Writes the modes, each after a blank.
pub(crate) fn write_modes(f: &mut fmt::Formatter<'_>, modes: &[TransactionMode]) -> fmt::Result {
    for (i, mode) in modes.iter().enumerate() {
        write!(f, "{} {mode}", if i == 0 { "" } else { "," })?;
    }
    Ok(())
}

impl fmt::Display for IsolationLevel {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            IsolationLevel::ReadUncommitted => "READ UNCOMMITTED",
            IsolationLevel::ReadCommitted => "READ COMMITTED",
            IsolationLevel::RepeatableRead => "REPEATABLE READ",
            IsolationLevel::Serializable => "SERIALIZABLE",
        })
    }
}

impl fmt::Display for TransactionMode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            TransactionMode::Isolation(level) => write!(f, "ISOLATION LEVEL {level}"),
            TransactionMode::ReadOnly => f.write_str("READ ONLY"),
            TransactionMode::ReadWrite => f.write_str("READ WRITE"),
            TransactionMode::Deferrable => f.write_str("DEFERRABLE"),
            TransactionMode::NotDeferrable => f.write_str("NOT DEFERRABLE"),
        }
    }
}

impl fmt::Display for Begin {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("BEGIN")?;
        write_modes(f, &self.modes)
    }
}

#[cfg(test)]
mod tests {
    use crate::stmt::check::{fixed, refused, round_trip};

    #[test]
    fn reads_and_writes() {
        fixed(&[
            "BEGIN",
            "BEGIN ISOLATION LEVEL REPEATABLE READ, READ ONLY, NOT DEFERRABLE",
            "BEGIN READ WRITE, DEFERRABLE",
        ]);
        for (sql, written) in [
            ("begin work", "BEGIN"),
            ("START TRANSACTION", "BEGIN"),
            (
                "BEGIN TRANSACTION ISOLATION LEVEL READ COMMITTED READ ONLY",
                "BEGIN ISOLATION LEVEL READ COMMITTED, READ ONLY",
            ),
        ] {
            round_trip(sql, written);
        }
        refused(&[
            ("START", 6),
            ("BEGIN READ", 11),
            ("BEGIN x", 7),
            ("BEGIN READ ONLY,", 17),
            ("BEGIN ISOLATION LEVEL READ", 23),
        ]);
    }
}
