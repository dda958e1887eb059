//! `DROP CACHE ALL`: forgets what is kept of objects.

use crate::StatementKind;
use crate::cursor::Cursor;
use weft_core::Result;

pub(crate) fn parse(c: &mut Cursor<'_>) -> Result<StatementKind> {
    c.expect(&["DROP", "CACHE"])?;
    if c.eat(&["FOR"]) {
        c.skip_rest();
        return Ok(StatementKind::Unsupported { what: "DROP CACHE FOR".to_owned() });
    }
    if !c.eat(&["ALL"]) {
        return Err(c.expected(&["ALL"]));
    }
    Ok(StatementKind::DropCaches)
}

#[cfg(test)]
mod tests {
    use crate::stmt::check::{fixed, refused};

    #[test]
    fn reads_and_writes() {
        fixed(&["DROP CACHE ALL"]);
        refused(&[("DROP CACHE", 11), ("DROP CACHE x", 12), ("DROP CACHE ALL x", 16)]);
    }
}
