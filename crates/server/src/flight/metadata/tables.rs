//! Tables with their columns, as Arrow's schemas. It must not know how they are sent.

use super::{listing, table, unbuilt};
use arrow::array::RecordBatch;
use arrow::datatypes::{Field, Schema};
use arrow_flight::sql::CommandGetTables;
use std::collections::HashMap;
use std::sync::Arc;
use weft_core::Result;
use weft_core::pgtype::field_of_text;
use weft_engine::Session;

/// The keys of a column's metadata that drivers of JDBC and ODBC look for.
const CATALOG: &str = "ARROW:FLIGHT:SQL:CATALOG_NAME";
const SCHEMA: &str = "ARROW:FLIGHT:SQL:SCHEMA_NAME";
const TABLE: &str = "ARROW:FLIGHT:SQL:TABLE_NAME";
const TYPE: &str = "ARROW:FLIGHT:SQL:TYPE_NAME";
const REMARKS: &str = "ARROW:FLIGHT:SQL:REMARKS";
const READ_ONLY: &str = "ARROW:FLIGHT:SQL:IS_READ_ONLY";

/// GetTables with `include_schema`.
pub(super) async fn with_schemas(session: &Arc<Session>, command: CommandGetTables) -> Result<RecordBatch> {
    let found = table::ask(session, &listing::tables(&command)).await?;
    let mut fields = columns(session, &command).await?;
    let names = found.names(0).into_iter().zip(found.names(1)).zip(found.names(2)).zip(found.names(3));
    let mut builder = command.into_builder();
    for (((catalog, schema, name), kind), key) in
        names.map(|(((c, s), n), k)| (((c.clone(), s.clone(), n.clone()), k), (c, s, n)))
    {
        let columns = fields.remove(&key).unwrap_or_default();
        builder.append(catalog, schema, name, kind, &Schema::new(columns)).map_err(unbuilt)?;
    }
    // What was asked for has been found: the builder filters once more, by the same rules.
    builder.build().map_err(unbuilt)
}

type Key = (String, String, String);

async fn columns(session: &Arc<Session>, command: &CommandGetTables) -> Result<HashMap<Key, Vec<Field>>> {
    let found = table::ask(session, &listing::columns(command)).await?;
    let (catalogs, schemas, tables) = (found.names(0), found.names(1), found.names(2));
    let (names, types, nullable, comments) = (found.names(3), found.names(4), found.flags(5), found.texts(6));
    let mut fields: HashMap<Key, Vec<Field>> = HashMap::new();
    for i in 0..found.rows() {
        let key = (catalogs[i].clone(), schemas[i].clone(), tables[i].clone());
        let field = field_of_text(&names[i], &types[i]).with_nullable(nullable[i]);
        let mut metadata = field.metadata().clone();
        for (name, value) in [(CATALOG, &key.0), (SCHEMA, &key.1), (TABLE, &key.2), (TYPE, &types[i])] {
            metadata.insert(name.to_owned(), value.clone());
        }
        metadata.insert(READ_ONLY.to_owned(), "1".to_owned());
        metadata.extend(comments[i].clone().map(|comment| (REMARKS.to_owned(), comment)));
        fields.entry(key).or_default().push(field.with_metadata(metadata));
    }
    Ok(fields)
}
