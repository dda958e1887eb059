//! Statements that PostgreSQL or a later Weft has and this one has not: known by their first words, so that the answer is "not supported" and not
//! "syntax error". Anything else that no reader takes ends here too, as a syntax error with the nearest word.

use crate::cursor::Cursor;
use crate::statement::StatementKind;
use weft_core::Result;

/// Statements that one word names.
const COMMANDS: &[&str] = &[
    "BACKUP",
    "CALL",
    "CHECKPOINT",
    "CLUSTER",
    "DELETE",
    "DO",
    "FLUSH",
    "IMPORT",
    "LISTEN",
    "LOAD",
    "LOCK",
    "MERGE",
    "NOTIFY",
    "REFRESH",
    "REINDEX",
    "RESTORE",
    "SECURITY",
    "TRUNCATE",
    "UPDATE",
    "VACUUM",
];

/// Statements that are named together with the kind of object.
const VERBS: &[&str] = &["CREATE", "ALTER", "DROP", "CHECK"];

/// Words between the verb and the kind of object.
const MODIFIERS: &[&str] = &[
    "OR",
    "REPLACE",
    "TEMP",
    "TEMPORARY",
    "UNLOGGED",
    "GLOBAL",
    "LOCAL",
    "UNIQUE",
    "RECURSIVE",
    "TRUSTED",
    "PROCEDURAL",
    "CONSTRAINT",
    "DEFAULT",
    "EXTERNAL",
];

/// Words that belong to the kind of object.
const ADJECTIVES: &[&str] = &["MATERIALIZED", "FOREIGN", "EVENT"];

const OBJECTS: &[&str] = &[
    "ACCESS",
    "AGGREGATE",
    "BACKUP",
    "CACHE",
    "CAST",
    "CATALOG",
    "COLLATION",
    "CONVERSION",
    "DATABASE",
    "DATA",
    "DOMAIN",
    "EXTENSION",
    "FOLDER",
    "FUNCTION",
    "GROUP",
    "INDEX",
    "LANGUAGE",
    "LARGE",
    "MASK",
    "OPERATOR",
    "OWNED",
    "POLICY",
    "PROCEDURE",
    "PUBLICATION",
    "QUOTA",
    "ROLE",
    "ROUTINE",
    "RULE",
    "SCHEDULE",
    "SCHEMA",
    "SECRET",
    "SEQUENCE",
    "SERVER",
    "STATISTICS",
    "SUBSCRIPTION",
    "SYSTEM",
    "TABLE",
    "TABLESPACE",
    "TENANT",
    "TEXT",
    "TRANSFORM",
    "TRIGGER",
    "TYPE",
    "USER",
    "VIEW",
    "WORKER",
];

/// Statements that have a reader; only their first words, for hints.
const READ: &[&str] = &[
    "SELECT",
    "WITH",
    "VALUES",
    "TABLE",
    "EXPLAIN",
    "ANALYZE",
    "SHOW",
    "SET",
    "RESET",
    "DISCARD",
    "BEGIN",
    "START",
    "COMMIT",
    "END",
    "ROLLBACK",
    "ABORT",
    "SAVEPOINT",
    "RELEASE",
    "PREPARE",
    "PREVIEW",
    "UNDROP",
    "EXECUTE",
    "DEALLOCATE",
    "DECLARE",
    "FETCH",
    "MOVE",
    "CLOSE",
    "COPY",
    "UNLISTEN",
    "INSERT",
    "GRANT",
    "REVOKE",
    "REASSIGN",
];

/// The name of the statement if it is known, else a syntax error.
pub(crate) fn parse(c: &mut Cursor<'_>) -> Result<StatementKind> {
    let known: Vec<&'static str> = [READ, VERBS, COMMANDS].concat();
    let what = match c.eat_any(COMMANDS) {
        Some(command) => command.to_owned(),
        None => match c.eat_any(VERBS) {
            Some(verb) => object(c, verb)?,
            None => return Err(c.expected(&known)),
        },
    };
    c.skip_rest();
    Ok(StatementKind::Unsupported { what })
}

fn object(c: &mut Cursor<'_>, verb: &str) -> Result<String> {
    while c.eat_any(MODIFIERS).is_some() {}
    let adjective = c.eat_any(ADJECTIVES);
    match (c.eat_any(OBJECTS), adjective) {
        (Some(object), None) => Ok(format!("{verb} {object}")),
        (Some(object), Some(adjective)) => Ok(format!("{verb} {adjective} {object}")),
        (None, _) => Err(c.expected(OBJECTS)),
    }
}
