//! The queries that list catalogs, schemas and tables. Patterns are LIKE's. It must not know how they are run.

use arrow_flight::sql::{CommandGetDbSchemas, CommandGetTables};
use weft_core::name::quote_literal;

/// The types of tables that there are.
pub(super) const TABLE_TYPES: [&str; 3] = ["SYSTEM TABLE", "TABLE", "VIEW"];

/// The type of a table, as SQL.
const TABLE_TYPE: &str = "CASE WHEN catalog_name = 'system' OR schema_name IN ('pg_catalog', 'information_schema') THEN 'SYSTEM TABLE' \
                          WHEN table_type = 'VIEW' THEN 'VIEW' ELSE 'TABLE' END";

/// All catalogs.
pub(super) fn catalogs() -> String {
    "SELECT catalog_name FROM system.metadata.catalogs ORDER BY catalog_name".to_owned()
}

/// Their schemas.
pub(super) fn schemas(command: &CommandGetDbSchemas) -> String {
    let conditions = [
        equals("catalog_name", command.catalog.as_deref()),
        like("schema_name", command.db_schema_filter_pattern.as_deref()),
    ];
    format!(
        "SELECT catalog_name, schema_name FROM system.metadata.schemas{} ORDER BY catalog_name, schema_name",
        all(conditions.into_iter().flatten().collect())
    )
}

/// Their tables, without those that cannot be queried.
pub(super) fn tables(command: &CommandGetTables) -> String {
    format!(
        "SELECT catalog_name, schema_name, table_name, {TABLE_TYPE} AS table_type FROM system.metadata.tables{} \
         ORDER BY catalog_name, schema_name, table_name",
        all(tables_wanted(command))
    )
}

/// Columns of those tables.
pub(super) fn columns(command: &CommandGetTables) -> String {
    let wanted = CommandGetTables { table_types: Vec::new(), ..command.clone() };
    let conditions = tables_wanted(&wanted).into_iter().filter(|condition| condition != QUERIED);
    format!(
        "SELECT catalog_name, schema_name, table_name, column_name, data_type, is_nullable, comment FROM system.metadata.columns{} \
         ORDER BY catalog_name, schema_name, table_name, ordinal_position",
        all(conditions.collect())
    )
}

/// Tables of which that is not true cannot be queried.
const QUERIED: &str = "state <> 'unmanaged'";

fn tables_wanted(command: &CommandGetTables) -> Vec<String> {
    let types = command.table_types.iter().map(|name| quote_literal(name)).collect::<Vec<_>>().join(", ");
    let conditions = [
        Some(QUERIED.to_owned()),
        equals("catalog_name", command.catalog.as_deref()),
        like("schema_name", command.db_schema_filter_pattern.as_deref()),
        like("table_name", command.table_name_filter_pattern.as_deref()),
        (!types.is_empty()).then(|| format!("{TABLE_TYPE} IN ({types})")),
    ];
    conditions.into_iter().flatten().collect()
}

/// The column is this; of a schema, an empty text means those without one, of which there are none.
pub(super) fn equals(column: &str, value: Option<&str>) -> Option<String> {
    value.map(|value| format!("{column} = {}", quote_literal(value)))
}

fn like(column: &str, pattern: Option<&str>) -> Option<String> {
    pattern.filter(|pattern| *pattern != "%").map(|pattern| format!("{column} LIKE {}", quote_literal(pattern)))
}

/// All of these conditions.
pub(super) fn all(conditions: Vec<String>) -> String {
    if conditions.is_empty() { String::new() } else { format!(" WHERE {}", conditions.join(" AND ")) }
}
