//! What the source's own catalog says of its tables. The statements are few and bulk; rows stream. It must not know Arrow.

use super::running::Running;
use super::source::Source;
use super::types::{Declaration, Nullable, SourceColumn, SourceType};
use mysql_async::{Row, Value};
use std::collections::BTreeMap;
use std::fmt::Write;
use std::time::{Duration, SystemTime};
use weft_core::name::quote_literal;
use weft_core::relation::RelationKind;
use weft_core::{Error, ErrorKind, Result};

/// Databases that belong to the server.
const SYSTEM: &[&str] = &["information_schema", "mysql", "performance_schema", "sys", "ndbinfo"];

/// What is asked about.
#[derive(Debug, Clone, Copy)]
pub(super) enum Scope<'a> {
    /// Every table.
    Everything,
    /// One table, by database and name.
    Table(&'a str, &'a str),
}

/// A table as the source describes it.
#[derive(Debug, Clone)]
pub(super) struct Table {
    pub(super) schema: String,
    pub(super) name: String,
    pub(super) kind: RelationKind,
    pub(super) comment: Option<String>,
    pub(super) bytes: Option<u64>,
    pub(super) rows: Option<u64>,
    pub(super) updated_at: Option<SystemTime>,
    /// In their order, or why there are none.
    pub(super) columns: Result<Vec<SourceColumn>>,
}

/// The databases that are schemas, sorted.
pub(super) async fn schemas(source: &Source) -> Result<Vec<String>> {
    let condition = condition(source, "SCHEMA_NAME", "", Scope::Everything);
    let mut rows =
        source.run(&format!("SELECT SCHEMA_NAME FROM information_schema.SCHEMATA WHERE {condition}")).await?;
    let mut names = Vec::new();
    while let Some(row) = rows.next().await? {
        names.extend(text(&row, 0));
    }
    names.sort();
    Ok(names)
}

/// The tables of the scope, sorted by schema and name.
pub(super) async fn tables(source: &Source, scope: Scope<'_>) -> Result<Vec<Table>> {
    let condition = condition(source, "TABLE_SCHEMA", "TABLE_NAME", scope);
    let mut tables = list(source, &condition, scope).await?;
    if tables.is_empty() {
        return Ok(Vec::new());
    }
    let mut columns = columns(source, &condition).await?;
    mark_json(source, scope, &mut columns).await?;
    for table in &mut tables {
        let key = (table.schema.clone(), table.name.clone());
        table.columns = match columns.remove(&key) {
            Some(mut found) => {
                found.sort_by_key(|(position, _)| *position);
                Ok(found.into_iter().map(|(_, column)| column).collect())
            }
            None => Err(without_columns(table)),
        };
    }
    Ok(tables)
}

/// A view whose tables are gone has no columns, and its comment says why.
fn without_columns(table: &Table) -> Error {
    let message = format!("columns of \"{}\".\"{}\" cannot be told", table.schema, table.name);
    let error = Error::new(ErrorKind::ObjectNotInPrerequisiteState, message);
    match &table.comment {
        Some(comment) if table.kind == RelationKind::View => error.with_detail(comment.clone()),
        _ => error,
    }
}

async fn list(source: &Source, condition: &str, scope: Scope<'_>) -> Result<Vec<Table>> {
    let mut rows = source
        .run(&format!(
            "SELECT TABLE_SCHEMA, TABLE_NAME, TABLE_TYPE, TABLE_COMMENT, DATA_LENGTH, TABLE_ROWS, UNIX_TIMESTAMP(UPDATE_TIME) \
             FROM information_schema.TABLES WHERE {condition}"
        ))
        .await?;
    let mut tables = Vec::new();
    while let Some(row) = rows.next().await? {
        let table_type = text(&row, 2).unwrap_or_default();
        if table_type.eq_ignore_ascii_case("SEQUENCE") {
            continue;
        }
        let kind = if table_type.ends_with("VIEW") { RelationKind::View } else { RelationKind::Table };
        let comment = text(&row, 3).filter(|c| !c.is_empty() && c != "VIEW");
        let table = Table {
            schema: text(&row, 0).unwrap_or_default(),
            name: text(&row, 1).unwrap_or_default(),
            kind,
            comment,
            bytes: number(&row, 4),
            rows: number(&row, 5),
            updated_at: number(&row, 6).map(|s| SystemTime::UNIX_EPOCH + Duration::from_secs(s)),
            columns: Ok(Vec::new()),
        };
        // The source may compare names without regard to case.
        if matches!(scope, Scope::Table(schema, name) if (schema, name) != (&table.schema, &table.name)) {
            continue;
        }
        tables.push(table);
    }
    tables.sort_by(|a, b| (&a.schema, &a.name).cmp(&(&b.schema, &b.name)));
    Ok(tables)
}

/// Columns by schema and table, with their positions.
type Columns = BTreeMap<(String, String), Vec<(u64, SourceColumn)>>;

async fn columns(source: &Source, condition: &str) -> Result<Columns> {
    let mut rows = source
        .run(&format!(
            "SELECT TABLE_SCHEMA, TABLE_NAME, ORDINAL_POSITION, COLUMN_NAME, IS_NULLABLE, DATA_TYPE, COLUMN_TYPE, \
             NUMERIC_PRECISION, NUMERIC_SCALE, CHARACTER_OCTET_LENGTH, CHARACTER_SET_NAME, COLLATION_NAME \
             FROM information_schema.COLUMNS WHERE {condition}"
        ))
        .await?;
    let mut columns = Columns::new();
    while let Some(row) = rows.next().await? {
        let declaration = Declaration {
            data_type: text(&row, 5).unwrap_or_default(),
            column_type: text(&row, 6).unwrap_or_default(),
            precision: number(&row, 7),
            scale: number(&row, 8),
            octets: number(&row, 9),
            character_set: text(&row, 10),
            collation: text(&row, 11),
        };
        let column = SourceColumn {
            name: text(&row, 3).unwrap_or_default(),
            source_type: declaration.source_type(),
            nullable: if text(&row, 4).as_deref() == Some("NO") { Nullable::No } else { Nullable::Yes },
        };
        let key = (text(&row, 0).unwrap_or_default(), text(&row, 1).unwrap_or_default());
        columns.entry(key).or_default().push((number(&row, 2).unwrap_or(0), column));
    }
    Ok(columns)
}

/// MariaDB's `json` is text that is checked to be JSON.
async fn mark_json(source: &Source, scope: Scope<'_>, columns: &mut Columns) -> Result<()> {
    let condition = condition(source, "CONSTRAINT_SCHEMA", "TABLE_NAME", scope);
    let statement = |server: &Server| match server.kind {
        MySqlServer::MySql => None,
        MySqlServer::MariaDb => Some(()),
    };
    Ok(())
}
