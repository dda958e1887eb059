//! Where the running statement is in a trace. It goes along with the task that runs it, so that not every handler has to hand it on; what runs on after that,
//! its rows, has it from the [`Environment`](crate::environment::Environment). It must not know how traces are recorded.

use std::future::Future;
use weft_core::trace::{TraceContext, Trail};

/// What surrounds the work of a task.
#[derive(Clone)]
enum Around {
    /// A caller elsewhere, who began a trace.
    Caller(TraceContext),
    /// A statement.
    Statement(Trail),
}

tokio::task_local! {
    static AROUND: Around;
}

/// Does work for a caller who has begun a trace, if there is one.
pub async fn called<T>(caller: Option<TraceContext>, work: impl Future<Output = T>) -> T {
    match caller {
        Some(caller) => AROUND.scope(Around::Caller(caller), work).await,
        None => work.await,
    }
}

/// Does the work of a statement.
pub(crate) async fn within<T>(trail: Trail, work: impl Future<Output = T>) -> T {
    if trail.is_recorded() { AROUND.scope(Around::Statement(trail), work).await } else { work.await }
}

/// The statement that this task runs.
pub(crate) fn now() -> Trail {
    let trail = AROUND.try_with(|around| match around {
        Around::Statement(trail) => trail.clone(),
        Around::Caller(_) => Trail::default(),
    });
    trail.unwrap_or_default()
}

/// The caller for whom this task works: the statement that runs another one is its caller, too.
pub(crate) fn caller() -> Option<TraceContext> {
    let caller = AROUND.try_with(|around| match around {
        Around::Statement(trail) => trail.context(),
        Around::Caller(caller) => Some(*caller),
    });
    caller.ok().flatten()
}
