//! Tables of the lake, between the metadata store, which knows their columns and files, and the lake, which reads and writes them. It must not know statements.

use super::Drafts;
use crate::gateway::Gateway;
use weft_core::pgtype::field_of_text;
use weft_core::relation::Relation;
use weft_core::{Error, Result};
use weft_lake::{Column, DataFile, TableRef, Written};
use weft_meta::{DatasetChange, DatasetColumn, DatasetRecord, LakeFile};

/// The compute context of the lake: DuckDB reads its tables, and joins them with all other files.
pub const CONTEXT: &str = "duckdb";

/// The columns of a table.
pub fn columns(table: &DatasetRecord) -> Vec<Column> {
    let column = |column: &DatasetColumn| Column {
        field: field_of_text(&column.name, &column.data_type).with_nullable(!column.required),
        max_length: column.max_length.and_then(|most| usize::try_from(most).ok()),
    };
    table.columns.iter().map(column).collect()
}

/// How the table is read now, with what a transaction has added to it.
pub async fn relation(gateway: &Gateway, drafts: &Drafts, table: &DatasetRecord) -> Result<Relation> {
    let files = drafts.files(gateway.metastore(), table.id).await?;
    let most = gateway.settings().max_files_per_table;
    if files.len() > most {
        let message =
            format!("table \"{}\" has {} files, more than the {most} that are allowed", table.name, files.len());
        return Err(Error::new(weft_core::ErrorKind::ConfigurationLimitExceeded, message)
            .with_hint("An administrator can raise the setting max_files_per_table."));
    }
    let file = |file: LakeFile| DataFile { path: file.path, rows: file.rows, bytes: file.bytes };
    let files: Vec<DataFile> = files.into_iter().map(file).collect();
    let columns = columns(table);
    let table = TableRef { id: table.id, name: &table.name, columns: &columns };
    Ok(gateway.lake().relation(table, &files))
}

/// The change that gives a table what was written for it.
pub fn append(table: &DatasetRecord, written: &Written) -> DatasetChange {
    let file = |file: &DataFile| LakeFile { path: file.path.clone(), rows: file.rows, bytes: file.bytes };
    DatasetChange::Append { dataset: table.clone(), files: written.files().iter().map(file).collect() }
}
