//! Preparing and running statements: the gate of a failed transaction, the interrupt, the count, and the stream that hears the interrupt.

use super::{Moments, Session};
use crate::counts::Running;
use crate::handle;
use crate::interrupt::Interrupt;
use crate::outcome::{Outcome, Prepared, Rows, TransactionState};
use crate::plans::Surroundings;
use crate::trail;
use arrow::array::RecordBatch;
use chrono::Utc;
use datafusion::common::ScalarValue;
use futures::future::BoxFuture;
use futures::{FutureExt, Stream, StreamExt};
use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::task::{Context, Poll};
use tokio_util::sync::CancellationToken;
use weft_core::option::Exposure;
use weft_core::pgtype::ColumnType;
use weft_core::{BatchStream, Error, ErrorKind, Result};
use weft_sql::{Statement, StatementKind};

impl Session {
    /// Binds a statement. `parameter_oids` are the client's types of `$1`, …; 0 asks us to find out.
    pub async fn prepare(self: &Arc<Self>, statement: Statement, parameter_oids: &[u32]) -> Result<Arc<Prepared>> {
        let binding = self.binding(&statement);
        match self.bind(statement, parameter_oids).await {
            Ok(prepared) => {
                self.is_bound(binding, &prepared);
                Ok(prepared)
            }
            Err(error) => {
                self.is_unbound(binding, &error);
                self.gateway.counts().failed(error.kind());
                Err(error)
            }
        }
    }

    async fn bind(self: &Arc<Self>, statement: Statement, parameter_oids: &[u32]) -> Result<Arc<Prepared>> {
        self.refuse_in_failed_transaction(&statement)?;
        self.require_statement(&statement)?;
        let (offset, text) = (statement.offset, statement.text.clone());
        let (interrupt, _done) = self.begin_statement();
        let surroundings = Surroundings::of(self, &statement, parameter_oids);
        let kept = self.gateway.plans().get(self, &surroundings).boxed();
        if let Some(prepared) = interrupt.guard(kept).await.map_err(|e| placed(self.discreet(e), &text, offset))? {
            *self.last_statement.lock() = shown(&prepared);
            return Ok(prepared);
        }
        *self.last_statement.lock() = statement.redacted(&exposure).into();
        let declared = parameter_oids.iter().map(|oid| declared_type(*oid)).collect::<Result<Vec<_>>>()?;
        let prepared = interrupt.guard(unpanicked(handle::bind(self, statement, &declared).boxed())).await;
        let prepared = prepared.map(Arc::new).map_err(|e| placed(self.discreet(e), &text, offset))?;
        self.gateway.plans().keep(surroundings, &prepared);
        Ok(prepared)
    }

    /// Runs a bound statement with these parameters.
    pub async fn execute(self: &Arc<Self>, prepared: &Arc<Prepared>, parameters: Vec<ScalarValue>) -> Result<Outcome> {
        self.refuse_in_failed_transaction(&prepared.statement)?;
        self.require_statement(&prepared.statement)?;
        // The simple protocol has none to give.
        if parameters.is_empty() && !prepared.parameters.is_empty() {
            return Err(Error::new(ErrorKind::UndefinedParameter, "there is no parameter $1"));
        }
        if parameters.len() != prepared.parameters.len() {
            return Err(Error::new(
                ErrorKind::ProtocolViolation,
                format!("the statement takes {} parameters, not {}", prepared.parameters.len(), parameters.len()),
            ));
        }
        *self.last_statement.lock() = shown(prepared);
        let mut running = self.gateway.counts().begin();
        let (interrupt, done) = self.begin_statement();
        let mut span = self.span(prepared);
        let Statement { offset, text, .. } = &prepared.statement;
        let outcome = interrupt
            .guard(unpanicked(
                trail::within(span.trail(), async {
                    match handle::renewed(self, prepared).await? {
                        Some(renewed) => handle::execute(self, &renewed, parameters).await,
                        None => handle::execute(self, prepared, parameters).await,
                    }
                })
                .boxed(),
            ))
            .await
            .map_err(|e| placed(self.discreet(e), text, *offset))
            .inspect_err(|error| {
                span.fail(error.kind());
                running.ended(Some(error.kind()));
            })?;
        Ok(match outcome {
            handle::Done::Tag(tag) => {
                running.ended(None);
                Outcome::Done(tag)
            }
            handle::Done::Rows { columns, batches, tag } => {
                let schema = batches.schema().clone();
                let stream = Interruptible::new(batches, interrupt.clone(), running, (done, self.clone()));
                let batches = span.over(BatchStream::new(schema, stream));
                Outcome::Rows(Rows { columns, batches, tag, interrupt })
            }
        })
    }

    /// The interrupt of a new statement, and the guard that makes the session idle again.
    pub(super) fn begin_statement(self: &Arc<Self>) -> (Interrupt, StatementGuard) {
        let token = CancellationToken::new();
        let number = self.statements.fetch_add(1, Ordering::Relaxed);
        *self.current.lock() = Some((number, token.clone()));
        let now = Utc::now();
        *self.moments.lock() = Moments { statement: Some(now), state: now };
        let timeout = self.variables.lock().statement_timeout();
        let interrupt = Interrupt::new(token, self.ended.clone(), timeout);
        (interrupt, StatementGuard { session: self.clone(), number })
    }

    /// The role must be there, and still be who logged in; otherwise only another one can be chosen.
    fn require_statement(&self, statement: &Statement) -> Result<()> {
        let leaves = match &statement.kind {
            StatementKind::Set(set) => set.name == "role",
            StatementKind::Reset(_) | StatementKind::Discard(_) | StatementKind::Rollback(_) => true,
            _ => false,
        };
        match self.require_role() {
            Err(error) if leaves && error.kind() != ErrorKind::InvalidAuthorization => Ok(()),
            other => other,
        }
    }

    fn refuse_in_failed_transaction(&self, statement: &Statement) -> Result<()> {
        let ends = matches!(
            statement.kind,
            StatementKind::Commit(_) | StatementKind::Rollback(_) | StatementKind::RollbackTo(_)
        );
        if ends { Ok(()) } else { self.refuse_if_failed() }
    }

    /// 25P02 if the transaction has seen an error.
    pub(super) fn refuse_if_failed(&self) -> Result<()> {
        if self.transaction() == TransactionState::Failed {
            return Err(Error::new(
                ErrorKind::InFailedTransaction,
                "current transaction is aborted, commands ignored until end of transaction block",
            ));
        }
        Ok(())
    }
}

/// The statement's text as others may read it.
pub(super) fn shown(prepared: &Prepared) -> Arc<str> {
    prepared.shown.get_or_init(|| prepared.statement.redacted(&exposure).into()).clone()
}

/// A defect in a kernel must not take the connection with it. The work is on the heap, so that what waits for it stays small: a protocol's tasks are nested
/// deep, and their stack is for recursion over plans.
pub(super) async fn unpanicked<T>(work: BoxFuture<'_, Result<T>>) -> Result<T> {
    match std::panic::AssertUnwindSafe(work).catch_unwind().await {
        Ok(done) => done,
        Err(_) => Err(Error::internal("a panic while running a statement")),
    }
}

/// Which option values may be shown, for texts that others read.
pub(crate) fn exposure(kind: &str, option: &str) -> Exposure {
    let Ok(kind) = weft_connect::kind(kind) else { return Exposure::Secret };
    match kind.options.iter().find(|o| o.name == option) {
        Some(declared) => declared.exposure,
        // The name of a secret is not one.
        None if option == crate::catalog::SECRET => Exposure::Public,
        None => Exposure::Secret,
    }
}

fn declared_type(oid: u32) -> Result<Option<ColumnType>> {
    match oid {
        0 | 705 => Ok(None),
        oid => match ColumnType::from_oid(oid) {
            Some(t) if t.arrow_type().is_some() => Ok(Some(t)),
            _ => Err(Error::new(
                ErrorKind::FeatureNotSupported,
                format!("a parameter of the type with oid {oid} is not supported"),
            )),
        },
    }
}

/// The error with its position in the whole message, given the statement's text and the characters before it.
fn placed(error: Error, text: &str, offset: usize) -> Error {
    let position = error.position().or_else(|| error.subject().and_then(|name| place_of(name, text)));
    match position {
        Some(position) => error.at(position + offset),
        None => error,
    }
}

/// Where the name stands first in the statement, outside of strings: characters from 1.
fn place_of(name: &str, text: &str) -> Option<usize> {
    let chars: Vec<char> = text.chars().collect();
    let wanted: Vec<char> = name.to_lowercase().chars().collect();
    let is_word = |c: Option<&char>| c.is_some_and(|c| c.is_alphanumeric() || *c == '_');
    let mut in_string = false;
    for start in 0..chars.len() {
        if chars[start] == '\'' {
            in_string = !in_string;
        }
        let end = start + wanted.len();
        let here = !in_string
            && end <= chars.len()
            && chars[start..end].iter().zip(&wanted).all(|(a, b)| a.to_lowercase().eq(b.to_lowercase()))
            && !is_word(start.checked_sub(1).and_then(|before| chars.get(before)))
            && !is_word(chars.get(end));
        if here {
            return Some(start + 1);
        }
    }
    None
}

/// Makes the session idle when the statement is over, unless another one has begun since.
pub(super) struct StatementGuard {
    session: Arc<Session>,
    number: u64,
}

impl Drop for StatementGuard {
    fn drop(&mut self) {
        let mut current = self.session.current.lock();
        if current.as_ref().is_some_and(|(number, _)| *number == self.number) {
            *current = None;
            self.session.moments.lock().state = Utc::now();
        }
    }
}

/// Rows that end with an error when the interrupt fires. What it keeps is dropped with the last row.
struct Interruptible<K> {
    batches: Option<(BatchStream, Running, K)>,
    fired: Pin<Box<dyn Future<Output = Error> + Send>>,
}

impl<K> Interruptible<K> {
    fn new(batches: BatchStream, interrupt: Interrupt, running: Running, kept: K) -> Self {
        Interruptible {
            batches: Some((batches, running, kept)),
            fired: Box::pin(async move { interrupt.fired().await }),
        }
    }
}

impl<K: Unpin> Stream for Interruptible<K> {
    type Item = Result<RecordBatch>;

    fn poll_next(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        let this = &mut *self;
        let Some((batches, running, _)) = this.batches.as_mut() else { return Poll::Ready(None) };
        if let Poll::Ready(error) = this.fired.as_mut().poll(cx) {
            running.ended(Some(error.kind()));
            this.batches = None;
            return Poll::Ready(Some(Err(error)));
        }
        // A defect in a kernel must not take the connection with it.
        let polled = std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| batches.poll_next_unpin(cx)));
        let polled = polled.unwrap_or_else(|_| Poll::Ready(Some(Err(Error::internal("a panic while computing rows")))));
        match polled {
            Poll::Ready(Some(Ok(batch))) => {
                running.returned(batch.num_rows(), batch.get_array_memory_size());
                Poll::Ready(Some(Ok(batch)))
            }
            Poll::Ready(last) => {
                running.ended(last.as_ref().and_then(|last| last.as_ref().err()).map(Error::kind));
                this.batches = None;
                Poll::Ready(last)
            }
            Poll::Pending => Poll::Pending,
        }
    }
}
