//! `CANCEL JOB 'id'`: stops long work, in the source too.

use crate::StatementKind;
use crate::cursor::Cursor;
use weft_core::Result;

pub(crate) fn parse(c: &mut Cursor<'_>) -> Result<StatementKind> {
    c.expect(&["CANCEL"])?;
    if c.eat(&["QUERY"]) {
        c.skip_rest();
        return Ok(StatementKind::Unsupported { what: "CANCEL QUERY".to_owned() });
    }
    if !c.eat(&["JOB"]) {
        return Err(c.expected(&["JOB"]));
    }
    Ok(StatementKind::CancelJob(c.string()?))
}

#[cfg(test)]
mod tests {
    use crate::stmt::check::{fixed, refused};

    #[test]
    fn reads_and_writes() {
        fixed(&["CANCEL JOB '0199'"]);
        refused(&[("CANCEL", 7), ("CANCEL x", 8), ("CANCEL JOB", 11), ("CANCEL JOB 'a' b", 16)]);
    }
}
