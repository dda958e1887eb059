//! A statement on its way through workers: begun, and begun again elsewhere when a worker is lost. Its rows come once each, in every case.
//!
//! The rule: while no row has been passed on, a lost worker costs time and nothing else. Rows are held back until the statement has ended or more than
//! `worker_holdback` bytes are there. After that a statement whose rows come in a fixed order is run again and the rows that were passed on are left out;
//! any other fails, for its rows cannot be told from those that are gone.

use crate::client::Rows;
use crate::crew::{Crew, Place};
use crate::failure::Failure;
use crate::standing::Engaged;
use arrow::array::RecordBatch;
use arrow::datatypes::SchemaRef;
use futures::StreamExt;
use std::collections::VecDeque;
use std::sync::Arc;
use weft_core::executor::{RemoteStatement, RowOrder};
use weft_core::report::Outcome;
use weft_core::trace::{Role, Span};
use weft_core::{BatchStream, Error, ErrorKind, Result};

/// A statement that runs.
pub(crate) struct Run {
    crew: Arc<Crew>,
    statement: RemoteStatement,
    schema: SchemaRef,
    preferred: Option<Arc<str>>,
    /// Lives of workers that were tried.
    tried: Vec<(String, u64)>,
    current: Option<Current>,
    held: VecDeque<RecordBatch>,
    held_bytes: u64,
    flow: Flow,
    /// Rows that were passed on.
    passed: usize,
    /// Rows of the present attempt that were passed on in an earlier one.
    skip: usize,
    /// Why the last attempt failed.
    failure: Option<Error>,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Flow {
    /// Rows are kept until it is known that they can be passed on.
    HeldBack,
    /// Rows are passed on as they come.
    Free,
    /// No more rows come.
    Ended,
}

struct Current {
    rows: Started,
    attempt: usize,
    place: Place,
    /// In the trace.
    span: Span,
    _engaged: Option<Engaged>,
}

/// The rows of an attempt.
pub(crate) enum Started {
    Remote(Box<Rows>),
    Here(BatchStream),
}

impl Run {
    /// Not begun yet. `preferred` is asked first, if it can run the statement.
    pub(crate) fn new(
        crew: Arc<Crew>,
        statement: RemoteStatement,
        schema: SchemaRef,
        preferred: Option<Arc<str>>,
    ) -> Run {
        let flow = match statement.order {
            RowOrder::Fixed => Flow::Free,
            RowOrder::Free => Flow::HeldBack,
        };
        Run {
            crew,
            statement,
            schema,
            preferred,
            tried: Vec::new(),
            current: None,
            held: VecDeque::new(),
            held_bytes: 0,
            flow,
            passed: 0,
            skip: 0,
            failure: None,
        }
    }

    /// The rows. Nothing happens before they are asked for.
    pub(crate) fn stream(self) -> BatchStream {
        let schema = self.schema.clone();
        let batches =
            futures::stream::try_unfold(self, |mut run| async move { Ok(run.next().await?.map(|batch| (batch, run))) });
        BatchStream::new(schema, batches)
    }

    async fn next(&mut self) -> Result<Option<RecordBatch>> {
        loop {
            if self.flow != Flow::HeldBack
                && let Some(batch) = self.held.pop_front()
            {
                self.passed += batch.num_rows();
                return Ok(Some(batch));
            }
            if self.flow == Flow::Ended {
                return Ok(None);
            }
            if self.current.is_none() {
                self.begin().await?;
            }
            let Some(current) = &mut self.current else { continue };
            match current.rows.next().await {
                Ok(Some(batch)) => self.take(batch),
                Ok(None) => self.end(),
                Err(failure) => self.fail(failure)?,
            }
        }
    }

    /// Begins an attempt. One that fails at once leaves none behind.
    async fn begin(&mut self) -> Result<()> {
        let place = self.crew.choose(&self.statement, self.preferred.as_deref(), &self.tried);
        let place = place.map_err(|e| self.failure.take().unwrap_or(e))?;
        let attempt = self.statement.report.begin(place.id());
        let engaged = self.crew.engage(&place);
        if let Place::Remote(worker) = &place {
            self.tried.push((worker.id.clone(), worker.incarnation));
        }
        let span = self.span(&place, attempt);
        match self.crew.start(&place, &self.statement, &self.schema, &span.trail()).await {
            Ok(rows) => {
                self.current = Some(Current { rows, attempt, place, span, _engaged: engaged });
                Ok(())
            }
            Err(failure) => self.lose(&place, attempt, span, failure),
        }
    }

    /// The part of the trace that an attempt is.
    fn span(&self, place: &Place, attempt: usize) -> Span {
        let mut span = self.statement.trail.span("task", Role::Client);
        if span.is_recorded() {
            span.tell("weft.worker.id", &*place.id());
            span.tell("weft.task.attempt", attempt + 1);
            span.tell("weft.task.files", self.statement.inputs.iter().map(|input| input.files.len()).sum::<usize>());
            span.count(0);
        }
        span
    }

    fn take(&mut self, batch: RecordBatch) {
        let Some(current) = &mut self.current else { return };
        current.span.count(batch.num_rows());
        let bytes = batch.get_array_memory_size() as u64;
        self.statement.report.update(current.attempt, |attempt| {
            attempt.rows += batch.num_rows() as u64;
            attempt.bytes += bytes;
        });
        let batch = if self.skip == 0 {
            batch
        } else {
            let skipped = self.skip.min(batch.num_rows());
            self.skip -= skipped;
            batch.slice(skipped, batch.num_rows() - skipped)
        };
        if batch.num_rows() == 0 {
            return;
        }
        self.held.push_back(batch);
        self.held_bytes += bytes;
        if self.flow == Flow::HeldBack && self.held_bytes > self.crew.holdback() {
            self.flow = Flow::Free;
        }
    }

    /// What the attempt has read of objects so far: one in this process counts as it goes, a worker tells at the end.
    fn tell_traffic(&self, current: &Current) {
        let (cached, fetched) = match &current.rows {
            Started::Remote(rows) => rows.traffic(),
            Started::Here(_) => (self.statement.traffic.cached(), self.statement.traffic.fetched()),
        };
        self.statement.report.update(current.attempt, |attempt| {
            attempt.cached_bytes = cached;
            attempt.fetched_bytes = fetched;
        });
    }

    fn end(&mut self) {
        if let Some(current) = self.current.take() {
            self.tell_traffic(&current);
            self.statement.report.end(current.attempt, Outcome::Finished);
            self.crew.worked(&current.place);
        }
        self.flow = Flow::Ended;
    }

    fn fail(&mut self, failure: Failure) -> Result<()> {
        match self.current.take() {
            Some(current) => {
                self.tell_traffic(&current);
                self.lose(&current.place, current.attempt, current.span, failure)
            }
            None => Err(failure.into_error()),
        }
    }

    /// After a failed attempt: an error if that was the last one.
    fn lose(&mut self, place: &Place, attempt: usize, mut span: Span, failure: Failure) -> Result<()> {
        let is_own = matches!(failure, Failure::Statement(_)) || matches!(place, Place::Here);
        if matches!(failure, Failure::Worker(_)) {
            self.crew.failed(place);
        }
        let error = failure.into_error();
        span.fail(error.kind());
        self.statement.report.end(attempt, Outcome::Failed(error.message().to_owned()));
        if is_own {
            return Err(error);
        }
        tracing::warn!(worker = %place.id(), ?error, "a statement is lost with its worker");
        if self.passed > 0 && self.statement.order == RowOrder::Free {
            return Err(Error::new(ErrorKind::ConnectionFailed, format!("worker \"{}\" was lost", place.id()))
                .with_detail("Some rows had been sent already, and a second run would give them in another order.")
                .with_hint("Run the statement again, or raise worker_holdback.")
                .with_source(error));
        }
        self.held.clear();
        self.held_bytes = 0;
        self.skip = self.passed;
        self.failure = Some(error);
        Ok(())
    }
}

impl Drop for Run {
    fn drop(&mut self) {
        if let Some(current) = &self.current {
            self.tell_traffic(current);
            self.statement.report.end(current.attempt, Outcome::Abandoned);
        }
    }
}

impl Started {
    /// Rows that a worker sends.
    pub(crate) fn remote(rows: Rows) -> Started {
        Started::Remote(Box::new(rows))
    }

    /// Rows of this process.
    pub(crate) fn here(rows: BatchStream) -> Started {
        Started::Here(rows)
    }

    async fn next(&mut self) -> Result<Option<RecordBatch>, Failure> {
        match self {
            Started::Remote(rows) => rows.next().await,
            Started::Here(rows) => rows.next().await.transpose().map_err(Failure::Statement),
        }
    }
}
