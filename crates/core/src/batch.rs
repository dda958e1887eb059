//! A stream of Arrow batches with its schema: the one shape in which rows move between crates.

use crate::Result;
use arrow::datatypes::SchemaRef;
use arrow::record_batch::RecordBatch;
use futures::Stream;
use futures::stream::BoxStream;
use std::pin::Pin;
use std::task::{Context, Poll};

/// Batches of one schema, produced as they are asked for. Dropping it stops the work behind it.
pub struct BatchStream {
    schema: SchemaRef,
    batches: BoxStream<'static, Result<RecordBatch>>,
}

impl BatchStream {
    /// Every batch must have this schema.
    pub fn new(schema: SchemaRef, batches: impl Stream<Item = Result<RecordBatch>> + Send + 'static) -> Self {
        BatchStream { schema, batches: Box::pin(batches) }
    }

    /// The batches given, for results that are small and known.
    pub fn of(schema: SchemaRef, batches: Vec<RecordBatch>) -> Self {
        BatchStream::new(schema, futures::stream::iter(batches.into_iter().map(Ok)))
    }

    /// The columns of each batch.
    pub fn schema(&self) -> &SchemaRef {
        &self.schema
    }
}

impl Stream for BatchStream {
    type Item = Result<RecordBatch>;

    fn poll_next(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        self.batches.as_mut().poll_next(cx)
    }
}
