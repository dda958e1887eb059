//! `SHOW …`: listings of Weft's own objects, and session variables as in PostgreSQL. Whether a variable exists is not known here.

use crate::StatementKind;
use crate::cursor::Cursor;
use sqlparser::tokenizer::Token;
use std::fmt;
use weft_core::name::{nearest, quote_always, quote_identifier, quote_literal};
use weft_core::{ObjectName, Result};

/// The statement.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Show {
    /// SHOW CATALOGS.
    Catalogs {
        /// Only names like this.
        like: Option<String>,
    },
    /// SHOW SCHEMAS.
    Schemas {
        /// Of this catalog, else of the current one.
        catalog: Option<String>,
        /// Only names like this.
        like: Option<String>,
    },
    /// SHOW TABLES.
    Tables {
        /// Of this catalog or schema (one or two parts), else of the current ones.
        scope: Option<ObjectName>,
        /// Only names like this.
        like: Option<String>,
    },
    /// SHOW COLUMNS.
    Columns {
        /// Of this table.
        table: ObjectName,
    },
    /// SHOW CREATE CATALOG.
    CreateCatalog {
        /// The catalog.
        name: String,
    },
    /// SHOW CREATE ALL.
    CreateAll,
    /// SHOW SECRETS: their names, never their values.
    Secrets,
    /// SHOW JOBS: long work, the newest first.
    Jobs,
    /// SHOW JOURNAL: statements that wait or waited for the metastore, the newest first.
    Journal,
    /// SHOW SCANS: the newest first.
    Scans,
    /// SHOW SCHEDULES.
    Schedules,
    /// SHOW ROLES.
    Roles,
    /// SHOW GRANTS.
    Grants {
        /// To this role alone.
        role: Option<String>,
    },
    /// SHOW WORKERS.
    Workers,
    /// SHOW CACHES.
    Caches,
    /// SHOW POOLS.
    Pools,
    /// SHOW ALL: every session variable.
    All,
    /// SHOW of one variable: lower case, dotted where the user dotted it.
    Variable(String),
}

/// Listings that a later Weft has.
const LATER: &[&str] = &["BACKUPS"];

/// What there is to be listed.
const LISTINGS: &[&str] = &[
    "CATALOGS",
    "SCHEMAS",
    "TABLES",
    "COLUMNS",
    "CREATE",
    "SECRETS",
    "JOBS",
    "CACHES",
    "JOURNAL",
    "SCANS",
    "SCHEDULES",
    "ROLES",
    "GRANTS",
    "WORKERS",
    "POOLS",
    "ALL",
];

/// The listing whose name this word nearly is.
pub fn mistyped(word: &str) -> Option<&'static str> {
    const SHORTEST: usize = 4;
    nearest(&word.to_ascii_uppercase(), LISTINGS.iter().copied()).filter(|_| word.len() >= SHORTEST)
}

/// Words that mean something else than a variable.
const TAKEN: &[&str] = &[
    "all",
    "caches",
    "catalogs",
    "columns",
    "create",
    "grants",
    "jobs",
    "journal",
    "pools",
    "roles",
    "scans",
    "schedules",
    "schemas",
    "secrets",
    "session",
    "tables",
    "time",
    "transaction",
    "workers",
];

pub(crate) fn parse(c: &mut Cursor<'_>) -> Result<StatementKind> {
    c.expect(&["SHOW"])?;
    if let Some(what) = LATER.iter().find(|w| c.at_words(&[w]) && c.rest().len() == 1) {
        c.advance();
        return Ok(StatementKind::Unsupported { what: format!("SHOW {what}") });
    }
    Ok(StatementKind::Show(match c.eat_any(LISTINGS) {
        Some("CATALOGS") => Show::Catalogs { like: like(c)? },
        Some("SCHEMAS") => {
            let catalog = if from(c) { Some(c.identifier()?) } else { None };
            Show::Schemas { catalog, like: like(c)? }
        }
        Some("TABLES") => {
            let scope = if from(c) { Some(c.object_name(2)?) } else { None };
            Show::Tables { scope, like: like(c)? }
        }
        Some("COLUMNS") if from(c) => Show::Columns { table: c.object_name(3)? },
        Some("COLUMNS") => return Err(c.expected(&["FROM", "IN"])),
        Some("CREATE") if c.eat(&["ALL"]) => Show::CreateAll,
        Some("CREATE") if c.eat(&["CATALOG"]) => Show::CreateCatalog { name: c.identifier()? },
        Some("CREATE") => return Err(c.expected(&["CATALOG", "ALL"])),
        Some("SECRETS") => Show::Secrets,
        Some("JOBS") => Show::Jobs,
        Some("JOURNAL") => Show::Journal,
        Some("SCANS") => Show::Scans,
        Some("SCHEDULES") => Show::Schedules,
        Some("ROLES") => Show::Roles,
        Some("GRANTS") => Show::Grants { role: if c.eat(&["TO"]) { Some(c.identifier()?) } else { None } },
        Some("WORKERS") => Show::Workers,
        Some("CACHES") => Show::Caches,
        Some("POOLS") => Show::Pools,
        Some(_) => Show::All,
        None => {
            let word = c.clone();
            let name = variable(c)?;
            if let Some(near) = mistyped(&name).filter(|_| !c.rest().is_empty()) {
                return Err(word.unexpected().with_hint(format!("Did you mean SHOW {near}?")));
            }
            Show::Variable(name)
        }
    }))
}

/// Reads the name of a variable, also in the standard's words.
pub(crate) fn variable(c: &mut Cursor<'_>) -> Result<String> {
    for (words, name) in [
        (&["TIME", "ZONE"][..], "timezone"),
        (&["TRANSACTION", "ISOLATION", "LEVEL"][..], "transaction_isolation"),
        (&["SESSION", "AUTHORIZATION"][..], "session_authorization"),
    ] {
        if c.eat(words) {
            return Ok(name.to_owned());
        }
    }
    let mut name = c.identifier()?;
    while c.eat_sign(&Token::Period) {
        name = format!("{name}.{}", c.label()?);
    }
    Ok(name.to_ascii_lowercase())
}

/// The name of a variable as it must be typed.
pub(crate) fn write_variable(name: &str) -> String {
    let quote =
        |part| if TAKEN.contains(&part) || is_later(part) { quote_always(part) } else { quote_identifier(part) };
    name.split('.').map(quote).collect::<Vec<_>>().join(".")
}

fn is_later(part: &str) -> bool {
    LATER.iter().any(|w| w.eq_ignore_ascii_case(part))
}

fn from(c: &mut Cursor<'_>) -> bool {
    c.eat_any(&["FROM", "IN"]).is_some()
}

fn like(c: &mut Cursor<'_>) -> Result<Option<String>> {
    if c.eat(&["LIKE"]) {
        return c.string().map(Some);
    }
    if c.rest().is_empty() { Ok(None) } else { Err(c.expected(&["LIKE", "FROM"])) }
}

impl fmt::Display for Show {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("SHOW ")?;
        let like = match self {
            Show::Catalogs { like } => {
                f.write_str("CATALOGS")?;
                like
            }
            Show::Schemas { catalog, like } => {
                f.write_str("SCHEMAS")?;
                if let Some(catalog) = catalog {
                    write!(f, " FROM {}", quote_identifier(catalog))?;
                }
                like
            }
            Show::Tables { scope, like } => {
                f.write_str("TABLES")?;
                if let Some(scope) = scope {
                    write!(f, " FROM {scope}")?;
                }
                like
            }
            Show::Columns { table } => return write!(f, "COLUMNS FROM {table}"),
            Show::CreateCatalog { name } => return write!(f, "CREATE CATALOG {}", quote_identifier(name)),
            Show::CreateAll => return f.write_str("CREATE ALL"),
            Show::Secrets => return f.write_str("SECRETS"),
            Show::Jobs => return f.write_str("JOBS"),
            Show::Journal => return f.write_str("JOURNAL"),
            Show::Scans => return f.write_str("SCANS"),
            Show::Schedules => return f.write_str("SCHEDULES"),
            Show::Roles => return f.write_str("ROLES"),
            Show::Grants { role: None } => return f.write_str("GRANTS"),
            Show::Grants { role: Some(role) } => return write!(f, "GRANTS TO {}", quote_identifier(role)),
            Show::Workers => return f.write_str("WORKERS"),
            Show::Caches => return f.write_str("CACHES"),
            Show::Pools => return f.write_str("POOLS"),
            Show::All => return f.write_str("ALL"),
            Show::Variable(name) => return f.write_str(&write_variable(name)),
        };
        match like {
            Some(pattern) => write!(f, " LIKE {}", quote_literal(pattern)),
            None => Ok(()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::stmt::check::{error, fixed, refused, round_trip};

    #[test]
    fn reads_and_writes() {
        fixed(&[
            "SHOW CATALOGS",
            "SHOW CATALOGS LIKE 'a''%'",
            "SHOW SCHEMAS",
            "SHOW SCHEMAS FROM \"C\" LIKE 'x'",
            "SHOW TABLES",
            "SHOW TABLES FROM c",
            "SHOW TABLES FROM c.\"S t\" LIKE '%'",
            "SHOW COLUMNS FROM a.b.c",
            "SHOW CREATE CATALOG c",
            "SHOW CREATE ALL",
            "SHOW SECRETS",
            "SHOW JOBS",
            "SHOW JOURNAL",
            "SHOW SCANS",
            "SHOW SCHEDULES",
            "SHOW ROLES",
            "SHOW GRANTS",
            "SHOW GRANTS TO \"R\"",
            "SHOW WORKERS",
            "SHOW CACHES",
            "SHOW POOLS",
            "SHOW ALL",
            "SHOW search_path",
            "SHOW my.\"session\".thing",
            "SHOW \"tables\"",
        ]);
        round_trip("show tables IN C.S", "SHOW TABLES FROM c.s");
        for (sql, name) in [
            ("SHOW TIME ZONE", "timezone"),
            ("SHOW TimeZone", "timezone"),
            ("SHOW \"TimeZone\"", "timezone"),
            ("SHOW TRANSACTION ISOLATION LEVEL", "transaction_isolation"),
            ("SHOW SESSION AUTHORIZATION", "session_authorization"),
        ] {
            let read = round_trip(sql, &format!("SHOW {name}"));
            assert_eq!(read, StatementKind::Show(Show::Variable(name.to_owned())));
        }
    }

    #[test]
    fn mistakes_have_a_place() {
        refused(&[
            ("SHOW", 5),
            ("SHOW CREATE", 12),
            ("SHOW COLUMNS t", 14),
            ("SHOW TABLES FROM LIKE 'x'", 18),
            ("SHOW TABLES FROM a.b.c", 21),
            ("SHOW TABLES LIKE x", 18),
            ("SHOW ALL x", 10),
        ]);
        assert_eq!(error("SHOW TABLES LKE 'x'").hint(), Some("Did you mean LIKE?"));
        assert_eq!(
            crate::stmt::check::kind("SHOW BACKUPS"),
            StatementKind::Unsupported { what: "SHOW BACKUPS".to_owned() }
        );
    }
}
