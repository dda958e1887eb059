//! Bulk ingestion: rows that a client sends as Arrow become rows of a table of the lake, which may be made for them. It must not know the protocol.

use super::relation::{in_lake, is_another, manages};
use super::{insert, table};
use crate::catalog::{LAKE_SCHEMA, tables};
use crate::session::Session;
use arrow::datatypes::SchemaRef;
use futures::StreamExt;
use std::sync::Arc;
use weft_core::pgtype::type_text;
use weft_core::{BatchStream, Error, ErrorKind, ObjectName, Privilege, Result};
use weft_lake::{Column, Incoming};
use weft_meta::{DatasetChange, DatasetColumn, DatasetKind, DatasetRecord};
use weft_sql::Relation;

/// What is to become of rows.
pub struct Ingest {
    /// The table, with as many parts as the client gave.
    pub table: ObjectName,
    /// If there is no such table.
    pub on_missing: OnMissingTable,
    /// If there is one.
    pub on_existing: OnExistingTable,
    /// The rows, with columns as the client names them.
    pub rows: BatchStream,
}

/// What happens if there is no such table.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum OnMissingTable {
    /// It is created.
    Create,
    /// An error.
    Fail,
}

/// What happens if there is such a table.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum OnExistingTable {
    /// An error.
    Fail,
    /// It has these rows too.
    Append,
    /// A new one takes its place.
    Replace,
}

/// Takes the rows; tells how many there were.
pub(crate) async fn ingest(session: &Arc<Session>, ingest: Ingest) -> Result<u64> {
    let name = in_lake(session, &ingest.table, Relation::Table)?;
    let drafts = session.drafts();
    let found = drafts.get(session.gateway().metastore(), LAKE_SCHEMA, &name).await?;
    let sent = ingest.rows.schema().clone();
    let mut changes = Vec::new();
    let table = match (found, ingest.on_existing) {
        (None, _) if ingest.on_missing == OnMissingTable::Fail => {
            return Err(Error::new(ErrorKind::UndefinedTable, format!("relation \"{name}\" does not exist")));
        }
        (None, _) => create(session, name, &sent, &mut changes)?,
        (Some(_), OnExistingTable::Fail) => {
            return Err(Error::new(ErrorKind::DuplicateTable, format!("relation \"{name}\" already exists")));
        }
        (Some(there), _) if there.kind != DatasetKind::Table => return Err(is_another(&there)),
        (Some(there), OnExistingTable::Append) => {
            session.rights().require(&session.gateway().catalogs().view(&there)?, Privilege::Insert)?;
            there
        }
        (Some(there), OnExistingTable::Replace) => {
            manages(session, &there)?;
            changes.push(DatasetChange::Drop(vec![there]));
            create(session, name, &sent, &mut changes)?
        }
    };
    let incoming = Incoming::into_table(&sent, &table.name, &tables::columns(&table))?;
    let schema = incoming.schema().clone();
    let rows = ingest.rows.map(move |batch| incoming.rows(&batch?));
    insert::fill(session, &table, changes, BatchStream::new(schema, rows)).await
}

fn create(
    session: &Arc<Session>,
    name: String,
    sent: &SchemaRef,
    changes: &mut Vec<DatasetChange>,
) -> Result<DatasetRecord> {
    table::may_create(session)?;
    let column = |column: Column| DatasetColumn {
        data_type: type_text(&column.field),
        name: column.field.name().clone(),
        ..DatasetColumn::default()
    };
    let columns = Incoming::columns(sent)?.into_iter().map(column).collect();
    let table = table::record(session, name, columns);
    changes.push(DatasetChange::Put { dataset: table.clone(), origins: Vec::new() });
    Ok(table)
}
