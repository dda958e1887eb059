//! `CREATE ROLE | USER [IF NOT EXISTS] r [WITH] [LOGIN | NOLOGIN] [SUPERUSER | NOSUPERUSER] [PASSWORD '…' | NULL] [VALID UNTIL '…']
//! [CONNECTION LIMIT n] [IN ROLE s, …]`. A user is a role that may log in.

use crate::cursor::Cursor;
use crate::stmt::role_options::RoleOptions;
use crate::{OnDuplicate, StatementKind};
use sqlparser::tokenizer::Token;
use std::fmt;
use weft_core::Result;
use weft_core::name::quote_identifier;

/// The statement.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CreateRole {
    /// Whether IF NOT EXISTS was said.
    pub on_duplicate: OnDuplicate,
    /// The role.
    pub name: String,
    /// What is said of it.
    pub options: RoleOptions,
    /// The roles of which it is a member.
    pub member_of: Vec<String>,
}

/// Whether the statement that comes next is one; a mapping of users is another matter.
pub(crate) fn is_next(c: &Cursor<'_>) -> bool {
    c.at_words(&["CREATE", "ROLE"])
        || (c.at_words(&["CREATE", "USER"]) && !c.at_words(&["CREATE", "USER", "MAPPING", "FOR"]))
}

pub(crate) fn parse(c: &mut Cursor<'_>) -> Result<StatementKind> {
    c.expect(&["CREATE"])?;
    let is_user = c.eat_any(&["ROLE", "USER"]) == Some("USER");
    let on_duplicate = if c.eat(&["IF"]) {
        c.expect(&["NOT", "EXISTS"])?;
        OnDuplicate::Skip
    } else {
        OnDuplicate::Fail
    };
    let name = c.identifier()?;
    c.eat(&["WITH"]);
    let (mut options, mut member_of) = (RoleOptions::default(), Vec::new());
    loop {
        if options.read(c)? {
            continue;
        }
        if !c.eat(&["IN"]) {
            break;
        }
        if c.eat_any(&["ROLE", "GROUP"]).is_none() {
            return Err(c.expected(&["ROLE"]));
        }
        member_of.extend(names(c)?);
    }
    if !c.rest().is_empty() {
        return Err(c.expected(&[RoleOptions::WORDS, &["IN"]].concat()));
    }
    if is_user {
        options.login.get_or_insert(true);
    }
    Ok(StatementKind::CreateRole(CreateRole { on_duplicate, name, options, member_of }))
}

/// Names of roles with commas between.
pub(crate) fn names(c: &mut Cursor<'_>) -> Result<Vec<String>> {
    let mut names = vec![c.identifier()?];
    while c.eat_sign(&Token::Comma) {
        names.push(c.identifier()?);
    }
    Ok(names)
}

/// Writes names of roles.
pub(crate) fn list(names: &[String]) -> String {
    names.iter().map(|n| quote_identifier(n)).collect::<Vec<_>>().join(", ")
}

impl fmt::Display for CreateRole {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("CREATE ROLE ")?;
        if self.on_duplicate == OnDuplicate::Skip {
            f.write_str("IF NOT EXISTS ")?;
        }
        write!(f, "{}{}", quote_identifier(&self.name), self.options)?;
        if self.member_of.is_empty() { Ok(()) } else { write!(f, " IN ROLE {}", list(&self.member_of)) }
    }
}

#[cfg(test)]
mod tests {
    use crate::stmt::check::{error, fixed, kind, refused, round_trip};

    #[test]
    fn reads_and_writes() {
        fixed(&[
            "CREATE ROLE r",
            "CREATE ROLE IF NOT EXISTS \"R\" NOSUPERUSER LOGIN PASSWORD 'it''s' VALID UNTIL '2030-01-01' CONNECTION LIMIT 3 IN ROLE a, b",
            "CREATE ROLE r PASSWORD NULL CONNECTION LIMIT -1",
        ]);
        round_trip("create user Ann with password 'x'", "CREATE ROLE ann LOGIN PASSWORD 'x'");
        round_trip("CREATE USER ann NOLOGIN", "CREATE ROLE ann NOLOGIN");
        round_trip("CREATE ROLE r IN GROUP a INHERIT ENCRYPTED PASSWORD 'x'", "CREATE ROLE r PASSWORD 'x' IN ROLE a");
    }

    #[test]
    fn mistakes_have_a_place() {
        refused(&[
            ("CREATE ROLE", 12),
            ("CREATE ROLE r LOGIN NOLOGIN", 21),
            ("CREATE ROLE r PASSWORD x", 24),
            ("CREATE ROLE r VALID '2030-01-01'", 21),
            ("CREATE ROLE r CONNECTION LIMIT many", 32),
            ("CREATE ROLE r IN a", 18),
            ("CREATE ROLE r SUPRUSER", 15),
        ]);
        assert_eq!(error("CREATE ROLE r SUPRUSER").hint(), Some("Did you mean SUPERUSER?"));
        assert_eq!(error("CREATE ROLE r CREATEDB").kind().sqlstate(), "0A000");
    }

    #[test]
    fn a_password_is_neither_in_an_error_nor_in_debug() {
        let e = error("CREATE USER u PASSWORD 'a' 'geheim'");
        assert!(!format!("{e:?}").contains("geheim"), "{e:?}");
        assert!(!format!("{:?}", kind("CREATE USER u PASSWORD 'geheim'")).contains("geheim"));
    }
}
