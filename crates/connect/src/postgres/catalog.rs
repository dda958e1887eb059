//! What the server's catalogs tell: schemas, and tables with their columns, in one statement whether of one table or of all. It must not know how long
//! an answer is good for.

use super::columns::{Column, Equality, NumericAs, Shape, SourceType};
use super::connector::Source;
use super::statement::{Parameter, Statement};
use arrow::datatypes::{Field, Fields, Schema, SchemaRef};
use std::sync::Arc;
use std::time::Duration;
use tokio::time::timeout;
use tokio_postgres::Row;
use tokio_postgres::types::{FromSql, Type};
use weft_core::relation::{DatabaseColumn, RelationKind, TableEntry};
use weft_core::settings::Span;
use weft_core::{Error, Result};

const TABLES: &str = include_str!("catalog.sql");
const SCHEMAS: &str = include_str!("schemas.sql");

/// A server whose catalogs say nothing for so long is as good as away.
pub(super) const PATIENCE: Duration = Duration::from_secs(30);

/// A table as the catalogs have it.
pub(super) struct Known {
    /// Its schema.
    pub(super) schema: String,
    /// Its name.
    pub(super) table: String,
    kind: RelationKind,
    comment: Option<String>,
    /// An estimate of its rows.
    pub(super) rows: Option<u64>,
    /// Its bytes when it was last analysed.
    pub(super) bytes: Option<u64>,
    /// Its columns.
    pub(super) columns: Vec<KnownColumn>,
}

/// A column as the catalogs have it.
pub(super) struct KnownColumn {
    column: Column,
    null: Null,
}

/// Whether the source lets a column have no value.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Null {
    Allowed,
    Forbidden,
}

/// The schemas that the role may use.
pub(super) async fn schemas(source: &Source) -> Result<Vec<String>> {
    let mut rows = Answer::to(source, SCHEMAS, &[(&source.site.schemas, Type::TEXT_ARRAY)]).await?;
    let mut schemas = Vec::new();
    while let Some(row) = rows.next().await? {
        schemas.push(get(&row, 0)?);
    }
    Ok(schemas)
}

/// Every table that the role may read, or only the one of this name.
pub(super) async fn tables(source: &Source, only: Option<(&str, &str)>) -> Result<Vec<Known>> {
    let (schema, table) = only.unzip();
    let parameters: &[Parameter<'_>] =
        &[(&source.site.schemas, Type::TEXT_ARRAY), (&schema, Type::TEXT), (&table, Type::TEXT)];
    let mut rows = Answer::to(source, TABLES, parameters).await?;
    let mut tables: Vec<Known> = Vec::new();
    while let Some(row) = rows.next().await? {
        let (schema, table) = (get::<&str>(&row, 0)?, get::<&str>(&row, 1)?);
        if tables.last().is_none_or(|last| (last.schema.as_str(), last.table.as_str()) != (schema, table)) {
            tables.push(known_table(&row)?);
        }
        if let (Some(last), Some(column)) = (tables.last_mut(), known_column(&row, source.site.numeric_as)?) {
            last.columns.push(column);
        }
    }
    Ok(tables)
}

fn known_table(row: &Row) -> Result<Known> {
    Ok(Known {
        schema: get(row, 0)?,
        table: get(row, 1)?,
        kind: if get(row, 2)? { RelationKind::View } else { RelationKind::Table },
        comment: get(row, 3)?,
        rows: get::<Option<i64>>(row, 4)?.and_then(|n| n.try_into().ok()),
        bytes: get::<Option<i64>>(row, 5)?.and_then(|n| n.try_into().ok()),
        columns: Vec::new(),
    })
}

/// The column that the row is about; none if its table has no column.
fn known_column(row: &Row, numeric_as: NumericAs) -> Result<Option<KnownColumn>> {
    let Some(name) = get::<Option<&str>>(row, 6)? else { return Ok(None) };
    let source = SourceType {
        oid: get(row, 8)?,
        modifier: get(row, 9)?,
        shape: match get(row, 10)? {
            "scalar" => Shape::Scalar,
            "array" => Shape::Array,
            _ => Shape::ArrayOfDomain,
        },
        equality: if get(row, 11)? { Equality::Bytes } else { Equality::Language },
    };
    let null = if get(row, 7)? { Null::Forbidden } else { Null::Allowed };
    Ok(Some(KnownColumn { column: Column::of(name, source, numeric_as), null }))
}

/// The schema to plan with, and how its columns are read.
pub(super) fn readable(columns: Vec<KnownColumn>) -> (SchemaRef, Vec<DatabaseColumn>) {
    let (fields, readings): (Vec<Field>, _) = columns.into_iter().map(|k| (k.column.field, k.column.reading)).unzip();
    (Arc::new(Schema::new(fields)), readings)
}

impl From<Known> for TableEntry {
    fn from(known: Known) -> Self {
        let fields: Fields =
            known.columns.into_iter().map(|k| k.column.field.with_nullable(k.null == Null::Allowed)).collect();
        TableEntry {
            schema: known.schema,
            table: known.table,
            kind: known.kind,
            comment: known.comment,
            bytes: known.bytes,
            files: None,
            updated_at: None,
            columns: Ok(Arc::new(Schema::new(fields))),
        }
    }
}

/// The rows of a question to the catalogs, each within the time that we have patience for.
pub(super) struct Answer<'a> {
    source: &'a Source,
    rows: Statement,
}

impl<'a> Answer<'a> {
    pub(super) async fn to(source: &'a Source, sql: &str, parameters: &[Parameter<'_>]) -> Result<Answer<'a>> {
        let place = &source.site.place;
        let rows = in_time(source, Statement::start(&source.pool, place, sql, parameters)).await?;
        Ok(Answer { source, rows })
    }

    pub(super) async fn next(&mut self) -> Result<Option<Row>> {
        in_time(self.source, self.rows.next()).await
    }
}

/// What the server answers, or an error if it does not.
pub(super) async fn in_time<T>(source: &Source, answer: impl Future<Output = Result<T>>) -> Result<T> {
    match timeout(PATIENCE + source.site.limits.acquire_timeout, answer).await {
        Ok(answer) => answer,
        Err(_) => Err(source.site.place.unreachable(format!("its catalogs gave no answer within {}", Span(PATIENCE)))),
    }
}

/// A column of a row.
pub(super) fn get<'a, T: FromSql<'a>>(row: &'a Row, index: usize) -> Result<T> {
    row.try_get(index).map_err(|e| Error::internal("the catalogs of a source cannot be read").with_source(e))
}
