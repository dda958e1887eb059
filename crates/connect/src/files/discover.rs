//! Asks a worker what columns a table's files have, and says of damaged files which one it is. It must not know how tables are found.

use super::bounds;
use super::columns::{Columns, Described, Disagreement, normalise};
use super::damage::Suspects;
use super::fileset::FileSet;
use super::format::Format;
use super::read::{Dialect, Reader, describe, disagreement, sniff_delimiter};
use arrow::array::{Array, RecordBatch, StringArray};
use arrow::datatypes::{DataType, Field, Schema, SchemaRef};
use futures::TryStreamExt;
use std::sync::Arc;
use weft_core::executor::RemoteStatement;
use weft_core::input::Bounds;
use weft_core::store::Store;
use weft_core::worker::Worker;
use weft_core::{Error, ErrorKind, Result};

/// CSV files of one table whose types are compared one by one.
const COMPARED_FILES: usize = 64;

/// What is known of a table whose files have not changed.
#[derive(Debug)]
pub(crate) struct Known {
    /// Its columns.
    pub(crate) columns: Columns,
    /// How its files are read.
    pub(crate) dialect: Dialect,
    /// Its columns in DuckDB's words.
    pub(crate) described: Vec<Described>,
    /// Of which of them the files disagree.
    pub(crate) disagreement: Disagreement,
    /// Between which values they lie in each file.
    pub(crate) bounds: Arc<Bounds>,
}

/// Looks into the files.
pub(crate) async fn discover(
    worker: &dyn Worker,
    stores: &[Arc<Store>],
    reader: Reader<'_>,
    set: &FileSet,
    suspects: &Suspects<'_>,
) -> Result<Known> {
    let asked = Asked { worker, stores, suspects };
    let dialect = match reader.delimiter_from(set) {
        Some(path) => {
            Dialect { delimiter: asked.delimiter(&sniff_delimiter(path, reader.paths)).await?, types: Vec::new() }
        }
        None => Dialect::default(),
    };
    let described = asked.columns(&reader.call(set, &dialect)).await?;
    check_names(reader.format, &described, suspects)?;
    if reader.format != Format::Csv {
        let bounds = Arc::new(asked.bounds(reader, set, &described).await);
        let disagreement = asked.disagreement(reader, set).await?;
        return Ok(Known { columns: normalise(&described, &disagreement), dialect, described, disagreement, bounds });
    }
    let (described, dialect) = asked.fix_types(reader, set, &dialect, described).await?;
    let disagreement = Disagreement::default();
    let columns = normalise(&described, &disagreement);
    Ok(Known { columns, dialect, described, disagreement, bounds: Arc::default() })
}

struct Asked<'a> {
    worker: &'a dyn Worker,
    stores: &'a [Arc<Store>],
    suspects: &'a Suspects<'a>,
}

impl Asked<'_> {
    async fn columns(&self, source: &str) -> Result<Vec<Described>> {
        let rows = self.text(&describe(source), ["column_name", "column_type"]).await?;
        Ok(rows.into_iter().map(|[name, duckdb_type]| Described { name, duckdb_type }).collect())
    }

    async fn disagreement(&self, reader: Reader<'_>, set: &FileSet) -> Result<Disagreement> {
        let mut found = Disagreement::default();
        let Some(sql) = disagreement(reader, set) else { return Ok(found) };
        for [name, types, files] in self.text(&sql, ["name", "types", "files"]).await? {
            if types != "1" {
                found.types.insert(name.clone());
            }
            if files != set.files.len().to_string() {
                found.absent.insert(name);
            }
        }
        Ok(found)
    }

    /// Without them more is read than must be, nothing else.
    async fn bounds(&self, reader: Reader<'_>, set: &FileSet, described: &[Described]) -> Bounds {
        let Some(sql) = bounds::question(reader.format, set, described, reader.paths) else { return Bounds::default() };
        match self.text(&sql, bounds::ANSWER).await {
            Ok(answer) => bounds::read(set, answer),
            Err(error) => {
                tracing::debug!(table = %self.suspects.table, ?error, "files do not say between which values their columns lie");
                Bounds::default()
            }
        }
    }

    async fn delimiter(&self, sql: &str) -> Result<Option<String>> {
        let rows = self.text(sql, ["Delimiter"]).await?;
        // DuckDB writes `(empty)` where it found none.
        Ok(rows.into_iter().map(|[delimiter]| delimiter).find(|d| (1..=4).contains(&d.len()) && !d.contains('\0')))
    }

    /// Fixes the types for reading. Given several files, DuckDB may describe a column by the first and then fail on text in the second, so that
    /// columns on whose type the files disagree are widened here.
    async fn fix_types(
        &self,
        reader: Reader<'_>,
        set: &FileSet,
        dialect: &Dialect,
        mut described: Vec<Described>,
    ) -> Result<(Vec<Described>, Dialect)> {
        if set.files.len() > 1 {
            for file in set.files.iter().take(COMPARED_FILES) {
                widen(&mut described, &self.columns(&reader.call(&set.only(file), dialect)).await?);
            }
        }
        let is_partition = |c: &Described| set.partition_keys.iter().any(|k| k.eq_ignore_ascii_case(&c.name));
        let types = described.iter().filter(|c| !is_partition(c)).cloned().collect();
        let fixed = Dialect { delimiter: dialect.delimiter.clone(), types };
        // A type that is given may change what DuckDB takes for a header; then it is better left to find the same types again.
        match self.columns(&reader.call(set, &fixed)).await {
            Ok(again) if again == described => Ok((described, fixed)),
            Ok(_) => Ok((self.columns(&reader.call(set, dialect)).await?, dialect.clone())),
            Err(error) if error.kind() == ErrorKind::DataCorrupted => {
                Ok((self.columns(&reader.call(set, dialect)).await?, dialect.clone()))
            }
            Err(error) => Err(error),
        }
    }

    async fn text<const N: usize>(&self, sql: &str, names: [&str; N]) -> Result<Vec<[String; N]>> {
        let fields: Vec<_> = names.iter().map(|n| Field::new(*n, DataType::Utf8, true)).collect();
        let schema: SchemaRef = Arc::new(Schema::new(fields));
        let statement = RemoteStatement::new(sql).on(self.stores.to_vec());
        let stream = self.worker.execute(&statement, schema).await.map_err(|e| self.suspects.explain(e))?;
        let batches: Vec<RecordBatch> = stream.try_collect().await.map_err(|e| self.suspects.explain(e))?;
        let mut rows = Vec::new();
        for batch in batches {
            let columns =
                batch.columns().iter().map(|c| c.as_any().downcast_ref::<StringArray>()).collect::<Option<Vec<_>>>();
            let columns = columns
                .filter(|c| c.len() == N)
                .ok_or_else(|| Error::internal("a worker described files in an unknown shape"))?;
            for row in 0..batch.num_rows() {
                rows.push(std::array::from_fn(|i| columns.get(i).map_or_else(String::new, |c| value(c, row))));
            }
        }
        Ok(rows)
    }
}

fn value(column: &StringArray, row: usize) -> String {
    if column.is_null(row) { String::new() } else { column.value(row).to_owned() }
}

/// Lets each described type hold what the file has.
fn widen(described: &mut [Described], file: &[Described]) {
    for column in described {
        let Some(other) = file.iter().find(|c| c.name.eq_ignore_ascii_case(&column.name)) else { continue };
        column.duckdb_type = wider(&column.duckdb_type, &other.duckdb_type).to_owned();
    }
}

/// The type that holds both, of those that DuckDB finds in CSV files.
fn wider<'t>(a: &'t str, b: &'t str) -> &'t str {
    match (a, b) {
        _ if a == b => a,
        ("BIGINT", "DOUBLE") | ("DOUBLE", "BIGINT") => "DOUBLE",
        ("DATE", "TIMESTAMP") | ("TIMESTAMP", "DATE") => "TIMESTAMP",
        _ => "VARCHAR",
    }
}

/// Bytes that are no text at all make a CSV header all the same, and a NUL cannot be in any statement.
fn check_names(format: Format, described: &[Described], suspects: &Suspects<'_>) -> Result<()> {
    let is_noise = |c: char| c == '\0' || (format == Format::Csv && c.is_control() && !matches!(c, '\n' | '\r' | '\t'));
    if described.iter().any(|c| c.name.contains(is_noise)) {
        return Err(suspects.damaged(None, "the names of its columns contain control characters"));
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn types_only_widen() {
        assert_eq!(wider("BIGINT", "BIGINT"), "BIGINT");
        assert_eq!(wider("BIGINT", "DOUBLE"), "DOUBLE");
        assert_eq!(wider("DATE", "TIMESTAMP"), "TIMESTAMP");
        assert_eq!(wider("BIGINT", "VARCHAR"), "VARCHAR");
        assert_eq!(wider("DATE", "BIGINT"), "VARCHAR");
    }
}
