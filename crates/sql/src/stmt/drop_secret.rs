//! `DROP SECRET [IF EXISTS] s`.

use crate::cursor::Cursor;
use crate::{OnMissing, StatementKind};
use std::fmt;
use weft_core::Result;
use weft_core::name::quote_identifier;

/// The statement.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DropSecret {
    /// Whether IF EXISTS was said.
    pub on_missing: OnMissing,
    /// The secret.
    pub name: String,
}

pub(crate) fn parse(c: &mut Cursor<'_>) -> Result<StatementKind> {
    c.expect(&["DROP", "SECRET"])?;
    let on_missing = if c.eat(&["IF"]) {
        c.expect(&["EXISTS"])?;
        OnMissing::Skip
    } else {
        OnMissing::Fail
    };
    Ok(StatementKind::DropSecret(DropSecret { on_missing, name: c.identifier()? }))
}

impl fmt::Display for DropSecret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let if_exists = if self.on_missing == OnMissing::Skip { "IF EXISTS " } else { "" };
        write!(f, "DROP SECRET {if_exists}{}", quote_identifier(&self.name))
    }
}

#[cfg(test)]
mod tests {
    use crate::stmt::check::{fixed, refused};

    #[test]
    fn reads_and_writes() {
        fixed(&["DROP SECRET s", "DROP SECRET IF EXISTS \"S\""]);
        refused(&[("DROP SECRET", 12), ("DROP SECRET IF s", 16), ("DROP SECRET s CASCADE", 15)]);
    }
}
