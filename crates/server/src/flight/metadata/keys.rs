//! Primary and foreign keys, as the last scan of level 2 found them (`system.metadata.constraints`). It must not know how they are sent.

use super::{listing, table};
use arrow::array::{ArrayRef, Int32Array, RecordBatch, StringArray, UInt8Array};
use arrow::datatypes::{DataType, Field, Schema, SchemaRef};
use arrow_flight::sql::{
    CommandGetCrossReference, CommandGetExportedKeys, CommandGetImportedKeys, CommandGetPrimaryKeys, UpdateDeleteRules,
};
use std::sync::Arc;
use weft_core::{Error, Result};
use weft_engine::Session;

/// A table as a client names it; what it leaves out may be anything.
#[derive(Clone)]
struct Named {
    catalog: Option<String>,
    schema: Option<String>,
    table: String,
}

/// A key that refers to another one.
struct Foreign {
    catalog: String,
    schema: String,
    table: String,
    name: String,
    columns: Vec<String>,
    to_schema: String,
    to_table: String,
    to_columns: Vec<String>,
    to_name: Option<String>,
    on_update: u8,
    on_delete: u8,
}

fn text(name: &str, nullable: bool) -> Field {
    Field::new(name, DataType::Utf8, nullable)
}

/// The columns of GetPrimaryKeys.
pub(super) fn primary_schema() -> SchemaRef {
    Arc::new(Schema::new(vec![
        text("catalog_name", true),
        text("db_schema_name", true),
        text("table_name", false),
        text("column_name", false),
        text("key_name", true),
        Field::new("key_sequence", DataType::Int32, false),
    ]))
}

/// The columns of GetExportedKeys, GetImportedKeys and GetCrossReference.
pub(super) fn foreign_schema() -> SchemaRef {
    Arc::new(Schema::new(vec![
        text("pk_catalog_name", true),
        text("pk_db_schema_name", true),
        text("pk_table_name", false),
        text("pk_column_name", false),
        text("fk_catalog_name", true),
        text("fk_db_schema_name", true),
        text("fk_table_name", false),
        text("fk_column_name", false),
        Field::new("key_sequence", DataType::Int32, false),
        text("fk_key_name", true),
        text("pk_key_name", true),
        Field::new("update_rule", DataType::UInt8, false),
        Field::new("delete_rule", DataType::UInt8, false),
    ]))
}

/// The primary key of a table.
pub(super) async fn primary(session: &Arc<Session>, command: CommandGetPrimaryKeys) -> Result<RecordBatch> {
    let conditions = [
        Some("constraint_type = 'PRIMARY KEY'".to_owned()),
        listing::equals("catalog_name", command.catalog.as_deref()),
        listing::equals("schema_name", command.db_schema.as_deref()),
        listing::equals("table_name", Some(&command.table)),
    ];
    let sql = format!(
        "SELECT catalog_name, schema_name, table_name, constraint_name, columns FROM system.metadata.constraints{} \
         ORDER BY catalog_name, schema_name, table_name, constraint_name",
        listing::all(conditions.into_iter().flatten().collect())
    );
    let found = table::ask(session, &sql).await?;
    let (catalogs, schemas, tables, keys) = (found.names(0), found.names(1), found.names(2), found.names(3));
    let mut rows: [Vec<String>; 5] = Default::default();
    let mut sequence = Vec::new();
    for (i, columns) in found.lists(4).into_iter().enumerate() {
        for (place, column) in columns.into_iter().enumerate() {
            let values = [&catalogs[i], &schemas[i], &tables[i], &column, &keys[i]];
            rows.iter_mut().zip(values).for_each(|(row, value)| row.push(value.clone()));
            sequence.push(place as i32 + 1);
        }
    }
    let mut columns: Vec<ArrayRef> = rows.into_iter().map(|row| Arc::new(StringArray::from(row)) as ArrayRef).collect();
    columns.push(Arc::new(Int32Array::from(sequence)));
    batch(primary_schema(), columns)
}

/// The keys that refer to a table.
pub(super) async fn exported(session: &Arc<Session>, command: CommandGetExportedKeys) -> Result<RecordBatch> {
    let CommandGetExportedKeys { catalog, db_schema, table } = command;
    foreign(session, Some(Named { catalog, schema: db_schema, table }), None).await
}

/// The keys by which a table refers to others.
pub(super) async fn imported(session: &Arc<Session>, command: CommandGetImportedKeys) -> Result<RecordBatch> {
    let CommandGetImportedKeys { catalog, db_schema, table } = command;
    foreign(session, None, Some(Named { catalog, schema: db_schema, table })).await
}

/// The keys by which one table refers to another.
pub(super) async fn cross(session: &Arc<Session>, command: CommandGetCrossReference) -> Result<RecordBatch> {
    let to = Named { catalog: command.pk_catalog, schema: command.pk_db_schema, table: command.pk_table };
    let from = Named { catalog: command.fk_catalog, schema: command.fk_db_schema, table: command.fk_table };
    foreign(session, Some(to), Some(from)).await
}

async fn foreign(session: &Arc<Session>, to: Option<Named>, from: Option<Named>) -> Result<RecordBatch> {
    let mut keys = between(session, to, from).await?;
    keys.sort_by(|a, b| {
        let order = |k: &Foreign| (k.catalog.clone(), k.schema.clone(), k.table.clone(), k.name.clone());
        order(a).cmp(&order(b))
    });
    let mut texts: [Vec<Option<String>>; 8] = Default::default();
    let mut names: [Vec<Option<String>>; 2] = Default::default();
    let (mut sequence, mut updates, mut deletes) = (Vec::new(), Vec::new(), Vec::new());
    for key in keys {
        for (place, (column, to_column)) in key.columns.iter().zip(&key.to_columns).enumerate() {
            let values =
                [&key.catalog, &key.to_schema, &key.to_table, to_column, &key.catalog, &key.schema, &key.table, column];
            texts.iter_mut().zip(values).for_each(|(text, value)| text.push(Some(value.clone())));
            names[0].push(Some(key.name.clone()));
            names[1].push(key.to_name.clone());
            sequence.push(place as i32 + 1);
            updates.push(key.on_update);
            deletes.push(key.on_delete);
        }
    }
    let mut columns: Vec<ArrayRef> =
        texts.into_iter().map(|text| Arc::new(StringArray::from(text)) as ArrayRef).collect();
    columns.push(Arc::new(Int32Array::from(sequence)));
    columns.extend(names.into_iter().map(|name| Arc::new(StringArray::from(name)) as ArrayRef));
    columns.push(Arc::new(UInt8Array::from(updates)));
    columns.push(Arc::new(UInt8Array::from(deletes)));
    batch(foreign_schema(), columns)
}

/// A foreign key never leaves its catalog.
async fn between(session: &Arc<Session>, to: Option<Named>, from: Option<Named>) -> Result<Vec<Foreign>> {
    let mut conditions = vec!["f.constraint_type = 'FOREIGN KEY'".to_owned()];
    for (named, schema, table) in
        [(&to, "f.referenced_schema", "f.referenced_table"), (&from, "f.schema_name", "f.table_name")]
    {
        let Some(named) = named else { continue };
        conditions.extend(listing::equals("f.catalog_name", named.catalog.as_deref()));
        conditions.extend(listing::equals(schema, named.schema.as_deref()));
        conditions.extend(listing::equals(table, Some(&named.table)));
    }
    let sql = format!(
        "SELECT f.catalog_name, f.schema_name, f.table_name, f.constraint_name, f.columns, f.referenced_schema, f.referenced_table, \
         f.referenced_columns, f.definition FROM system.metadata.constraints AS f{}",
        listing::all(conditions)
    );
    let found = table::ask(session, &sql).await?;
    let referenced = Referenced::of(session, &found.names(0)).await?;
    let (catalogs, schemas, tables, names) = (found.names(0), found.names(1), found.names(2), found.names(3));
    let (to_schemas, to_tables, definitions) = (found.names(5), found.names(6), found.names(8));
    let (columns, to_columns) = (found.lists(4), found.lists(7));
    Ok((0..found.rows())
        .map(|i| Foreign {
            to_name: referenced.name(&catalogs[i], &to_schemas[i], &to_tables[i], &to_columns[i]),
            catalog: catalogs[i].clone(),
            schema: schemas[i].clone(),
            table: tables[i].clone(),
            name: names[i].clone(),
            columns: columns[i].clone(),
            to_schema: to_schemas[i].clone(),
            to_table: to_tables[i].clone(),
            to_columns: to_columns[i].clone(),
            on_update: rule(&definitions[i], "ON UPDATE "),
            on_delete: rule(&definitions[i], "ON DELETE "),
        })
        .collect())
}

/// Keys that others may refer to.
struct Referenced(Vec<([String; 3], Vec<String>, String)>);

impl Referenced {
    async fn of(session: &Arc<Session>, catalogs: &[String]) -> Result<Referenced> {
        if catalogs.is_empty() {
            return Ok(Referenced(Vec::new()));
        }
        let sql = "SELECT catalog_name, schema_name, table_name, constraint_name, columns FROM system.metadata.constraints \
                   WHERE constraint_type IN ('PRIMARY KEY', 'UNIQUE') ORDER BY constraint_type, constraint_name";
        let found = table::ask(session, sql).await?;
        let tables = found.names(0).into_iter().zip(found.names(1)).zip(found.names(2));
        let keys = tables.zip(found.lists(4)).zip(found.names(3));
        Ok(Referenced(
            keys.filter(|((((catalog, _), _), _), _)| catalogs.contains(catalog))
                .map(|((((catalog, schema), table), columns), name)| ([catalog, schema, table], columns, name))
                .collect(),
        ))
    }

    fn name(&self, catalog: &str, schema: &str, table: &str, columns: &[String]) -> Option<String> {
        let same = |key: &&([String; 3], Vec<String>, String)| {
            let mut sorted = (key.1.clone(), columns.to_vec());
            sorted.0.sort();
            sorted.1.sort();
            key.0.iter().map(String::as_str).eq([catalog, schema, table]) && sorted.0 == sorted.1
        };
        self.0.iter().find(same).map(|(_, _, name)| name.clone())
    }
}

/// What a key does when the other one changes, as the source writes it.
fn rule(definition: &str, event: &str) -> u8 {
    let upper = definition.to_ascii_uppercase();
    let action = upper.split_once(event).map(|(_, rest)| rest).unwrap_or_default();
    let rules = [
        ("CASCADE", UpdateDeleteRules::Cascade),
        ("RESTRICT", UpdateDeleteRules::Restrict),
        ("SET NULL", UpdateDeleteRules::SetNull),
        ("SET DEFAULT", UpdateDeleteRules::SetDefault),
    ];
    let found =
        rules.iter().find(|(word, _)| action.starts_with(word)).map_or(UpdateDeleteRules::NoAction, |(_, rule)| *rule);
    found as i32 as u8
}

fn batch(schema: SchemaRef, columns: Vec<ArrayRef>) -> Result<RecordBatch> {
    RecordBatch::try_new(schema, columns).map_err(|e| Error::internal("keys do not fit their schema").with_source(e))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rules_are_read() {
        let definition = "FOREIGN KEY (a) REFERENCES t(b) ON UPDATE SET NULL ON DELETE CASCADE";
        assert_eq!(rule(definition, "ON UPDATE "), UpdateDeleteRules::SetNull as u8);
        assert_eq!(rule(definition, "ON DELETE "), UpdateDeleteRules::Cascade as u8);
        assert_eq!(rule("FOREIGN KEY (a) REFERENCES t(b)", "ON DELETE "), UpdateDeleteRules::NoAction as u8);
    }
}
