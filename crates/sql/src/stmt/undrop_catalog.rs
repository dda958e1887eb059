//! `UNDROP CATALOG c`, `UNDROP VIEW v`, `UNDROP TABLE t`: the object of that name that was dropped last comes back.

use crate::cursor::Cursor;
use crate::{Relation, StatementKind};
use weft_core::Result;

const KINDS: &[&str] = &["CATALOG", "VIEW", "TABLE"];

pub(crate) fn parse(c: &mut Cursor<'_>) -> Result<StatementKind> {
    c.expect(&["UNDROP"])?;
    Ok(match c.eat_any(KINDS) {
        Some("TABLE") => StatementKind::UndropRelation(Relation::Table, c.object_name(3)?),
        Some("VIEW") => StatementKind::UndropRelation(Relation::View, c.object_name(3)?),
        Some(_) => StatementKind::UndropCatalog(c.identifier()?),
        None => return Err(c.expected(KINDS)),
    })
}

#[cfg(test)]
mod tests {
    use crate::stmt::check::{fixed, refused, round_trip};

    #[test]
    fn reads_and_writes() {
        fixed(&["UNDROP CATALOG c", "UNDROP CATALOG \"order\"", "UNDROP VIEW public.v", "UNDROP TABLE t"]);
        round_trip("undrop catalog C", "UNDROP CATALOG c");
        refused(&[("UNDROP", 7), ("UNDROP c", 8), ("UNDROP CATALOG", 15), ("UNDROP CATALOG c d", 18)]);
    }
}
