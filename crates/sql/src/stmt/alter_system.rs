//! `ALTER SYSTEM ROTATE ENCRYPTION KEY`. Settings are not changed by SQL yet.

use crate::StatementKind;
use crate::cursor::Cursor;
use weft_core::Result;

pub(crate) fn parse(c: &mut Cursor<'_>) -> Result<StatementKind> {
    c.expect(&["ALTER", "SYSTEM"])?;
    if c.eat_any(&["SET", "RESET"]).is_some() {
        c.skip_rest();
        return Ok(StatementKind::Unsupported { what: "ALTER SYSTEM".to_owned() });
    }
    if !c.at_words(&["ROTATE"]) {
        return Err(c.expected(&["ROTATE"]));
    }
    c.expect(&["ROTATE", "ENCRYPTION", "KEY"])?;
    Ok(StatementKind::RotateEncryptionKey)
}

#[cfg(test)]
mod tests {
    use crate::StatementKind;
    use crate::stmt::check::{kind, refused, round_trip};

    #[test]
    fn reads_and_writes() {
        let read = round_trip("alter system rotate encryption key", "ALTER SYSTEM ROTATE ENCRYPTION KEY");
        assert_eq!(read, StatementKind::RotateEncryptionKey);
        refused(&[("ALTER SYSTEM", 13), ("ALTER SYSTEM ROTATE", 20), ("ALTER SYSTEM ROTATE ENCRYPTION KEY now", 36)]);
        assert_eq!(kind("ALTER SYSTEM SET a = 1"), StatementKind::Unsupported { what: "ALTER SYSTEM".to_owned() });
    }
}
