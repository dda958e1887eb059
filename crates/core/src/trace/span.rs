//! A span, from its beginning to the sink. It must not know where that sends it.

use super::{Distance, TraceContext, Trail};
use crate::{BatchStream, ErrorKind};
use futures::StreamExt;
use std::borrow::Cow;
use std::time::SystemTime;

/// Takes spans that have ended. It must not wait.
pub trait SpanSink: Send + Sync {
    /// One that has ended.
    fn take(&self, span: FinishedSpan);
}

/// Who does the work that a span tells of.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Role {
    /// This process, for a caller elsewhere.
    Server,
    /// Somebody elsewhere, for this process.
    Client,
    /// This process, for itself.
    Internal,
}

/// What an attribute says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Value {
    /// A text.
    Text(String),
    /// A number.
    Number(i64),
}

/// A span that has ended.
#[derive(Debug, Clone, PartialEq)]
pub struct FinishedSpan {
    /// What it is called: one of few names.
    pub name: Cow<'static, str>,
    /// Its own place.
    pub context: TraceContext,
    /// The span that it is a part of, and whether that is of this process.
    pub parent: Option<(u64, Distance)>,
    /// Who did the work.
    pub role: Role,
    /// When it began.
    pub began_at: SystemTime,
    /// When it ended.
    pub ended_at: SystemTime,
    /// What is known of it, by the names of OpenTelemetry's conventions where they have one.
    pub attributes: Vec<(&'static str, Value)>,
    /// The SQLSTATE of its failure.
    pub failure: Option<&'static str>,
}

/// A span that goes on; it ends when this is dropped. Or none.
#[derive(Debug, Default)]
pub struct Span(Option<Box<Open>>);

#[derive(Debug)]
struct Open {
    trail: Trail,
    finished: FinishedSpan,
    /// If that is not when it is dropped.
    ended_at: Option<SystemTime>,
    rows: Option<u64>,
}

impl Span {
    /// None: nothing is recorded.
    pub fn none() -> Span {
        Span(None)
    }

    pub(super) fn open(trail: Trail, name: Cow<'static, str>, role: Role, parent: Option<(u64, Distance)>) -> Span {
        let Some(context) = trail.context() else { return Span(None) };
        let now = SystemTime::now();
        let (attributes, failure) = (Vec::new(), None);
        let finished = FinishedSpan { name, context, parent, role, began_at: now, ended_at: now, attributes, failure };
        Span(Some(Box::new(Open { trail, finished, ended_at: None, rows: None })))
    }

    /// Whether it is recorded: otherwise attributes need not be found out.
    pub fn is_recorded(&self) -> bool {
        self.0.is_some()
    }

    /// The place below which its parts are begun.
    pub fn trail(&self) -> Trail {
        self.0.as_ref().map(|open| open.trail.clone()).unwrap_or_default()
    }

    /// Says something of it.
    pub fn tell(&mut self, attribute: &'static str, value: impl Into<Value>) {
        if let Some(open) = &mut self.0 {
            open.finished.attributes.push((attribute, value.into()));
        }
    }

    /// Counts rows that came.
    pub fn count(&mut self, rows: usize) {
        if let Some(open) = &mut self.0 {
            *open.rows.get_or_insert(0) += rows as u64;
        }
    }

    /// It has failed. The message is not told: it may repeat values.
    pub fn fail(&mut self, kind: ErrorKind) {
        if let Some(open) = &mut self.0 {
            open.finished.failure = Some(kind.sqlstate());
        }
    }

    /// It had begun earlier.
    pub fn began_at(&mut self, began: SystemTime) {
        if let Some(open) = &mut self.0 {
            open.finished.began_at = began;
        }
    }

    /// It is over, and was so for a while.
    pub(super) fn passed(mut self, began: SystemTime, ended: SystemTime) {
        if let Some(open) = &mut self.0 {
            open.finished.began_at = began;
            open.ended_at = Some(ended);
        }
    }

    /// Nobody is told of it.
    pub fn forget(mut self) {
        self.0 = None;
    }

    /// The same rows; the span ends with them and counts them.
    pub fn over(self, batches: BatchStream) -> BatchStream {
        if !self.is_recorded() {
            return batches;
        }
        let schema = batches.schema().clone();
        let mut span = self;
        span.count(0);
        let watched = futures::stream::unfold(Some((batches, span)), |state| async {
            let (mut batches, mut span) = state?;
            match batches.next().await? {
                Ok(batch) => {
                    span.count(batch.num_rows());
                    Some((Ok(batch), Some((batches, span))))
                }
                Err(error) => {
                    span.fail(error.kind());
                    Some((Err(error), None))
                }
            }
        });
        BatchStream::new(schema, watched)
    }
}

impl Drop for Span {
    fn drop(&mut self) {
        let Some(open) = self.0.take() else { return };
        let Open { trail, mut finished, ended_at, rows } = *open;
        if let Some(rows) = rows {
            finished
                .attributes
                .push(("db.response.returned_rows", Value::Number(i64::try_from(rows).unwrap_or(i64::MAX))));
        }
        // A clock may be set back meanwhile.
        finished.ended_at = ended_at.unwrap_or_else(SystemTime::now).max(finished.began_at);
        if let Some((sink, _)) = trail.sink() {
            sink.take(finished);
        }
    }
}

impl From<String> for Value {
    fn from(text: String) -> Value {
        Value::Text(text)
    }
}

impl From<&str> for Value {
    fn from(text: &str) -> Value {
        Value::Text(text.to_owned())
    }
}

impl From<i64> for Value {
    fn from(number: i64) -> Value {
        Value::Number(number)
    }
}

impl From<u64> for Value {
    fn from(number: u64) -> Value {
        Value::Number(i64::try_from(number).unwrap_or(i64::MAX))
    }
}

impl From<usize> for Value {
    fn from(number: usize) -> Value {
        Value::from(number as u64)
    }
}
