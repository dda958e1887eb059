//! `ROLLBACK|ABORT [WORK|TRANSACTION] [AND [NO] CHAIN]` and `ROLLBACK … TO [SAVEPOINT] name`.

use crate::StatementKind;
use crate::cursor::Cursor;
use crate::stmt::commit::{Chain, chain};
use std::fmt;
use weft_core::Result;

/// The statement, without TO.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Rollback {
    /// What follows.
    pub chain: Chain,
}

pub(crate) fn parse(c: &mut Cursor<'_>) -> Result<StatementKind> {
    let rollback = c.eat(&["ROLLBACK"]);
    if !rollback {
        c.expect(&["ABORT"])?;
    }
    if rollback && c.eat(&["PREPARED"]) {
        c.string()?;
        return Ok(StatementKind::Unsupported { what: "ROLLBACK PREPARED".to_owned() });
    }
    c.eat_any(&["WORK", "TRANSACTION"]);
    if rollback && c.eat(&["TO"]) {
        c.eat(&["SAVEPOINT"]);
        return Ok(StatementKind::RollbackTo(c.identifier()?));
    }
    Ok(StatementKind::Rollback(Rollback { chain: chain(c)? }))
}

impl fmt::Display for Rollback {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "ROLLBACK{}", self.chain)
    }
}

#[cfg(test)]
mod tests {
    use crate::stmt::check::{fixed, refused, round_trip};

    #[test]
    fn reads_and_writes() {
        fixed(&["ROLLBACK", "ROLLBACK AND CHAIN", "ROLLBACK TO SAVEPOINT \"A\""]);
        for (sql, written) in [
            ("ABORT", "ROLLBACK"),
            ("ROLLBACK WORK TO s", "ROLLBACK TO SAVEPOINT s"),
            ("abort and no chain", "ROLLBACK"),
        ] {
            round_trip(sql, written);
        }
        refused(&[("ROLLBACK x", 10), ("ROLLBACK TO", 12), ("ABORT TO s", 7)]);
    }
}
