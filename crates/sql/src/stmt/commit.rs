//! `COMMIT|END [WORK|TRANSACTION] [AND [NO] CHAIN]`.

use crate::StatementKind;
use crate::cursor::Cursor;
use std::fmt;
use weft_core::Result;

/// What follows the end of a transaction.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Chain {
    /// Nothing.
    No,
    /// Another transaction with the same modes.
    Yes,
}

/// The statement.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Commit {
    /// What follows.
    pub chain: Chain,
}

pub(crate) fn parse(c: &mut Cursor<'_>) -> Result<StatementKind> {
    if c.eat_any(&["COMMIT", "END"]).is_none() {
        return Err(c.unexpected());
    }
    if c.eat(&["PREPARED"]) {
        c.string()?;
        return Ok(StatementKind::Unsupported { what: "COMMIT PREPARED".to_owned() });
    }
    c.eat_any(&["WORK", "TRANSACTION"]);
    Ok(StatementKind::Commit(Commit { chain: chain(c)? }))
}

/// `AND [NO] CHAIN`, if it is there.
pub(crate) fn chain(c: &mut Cursor<'_>) -> Result<Chain> {
    if !c.eat(&["AND"]) {
        return Ok(Chain::No);
    }
    let chain = if c.eat(&["NO"]) { Chain::No } else { Chain::Yes };
    c.expect(&["CHAIN"])?;
    Ok(chain)
}

impl fmt::Display for Chain {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(if *self == Chain::Yes { " AND CHAIN" } else { "" })
    }
}

impl fmt::Display for Commit {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "COMMIT{}", self.chain)
    }
}

#[cfg(test)]
mod tests {
    use crate::stmt::check::{fixed, refused, round_trip};

    #[test]
    fn reads_and_writes() {
        fixed(&["COMMIT", "COMMIT AND CHAIN"]);
        for (sql, written) in [
            ("END", "COMMIT"),
            ("commit work and no chain", "COMMIT"),
            ("END TRANSACTION AND CHAIN", "COMMIT AND CHAIN"),
        ] {
            round_trip(sql, written);
        }
        refused(&[("COMMIT x", 8), ("COMMIT AND", 11)]);
    }
}
