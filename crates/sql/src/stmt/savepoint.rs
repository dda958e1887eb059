//! `SAVEPOINT name` and `RELEASE [SAVEPOINT] name`.

use crate::StatementKind;
use crate::cursor::Cursor;
use weft_core::Result;

pub(crate) fn parse(c: &mut Cursor<'_>) -> Result<StatementKind> {
    c.expect(&["SAVEPOINT"])?;
    Ok(StatementKind::Savepoint(c.identifier()?))
}

pub(crate) fn parse_release(c: &mut Cursor<'_>) -> Result<StatementKind> {
    c.expect(&["RELEASE"])?;
    c.eat(&["SAVEPOINT"]);
    Ok(StatementKind::Release(c.identifier()?))
}

#[cfg(test)]
mod tests {
    use crate::stmt::check::{fixed, refused, round_trip};

    #[test]
    fn reads_and_writes() {
        fixed(&["SAVEPOINT s", "RELEASE SAVEPOINT \"S\""]);
        round_trip("release S", "RELEASE SAVEPOINT s");
        refused(&[("SAVEPOINT", 10), ("SAVEPOINT s t", 13), ("RELEASE", 8)]);
    }
}
