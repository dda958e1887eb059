//! Statements from text to plan, as every command takes them. It must not know how results are sent.

use super::fit;
use super::handles::Bound;
use arrow::datatypes::{Schema, SchemaRef};
use std::future::Future;
use std::sync::Arc;
use weft_core::{Error, ErrorKind, Result};
use weft_engine::{Prepared, ScalarValue, Session};

/// A statement that can be run.
pub(crate) struct Planned {
    /// The statement.
    pub(crate) prepared: Arc<Prepared>,
    /// What its batches have; no columns if it returns no rows.
    pub(crate) schema: SchemaRef,
    /// Values of its parameters, a set for each time that it is to be run.
    pub(crate) sets: Vec<Vec<ScalarValue>>,
    /// The size of those values.
    pub(crate) bytes: usize,
}

impl Planned {
    /// The statement with these values.
    pub(crate) fn new(prepared: Arc<Prepared>, bound: Bound) -> Planned {
        let schema = schema(&prepared).unwrap_or_else(|| Arc::new(Schema::empty()));
        Planned { prepared, schema, sets: bound.sets, bytes: bound.bytes }
    }

    /// Whether it returns rows, be it none.
    pub(crate) fn returns_rows(&self) -> bool {
        self.prepared.columns.is_some()
    }

    /// The same, with other columns: they must be of the same kinds.
    pub(crate) fn with_schema(self, schema: SchemaRef) -> Planned {
        Planned { schema, ..self }
    }
}

/// What batches of the statement have; nothing if it returns no rows.
pub(crate) fn schema(prepared: &Prepared) -> Option<SchemaRef> {
    prepared.schema().map(|schema| fit::declared(&schema))
}

/// Binds the one statement of a text.
pub(crate) async fn prepare(session: &Arc<Session>, sql: &str) -> Result<Arc<Prepared>> {
    settled(session, async {
        let mut statements = session.statements(sql)?.into_iter();
        match (statements.next(), statements.next()) {
            (Some(statement), None) => session.prepare(statement, &[]).await,
            (Some(_), Some(_)) => {
                let message = "cannot insert multiple commands into a prepared statement";
                Err(Error::new(ErrorKind::SyntaxError, message))
            }
            (None, _) => Err(Error::new(ErrorKind::SyntaxError, "the statement is empty")),
        }
    })
    .await
}

/// Does work for a client, and tells the session how it ended.
pub(crate) async fn settled<T>(session: &Session, work: impl Future<Output = Result<T>>) -> Result<T> {
    let done = work.await;
    settle(session, done.as_ref().err());
    done
}

/// The end of a statement: a transaction that sees an error has failed.
pub(crate) fn settle(session: &Session, error: Option<&Error>) {
    if let Some(error) = error {
        session.failed(error);
    }
    session.sync();
    for notice in session.take_notices() {
        // The protocol has no place for them.
        tracing::debug!(severity = notice.severity, message = notice.message, "a notice");
    }
}

/// Refuses a transaction of the protocol: sessions have those of SQL.
pub(crate) fn without_transaction(id: Option<&[u8]>) -> Result<()> {
    match id {
        None | Some([]) => Ok(()),
        Some(_) => Err(no_transactions()),
    }
}

/// See [`without_transaction`].
pub(crate) fn no_transactions() -> Error {
    Error::unsupported("a transaction of Flight SQL")
        .with_hint("BEGIN, COMMIT and ROLLBACK are statements of the session.")
}
