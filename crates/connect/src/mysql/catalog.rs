//! What the source's own catalog says of its tables. The statements are few and bulk; rows stream. It must not know Arrow.

use super::server::Server;
use super::source::Source;
use super::types::{Declaration, Nullable, SourceColumn, SourceType};
use mysql_async::{Row, Value};
use std::collections::{HashMap, HashSet};
use std::sync::Arc;
use std::time::{Duration, SystemTime};
use weft_core::executor::MySqlServer;
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
    /// The tables of one database.
    Schema(&'a str),
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
    /// Who described it.
    pub(super) server: Server,
}

/// The databases that are schemas, sorted.
pub(super) async fn schemas(source: &Arc<Source>) -> Result<Vec<String>> {
    let condition = condition(source, "SCHEMA_NAME", Scope::Everything);
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
pub(super) async fn tables(source: &Arc<Source>, scope: Scope<'_>) -> Result<Vec<Table>> {
    let mut tables = list(source, scope).await?;
    let Some(first) = tables.first() else { return Ok(tables) };
    let json = match first.server.kind {
        MySqlServer::MySql => Json::new(),
        MySqlServer::MariaDb => checked_json(source, scope).await?,
    };
    let mut columns = columns(source, scope, &json).await?;
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

async fn list(source: &Arc<Source>, scope: Scope<'_>) -> Result<Vec<Table>> {
    let condition = condition(source, "TABLE_SCHEMA", scope);
    let mut rows = source
        .run(&format!(
            "SELECT TABLE_SCHEMA, TABLE_NAME, TABLE_TYPE, TABLE_COMMENT, DATA_LENGTH, TABLE_ROWS, UNIX_TIMESTAMP(UPDATE_TIME) \
             FROM information_schema.TABLES WHERE {condition}"
        ))
        .await?;
    let server = rows.server().clone();
    let mut tables = Vec::new();
    while let Some(row) = rows.next().await? {
        let table = table(&row, &server);
        // The source may compare names without regard to case.
        let wanted = match scope {
            Scope::Everything | Scope::Schema(_) => true,
            Scope::Table(schema, name) => (schema, name) == (&*table.schema, &*table.name),
        };
        let is_sequence = text(&row, 2).is_some_and(|t| t.eq_ignore_ascii_case("SEQUENCE"));
        if wanted && !is_sequence {
            tables.push(table);
        }
    }
    tables.sort_by(|a, b| (&a.schema, &a.name).cmp(&(&b.schema, &b.name)));
    Ok(tables)
}

/// All but its columns.
fn table(row: &Row, server: &Server) -> Table {
    let is_view = text(row, 2).is_some_and(|t| t.ends_with("VIEW"));
    Table {
        schema: text(row, 0).unwrap_or_default(),
        name: text(row, 1).unwrap_or_default(),
        kind: if is_view { RelationKind::View } else { RelationKind::Table },
        comment: text(row, 3).filter(|c| !c.is_empty() && c != "VIEW"),
        bytes: number(row, 4),
        rows: number(row, 5),
        updated_at: number(row, 6).map(|s| SystemTime::UNIX_EPOCH + Duration::from_secs(s)),
        columns: Ok(Vec::new()),
        server: server.clone(),
    }
}

/// Columns by schema and table, with their positions.
type Columns = HashMap<(String, String), Vec<(u64, SourceColumn)>>;

async fn columns(source: &Arc<Source>, scope: Scope<'_>, json: &Json) -> Result<Columns> {
    let condition = condition(source, "TABLE_SCHEMA", scope);
    let mut rows = source
        .run(&format!(
            "SELECT TABLE_SCHEMA, TABLE_NAME, COLUMN_NAME, ORDINAL_POSITION, IS_NULLABLE, DATA_TYPE, COLUMN_TYPE, \
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
        let [schema, table, name] = [0, 1, 2].map(|at| text(&row, at).unwrap_or_default());
        let is_json = json.contains(&(schema.clone(), table.clone(), name.clone()));
        let column = SourceColumn {
            name,
            source_type: if is_json { SourceType::Json } else { declaration.source_type() },
            nullable: if text(&row, 4).as_deref() == Some("NO") { Nullable::No } else { Nullable::Yes },
        };
        columns.entry((schema, table)).or_default().push((number(&row, 3).unwrap_or(0), column));
    }
    Ok(columns)
}

/// Columns that hold JSON: schema, table, column.
type Json = HashSet<(String, String, String)>;

/// MariaDB's `json` is text with the condition that it is JSON.
async fn checked_json(source: &Arc<Source>, scope: Scope<'_>) -> Result<Json> {
    let condition = condition(source, "CONSTRAINT_SCHEMA", scope);
    let mut rows = source
        .run(&format!(
            "SELECT CONSTRAINT_SCHEMA, TABLE_NAME, CHECK_CLAUSE FROM information_schema.CHECK_CONSTRAINTS \
             WHERE CHECK_CLAUSE LIKE 'json_valid(%' AND {condition}"
        ))
        .await?;
    let mut found = Json::new();
    while let Some(row) = rows.next().await? {
        let [schema, table, clause] = [0, 1, 2].map(|at| text(&row, at).unwrap_or_default());
        let column = clause.strip_prefix("json_valid(`").and_then(|rest| rest.strip_suffix("`)"));
        found.extend(column.map(|name| (schema, table, name.replace("``", "`"))));
    }
    Ok(found)
}

/// Which rows of a view of `information_schema` are of the scope. Bare comparisons let the server look up instead of opening every table.
pub(super) fn condition(source: &Source, schema_column: &str, scope: Scope<'_>) -> String {
    let mut conditions = Vec::new();
    if let Scope::Table(schema, _) | Scope::Schema(schema) = scope {
        conditions.push(format!("{schema_column} = {}", quote_literal(schema)));
    }
    if let Scope::Table(_, name) = scope {
        conditions.push(format!("TABLE_NAME = {}", quote_literal(name)));
    }
    if let Some(database) = &source.site.database {
        conditions.push(format!("{schema_column} = {}", quote_literal(database)));
    }
    let system: Vec<String> = SYSTEM.iter().map(|name| quote_literal(name)).collect();
    conditions.push(format!("{schema_column} NOT IN ({})", system.join(", ")));
    conditions.join(" AND ")
}

/// A column of a row as text.
pub(super) fn text(row: &Row, at: usize) -> Option<String> {
    match row.as_ref(at) {
        Some(Value::Bytes(bytes)) => Some(String::from_utf8_lossy(bytes).into_owned()),
        _ => None,
    }
}

/// A column of a row as a number.
pub(super) fn number(row: &Row, at: usize) -> Option<u64> {
    text(row, at)?.parse().ok()
}
