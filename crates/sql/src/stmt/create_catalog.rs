//! `CREATE CATALOG [IF NOT EXISTS] c USING kind [OPTIONS (…)] [WITH (…)]`: a source becomes a catalog.

use crate::StatementKind;
use crate::cursor::Cursor;
use crate::options::{self, Pairs};
use std::fmt;
use weft_core::Result;
use weft_core::name::quote_identifier;

/// What happens if the name is taken.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum OnDuplicate {
    /// An error.
    Fail,
    /// A notice: IF NOT EXISTS.
    Skip,
}

/// The statement.
#[derive(Clone, PartialEq, Eq)]
pub struct CreateCatalog {
    /// Whether IF NOT EXISTS was said.
    pub on_duplicate: OnDuplicate,
    /// The catalog.
    pub name: String,
    /// The kind of source, such as `file`.
    pub kind: String,
    /// How to connect.
    pub options: Pairs,
    /// How to behave.
    pub with: Pairs,
}

/// Values can be passwords.
impl fmt::Debug for CreateCatalog {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("CreateCatalog").field("name", &self.name).field("kind", &self.kind).finish_non_exhaustive()
    }
}

pub(crate) fn parse(c: &mut Cursor<'_>) -> Result<StatementKind> {
    c.expect(&["CREATE", "CATALOG"])?;
    let on_duplicate = if c.eat(&["IF"]) {
        c.expect(&["NOT", "EXISTS"])?;
        OnDuplicate::Skip
    } else {
        OnDuplicate::Fail
    };
    let name = c.identifier()?;
    c.expect(&["USING"])?;
    let kind = c.identifier()?;
    let options = if c.eat(&["OPTIONS"]) { options::options(c)? } else { Pairs::new() };
    let with = if c.eat(&["WITH"]) { options::properties(c)? } else { Pairs::new() };
    if !c.rest().is_empty() {
        return Err(c.expected(&["OPTIONS", "WITH"]));
    }
    Ok(StatementKind::CreateCatalog(CreateCatalog { on_duplicate, name, kind, options, with }))
}

impl fmt::Display for CreateCatalog {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("CREATE CATALOG ")?;
        if self.on_duplicate == OnDuplicate::Skip {
            f.write_str("IF NOT EXISTS ")?;
        }
        write!(f, "{} USING {}", quote_identifier(&self.name), quote_identifier(&self.kind))?;
        options::write_options(f, &self.options)?;
        options::write_properties(f, &self.with)
    }
}

#[cfg(test)]
mod tests {
    use crate::stmt::check::{error, fixed, refused, round_trip};

    #[test]
    fn reads_and_writes() {
        fixed(&[
            "CREATE CATALOG c USING file",
            "CREATE CATALOG IF NOT EXISTS \"C d\" USING file OPTIONS (path '/x''y', depth '3') WITH (manage = 'all')",
        ]);
        round_trip(
            r"create catalog C using FILE options (PATH E'a\tb', doc $q$it's$q$, depth 5, low -5, flag TRUE, secret s, user 'u') with (x = 8, detached)",
            "CREATE CATALOG c USING file OPTIONS (path 'a\tb', doc 'it''s', depth '5', low '-5', flag 'true', secret 's', \"user\" 'u') \
             WITH (x = '8', detached = 'true')",
        );
        round_trip("CREATE CATALOG c USING file OPTIONS ()", "CREATE CATALOG c USING file");
    }

    #[test]
    fn mistakes_have_a_place() {
        refused(&[
            ("CREATE CATALOG", 15),
            ("CREATE CATALOG c", 17),
            ("CREATE CATALOG c USNG file", 18),
            ("CREATE CATALOG select USING file", 16),
            ("CREATE CATALOG c USING file OPTIONS (a 'b' c 'd')", 44),
            ("CREATE CATALOG c USING file OPTIONS (a 'b', a 'c')", 45),
            ("CREATE CATALOG c USING file OPTIONS (a 'b'", 43),
            ("CREATE CATALOG c USING file OPTIONS (a 'b',)", 44),
            ("CREATE CATALOG c.d USING file", 17),
            ("CREATE CATALOG c USING file OPTION (a 'b')", 29),
        ]);
        assert_eq!(error("CREATE CATALOG c USNG file").hint(), Some("Did you mean USING?"));
        assert_eq!(error("CREATE CATALOG c USING file OPTION (a 'b')").hint(), Some("Did you mean OPTIONS?"));
        assert_eq!(error("CREATE CATALGO c USING file").hint(), Some("Did you mean CATALOG?"));
        let long = format!("CREATE CATALOG {} USING file", "x".repeat(64));
        assert_eq!(error(&long).kind().sqlstate(), "42622");
    }

    #[test]
    fn a_secret_is_neither_in_an_error_nor_in_debug() {
        let e = error("CREATE CATALOG c USING postgres OPTIONS (password 'a' 'geheim')");
        assert_eq!(e.message(), "syntax error at or near \"'***'\"");
        let kind = crate::stmt::check::kind("CREATE CATALOG c USING postgres OPTIONS (password 'geheim')");
        assert!(!format!("{kind:?}").contains("geheim"));
    }
}
