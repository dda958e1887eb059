//! Scans: what the server's catalogs say of schemas, or of tables with all that belongs to them. One statement a question, whatever the server's size; the
//! columns stream. It must not know who keeps what is found.

use super::catalog::{Answer, get};
use super::connector::Source;
use super::statement::Parameter;
use std::collections::HashMap;
use tokio_postgres::Row;
use tokio_postgres::types::Type;
use weft_core::metadata::{
    ColumnShape, ConstraintKind, ConstraintShape, FoundSchema, FoundTable, IndexShape, PORTION, Reference, ScanLevel,
    ScanScope, ScanSink, ShapeKind, TableShape,
};
use weft_core::relation::RelationKind;
use weft_core::{Error, Result};

const SCHEMAS: &str = include_str!("scan_schemas.sql");
const COLUMNS: &str = include_str!("scan_columns.sql");
const CONSTRAINTS: &str = include_str!("scan_constraints.sql");
const INDEXES: &str = include_str!("scan_indexes.sql");

/// Scans the part of the server that is in the scope.
pub(super) async fn scan(source: &Source, level: ScanLevel, scope: &ScanScope, sink: &mut dyn ScanSink) -> Result<()> {
    sink.schemas(schemas(source, scope).await?).await?;
    match level {
        ScanLevel::Schemas => Ok(()),
        ScanLevel::Tables => tables(source, scope, sink).await,
    }
}

async fn schemas(source: &Source, scope: &ScanScope) -> Result<Vec<FoundSchema>> {
    let parameters: &[Parameter<'_>] = &[(&source.site.schemas, Type::TEXT_ARRAY), (&scope.schema, Type::TEXT)];
    let mut rows = Answer::to(source, SCHEMAS, parameters).await?;
    let mut found = Vec::new();
    while let Some(row) = rows.next().await? {
        found.push(FoundSchema {
            name: get(&row, 0)?,
            tables: number(&row, 1)?.unwrap_or(0),
            bytes: number(&row, 2)?,
            // PostgreSQL does not know when a table was changed.
            updated_at: None,
            comment: get(&row, 3)?,
            files: None,
        });
    }
    Ok(found)
}

/// What belongs to tables, by schema and table.
type Belongings<T> = HashMap<(String, String), Vec<T>>;

async fn tables(source: &Source, scope: &ScanScope, sink: &mut dyn ScanSink) -> Result<()> {
    let constraints = belongings(source, scope, CONSTRAINTS, constraint);
    let indexes = belongings(source, scope, INDEXES, index);
    let (mut constraints, mut indexes) = match source.site.limits.max_connections {
        1 => (constraints.await?, indexes.await?),
        _ => futures::try_join!(constraints, indexes)?,
    };
    let mut rows = ask(source, scope, COLUMNS).await?;
    let mut portion: Vec<FoundTable> = Vec::new();
    while let Some(row) = rows.next().await? {
        let (schema, name) = (get::<&str>(&row, 0)?, get::<&str>(&row, 1)?);
        if portion.last().is_none_or(|last| (last.schema.as_str(), last.name.as_str()) != (schema, name)) {
            if portion.len() >= PORTION {
                sink.tables(std::mem::take(&mut portion)).await?;
            }
            let key = (schema.to_owned(), name.to_owned());
            let (constraints, indexes) = (constraints.remove(&key), indexes.remove(&key));
            portion.push(table(&row, constraints.unwrap_or_default(), indexes.unwrap_or_default())?);
        }
        if let (Some(table), Some(column)) = (portion.last_mut(), column(&row)?) {
            table.shape.columns.push(column);
        }
    }
    sink.tables(portion).await
}

async fn ask<'a>(source: &'a Source, scope: &ScanScope, sql: &str) -> Result<Answer<'a>> {
    let parameters: &[Parameter<'_>] =
        &[(&source.site.schemas, Type::TEXT_ARRAY), (&scope.schema, Type::TEXT), (&scope.table, Type::TEXT)];
    Answer::to(source, sql, parameters).await
}

async fn belongings<T>(
    source: &Source,
    scope: &ScanScope,
    sql: &str,
    read: impl Fn(&Row) -> Result<T>,
) -> Result<Belongings<T>> {
    let mut rows = ask(source, scope, sql).await?;
    let mut found = Belongings::new();
    while let Some(row) = rows.next().await? {
        found.entry((get(&row, 0)?, get(&row, 1)?)).or_default().push(read(&row)?);
    }
    Ok(found)
}

fn table(row: &Row, constraints: Vec<ConstraintShape>, indexes: Vec<IndexShape>) -> Result<FoundTable> {
    let kind = if get(row, 2)? { RelationKind::View } else { RelationKind::Table };
    Ok(FoundTable {
        schema: get(row, 0)?,
        name: get(row, 1)?,
        rows: number(row, 4)?,
        bytes: number(row, 5)?,
        updated_at: None,
        signature: None,
        shape: TableShape {
            kind: ShapeKind::from(kind),
            comment: get(row, 3)?,
            columns: Vec::new(),
            constraints,
            indexes,
            definition: get::<Option<&str>>(row, 11)?.map(query),
        },
    })
}

/// A view's query without the sign that ends it.
fn query(definition: &str) -> String {
    definition.trim().trim_end_matches(';').to_owned()
}

fn column(row: &Row) -> Result<Option<ColumnShape>> {
    let Some(name) = get::<Option<String>>(row, 6)? else { return Ok(None) };
    Ok(Some(ColumnShape {
        name,
        data_type: get(row, 7)?,
        nullable: !get::<bool>(row, 8)?,
        default: get(row, 9)?,
        comment: get(row, 10)?,
    }))
}

fn constraint(row: &Row) -> Result<ConstraintShape> {
    let kind = match get::<&str>(row, 3)? {
        "p" => ConstraintKind::PrimaryKey,
        "u" => ConstraintKind::Unique,
        "f" => ConstraintKind::ForeignKey,
        "c" => ConstraintKind::Check,
        "x" => ConstraintKind::Exclude,
        other => return Err(Error::internal(format!("a constraint of the unknown kind {other}"))),
    };
    let references = match (get::<Option<String>>(row, 5)?, get::<Option<String>>(row, 6)?) {
        (Some(schema), Some(table)) => Some(Reference { schema, table, columns: get(row, 7)? }),
        _ => None,
    };
    let definition = get(row, 8)?;
    Ok(ConstraintShape { name: get(row, 2)?, kind, columns: get(row, 4)?, references, definition })
}

fn index(row: &Row) -> Result<IndexShape> {
    Ok(IndexShape { name: get(row, 2)?, unique: get(row, 3)?, columns: get(row, 4)?, definition: get(row, 5)? })
}

fn number(row: &Row, at: usize) -> Result<Option<u64>> {
    Ok(get::<Option<i64>>(row, at)?.and_then(|n| n.try_into().ok()))
}
