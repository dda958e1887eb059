//! What people say of objects: `COMMENT ON … IS '…'`, `ALTER … SET TAG k = 'v'`, `SET FOLDER '/fin'`, `SET FAVORITE` and `UNSET` of each,
//! `CREATE FOLDER '/fin'`, `DROP FOLDER '/fin'`. Whether the object is there is the engine's to check.

use crate::cursor::Cursor;
use crate::{AlterView, OnMissing, StatementKind, ViewChange};
use sqlparser::tokenizer::Token;
use std::fmt;
use weft_core::name::{quote_identifier, quote_literal};
use weft_core::{Error, ErrorKind, ObjectName, Result};

/// What something is said of.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Target {
    /// A catalog.
    Catalog(String),
    /// A schema: one part, or two with its catalog.
    Schema(ObjectName),
    /// A table: up to three parts.
    Table(ObjectName),
    /// A view: up to three parts.
    View(ObjectName),
    /// A column of a table or view: two to four parts.
    Column(ObjectName),
    /// A folder, by its path.
    Folder(String),
}

/// The statement.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Annotate {
    /// Of what.
    pub target: Target,
    /// What.
    pub remark: Remark,
}

/// What is said.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Remark {
    /// What it is, in words; nothing takes it away.
    Comment(Option<String>),
    /// A name and a value.
    Tag(String, String),
    /// The tag of this name is gone.
    Untag(String),
    /// In which folder it lies; nothing takes it out.
    Folder(Option<String>),
    /// Who says this wants to find it again.
    Favorite(Favorite),
}

/// Whether something is a favourite.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Favorite {
    /// It is.
    Yes,
    /// It is not any more.
    No,
}

/// CREATE FOLDER and DROP FOLDER.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Folder {
    /// Its path.
    pub path: String,
    /// What becomes of it.
    pub change: FolderChange,
}

/// What becomes of a folder.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum FolderChange {
    /// It is there.
    Create,
    /// It is gone.
    Drop(OnMissing),
}

pub(crate) fn parse_comment(c: &mut Cursor<'_>) -> Result<StatementKind> {
    c.expect(&["COMMENT", "ON"])?;
    let known = ["CATALOG", "SCHEMA", "TABLE", "VIEW", "COLUMN", "FOLDER"];
    let target = match c.eat_any(&known) {
        Some("CATALOG") => Target::Catalog(c.identifier()?),
        Some("SCHEMA") => Target::Schema(c.object_name(2)?),
        Some("TABLE") => Target::Table(c.object_name(3)?),
        Some("VIEW") => Target::View(c.object_name(3)?),
        Some("FOLDER") => Target::Folder(c.string()?),
        Some(_) => {
            let position = c.position();
            let name = c.object_name(4)?;
            if name.0.len() < 2 {
                return Err(Error::new(ErrorKind::SyntaxError, "column name must be qualified").at(position));
            }
            Target::Column(name)
        }
        None => return Err(c.expected(&known)),
    };
    c.expect(&["IS"])?;
    let comment = if c.eat(&["NULL"]) { None } else { Some(c.string()?) };
    Ok(StatementKind::Annotate(Annotate { target, remark: Remark::Comment(comment) }))
}

/// `ALTER TABLE …` or `ALTER SCHEMA …`.
pub(crate) fn parse_alter(c: &mut Cursor<'_>) -> Result<StatementKind> {
    c.expect(&["ALTER"])?;
    let target = match c.eat_any(&["TABLE", "SCHEMA"]) {
        Some("TABLE") => Target::Table(c.object_name(3)?),
        _ => Target::Schema(c.object_name(2)?),
    };
    if let (Target::Table(name), true) = (&target, c.eat(&["RENAME", "TO"])) {
        // As in PostgreSQL, a view is renamed so, too; Weft's only tables are those of sources.
        return Ok(StatementKind::AlterView(AlterView {
            name: name.clone(),
            change: ViewChange::Rename(c.identifier()?),
        }));
    }
    match c.eat_any(&["SET", "UNSET"]) {
        Some(verb) if is_next(c) => change(c, verb, target),
        _ => {
            // What else PostgreSQL alters.
            c.skip_rest();
            let what = if matches!(target, Target::Table(_)) { "ALTER TABLE" } else { "ALTER SCHEMA" };
            Ok(StatementKind::Unsupported { what: what.to_owned() })
        }
    }
}

const KNOWN: [&str; 4] = ["TAG", "FOLDER", "FAVORITE", "FAVOURITE"];

/// Whether a remark comes next.
pub(crate) fn is_next(c: &Cursor<'_>) -> bool {
    KNOWN.iter().any(|w| c.at_words(&[w]))
}

/// What comes after `SET` or `UNSET`.
pub(crate) fn change(c: &mut Cursor<'_>, verb: &str, target: Target) -> Result<StatementKind> {
    let set = verb == "SET";
    let remark = match c.eat_any(&KNOWN) {
        Some("TAG") => {
            let name = c.label()?;
            if set {
                c.expect_sign(&Token::Eq)?;
                Remark::Tag(name, c.constant()?)
            } else {
                Remark::Untag(name)
            }
        }
        Some("FOLDER") => Remark::Folder(if set { Some(c.string()?) } else { None }),
        Some(_) => Remark::Favorite(if set { Favorite::Yes } else { Favorite::No }),
        None => return Err(c.expected(&KNOWN[..3])),
    };
    Ok(StatementKind::Annotate(Annotate { target, remark }))
}

pub(crate) fn parse_folder(c: &mut Cursor<'_>) -> Result<StatementKind> {
    let verb = c.eat_any(&["CREATE", "DROP"]);
    c.expect(&["FOLDER"])?;
    let change = match verb {
        Some("DROP") if c.eat(&["IF"]) => {
            c.expect(&["EXISTS"])?;
            FolderChange::Drop(OnMissing::Skip)
        }
        Some("DROP") => FolderChange::Drop(OnMissing::Fail),
        _ => FolderChange::Create,
    };
    Ok(StatementKind::Folder(Folder { path: c.string()?, change }))
}

impl fmt::Display for Target {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Target::Catalog(name) => write!(f, "CATALOG {}", quote_identifier(name)),
            Target::Schema(name) => write!(f, "SCHEMA {name}"),
            Target::Table(name) => write!(f, "TABLE {name}"),
            Target::View(name) => write!(f, "VIEW {name}"),
            Target::Column(name) => write!(f, "COLUMN {name}"),
            Target::Folder(path) => write!(f, "FOLDER {}", quote_literal(path)),
        }
    }
}

impl fmt::Display for Annotate {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let target = &self.target;
        match &self.remark {
            Remark::Comment(Some(text)) => write!(f, "COMMENT ON {target} IS {}", quote_literal(text)),
            Remark::Comment(None) => write!(f, "COMMENT ON {target} IS NULL"),
            Remark::Tag(name, value) => {
                write!(f, "ALTER {target} SET TAG {} = {}", quote_identifier(name), quote_literal(value))
            }
            Remark::Untag(name) => write!(f, "ALTER {target} UNSET TAG {}", quote_identifier(name)),
            Remark::Folder(Some(path)) => write!(f, "ALTER {target} SET FOLDER {}", quote_literal(path)),
            Remark::Folder(None) => write!(f, "ALTER {target} UNSET FOLDER"),
            Remark::Favorite(Favorite::Yes) => write!(f, "ALTER {target} SET FAVORITE"),
            Remark::Favorite(Favorite::No) => write!(f, "ALTER {target} UNSET FAVORITE"),
        }
    }
}

impl fmt::Display for Folder {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let words = match self.change {
            FolderChange::Create => "CREATE FOLDER",
            FolderChange::Drop(OnMissing::Fail) => "DROP FOLDER",
            FolderChange::Drop(OnMissing::Skip) => "DROP FOLDER IF EXISTS",
        };
        write!(f, "{words} {}", quote_literal(&self.path))
    }
}

#[cfg(test)]
mod tests {
    use crate::stmt::check::{fixed, refused, round_trip};

    #[test]
    fn reads_and_writes() {
        fixed(&[
            "COMMENT ON CATALOG c IS 'x'",
            "COMMENT ON SCHEMA c.s IS NULL",
            "COMMENT ON TABLE c.s.t IS 'it''s'",
            "COMMENT ON VIEW v IS 'x'",
            "COMMENT ON COLUMN c.s.t.\"order\" IS 'x'",
            "COMMENT ON FOLDER '/a' IS 'x'",
            "ALTER TABLE t SET TAG pii = 'yes'",
            "ALTER VIEW v UNSET TAG pii",
            "ALTER SCHEMA c.s SET FOLDER '/fin/2026'",
            "ALTER CATALOG c SET TAG owner = 'x'",
            "ALTER CATALOG c UNSET FOLDER",
            "ALTER TABLE t SET FAVORITE",
            "CREATE FOLDER '/fin'",
            "DROP FOLDER IF EXISTS '/fin'",
            "DROP FOLDER '/fin'",
        ]);
        round_trip("alter table T unset favourite", "ALTER TABLE t UNSET FAVORITE");
        round_trip("alter table t set tag N = 5", "ALTER TABLE t SET TAG n = '5'");
    }

    #[test]
    fn mistakes_have_a_place() {
        refused(&[
            ("COMMENT ON", 11),
            ("COMMENT ON TABEL t IS 'x'", 12),
            ("COMMENT ON TABLE t", 19),
            ("COMMENT ON TABLE t IS x", 23),
            ("COMMENT ON COLUMN x IS 'y'", 19),
            ("ALTER TABLE t SET TAG a", 24),
            ("ALTER VIEW v SET TAGS a = 1", 18),
            ("CREATE FOLDER fin", 15),
        ]);
    }
}
