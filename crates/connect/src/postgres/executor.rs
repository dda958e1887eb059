//! Runs the engine's statements in the server and gives their rows as Arrow batches, a bounded number of bytes at a time. It must not know what the
//! statements are about.

use super::connector::{Memory, Source};
use super::decode::RowDecoder;
use super::statement::Statement;
use arrow::datatypes::SchemaRef;
use arrow::record_batch::RecordBatch;
use async_trait::async_trait;
use futures::stream;
use std::sync::Arc;
use tokio_postgres::Row;
use weft_core::executor::{Dialect, Executor, RemoteStatement};
use weft_core::{BatchStream, Error, ErrorKind, Result};

/// Rows of a batch at most.
const BATCH_ROWS: usize = 8192;

/// The first batch, if it has so many rows, does not wait for more: its receiver has something to do meanwhile. Each batch waits for twice as many
/// as the one before it, because large ones cost less.
const READY_ROWS: usize = 128;

/// A batch that has taken in so many bytes is passed on, however few its rows.
const BATCH_BYTES: usize = 2 << 20;

#[async_trait]
impl Executor for Source {
    fn id(&self) -> &str {
        &self.site.place.catalog
    }

    fn dialect(&self) -> Dialect {
        Dialect::Postgres
    }

    async fn execute(&self, statement: &RemoteStatement, schema: SchemaRef) -> Result<BatchStream> {
        let memory = self.memory.clone();
        let rows = Statement::start(&self.pool, &self.site.place, &statement.sql, &[]).await;
        let rows = rows.map_err(|error| doubted(error, &memory))?;
        let batches = Batches { rows, decoder: None, ready: READY_ROWS, schema: schema.clone(), memory };
        let batches = stream::try_unfold(batches, |mut batches| async move {
            let batch = batches.next().await.map_err(|error| doubted(error, &batches.memory))?;
            Ok(batch.map(|batch| (batch, batches)))
        });
        Ok(BatchStream::new(schema, batches))
    }
}

/// The rows of a statement, put together. Dropping it stops the statement.
struct Batches {
    rows: Statement,
    /// Known once there is a row.
    decoder: Option<RowDecoder>,
    /// Rows for which this batch waits.
    ready: usize,
    schema: SchemaRef,
    memory: Arc<Memory>,
}

impl Batches {
    async fn next(&mut self) -> Result<Option<RecordBatch>> {
        let batch = self.fill().await;
        self.ready = (self.ready * 2).min(BATCH_ROWS);
        batch
    }

    async fn fill(&mut self) -> Result<Option<RecordBatch>> {
        while let Some(row) = self.row().await? {
            let decoder = match &mut self.decoder {
                Some(decoder) => decoder,
                none => none.insert(RowDecoder::for_rows_like(&row, self.schema.clone())?),
            };
            decoder.push(&row)?;
            if decoder.rows() >= BATCH_ROWS || decoder.bytes() >= BATCH_BYTES {
                return decoder.finish().map(Some);
            }
        }
        match &mut self.decoder {
            Some(decoder) if decoder.rows() > 0 => decoder.finish().map(Some),
            _ => Ok(None),
        }
    }

    /// The next row of this batch.
    async fn row(&mut self) -> Result<Option<Row>> {
        match &self.decoder {
            Some(decoder) if decoder.rows() >= self.ready => Ok(self.rows.at_hand()),
            _ => self.rows.next().await,
        }
    }
}

/// An error about names or types says that what is remembered of the source may be wrong.
fn doubted(error: Error, memory: &Memory) -> Error {
    use ErrorKind::{
        CannotCoerce, DatatypeMismatch, UndefinedColumn, UndefinedFunction, UndefinedTable, WrongObjectType,
    };
    match error.kind() {
        UndefinedColumn | UndefinedTable | UndefinedFunction | CannotCoerce | DatatypeMismatch | WrongObjectType => {
            memory.forget();
            if error.hint().is_some() {
                return error;
            }
            error.with_hint("The source may have changed since Weft looked at it: run the statement again.")
        }
        _ => error,
    }
}
