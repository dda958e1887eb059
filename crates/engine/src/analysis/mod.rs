//! Figures of a table's columns, and a sample of its rows, asked by the same way that queries go: a source that can aggregate does. It must not know who
//! asks for them, nor where they are kept.

mod ask;
mod figures;
pub mod rule;
mod sample;

use crate::catalog::Source;
use crate::environment::Environment;
use arrow::datatypes::FieldRef;
use std::sync::Arc;
use weft_core::name::quote_always;
use weft_core::{Error, ErrorKind, Result};
use weft_meta::{Depth, TableFigures, TableKey};

/// Rows of a sample.
pub const SAMPLE_ROWS: u64 = 1_000;

/// Rows that figures are taken of where the rule wants no more than a sample.
pub const SAMPLED_FIGURES: u64 = 10_000;

/// Letters of a value that is kept.
const VALUE_LETTERS: usize = 256;

/// A table, and those of its columns that are asked about.
pub struct Target {
    /// Where figures of it are kept.
    pub key: TableKey,
    /// The catalog's name.
    catalog: String,
    /// Place and field of each column.
    columns: Vec<(i64, FieldRef)>,
    /// What the source believes its rows to be.
    estimate: Option<u64>,
}

impl Target {
    /// The table with these columns, or all of them; 42P01 and 42703 if they are not there.
    pub async fn find(source: &Arc<Source>, schema: &str, table: &str, columns: &[String]) -> Result<Target> {
        let name = || format!("{}.{}", quote_always(schema), quote_always(table));
        let relation = source.relation(schema, table).await?.ok_or_else(|| {
            Error::new(
                ErrorKind::UndefinedTable,
                format!("relation {} does not exist in catalog {}", name(), quote_always(source.name())),
            )
        })?;
        let fields = relation.schema.fields();
        let all = fields.iter().enumerate().map(|(i, field)| (i64::try_from(i + 1).unwrap_or(i64::MAX), field.clone()));
        let columns = match columns {
            [] => all.collect(),
            some => some
                .iter()
                .map(|column| {
                    all.clone().find(|(_, field)| field.name() == column).ok_or_else(|| {
                        let message = format!(
                            "column {} of relation {} does not exist",
                            quote_always(column),
                            quote_always(table)
                        );
                        let error = Error::new(ErrorKind::UndefinedColumn, message);
                        match weft_core::name::nearest(column, fields.iter().map(|f| f.name().as_str())) {
                            Some(near) => error.with_hint(format!("Did you mean {near}?")),
                            None => error,
                        }
                    })
                })
                .collect::<Result<_>>()?,
        };
        let key = TableKey { catalog: source.record.id, schema: schema.to_owned(), table: table.to_owned() };
        Ok(Target { key, catalog: source.name().to_owned(), columns, estimate: relation.rows })
    }

    /// Its name as a statement has it.
    fn name(&self) -> String {
        [&self.catalog, &self.key.schema, &self.key.table].map(|part| quote_always(part)).join(".")
    }
}

/// Takes the figures, and the sample with them. Not more than `max_rows` rows are read for either.
pub async fn analyse(environment: &Environment, target: &Target, depth: Depth, max_rows: u64) -> Result<TableFigures> {
    let mut found = figures::take(environment, target, depth, max_rows).await?;
    let samples = sample::take(environment, target, SAMPLE_ROWS.min(max_rows)).await?;
    for (column, sample) in found.columns.iter_mut().zip(samples) {
        column.sample = sample;
    }
    Ok(found)
}

/// The beginning of a value, as it is kept: not every database that may keep it takes a null byte.
fn cut(value: String) -> String {
    let is_short = value.len() <= VALUE_LETTERS && !value.contains('\0');
    if is_short {
        return value;
    }
    value.chars().take(VALUE_LETTERS).map(|c| if c == '\0' { char::REPLACEMENT_CHARACTER } else { c }).collect()
}
