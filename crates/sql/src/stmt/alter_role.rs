//! `ALTER ROLE | USER r [WITH] …`, `RENAME TO s`, `SET variable = value`, `RESET variable | ALL`; `REASSIGN OWNED BY r TO s`.

use crate::cursor::Cursor;
use crate::stmt::role_options::RoleOptions;
use crate::stmt::set::{SetValue, values};
use crate::stmt::show::{variable, write_variable};
use crate::{ResetTarget, StatementKind};
use sqlparser::tokenizer::Token;
use std::fmt;
use weft_core::Result;
use weft_core::name::{quote_identifier, quote_literal};

/// The statement.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AlterRole {
    /// The role.
    pub name: String,
    /// What becomes of it.
    pub change: RoleChange,
}

/// What becomes of a role.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum RoleChange {
    /// What is said of it.
    Options(RoleOptions),
    /// Its name.
    Rename(String),
    /// A variable with which its sessions begin.
    Set(String, SetValue),
    /// They begin with it no more.
    Reset(ResetTarget),
    /// What it owns is this role's.
    Reassign(String),
}

/// Whether the statement that comes next is one; a mapping of users is another matter.
pub(crate) fn is_next(c: &Cursor<'_>) -> bool {
    c.at_words(&["ALTER", "ROLE"])
        || (c.at_words(&["ALTER", "USER"]) && !c.at_words(&["ALTER", "USER", "MAPPING", "FOR"]))
}

pub(crate) fn parse(c: &mut Cursor<'_>) -> Result<StatementKind> {
    c.expect(&["ALTER"])?;
    c.eat_any(&["ROLE", "USER"]);
    let name = c.identifier()?;
    let change = if c.eat(&["RENAME"]) {
        c.expect(&["TO"])?;
        RoleChange::Rename(c.identifier()?)
    } else if c.eat(&["SET"]) {
        let variable = variable(c)?;
        if !c.eat_sign(&Token::Eq) {
            c.expect(&["TO"])?;
        }
        RoleChange::Set(variable, values(c)?)
    } else if c.eat(&["RESET"]) {
        RoleChange::Reset(if c.eat(&["ALL"]) { ResetTarget::All } else { ResetTarget::Name(variable(c)?) })
    } else {
        c.eat(&["WITH"]);
        let mut options = RoleOptions::default();
        while options.read(c)? {}
        if !c.rest().is_empty() {
            return Err(c.expected(&[RoleOptions::WORDS, &["RENAME", "SET", "RESET"]].concat()));
        }
        RoleChange::Options(options)
    };
    Ok(StatementKind::AlterRole(AlterRole { name, change }))
}

pub(crate) fn parse_reassign(c: &mut Cursor<'_>) -> Result<StatementKind> {
    c.expect(&["REASSIGN", "OWNED", "BY"])?;
    let name = c.identifier()?;
    c.expect(&["TO"])?;
    Ok(StatementKind::AlterRole(AlterRole { name, change: RoleChange::Reassign(c.identifier()?) }))
}

impl fmt::Display for AlterRole {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let name = quote_identifier(&self.name);
        match &self.change {
            RoleChange::Options(options) => write!(f, "ALTER ROLE {name}{options}"),
            RoleChange::Rename(new) => write!(f, "ALTER ROLE {name} RENAME TO {}", quote_identifier(new)),
            RoleChange::Set(variable, SetValue::Default) => {
                write!(f, "ALTER ROLE {name} SET {} TO DEFAULT", write_variable(variable))
            }
            RoleChange::Set(variable, SetValue::Values(values)) => {
                let values = values.iter().map(|v| quote_literal(v)).collect::<Vec<_>>().join(", ");
                write!(f, "ALTER ROLE {name} SET {} TO {values}", write_variable(variable))
            }
            RoleChange::Reset(ResetTarget::All) => write!(f, "ALTER ROLE {name} RESET ALL"),
            RoleChange::Reset(ResetTarget::Name(variable)) => {
                write!(f, "ALTER ROLE {name} RESET {}", write_variable(variable))
            }
            RoleChange::Reassign(to) => write!(f, "REASSIGN OWNED BY {name} TO {}", quote_identifier(to)),
        }
    }
}

#[cfg(test)]
mod tests {
    use crate::stmt::check::{fixed, refused, round_trip};

    #[test]
    fn reads_and_writes() {
        fixed(&[
            "ALTER ROLE r SUPERUSER LOGIN PASSWORD 'x'",
            "ALTER ROLE r VALID UNTIL 'infinity' CONNECTION LIMIT 5",
            "ALTER ROLE r RENAME TO \"S\"",
            "ALTER ROLE r SET search_path TO 'a', 'b'",
            "ALTER ROLE r SET statement_timeout TO DEFAULT",
            "ALTER ROLE r RESET ALL",
            "ALTER ROLE r RESET search_path",
            "REASSIGN OWNED BY r TO s",
        ]);
        round_trip("alter user R with nologin", "ALTER ROLE r NOLOGIN");
        round_trip("ALTER ROLE r SET TIME ZONE = 'UTC'", "ALTER ROLE r SET timezone TO 'UTC'");
    }

    #[test]
    fn mistakes_have_a_place() {
        refused(&[
            ("ALTER ROLE", 11),
            ("ALTER ROLE r RENAME s", 21),
            ("ALTER ROLE r SET a", 19),
            ("ALTER ROLE r PASSWORD", 22),
            ("ALTER ROLE r LOGIN x", 20),
            ("REASSIGN OWNED r", 16),
        ]);
    }
}
