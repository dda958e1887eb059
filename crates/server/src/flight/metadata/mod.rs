//! Metadata: each command is a query of the client's own session on the system tables, so that it shows what the role may see, in the schema that Flight SQL
//! lays down. It must not know how rows are sent.

mod keys;
mod listing;
mod sql_info;
pub(crate) mod table;
mod tables;
mod xdbc;

use super::statement::{self, Planned};
use arrow::array::RecordBatch;
use arrow::datatypes::SchemaRef;
use arrow_flight::error::FlightError;
use arrow_flight::sql::Command;
use std::sync::Arc;
use weft_core::{Error, Result};
use weft_engine::Session;

/// What answers a command.
pub(crate) enum Answer {
    /// The rows of a statement.
    Rows(Planned),
    /// Rows that are there.
    Batch(RecordBatch),
}

/// The columns that answer a command; nothing if it is none of metadata.
pub(crate) fn schema(command: &Command) -> Option<SchemaRef> {
    Some(match command {
        Command::CommandGetCatalogs(command) => command.into_builder().schema(),
        Command::CommandGetDbSchemas(command) => command.clone().into_builder().schema(),
        Command::CommandGetTableTypes(command) => command.into_builder().schema(),
        Command::CommandGetTables(command) => command.clone().into_builder().schema(),
        Command::CommandGetPrimaryKeys(_) => keys::primary_schema(),
        Command::CommandGetExportedKeys(_)
        | Command::CommandGetImportedKeys(_)
        | Command::CommandGetCrossReference(_) => keys::foreign_schema(),
        Command::CommandGetXdbcTypeInfo(_) => xdbc::schema(),
        Command::CommandGetSqlInfo(_) => sql_info::schema(),
        _ => return None,
    })
}

/// Answers a command.
pub(crate) async fn answer(session: &Arc<Session>, command: Command) -> Result<Answer> {
    let schema = schema(&command).ok_or_else(|| super::command::unsupported(&command))?;
    let sql = match command {
        Command::CommandGetCatalogs(_) => listing::catalogs(),
        Command::CommandGetDbSchemas(command) => listing::schemas(&command),
        Command::CommandGetTables(command) if !command.include_schema => listing::tables(&command),
        Command::CommandGetTables(command) => return tables::with_schemas(session, command).await.map(Answer::Batch),
        Command::CommandGetTableTypes(command) => {
            let mut builder = command.into_builder();
            listing::TABLE_TYPES.iter().for_each(|name| builder.append(name));
            return batch(builder.build());
        }
        Command::CommandGetPrimaryKeys(command) => return keys::primary(session, command).await.map(Answer::Batch),
        Command::CommandGetExportedKeys(command) => return keys::exported(session, command).await.map(Answer::Batch),
        Command::CommandGetImportedKeys(command) => return keys::imported(session, command).await.map(Answer::Batch),
        Command::CommandGetCrossReference(command) => return keys::cross(session, command).await.map(Answer::Batch),
        Command::CommandGetXdbcTypeInfo(command) => return xdbc::answer(command).map(Answer::Batch),
        Command::CommandGetSqlInfo(command) => return sql_info::answer(session, command).map(Answer::Batch),
        other => return Err(super::command::unsupported(&other)),
    };
    let prepared = statement::prepare(session, &sql).await?;
    Ok(Answer::Rows(Planned::new(prepared, Default::default()).with_schema(schema)))
}

fn batch(built: Result<RecordBatch, FlightError>) -> Result<Answer> {
    built.map(Answer::Batch).map_err(unbuilt)
}

fn unbuilt(error: FlightError) -> Error {
    Error::internal("metadata do not fit their schema").with_source(error)
}
