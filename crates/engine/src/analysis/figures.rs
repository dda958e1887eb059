//! Counts, distinct counts and extremes of columns, by one aggregate statement over the first rows of a table. Columns whose values a source may only hand
//! over have a statement of their own, and so does every further portion of columns: the others go to the source as a whole.

use super::ask::{number, row, text};
use super::{SAMPLED_FIGURES, Target, VALUE_LETTERS, cut};
use crate::environment::Environment;
use arrow::datatypes::{DataType, Field, FieldRef};
use weft_core::Result;
use weft_core::name::quote_always;
use weft_core::pgtype::{ColumnType, OID, UUID};
use weft_core::relation::OPERATIONS_KEY;
use weft_meta::{ColumnFigures, Depth, TableFigures};

/// Columns of one statement: each that is counted apart takes memory where that is done.
const COLUMNS: usize = 32;

/// What can be asked of a type.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Class {
    /// How many values are NULL.
    Opaque,
    /// And how many are different.
    Comparable,
    /// And which is the least and the greatest.
    Ordered,
    /// The same, of texts: they can be long.
    Text,
}

fn class(field: &Field) -> Class {
    let plain = ColumnType::of_arrow(field.data_type());
    let named = ColumnType::of_field(field);
    match field.data_type() {
        _ if named == ColumnType::Scalar(&UUID) || named == ColumnType::Scalar(&OID) => Class::Comparable,
        // JSON and others that are carried as something else.
        _ if named != plain => Class::Opaque,
        DataType::Boolean | DataType::Binary => Class::Comparable,
        DataType::Int16
        | DataType::Int32
        | DataType::Int64
        | DataType::Float32
        | DataType::Float64
        | DataType::Decimal128(..)
        | DataType::Date32
        | DataType::Time64(_)
        | DataType::Timestamp(..) => Class::Ordered,
        DataType::Utf8 => Class::Text,
        _ => Class::Opaque,
    }
}

/// Takes the figures of the first `max_rows` rows, or of fewer where a sample is enough.
pub(super) async fn take(
    environment: &Environment,
    target: &Target,
    depth: Depth,
    max_rows: u64,
) -> Result<TableFigures> {
    let limit = match depth {
        Depth::Full => max_rows,
        Depth::Sample => max_rows.min(SAMPLED_FIGURES),
    };
    let (returned, counted): (Vec<_>, Vec<_>) =
        target.columns.iter().cloned().partition(|(_, field)| field.metadata().contains_key(OPERATIONS_KEY));
    let mut portions: Vec<_> = counted.chunks(COLUMNS).chain(returned.chunks(COLUMNS)).collect();
    if portions.is_empty() {
        portions.push(&[]);
    }
    let mut columns = Vec::new();
    let mut read = 0;
    for portion in portions {
        let values = row(environment, &statement(target, portion, limit)).await?;
        let mut values = values.iter();
        let rows = number(values.next()).unwrap_or(0);
        read = read.max(rows);
        for (position, field) in portion {
            columns.push(column(*position, field, rows, &mut values));
        }
    }
    columns.sort_by_key(|column| column.position);
    let most = i64::try_from(limit).unwrap_or(i64::MAX);
    let is_all = read < most || !has_more(environment, target, limit).await?;
    let method = if is_all { depth } else { Depth::Sample };
    let estimate = target.estimate.map(|rows| i64::try_from(rows).unwrap_or(i64::MAX).max(read));
    Ok(TableFigures {
        asked: depth,
        method,
        rows: if is_all { Some(read) } else { estimate },
        sampled_rows: read,
        max_rows: i64::try_from(max_rows).unwrap_or(i64::MAX),
        columns,
    })
}

/// The aggregate over the first rows.
fn statement(target: &Target, columns: &[(i64, FieldRef)], limit: u64) -> String {
    let mut wanted = vec!["count(*)".to_owned()];
    let mut inner = Vec::new();
    for (i, (_, field)) in columns.iter().enumerate() {
        inner.push(format!("{} AS c{i}", quote_always(field.name())));
        wanted.push(format!("count(c{i})"));
        let class = class(field);
        if class != Class::Opaque {
            wanted.push(format!("count(DISTINCT c{i})"));
        }
        match class {
            Class::Ordered => wanted.extend([format!("min(c{i})::text"), format!("max(c{i})::text")]),
            Class::Text => {
                wanted.extend(["min", "max"].map(|extreme| format!("substr({extreme}(c{i}), 1, {VALUE_LETTERS})")))
            }
            Class::Opaque | Class::Comparable => {}
        }
    }
    if inner.is_empty() {
        inner.push("1 AS c".to_owned());
    }
    let (wanted, inner) = (wanted.join(", "), inner.join(", "));
    format!("SELECT {wanted} FROM (SELECT {inner} FROM {} LIMIT {limit}) AS t", target.name())
}

fn column<'v>(
    position: i64,
    field: &Field,
    rows: i64,
    values: &mut impl Iterator<Item = &'v datafusion::common::ScalarValue>,
) -> ColumnFigures {
    let class = class(field);
    let filled = number(values.next()).unwrap_or(0);
    let mut figures = ColumnFigures {
        name: field.name().clone(),
        position,
        null_ratio: (rows > 0).then(|| (rows - filled) as f64 / rows as f64),
        ..ColumnFigures::default()
    };
    if class != Class::Opaque {
        figures.distinct = number(values.next());
    }
    if matches!(class, Class::Ordered | Class::Text) {
        figures.min = text(values.next()).map(cut);
        figures.max = text(values.next()).map(cut);
    }
    figures
}

/// Whether there is a row after so many.
async fn has_more(environment: &Environment, target: &Target, rows: u64) -> Result<bool> {
    let sql = format!("SELECT count(*) FROM (SELECT 1 AS c FROM {} LIMIT 1 OFFSET {rows}) AS t", target.name());
    Ok(number(row(environment, &sql).await?.first()).unwrap_or(0) > 0)
}
