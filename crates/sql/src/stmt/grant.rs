//! `GRANT privilege, … | ALL [PRIVILEGES] ON CATALOG c | SCHEMA c.s | [TABLE] c.s.t | ALL TABLES IN SCHEMA c.s TO r | PUBLIC, … [WITH GRANT OPTION]` and
//! `REVOKE [GRANT OPTION FOR] … FROM … [CASCADE | RESTRICT]`. Which privileges an object can have is the engine's to check.

use crate::cursor::Cursor;
use crate::stmt::create_role::list;
use crate::{Behavior, StatementKind};
use sqlparser::tokenizer::Token;
use std::fmt;
use weft_core::name::{nearest, quote_identifier};
use weft_core::{Error, ErrorKind, ObjectName, Privilege, Result};

/// The statement.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Grant {
    /// Whether it gives or takes.
    pub deed: Deed,
    /// Which privileges; nothing stands for all.
    pub privileges: Option<Vec<Privilege>>,
    /// On what.
    pub objects: GrantTarget,
    /// To whom, or from whom.
    pub roles: Vec<Grantee>,
}

/// Whether something is given or taken.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Deed {
    /// It is given.
    Grant,
    /// It is given, and may be given on.
    GrantWithOption,
    /// It is taken.
    Revoke(Behavior),
    /// It may not be given on any more.
    RevokeOption(Behavior),
}

/// On what privileges are granted.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum GrantTarget {
    /// Whole catalogs.
    Catalogs(Vec<String>),
    /// Schemas.
    Schemas(Vec<ObjectName>),
    /// Tables and views.
    Tables(Vec<ObjectName>),
    /// The tables that are in these schemas now.
    AllTablesIn(Vec<ObjectName>),
}

/// To whom something is granted.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Grantee {
    /// Everybody.
    Public,
    /// A role.
    Role(String),
}

impl Deed {
    /// Whether it gives.
    pub fn gives(self) -> bool {
        matches!(self, Deed::Grant | Deed::GrantWithOption)
    }
}

/// Whether it is about privileges, not about membership: only then there is an object.
pub(crate) fn is_next(c: &Cursor<'_>) -> bool {
    let mut before = c.rest().iter().take_while(|l| !l.is_word("TO") && !l.is_word("FROM"));
    before.any(|l| l.is_word("ON"))
}

pub(crate) fn parse(c: &mut Cursor<'_>) -> Result<StatementKind> {
    let gives = c.eat_any(&["GRANT", "REVOKE"]) == Some("GRANT");
    let option_only = !gives && c.eat(&["GRANT", "OPTION", "FOR"]);
    let privileges = if c.eat(&["ALL"]) {
        c.eat(&["PRIVILEGES"]);
        None
    } else {
        let mut privileges = vec![privilege(c)?];
        while c.eat_sign(&Token::Comma) {
            privileges.push(privilege(c)?);
        }
        privileges.sort();
        privileges.dedup();
        Some(privileges)
    };
    if c.at_sign(&Token::LParen) {
        return Err(Error::unsupported("a privilege on columns").at(c.position()));
    }
    c.expect(&["ON"])?;
    let objects = target(c)?;
    c.expect(&[if gives { "TO" } else { "FROM" }])?;
    let mut roles = vec![grantee(c)?];
    while c.eat_sign(&Token::Comma) {
        roles.push(grantee(c)?);
    }
    let deed = if gives {
        if c.eat(&["WITH"]) {
            c.expect(&["GRANT", "OPTION"])?;
            Deed::GrantWithOption
        } else {
            Deed::Grant
        }
    } else {
        revoked(c, option_only)?
    };
    Ok(StatementKind::Grant(Grant { deed, privileges, objects, roles }))
}

/// The end of a REVOKE.
pub(crate) fn revoked(c: &mut Cursor<'_>, option_only: bool) -> Result<Deed> {
    let behavior = match c.eat_any(&["CASCADE", "RESTRICT"]) {
        Some("CASCADE") => Behavior::Cascade,
        _ => Behavior::Restrict,
    };
    if !c.rest().is_empty() {
        return Err(c.expected(&["CASCADE", "RESTRICT"]));
    }
    Ok(if option_only { Deed::RevokeOption(behavior) } else { Deed::Revoke(behavior) })
}

fn privilege(c: &mut Cursor<'_>) -> Result<Privilege> {
    let place = c.position();
    let word = c.label()?;
    if let Some(privilege) = Privilege::named(&word) {
        return Ok(privilege);
    }
    let error = Error::new(ErrorKind::SyntaxError, format!("unrecognized privilege type \"{word}\"")).at(place);
    Err(match (word.as_str(), nearest(&word.to_uppercase(), Privilege::ALL.map(Privilege::word))) {
        ("read", _) => error.with_hint("To read is USAGE, SELECT, PREVIEW."),
        ("write", _) => error.with_hint("To write is USAGE, SELECT, PREVIEW, INSERT."),
        ("admin", _) => error.with_hint("To administer is ALL."),
        (_, Some(near)) => error.with_hint(format!("Did you mean {near}?")),
        (_, None) => error.with_hint(format!("There are {} and ALL.", Privilege::ALL.map(Privilege::word).join(", "))),
    })
}

fn target(c: &mut Cursor<'_>) -> Result<GrantTarget> {
    if c.eat(&["ALL", "TABLES", "IN", "SCHEMA"]) {
        return Ok(GrantTarget::AllTablesIn(objects(c, 2)?));
    }
    match c.eat_any(&["CATALOG", "SCHEMA", "TABLE"]) {
        Some("CATALOG") => {
            let mut names = vec![c.identifier()?];
            while c.eat_sign(&Token::Comma) {
                names.push(c.identifier()?);
            }
            Ok(GrantTarget::Catalogs(names))
        }
        Some("SCHEMA") => Ok(GrantTarget::Schemas(objects(c, 2)?)),
        _ => Ok(GrantTarget::Tables(objects(c, 3)?)),
    }
}

fn objects(c: &mut Cursor<'_>, parts: usize) -> Result<Vec<ObjectName>> {
    let mut names = vec![c.object_name(parts)?];
    while c.eat_sign(&Token::Comma) {
        names.push(c.object_name(parts)?);
    }
    Ok(names)
}

fn grantee(c: &mut Cursor<'_>) -> Result<Grantee> {
    if c.eat(&["PUBLIC"]) {
        return Ok(Grantee::Public);
    }
    c.eat(&["GROUP"]);
    c.identifier().map(Grantee::Role)
}

impl fmt::Display for Grantee {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Grantee::Public => f.write_str("PUBLIC"),
            // The bare words mean something else.
            Grantee::Role(name) if name == "public" || name == "group" => write!(f, "\"{name}\""),
            Grantee::Role(name) => f.write_str(&quote_identifier(name)),
        }
    }
}

impl fmt::Display for GrantTarget {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let joined = |names: &[ObjectName]| names.iter().map(ObjectName::to_string).collect::<Vec<_>>().join(", ");
        match self {
            GrantTarget::Catalogs(names) => write!(f, "CATALOG {}", list(names)),
            GrantTarget::Schemas(names) => write!(f, "SCHEMA {}", joined(names)),
            GrantTarget::Tables(names) => write!(f, "TABLE {}", joined(names)),
            GrantTarget::AllTablesIn(names) => write!(f, "ALL TABLES IN SCHEMA {}", joined(names)),
        }
    }
}

impl fmt::Display for Grant {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let privileges = match &self.privileges {
            None => "ALL".to_owned(),
            Some(privileges) => privileges.iter().map(|p| p.word()).collect::<Vec<_>>().join(", "),
        };
        let roles = self.roles.iter().map(Grantee::to_string).collect::<Vec<_>>().join(", ");
        let (first, last) = frame(self.deed, "GRANT OPTION");
        let word = if self.deed.gives() { "TO" } else { "FROM" };
        write!(f, "{first} {privileges} ON {} {word} {roles}{last}", self.objects)
    }
}

/// The beginning and the end of a statement, given what its option is called.
pub(crate) fn frame(deed: Deed, option: &str) -> (String, String) {
    let cascade = |behavior| if behavior == Behavior::Cascade { " CASCADE" } else { "" }.to_owned();
    match deed {
        Deed::Grant => ("GRANT".to_owned(), String::new()),
        Deed::GrantWithOption => ("GRANT".to_owned(), format!(" WITH {option}")),
        Deed::Revoke(behavior) => ("REVOKE".to_owned(), cascade(behavior)),
        Deed::RevokeOption(behavior) => (format!("REVOKE {option} FOR"), cascade(behavior)),
    }
}

#[cfg(test)]
mod tests {
    use crate::stmt::check::{error, fixed, refused, round_trip};

    #[test]
    fn reads_and_writes() {
        fixed(&[
            "GRANT USAGE, SELECT ON CATALOG c TO r",
            "GRANT ALL ON SCHEMA c.s, t TO r, PUBLIC WITH GRANT OPTION",
            "GRANT PREVIEW ON TABLE a.b.\"C\", d TO \"public\"",
            "GRANT SELECT ON ALL TABLES IN SCHEMA c.s TO r",
            "REVOKE GRANT OPTION FOR SELECT ON CATALOG c FROM r CASCADE",
            "REVOKE ALL ON TABLE t FROM PUBLIC",
        ]);
        round_trip("grant select, usage on T to R", "GRANT USAGE, SELECT ON TABLE t TO r");
        round_trip("revoke all privileges on t from group r restrict", "REVOKE ALL ON TABLE t FROM r");
    }

    #[test]
    fn mistakes_have_a_place() {
        refused(&[
            ("GRANT SELECT ON", 16),
            ("GRANT SELECT ON t", 18),
            ("GRANT SELECT ON t FROM r", 19),
            ("GRANT DELETE ON t TO r", 7),
            ("GRANT SELECT ON t TO r WITH ADMIN OPTION", 29),
            ("REVOKE SELECT ON t TO r", 20),
            ("REVOKE SELECT ON t FROM r CASCAD", 27),
        ]);
        assert_eq!(error("GRANT SELCT ON t TO r").hint(), Some("Did you mean SELECT?"));
        assert_eq!(error("GRANT read ON t TO r").hint(), Some("To read is USAGE, SELECT, PREVIEW."));
        assert_eq!(error("GRANT SELECT (a) ON t TO r").kind().sqlstate(), "0A000");
    }
}
