//! `EXECUTE name [(argument, …)]`.

use crate::StatementKind;
use crate::cursor::Cursor;
use crate::query;
use crate::stmt::prepare::parenthesised;
use sqlparser::ast::Expr;
use std::fmt;
use weft_core::Result;
use weft_core::name::quote_identifier;

/// The statement.
#[derive(Debug, Clone, PartialEq)]
pub struct Execute {
    /// Given by PREPARE.
    pub name: String,
    /// One for each parameter.
    pub arguments: Vec<Expr>,
}

pub(crate) fn parse(c: &mut Cursor<'_>) -> Result<StatementKind> {
    c.expect(&["EXECUTE"])?;
    let name = c.identifier()?;
    let arguments = match parenthesised(c)? {
        Some(inside) => query::run(c, inside, |p| p.parse_comma_separated(|p| p.parse_expr()))?,
        None => Vec::new(),
    };
    Ok(StatementKind::Execute(Execute { name, arguments }))
}

impl fmt::Display for Execute {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "EXECUTE {}", quote_identifier(&self.name))?;
        for (i, argument) in self.arguments.iter().enumerate() {
            write!(f, "{}{argument}", if i == 0 { " (" } else { ", " })?;
        }
        if self.arguments.is_empty() { Ok(()) } else { f.write_str(")") }
    }
}

#[cfg(test)]
mod tests {
    use crate::stmt::check::{fixed, refused};

    #[test]
    fn reads_and_writes() {
        fixed(&["EXECUTE p", "EXECUTE \"P\" (1, 'x', f(1, 2) + 3)"]);
        refused(&[
            ("EXECUTE", 8),
            ("EXECUTE p (", 12),
            ("EXECUTE p ()", 12),
            ("EXECUTE p (1) x", 15),
            ("EXECUTE p (1 2)", 14),
        ]);
    }
}
