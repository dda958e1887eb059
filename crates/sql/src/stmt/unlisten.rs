//! `UNLISTEN channel|*`. Nobody can LISTEN, so that there is never anything to end; drivers end it when a connection goes back to its pool.

use crate::StatementKind;
use crate::cursor::Cursor;
use sqlparser::tokenizer::Token;
use weft_core::Result;

pub(crate) fn parse(c: &mut Cursor<'_>) -> Result<StatementKind> {
    c.expect(&["UNLISTEN"])?;
    Ok(StatementKind::Unlisten(if c.eat_sign(&Token::Mul) { None } else { Some(c.identifier()?) }))
}

#[cfg(test)]
mod tests {
    use crate::stmt::check::{fixed, refused};

    #[test]
    fn reads_and_writes() {
        fixed(&["UNLISTEN *", "UNLISTEN \"C\""]);
        refused(&[("UNLISTEN", 9), ("UNLISTEN a b", 12)]);
    }
}
