//! The door of the crate: splits a message into statements and sends each to its reader by its first words. Everything that is not
//! administrative, and starts as a query does, is sqlparser's.

use crate::cursor::Cursor;
use crate::lexeme::{self, Lexeme};
use crate::statement::{Statement, StatementKind};
use crate::stmt::*;
use crate::{commenter, query, unsupported};
use sqlparser::tokenizer::Token;
use weft_core::Result;

/// Reads a message of any number of statements. Empty ones vanish. Positions of errors count from the start of the whole message.
pub fn parse(sql: &str) -> Result<Vec<Statement>> {
    let lexemes = lexeme::tokenize(sql)?;
    let statements = lexemes.split(|l| l.token.token == Token::SemiColon).filter(|lexemes| !lexemes.is_empty());
    let mut statements: Vec<_> = statements.map(|lexemes| statement(sql, lexemes)).collect::<Result<_>>()?;
    commenter::callers(sql, &lexemes, &mut statements);
    Ok(statements)
}

/// Reads the statement that these tokens of the message are.
pub(crate) fn statement(message: &str, lexemes: &[Lexeme]) -> Result<Statement> {
    let mut cursor = Cursor::new(message, lexemes);
    let kind = kind(&mut cursor)?;
    cursor.finish()?;
    let (start, offset) = lexemes.first().map_or((0, 0), |l| (l.start, l.offset));
    let end = lexemes.last().map_or(start, |l| l.end);
    Ok(Statement { kind, text: message.get(start..end).unwrap_or_default().to_owned(), offset, caller: None })
}

fn kind(c: &mut Cursor<'_>) -> Result<StatementKind> {
    if c.at_sign(&Token::LParen) {
        return query::parse(c);
    }
    let Some(word) = c.keyword() else { return Err(c.unexpected()) };
    match word.as_str() {
        "SELECT" | "WITH" | "VALUES" | "TABLE" => query::parse(c),
        "EXPLAIN" => explain::parse(c),
        "CREATE" if c.at_words(&["CREATE", "CATALOG"]) => create_catalog::parse(c),
        "CREATE" if c.at_words(&["CREATE", "SECRET"]) => create_secret::parse(c),
        "CREATE" if c.at_words(&["CREATE", "SCHEDULE"]) => schedule::parse_create(c),
        "CREATE" if create_role::is_next(c) => create_role::parse(c),
        "ALTER" if alter_role::is_next(c) => alter_role::parse(c),
        "DROP" if drop_role::is_next(c) => drop_role::parse(c),
        "GRANT" | "REVOKE" if grant::is_next(c) => grant::parse(c),
        "GRANT" | "REVOKE" => grant_role::parse(c),
        "REASSIGN" => alter_role::parse_reassign(c),
        "CREATE" if c.at_words(&["CREATE", "TABLE"]) => create_table::parse(c),
        "INSERT" => insert::parse(c),
        "CREATE" if view::is_create(c) => view::parse_create(c),
        "CREATE" | "DROP" if c.at_words(&[&word, "FOLDER"]) => annotate::parse_folder(c),
        "ALTER" if c.at_words(&["ALTER", "VIEW"]) => view::parse_alter(c),
        "ALTER" if c.at_words(&["ALTER", "TABLE"]) || c.at_words(&["ALTER", "SCHEMA"]) => annotate::parse_alter(c),
        "DROP" if c.at_words(&["DROP", "VIEW"]) || c.at_words(&["DROP", "TABLE"]) => view::parse_drop(c),
        "COMMENT" => annotate::parse_comment(c),
        "MANAGE" | "UNMANAGE" => manage::parse(c),
        "PAUSE" | "RESUME" => schedule::parse_change(c),
        "DROP" if c.at_words(&["DROP", "SCHEDULE"]) => schedule::parse_change(c),
        "ALTER" if c.at_words(&["ALTER", "CATALOG"]) => alter_catalog::parse(c),
        "ALTER" if c.at_words(&["ALTER", "SYSTEM"]) => alter_system::parse(c),
        "ALTER" if c.at_words(&["ALTER", "WORKER"]) => worker::parse_alter(c),
        "DROP" if c.at_words(&["DROP", "WORKER"]) => worker::parse_drop(c),
        "DROP" if c.at_words(&["DROP", "CATALOG"]) => drop_catalog::parse(c),
        "DROP" if c.at_words(&["DROP", "CACHE"]) => drop_cache::parse(c),
        "DROP" if c.at_words(&["DROP", "SECRET"]) => drop_secret::parse(c),
        "UNDROP" => undrop_catalog::parse(c),
        "CHECK" if c.at_words(&["CHECK", "CATALOG"]) => check_catalog::parse(c),
        "SCAN" => scan::parse(c),
        "ANALYZE" | "ANALYSE" => analyze::parse(c),
        "CANCEL" => cancel_job::parse(c),
        "SHOW" => show::parse(c),
        "SET" => set::parse(c),
        "RESET" => reset::parse(c),
        "DISCARD" => discard::parse(c),
        "BEGIN" | "START" => begin::parse(c),
        "COMMIT" | "END" => commit::parse(c),
        "ROLLBACK" | "ABORT" => rollback::parse(c),
        "SAVEPOINT" => savepoint::parse(c),
        "RELEASE" => savepoint::parse_release(c),
        "PREVIEW" => preview::parse(c),
        "PREPARE" => prepare::parse(c),
        "EXECUTE" => execute::parse(c),
        "DEALLOCATE" => deallocate::parse(c),
        "DECLARE" => declare::parse(c),
        "FETCH" => fetch::parse(c),
        "MOVE" => fetch::parse_move(c),
        "CLOSE" => close::parse(c),
        "COPY" => copy::parse(c),
        "UNLISTEN" => unlisten::parse(c),
        _ => unsupported::parse(c),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_message_is_split_at_semicolons_that_separate() {
        let sql = ";; SELECT ';', $$;$$, E'\\';' /* ; /* ; */ */ ; -- ;\n SHOW ALL;";
        let found = parse(sql).expect("two statements");
        let texts: Vec<_> = found.iter().map(|s| (s.text.as_str(), s.offset)).collect();
        assert_eq!(texts, [("SELECT ';', $$;$$, E'\\';'", 3), ("SHOW ALL", 53)]);
        assert_eq!(parse(" ;; -- nothing").expect("nothing"), []);
    }

    #[test]
    fn what_is_not_there_yet_is_named() {
        for (sql, what) in [
            ("delete from t", "DELETE"),
            ("CREATE OR REPLACE TEMP VIEW v AS SELECT 1", "CREATE VIEW"),
            ("ALTER TABLE t ADD COLUMN c int", "ALTER TABLE"),
            ("CREATE MATERIALIZED VIEW v AS SELECT 1", "CREATE MATERIALIZED VIEW"),
            ("CREATE USER MAPPING FOR u SERVER s", "CREATE USER"),
            ("CREATE GROUP g", "CREATE GROUP"),
            ("ALTER SYSTEM SET a = 1", "ALTER SYSTEM"),
            ("ALTER TABLE t SET (x = 1)", "ALTER TABLE"),
            ("CHECK TABLE t", "CHECK TABLE"),
            ("CANCEL QUERY 'x'", "CANCEL QUERY"),
            ("PREPARE TRANSACTION 'x'", "PREPARE TRANSACTION"),
        ] {
            assert_eq!(parse(sql).expect(sql)[0].kind, StatementKind::Unsupported { what: what.to_owned() });
        }
    }
}
