//! Traces: how long which part of a statement took, here and on other machines, under one id. A [`Span`] is a part that goes on; a [`Trail`] says below which
//! one others belong, and travels with the work. Finished spans go to a [`SpanSink`]. This module must not know how they are sent, nor do I/O.
//!
//! If nobody wants traces, every type here is empty, and nothing is read from a clock.

mod context;
mod span;

pub use context::TraceContext;
pub use span::{FinishedSpan, Role, Span, SpanSink, Value};

use crate::trace_at::Ratio;
use std::borrow::Cow;
use std::fmt;
use std::sync::Arc;
use std::time::SystemTime;

/// Begins traces, if anybody wants them.
#[derive(Clone, Default)]
pub struct Tracer(Option<Arc<Recorder>>);

struct Recorder {
    sink: Arc<dyn SpanSink>,
    ratio: Ratio,
    entropy: fn() -> [u8; 24],
}

impl Tracer {
    /// Spans go to `sink`. Of traces that begin here, so many are recorded; of those that a caller began, those that it records. `entropy` gives random
    /// bytes for ids.
    pub fn new(sink: Arc<dyn SpanSink>, ratio: Ratio, entropy: fn() -> [u8; 24]) -> Tracer {
        Tracer(Some(Arc::new(Recorder { sink, ratio, entropy })))
    }

    /// Whether anybody wants traces.
    pub fn is_on(&self) -> bool {
        self.0.is_some()
    }

    /// Begins a span below that of a caller elsewhere, or a trace of its own if there is none.
    pub fn begin(&self, name: impl Into<Cow<'static, str>>, role: Role, caller: Option<TraceContext>) -> Span {
        let Some(recorder) = &self.0 else { return Span::none() };
        let random = (recorder.entropy)();
        let (trace, own) = (number(&random[..16]), number(&random[16..]) as u64);
        let sampled = match caller {
            Some(caller) => caller.sampled,
            None => recorder.ratio.takes(trace as u64),
        };
        // Zero stands for none.
        let (trace, own) = (trace.max(1), own.max(1));
        if !sampled {
            return Span::none();
        }
        let trace_id = caller.map_or(trace, |caller| caller.trace_id);
        let context = TraceContext { trace_id, span_id: own, sampled };
        let trail = Trail(Some(Arc::new(Place { recorder: recorder.clone(), context })));
        Span::open(trail, name.into(), role, caller.map(|caller| (caller.span_id, Distance::Elsewhere)))
    }
}

fn number(bytes: &[u8]) -> u128 {
    bytes.iter().fold(0, |number, byte| number << 8 | u128::from(*byte))
}

/// Whether a span's parent is of this process.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Distance {
    /// It is.
    Here,
    /// Its process is another one.
    Elsewhere,
}

/// A place in a trace, below which spans are begun; or none. Copies are the same place.
#[derive(Clone, Default)]
pub struct Trail(Option<Arc<Place>>);

struct Place {
    recorder: Arc<Recorder>,
    context: TraceContext,
}

impl Trail {
    /// Whether anything is recorded.
    pub fn is_recorded(&self) -> bool {
        self.0.is_some()
    }

    /// What others are told who go on with the work elsewhere.
    pub fn context(&self) -> Option<TraceContext> {
        self.0.as_ref().map(|place| place.context)
    }

    /// Begins a span at this place.
    pub fn span(&self, name: &'static str, role: Role) -> Span {
        let Some(place) = &self.0 else { return Span::none() };
        let random = (place.recorder.entropy)();
        let context = TraceContext { span_id: (number(&random[16..]) as u64).max(1), ..place.context };
        let trail = Trail(Some(Arc::new(Place { recorder: place.recorder.clone(), context })));
        Span::open(trail, name.into(), role, Some((place.context.span_id, Distance::Here)))
    }

    /// Tells of something that is over: when it began and when it ended.
    pub fn passed(&self, name: &'static str, began: SystemTime, ended: SystemTime) {
        self.span(name, Role::Internal).passed(began, ended);
    }

    fn sink(&self) -> Option<(&Arc<dyn SpanSink>, TraceContext)> {
        self.0.as_ref().map(|place| (&place.recorder.sink, place.context))
    }
}

impl fmt::Debug for Tracer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(if self.is_on() { "Tracer" } else { "no tracer" })
    }
}

impl fmt::Debug for Trail {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.context().map_or(Ok(()), |context| write!(f, "{context}"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{BatchStream, Error, ErrorKind};
    use arrow::datatypes::Schema;
    use futures::StreamExt;
    use std::sync::Mutex;
    use std::sync::atomic::{AtomicU64, Ordering};

    #[derive(Default)]
    struct Kept(Mutex<Vec<FinishedSpan>>);

    impl SpanSink for Kept {
        fn take(&self, span: FinishedSpan) {
            self.0.lock().expect("no panic").push(span);
        }
    }

    fn counted() -> [u8; 24] {
        static NEXT: AtomicU64 = AtomicU64::new(1);
        let mut bytes = [7; 24];
        bytes[16..].copy_from_slice(&NEXT.fetch_add(1, Ordering::Relaxed).to_be_bytes());
        bytes
    }

    fn tracer(ratio: &str) -> (Tracer, Arc<Kept>) {
        let kept = Arc::new(Kept::default());
        (Tracer::new(kept.clone(), Ratio::read(ratio).expect("a ratio"), counted), kept)
    }

    #[test]
    fn spans_are_below_their_parents() {
        let (tracer, kept) = tracer("1");
        let caller = TraceContext { trace_id: 5, span_id: 6, sampled: true };
        let statement = tracer.begin("SELECT", Role::Server, Some(caller));
        let trail = statement.trail();
        drop(trail.span("plan", Role::Internal));
        let mut task = trail.span("task", Role::Client);
        task.fail(ErrorKind::DivisionByZero);
        let told = task.trail().context().expect("recorded");
        drop(task);
        drop(statement);
        let spans = kept.0.lock().expect("no panic");
        let names: Vec<_> = spans.iter().map(|span| span.name.as_ref()).collect();
        assert_eq!(names, ["plan", "task", "SELECT"]);
        let root = spans[2].context.span_id;
        let parents: Vec<_> = spans.iter().map(|span| span.parent).collect();
        let here = Some((root, Distance::Here));
        assert_eq!(parents, [here, here, Some((6, Distance::Elsewhere))]);
        assert!(spans.iter().all(|span| span.context.trace_id == 5 && span.ended_at >= span.began_at));
        assert_eq!((spans[1].context, spans[1].failure), (told, Some("22012")));
    }

    #[test]
    fn nothing_is_recorded_that_nobody_wants() {
        let (all, _) = tracer("1");
        let (none, kept) = tracer("0");
        let unwanted = TraceContext { trace_id: 5, span_id: 6, sampled: false };
        for span in [
            Tracer::default().begin("a", Role::Server, None),
            all.begin("a", Role::Server, Some(unwanted)),
            none.begin("a", Role::Server, None),
        ] {
            assert!(!span.trail().is_recorded());
            assert!(span.trail().span("b", Role::Client).trail().context().is_none());
        }
        let wanted = TraceContext { sampled: true, ..unwanted };
        drop(none.begin("a", Role::Server, Some(wanted)));
        all.begin("a", Role::Server, None).forget();
        assert_eq!(kept.0.lock().expect("no panic").len(), 1);
    }

    #[test]
    fn a_stream_ends_its_span() {
        let (tracer, kept) = tracer("1");
        let schema = Arc::new(Schema::empty());
        let batch = arrow::array::RecordBatch::new_empty(schema.clone());
        let failure = Error::new(ErrorKind::QueryCanceled, "x");
        let batches = futures::stream::iter([Ok(batch), Err(failure)]);
        let mut rows = tracer.begin("a", Role::Server, None).over(BatchStream::new(schema, batches));
        futures::executor::block_on(async { while rows.next().await.is_some() {} });
        let spans = kept.0.lock().expect("no panic");
        assert_eq!((spans.len(), spans[0].failure), (1, Some("57014")));
        assert!(spans[0].attributes.contains(&("db.response.returned_rows", Value::Number(0))));
    }
}
