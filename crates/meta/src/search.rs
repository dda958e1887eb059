//! Full-text search over what scans found: by SQLite's FTS5, or by PostgreSQL's text search. Triggers keep the index (migration 4).

use crate::db::{Pool, Row, Sql};
use crate::store::Metastore;
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

/// `$1` has the words, `$2` the limit, `$3` and `$4` the marks. What a word counts in the name of a table, in its comment, and in its columns: 10, 4, 1.
/// PostgreSQL marks the words only of what it returns.
const SQL: Sql = Sql {
    sqlite: "SELECT c.name AS catalog_name, t.schema_name, t.table_name, -bm25(search_index, 10.0, 4.0, 1.0) AS score, \
        snippet(search_index, -1, $3, $4, '…', 12) AS highlight, highlight(search_index, 2, $3, $4) AS columns \
        FROM search_index JOIN scanned_tables t ON t.id = search_index.rowid JOIN catalogs c ON c.id = t.catalog_id \
        WHERE search_index MATCH $1 AND c.deleted_at IS NULL ORDER BY bm25(search_index, 10.0, 4.0, 1.0) LIMIT $2",
    postgres: "WITH q AS (SELECT to_tsquery('metadata.words', $1) AS query), \
        hit AS (SELECT c.name AS catalog_name, t.schema_name, t.table_name, t.name, t.comment, t.columns, q.query, \
            ts_rank('{0, 0.1, 0.4, 1}', t.words, q.query, 1) AS score \
            FROM q, search_index t JOIN scanned_tables s ON s.id = t.id JOIN catalogs c ON c.id = s.catalog_id \
            WHERE t.words @@ q.query AND c.deleted_at IS NULL ORDER BY score DESC, c.name, t.schema_name, t.table_name LIMIT $2), \
        marked AS (SELECT hit.*, \
            ts_headline('metadata.words', name, query, 'HighlightAll=true, StartSel=' || $3 || ', StopSel=' || $4) AS in_name, \
            ts_headline('metadata.words', coalesce(comment, ''), query, \
                'MaxWords=12, MinWords=6, StartSel=' || $3 || ', StopSel=' || $4) AS in_comment, \
            ts_headline('metadata.words', coalesce(columns, ''), query, \
                'HighlightAll=true, StartSel=' || $3 || ', StopSel=' || $4) AS in_columns, \
            ts_headline('metadata.words', coalesce(columns, ''), query, \
                'MaxWords=12, MinWords=6, StartSel=' || $3 || ', StopSel=' || $4) AS of_columns FROM hit) \
        SELECT catalog_name, schema_name, table_name, CAST(score AS double precision) AS score, in_columns AS columns, \
        CASE WHEN strpos(in_name, $3) > 0 THEN in_name WHEN strpos(in_comment, $3) > 0 THEN in_comment ELSE of_columns END AS highlight \
        FROM marked ORDER BY score DESC, catalog_name, schema_name, table_name",
};

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
        let words = &words;
        let search = |db: Pool| async move {
            let words = match db.is_shared() {
                false => fts5(words),
                true => tsquery(words),
            };
            let found = db.query(SQL).bind(words).bind(i64::from(most)).bind(MARKS.0).bind(MARKS.1).fetch_all().await?;
            Ok(found.iter().map(hit).collect::<Result<_, _>>()?)
        };
        self.read(search).await
    }
}

/// What is between anything but letters and digits.
fn words(text: &str) -> Vec<&str> {
    text.split(|c: char| !c.is_alphanumeric()).filter(|word| !word.is_empty()).collect()
}

/// The words as FTS5 wants them: quoted, so that nothing in them is taken for an operator.
fn fts5(words: &[&str]) -> String {
    words.iter().map(|word| format!("\"{word}\"*")).collect::<Vec<_>>().join(" ")
}

/// The words as PostgreSQL wants them.
fn tsquery(words: &[&str]) -> String {
    words.iter().map(|word| format!("'{word}':*")).collect::<Vec<_>>().join(" & ")
}

fn hit(row: &Row) -> Result<Hit, sqlx::Error> {
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
        let words = words("Customer_id OR \"x* NEAR(");
        assert_eq!(words, ["Customer", "id", "OR", "x", "NEAR"]);
        assert_eq!(fts5(&words[1..3]), "\"id\"* \"OR\"*");
        assert_eq!(tsquery(&words[1..3]), "'id':* & 'OR':*");
        assert!(super::words(" -- ").is_empty());
    }

    #[test]
    fn columns_are_those_with_a_mark() {
        assert_eq!(marked("\u{2}mail\u{3}_to\twhere\nid\t\nx\tthe \u{2}mail\u{3}"), ["mail_to", "x"]);
    }
}
