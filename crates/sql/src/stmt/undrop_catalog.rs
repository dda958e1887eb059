//! `UNDROP CATALOG c`, `UNDROP VIEW v`: the object of that name that was dropped last comes back.

use crate::StatementKind;
use crate::cursor::Cursor;
use weft_core::Result;

pub(crate) fn parse(c: &mut Cursor<'_>) -> Result<StatementKind> {
    c.expect(&["UNDROP"])?;
    if c.eat(&["TABLE"]) {
        c.skip_rest();
        return Ok(StatementKind::Unsupported { what: "UNDROP TABLE".to_owned() });
    }
    if c.eat(&["VIEW"]) {
        return Ok(StatementKind::UndropView(c.object_name(3)?));
    }
    if !c.eat(&["CATALOG"]) {
        return Err(c.expected(&["CATALOG", "VIEW"]));
    }
    Ok(StatementKind::UndropCatalog(c.identifier()?))
}

#[cfg(test)]
mod tests {
    use crate::stmt::check::{fixed, refused, round_trip};

    #[test]
    fn reads_and_writes() {
        fixed(&["UNDROP CATALOG c", "UNDROP CATALOG \"order\"", "UNDROP VIEW public.v"]);
        round_trip("undrop catalog C", "UNDROP CATALOG c");
        refused(&[("UNDROP", 7), ("UNDROP c", 8), ("UNDROP CATALOG", 15), ("UNDROP CATALOG c d", 18)]);
    }
}
