//! Statements of the planner: sent to the source, their rows decoded as they arrive.

use super::decode::Decoder;
use super::running::Running;
use super::source::Source;
use arrow::array::RecordBatch;
use arrow::datatypes::SchemaRef;
use async_trait::async_trait;
use futures::stream;
use std::sync::Arc;
use weft_core::executor::{Dialect, Executor, MySqlServer, RemoteStatement};
use weft_core::{BatchStream, Result};

/// Runs statements in one source.
pub(super) struct MySqlExecutor {
    pub(super) source: Arc<Source>,
    /// For whom the columns' expressions have been written.
    pub(super) server: MySqlServer,
}

#[async_trait]
impl Executor for MySqlExecutor {
    fn id(&self) -> &str {
        &self.source.place.catalog
    }

    fn dialect(&self) -> Dialect {
        Dialect::MySql(self.server)
    }

    async fn execute(&self, statement: &RemoteStatement, schema: SchemaRef) -> Result<BatchStream> {
        let rows = self.source.run(&statement.sql).await?;
        let decoder = Decoder::new(schema.clone(), rows.columns())?;
        Ok(BatchStream::new(schema, stream::try_unfold((rows, decoder), next_batch)))
    }
}

async fn next_batch((mut rows, mut decoder): (Running, Decoder)) -> Result<Option<(RecordBatch, (Running, Decoder))>> {
    while !decoder.is_full() {
        match rows.next().await? {
            Some(row) => decoder.push(&row)?,
            None => break,
        }
    }
    Ok(decoder.take()?.map(|batch| (batch, (rows, decoder))))
}
