//! The rows of a cursor: read from the query as they are asked for, and kept where they may be asked for again. What is kept is bounded for each
//! session, and counts as memory of the gateway. It knows numbers of rows, and no directions.

use crate::error::classify;
use arrow::array::{RecordBatch, UInt64Array};
use arrow::compute::take_record_batch;
use datafusion::execution::memory_pool::{MemoryConsumer, MemoryPool, MemoryReservation};
use futures::StreamExt;
use futures::future::BoxFuture;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use weft_core::{BatchStream, Error, ErrorKind, Result};

/// What all cursors of a session may keep.
#[derive(Debug)]
pub(crate) struct Budget {
    most: usize,
    used: AtomicUsize,
}

impl Budget {
    /// So many bytes.
    pub(crate) fn new(most: usize) -> Arc<Budget> {
        Arc::new(Budget { most, used: AtomicUsize::new(0) })
    }

    fn take(&self, bytes: usize) -> Result<()> {
        let used = self.used.fetch_add(bytes, Ordering::AcqRel) + bytes;
        if used <= self.most {
            return Ok(());
        }
        self.used.fetch_sub(bytes, Ordering::AcqRel);
        Err(Error::new(ErrorKind::ConfigurationLimitExceeded, "cursors of this session keep too many rows")
            .with_detail(format!("cursor_memory allows {} bytes; {used} are needed.", self.most))
            .with_hint(
                "Read the rows with NO SCROLL and within the transaction, or let the operator raise cursor_memory.",
            ))
    }
}

/// Where rows come from.
enum Source {
    /// The query has not begun.
    Waiting(BoxFuture<'static, Result<BatchStream>>),
    /// It runs.
    Open(BatchStream),
    /// It has given all its rows, or has failed.
    Ended,
}

/// The rows of one cursor, numbered from 1.
pub(crate) struct CursorRows {
    source: Source,
    /// What was read last and not handed on, where nothing is kept.
    left: Option<RecordBatch>,
    kept: Option<Kept>,
}

/// Rows that were read.
struct Kept {
    /// With the number of the first row of each.
    batches: Vec<(u64, RecordBatch)>,
    /// The number of the next row that is read.
    next: u64,
    bytes: usize,
    budget: Arc<Budget>,
    memory: MemoryReservation,
}

impl Kept {
    /// From the row of this number on.
    fn from(next: u64, budget: Arc<Budget>, pool: &Arc<dyn MemoryPool>) -> Kept {
        let memory = MemoryConsumer::new("cursor").register(pool);
        Kept { batches: Vec::new(), next, bytes: 0, budget, memory }
    }

    fn push(&mut self, batch: RecordBatch) -> Result<()> {
        if batch.num_rows() == 0 {
            return Ok(());
        }
        let bytes = batch.get_array_memory_size();
        self.budget.take(bytes)?;
        self.bytes += bytes;
        self.memory.try_grow(bytes).map_err(classify)?;
        let rows = batch.num_rows() as u64;
        self.batches.push((self.next, batch));
        self.next += rows;
        Ok(())
    }

    /// The batch with this row, and the row's place in it.
    fn find(&self, row: u64) -> Option<(&RecordBatch, usize)> {
        let index = self.batches.partition_point(|(first, _)| *first <= row).checked_sub(1)?;
        let (first, batch) = self.batches.get(index)?;
        let place = usize::try_from(row - first).ok()?;
        (place < batch.num_rows()).then_some((batch, place))
    }
}

impl Drop for Kept {
    fn drop(&mut self) {
        self.budget.used.fetch_sub(self.bytes, Ordering::AcqRel);
    }
}

impl CursorRows {
    /// Those of a query that begins when the first is asked for. None is kept.
    pub(crate) fn of(query: BoxFuture<'static, Result<BatchStream>>) -> CursorRows {
        CursorRows { source: Source::Waiting(query), left: None, kept: None }
    }

    /// Keeps what is read from here on, from the row of this number.
    pub(crate) fn keep(&mut self, next: u64, budget: Arc<Budget>, pool: &Arc<dyn MemoryPool>) -> Result<()> {
        if self.kept.is_none() {
            let mut kept = Kept::from(next, budget, pool);
            if let Some(left) = self.left.take() {
                kept.push(left)?;
            }
            self.kept = Some(kept);
        }
        Ok(())
    }

    /// Reads all that is left, and keeps it. What it read from is let go.
    pub(crate) async fn read_all(&mut self) -> Result<()> {
        while let Some(batch) = self.next_batch().await? {
            match &mut self.kept {
                Some(kept) => kept.push(batch)?,
                None => return Err(Error::internal("rows that nobody keeps")),
            }
        }
        Ok(())
    }

    /// Up to `most` rows from this one on, which is the next unless rows are kept. Nothing at the end.
    pub(crate) async fn forward(&mut self, row: u64, most: usize) -> Result<Option<RecordBatch>> {
        loop {
            if let Some(kept) = &self.kept
                && let Some((batch, place)) = kept.find(row)
            {
                return Ok(Some(batch.slice(place, most.min(batch.num_rows() - place))));
            }
            let found = match self.left.take() {
                Some(left) => Some(left),
                None => self.next_batch().await?,
            };
            match (found, &mut self.kept) {
                (None, _) => return Ok(None),
                (Some(batch), Some(kept)) => kept.push(batch)?,
                (Some(batch), None) if batch.num_rows() <= most => return Ok(Some(batch)),
                (Some(batch), None) => {
                    self.left = Some(batch.slice(most, batch.num_rows() - most));
                    return Ok(Some(batch.slice(0, most)));
                }
            }
        }
    }

    /// Up to `most` kept rows from this one backwards.
    pub(crate) fn backward(&self, row: u64, most: usize) -> Result<RecordBatch> {
        let found = self.kept.as_ref().and_then(|kept| kept.find(row));
        let (batch, place) = found.ok_or_else(|| Error::internal("a row of a cursor that was not kept"))?;
        let rows: UInt64Array = (0..=place as u64).rev().take(most).collect::<Vec<_>>().into();
        take_record_batch(batch, &rows).map_err(|e| Error::internal("rows cannot be turned round").with_source(e))
    }

    async fn next_batch(&mut self) -> Result<Option<RecordBatch>> {
        loop {
            match &mut self.source {
                Source::Waiting(query) => {
                    let opened = query.await;
                    self.source = Source::Ended;
                    self.source = Source::Open(opened?);
                }
                Source::Open(batches) => match batches.next().await {
                    Some(Ok(batch)) if batch.num_rows() == 0 => {}
                    Some(Ok(batch)) => return Ok(Some(batch)),
                    Some(Err(error)) => {
                        self.source = Source::Ended;
                        return Err(error);
                    }
                    None => self.source = Source::Ended,
                },
                Source::Ended => return Ok(None),
            }
        }
    }
}
