//! `CREATE SECRET [IF NOT EXISTS] s (TYPE kind, KEY_ID '…', SECRET '…')`: values that catalogs of that kind use by the name.

use crate::cursor::Cursor;
use crate::options::{self, Pairs};
use crate::{OnDuplicate, StatementKind};
use std::fmt;
use weft_core::name::{quote_identifier, quote_literal};
use weft_core::{Error, ErrorKind, Result};

/// The name in the list that is not an option.
const TYPE: &str = "type";

/// The statement.
#[derive(Clone, PartialEq, Eq)]
pub struct CreateSecret {
    /// Whether IF NOT EXISTS was said.
    pub on_duplicate: OnDuplicate,
    /// The secret.
    pub name: String,
    /// The kind of source that can use it.
    pub kind: String,
    /// Its values, by the options that they stand for.
    pub options: Pairs,
}

/// Values are secret.
impl fmt::Debug for CreateSecret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("CreateSecret").field("name", &self.name).field("kind", &self.kind).finish_non_exhaustive()
    }
}

pub(crate) fn parse(c: &mut Cursor<'_>) -> Result<StatementKind> {
    c.expect(&["CREATE", "SECRET"])?;
    let on_duplicate = if c.eat(&["IF"]) {
        c.expect(&["NOT", "EXISTS"])?;
        OnDuplicate::Skip
    } else {
        OnDuplicate::Fail
    };
    let name = c.identifier()?;
    let position = c.position();
    let mut options = options::options(c)?;
    let Some(place) = options.iter().position(|(name, _)| name == TYPE) else {
        let error = Error::new(ErrorKind::SyntaxError, "a secret needs a type").at(position);
        return Err(error.with_hint("Begin the list with TYPE and the kind of source: (TYPE s3, …)."));
    };
    let (_, kind) = options.remove(place);
    Ok(StatementKind::CreateSecret(CreateSecret { on_duplicate, name, kind, options }))
}

impl fmt::Display for CreateSecret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("CREATE SECRET ")?;
        if self.on_duplicate == OnDuplicate::Skip {
            f.write_str("IF NOT EXISTS ")?;
        }
        write!(f, "{} (TYPE {}", quote_identifier(&self.name), quote_identifier(&self.kind))?;
        for (name, value) in &self.options {
            write!(f, ", {} {}", quote_identifier(name), quote_literal(value))?;
        }
        f.write_str(")")
    }
}

#[cfg(test)]
mod tests {
    use crate::stmt::check::{error, fixed, kind, refused, round_trip};

    #[test]
    fn reads_and_writes() {
        fixed(&[
            "CREATE SECRET s (TYPE s3, key_id 'a', secret 'it''s')",
            "CREATE SECRET IF NOT EXISTS \"S\" (TYPE file)",
        ]);
        round_trip("create secret S (KEY_ID a, type 's3')", "CREATE SECRET s (TYPE s3, key_id 'a')");
    }

    #[test]
    fn mistakes_have_a_place() {
        refused(&[
            ("CREATE SECRET", 14),
            ("CREATE SECRET s", 16),
            ("CREATE SECRET s ()", 17),
            ("CREATE SECRET s (key_id 'a')", 17),
            ("CREATE SECRET s (TYPE s3, a 'b', a 'c')", 34),
            ("CREATE SECRET s (TYPE s3) x", 27),
        ]);
    }

    #[test]
    fn a_secret_is_neither_in_an_error_nor_in_debug() {
        let e = error("CREATE SECRET s (TYPE s3, secret 'a' 'geheim')");
        assert_eq!(e.message(), "syntax error at or near \"'***'\"");
        let kind = kind("CREATE SECRET s (TYPE s3, secret 'geheim')");
        assert!(!format!("{kind:?}").contains("geheim"));
    }
}
