//! Scans: what `information_schema` says of databases, or of tables with all that belongs to them. One statement a question, whatever the server's size.
//! It must not know who keeps what is found.

use super::catalog::{Scope, condition, number, text};
use super::source::Source;
use mysql_async::Row;
use std::collections::{BTreeMap, HashMap};
use std::sync::Arc;
use std::time::{Duration, SystemTime};
use weft_core::Result;
use weft_core::metadata::{
    ColumnShape, ConstraintKind, ConstraintShape, FoundSchema, FoundTable, IndexShape, PORTION, Reference, ScanLevel,
    ScanScope, ScanSink, ShapeKind, TableShape,
};

/// Scans the part of the server that is in the scope.
pub(super) async fn scan(
    source: &Arc<Source>,
    level: ScanLevel,
    scope: &ScanScope,
    sink: &mut dyn ScanSink,
) -> Result<()> {
    if level == ScanLevel::Schemas {
        let mut found = schemas(source, scope).await?;
        count(source, scope, &mut found).await?;
        return sink.schemas(found.into_values().collect()).await;
    }
    let mut tables = tables(source, scope).await?;
    let mut found = schemas(source, scope).await?;
    match scope.table {
        // The others are not known.
        Some(_) => count(source, scope, &mut found).await?,
        // Counting costs the server as much as listing does.
        None => tables.iter().for_each(|table| add(&mut found, table)),
    }
    sink.schemas(found.into_values().collect()).await?;
    while !tables.is_empty() {
        let rest = tables.split_off(tables.len().min(PORTION));
        sink.tables(std::mem::replace(&mut tables, rest)).await?;
    }
    Ok(())
}

/// By name.
type Schemas = BTreeMap<String, FoundSchema>;

async fn schemas(source: &Arc<Source>, scope: &ScanScope) -> Result<Schemas> {
    let scope = ScanScope { table: None, ..scope.clone() };
    let condition = of(source, "SCHEMA_NAME", &scope);
    let mut found = Schemas::new();
    let sql = format!("SELECT SCHEMA_NAME FROM information_schema.SCHEMATA WHERE {condition}");
    let mut rows = source.run(&sql).await?;
    while let Some(row) = rows.next().await? {
        let name = said(&row, 0);
        found.insert(
            name.clone(),
            FoundSchema { name, tables: 0, bytes: None, updated_at: None, comment: None, files: None },
        );
    }
    Ok(found)
}

fn add(schemas: &mut Schemas, table: &FoundTable) {
    if let Some(schema) = schemas.get_mut(&table.schema) {
        schema.tables += 1;
        schema.bytes = match (schema.bytes, table.bytes) {
            (Some(a), Some(b)) => Some(a.saturating_add(b)),
            (a, b) => a.or(b),
        };
        schema.updated_at = schema.updated_at.max(table.updated_at);
    }
}

/// Has the server count.
async fn count(source: &Arc<Source>, scope: &ScanScope, found: &mut Schemas) -> Result<()> {
    let scope = ScanScope { table: None, ..scope.clone() };
    let sql = format!(
        "SELECT TABLE_SCHEMA, COUNT(*), SUM(DATA_LENGTH + INDEX_LENGTH), UNIX_TIMESTAMP(MAX(COALESCE(UPDATE_TIME, CREATE_TIME))) \
         FROM information_schema.TABLES WHERE TABLE_TYPE <> 'SEQUENCE' AND {} GROUP BY TABLE_SCHEMA",
        of(source, "TABLE_SCHEMA", &scope)
    );
    let mut rows = source.run(&sql).await?;
    while let Some(row) = rows.next().await? {
        if let Some(schema) = found.get_mut(&said(&row, 0)) {
            schema.tables = number(&row, 1).unwrap_or(0);
            schema.bytes = number(&row, 2);
            schema.updated_at = moment(&row, 3);
        }
    }
    Ok(())
}

/// Schema and name.
type Key = (String, String);

async fn tables(source: &Arc<Source>, scope: &ScanScope) -> Result<Vec<FoundTable>> {
    let condition = of(source, "TABLE_SCHEMA", scope);
    let sql = format!(
        "SELECT TABLE_SCHEMA, TABLE_NAME, TABLE_TYPE, TABLE_COMMENT, TABLE_ROWS, DATA_LENGTH + INDEX_LENGTH, UNIX_TIMESTAMP(COALESCE(UPDATE_TIME, CREATE_TIME)) \
         FROM information_schema.TABLES WHERE TABLE_TYPE <> 'SEQUENCE' AND {condition}"
    );
    let tables = async {
        let mut found: BTreeMap<Key, FoundTable> = BTreeMap::new();
        let mut rows = source.run(&sql).await?;
        while let Some(row) = rows.next().await? {
            let table = table(&row);
            found.insert((table.schema.clone(), table.name.clone()), table);
        }
        Ok(found)
    };
    let about_tables = async { Ok((tables.await?, indexes(source, &condition).await?)) };
    let about_columns = async { Ok((columns(source, &condition).await?, constraints(source, scope).await?)) };
    let ((mut found, mut indexes), (mut columns, mut constraints)) = match source.limits.max_connections {
        1 => (about_tables.await?, about_columns.await?),
        _ => futures::try_join!(about_tables, about_columns)?,
    };
    for (key, table) in &mut found {
        let mut columns = columns.remove(key).unwrap_or_default();
        columns.sort_by_key(|(position, _)| *position);
        table.shape.columns = columns.into_iter().map(|(_, column)| column).collect();
        table.shape.constraints = constraints.remove(key).unwrap_or_default().into_values().collect();
        table.shape.indexes = indexes.remove(key).unwrap_or_default().into_values().collect();
    }
    Ok(found.into_values().collect())
}

/// Columns with their positions.
type Columns = HashMap<Key, Vec<(u64, ColumnShape)>>;

async fn columns(source: &Arc<Source>, condition: &str) -> Result<Columns> {
    let sql = format!(
        "SELECT TABLE_SCHEMA, TABLE_NAME, COLUMN_NAME, COLUMN_TYPE, IS_NULLABLE, COLUMN_DEFAULT, COLUMN_COMMENT, ORDINAL_POSITION \
         FROM information_schema.COLUMNS WHERE {condition}"
    );
    let mut columns = Columns::new();
    let mut rows = source.run(&sql).await?;
    while let Some(row) = rows.next().await? {
        columns.entry(key(&row)).or_default().push((number(&row, 7).unwrap_or(0), column(&row)));
    }
    Ok(columns)
}

/// What belongs to tables, by its name.
type Belongings<T> = HashMap<Key, BTreeMap<String, T>>;

async fn constraints(source: &Arc<Source>, scope: &ScanScope) -> Result<Belongings<ConstraintShape>> {
    let sql = format!(
        "SELECT k.TABLE_SCHEMA, k.TABLE_NAME, k.CONSTRAINT_NAME, c.CONSTRAINT_TYPE, k.COLUMN_NAME, k.REFERENCED_TABLE_SCHEMA, \
         k.REFERENCED_TABLE_NAME, k.REFERENCED_COLUMN_NAME \
         FROM information_schema.KEY_COLUMN_USAGE k JOIN information_schema.TABLE_CONSTRAINTS c \
         ON c.TABLE_SCHEMA = k.TABLE_SCHEMA AND c.TABLE_NAME = k.TABLE_NAME AND c.CONSTRAINT_NAME = k.CONSTRAINT_NAME \
         WHERE {} ORDER BY k.ORDINAL_POSITION",
        of(source, "k.TABLE_SCHEMA", scope).replace("TABLE_NAME =", "k.TABLE_NAME =")
    );
    let mut found: Belongings<ConstraintShape> = Belongings::new();
    let mut rows = source.run(&sql).await?;
    while let Some(row) = rows.next().await? {
        let name = said(&row, 2);
        let kind = match said(&row, 3).as_str() {
            "PRIMARY KEY" => ConstraintKind::PrimaryKey,
            "FOREIGN KEY" => ConstraintKind::ForeignKey,
            _ => ConstraintKind::Unique,
        };
        let constraint = found.entry(key(&row)).or_default().entry(name.clone()).or_insert_with(|| ConstraintShape {
            name,
            kind,
            columns: Vec::new(),
            references: text(&row, 5).map(|schema| Reference { schema, table: said(&row, 6), columns: Vec::new() }),
            definition: None,
        });
        constraint.columns.push(said(&row, 4));
        if let (Some(references), Some(column)) = (&mut constraint.references, text(&row, 7)) {
            references.columns.push(column);
        }
    }
    Ok(found)
}

async fn indexes(source: &Arc<Source>, condition: &str) -> Result<Belongings<IndexShape>> {
    let sql = format!(
        "SELECT TABLE_SCHEMA, TABLE_NAME, INDEX_NAME, NON_UNIQUE, COLUMN_NAME \
         FROM information_schema.STATISTICS WHERE {condition} ORDER BY SEQ_IN_INDEX"
    );
    let mut found: Belongings<IndexShape> = Belongings::new();
    let mut rows = source.run(&sql).await?;
    while let Some(row) = rows.next().await? {
        let name = said(&row, 2);
        let unique = number(&row, 3) == Some(0);
        let index = found.entry(key(&row)).or_default().entry(name.clone()).or_insert_with(|| IndexShape {
            name,
            unique,
            columns: Vec::new(),
            definition: None,
        });
        // An expression of MySQL 8 has no column.
        index.columns.push(text(&row, 4).unwrap_or_else(|| "(expression)".to_owned()));
    }
    Ok(found)
}

fn table(row: &Row) -> FoundTable {
    let is_view = said(row, 2).ends_with("VIEW");
    FoundTable {
        schema: said(row, 0),
        name: said(row, 1),
        rows: number(row, 4),
        bytes: number(row, 5),
        updated_at: moment(row, 6),
        signature: None,
        shape: TableShape {
            kind: if is_view { ShapeKind::View } else { ShapeKind::Table },
            comment: text(row, 3).filter(|c| !c.is_empty() && c != "VIEW"),
            columns: Vec::new(),
            constraints: Vec::new(),
            indexes: Vec::new(),
            definition: None,
        },
    }
}

fn column(row: &Row) -> ColumnShape {
    ColumnShape {
        name: said(row, 2),
        data_type: said(row, 3),
        nullable: said(row, 4) != "NO",
        // MariaDB says NULL where there is no other.
        default: text(row, 5).filter(|d| d != "NULL"),
        comment: text(row, 6).filter(|c| !c.is_empty()),
    }
}

/// The condition of a scope.
fn of(source: &Source, schema_column: &str, scope: &ScanScope) -> String {
    match (&scope.schema, &scope.table) {
        (Some(schema), Some(table)) => condition(source, schema_column, Scope::Table(schema, table)),
        (Some(schema), None) => condition(source, schema_column, Scope::Schema(schema)),
        (None, _) => condition(source, schema_column, Scope::Everything),
    }
}

fn key(row: &Row) -> Key {
    (said(row, 0), said(row, 1))
}

fn said(row: &Row, at: usize) -> String {
    text(row, at).unwrap_or_default()
}

fn moment(row: &Row, at: usize) -> Option<chrono::DateTime<chrono::Utc>> {
    number(row, at).map(|seconds| (SystemTime::UNIX_EPOCH + Duration::from_secs(seconds)).into())
}
