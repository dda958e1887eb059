//! Full-text search over what scans found, by SQLite's FTS5. The index follows the tables by triggers (migration 4).

use crate::store::Metastore;
use sqlx::Row;
use sqlx::sqlite::SqliteRow;
use weft_core::{Error, ErrorKind, Result};

/// What was found.
#[derive(Debug, Clone, PartialEq)]
pub struct Hit {
    /// Name of the catalog.
    pub catalog_name: String,
    /// The table.
    pub schema: String,
    /// The table.
    pub table: String,
    /// Its columns whose name or comment has one of the words.
    pub columns: Vec<String>,
    /// The best passage, with the words in brackets.
    pub highlight: String,
    /// How well it fits: more is better.
    pub score: f64,
}

/// The most words of a search: SQLite nests them.
const MOST_WORDS: usize = 64;

/// Marks the words in a passage; no name has them.
const MARKS: (&str, &str) = ("\u{2}", "\u{3}");

/// What a word counts in the name of a table, in its comment, and in its columns.
const SQL: &str = "SELECT c.name AS catalog_name, t.schema_name, t.table_name, -bm25(search_index, 10.0, 4.0, 1.0) AS score, \
    snippet(search_index, -1, $3, $4, '…', 12) AS highlight, highlight(search_index, 2, $3, $4) AS columns \
    FROM search_index JOIN scanned_tables t ON t.id = search_index.rowid JOIN catalogs c ON c.id = t.catalog_id \
    WHERE search_index MATCH $1 AND c.deleted_at IS NULL ORDER BY bm25(search_index, 10.0, 4.0, 1.0) LIMIT $2";

impl Metastore {
    /// The tables that have all of the words, or words that begin so; the best first, at most so many.
    pub async fn search(&self, text: &str, most: u32) -> Result<Vec<Hit>> {
        let words = words(text);
        if words.is_empty() {
            return Ok(Vec::new());
        }
        if words.len() > MOST_WORDS {
            return Err(Error::new(
                ErrorKind::ProgramLimitExceeded,
                format!("a search takes at most {MOST_WORDS} words"),
            )
            .with_hint("Search for fewer words."));
        }
        let words = words.join(" ");
        let found = sqlx::query(SQL).bind(words).bind(most).bind(MARKS.0).bind(MARKS.1).fetch_all(self.pool()).await;
        let found = found.map_err(|e| self.classify(e))?;
        found.iter().map(|row| hit(row).map_err(|e| self.classify(e))).collect()
    }
}

/// The words as FTS5 wants them: quoted, so that nothing in them is taken for an operator.
fn words(text: &str) -> Vec<String> {
    let words = text.split(|c: char| !c.is_alphanumeric()).filter(|word| !word.is_empty());
    words.map(|word| format!("\"{word}\"*")).collect()
}

fn hit(row: &SqliteRow) -> Result<Hit, sqlx::Error> {
    let columns: Option<String> = row.try_get("columns")?;
    let highlight: String = row.try_get("highlight")?;
    Ok(Hit {
        catalog_name: row.try_get("catalog_name")?,
        schema: row.try_get("schema_name")?,
        table: row.try_get("table_name")?,
        columns: columns.as_deref().map(marked).unwrap_or_default(),
        highlight: highlight.replace(MARKS.0, "[").replace(MARKS.1, "]").replace('\t', " ").replace('\n', ", "),
        score: row.try_get("score")?,
    })
}

/// The names of the columns in whose line something is marked.
fn marked(lines: &str) -> Vec<String> {
    let lines = lines.lines().filter(|line| line.contains(MARKS.0));
    let name = |line: &str| line.split('\t').next().unwrap_or_default().replace(MARKS.0, "").replace(MARKS.1, "");
    lines.map(name).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_are_no_operators() {
        let quoted = ["\"Customer\"*", "\"id\"*", "\"OR\"*", "\"x\"*", "\"NEAR\"*"];
        assert_eq!(words("Customer_id OR \"x* NEAR("), quoted);
        assert!(words(" -- ").is_empty());
    }

    #[test]
    fn columns_are_those_with_a_mark() {
        assert_eq!(marked("\u{2}mail\u{3}_to\twhere\nid\t\nx\tthe \u{2}mail\u{3}"), ["mail_to", "x"]);
    }
}
