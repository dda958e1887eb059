//! A statement that runs in the source, row by row. Whoever lets go of it before its end has it killed there. It must not know Arrow.

use super::dial::{Dialer, Session};
use super::error;
use super::server::Server;
use super::source::Source;
use crate::database::Lease;
use futures::FutureExt;
use mysql_async::prelude::Queryable;
use mysql_async::{Column, QueryResult, Row, TextProtocol};
use std::sync::Arc;
use std::time::Duration;
use tokio::runtime::Handle;
use tokio::time::timeout;
use weft_core::{Error, ErrorKind, Result};

/// A killed statement has this long to end before its connection is cut.
const LAST_WORDS: Duration = Duration::from_secs(5);

/// A statement and its connection.
pub(super) struct Running {
    source: Arc<Source>,
    /// Empty once nothing is going on in it any more.
    lease: Option<Lease<Dialer>>,
    columns: Arc<[Column]>,
    server: Server,
}

impl Running {
    /// Sends the statement and waits for the columns of its answer.
    pub(super) async fn start(source: Arc<Source>, lease: Lease<Dialer>, sql: &str) -> Result<Running> {
        let server = lease.server.clone();
        let mut running = Running { source, lease: Some(lease), columns: Arc::from([]), server };
        let Some(lease) = &mut running.lease else { return Err(ended()) };
        // Rows stay in the connection when this result is dropped.
        let sent = lease.connection.query_iter(sql).await.map(|result| result.columns());
        match sent {
            Ok(columns) => {
                running.columns = columns.unwrap_or_else(|| Arc::from([]));
                Ok(running)
            }
            Err(e) => Err(running.failed(e)),
        }
    }

    /// The columns of the answer.
    pub(super) fn columns(&self) -> &[Column] {
        &self.columns
    }

    /// Who answers.
    pub(super) fn server(&self) -> &Server {
        &self.server
    }

    /// The next row; none at the end, when the connection is free for others.
    pub(super) async fn next(&mut self) -> Result<Option<Row>> {
        let Some(lease) = &mut self.lease else { return Ok(None) };
        match QueryResult::<TextProtocol>::new(&mut lease.connection).next().await {
            Ok(Some(row)) => Ok(Some(row)),
            Ok(None) => {
                self.finished();
                Ok(None)
            }
            Err(e) => Err(self.failed(e)),
        }
    }

    fn finished(&mut self) {
        if let Some(lease) = self.lease.take() {
            lease.give_back();
        }
    }

    /// After an error that the server told, the connection is as good as before, unless it told the connection's end.
    fn failed(&mut self, failure: mysql_async::Error) -> Error {
        let is_fatal = failure.is_fatal();
        let error = error::at_statement(failure, &self.source.place);
        if is_fatal || error.kind() == ErrorKind::ConnectionFailed {
            self.lease.take();
        } else {
            self.finished();
        }
        if error::tables_have_changed(error.kind()) {
            self.source.forget();
        }
        error
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        let Some(lease) = self.lease.take() else { return };
        match Handle::try_current() {
            Ok(runtime) => {
                runtime.spawn(stop(self.source.clone(), lease));
            }
            // The program ends, and the connection with it.
            Err(_) => drop(lease),
        }
    }
}

fn ended() -> Error {
    Error::internal("a statement has no connection")
}

/// Kills the statement, and closes its connection: a kill that comes late must not meet the next statement.
async fn stop(source: Arc<Source>, mut lease: Lease<Dialer>) {
    let id = lease.connection.id();
    if let Err(error) = kill(&source, id).await {
        tracing::warn!(source = %source.place.catalog, %error, "a statement could not be killed");
    }
    let session: &mut Session = &mut lease;
    let drained = timeout(LAST_WORDS, drain(session)).await;
    if drained.is_err() {
        // A call that is broken off makes the driver cut the connection instead of reading on when it is dropped.
        drop(session.connection.ping().now_or_never());
    }
}

async fn drain(session: &mut Session) {
    let result = QueryResult::<TextProtocol>::new(&mut session.connection);
    // It ends with the error of the kill.
    let _ = result.drop_result().await;
}

async fn kill(source: &Source, id: u32) -> Result<()> {
    let _permit = source.kills.acquire().await.map_err(|e| Error::internal("the source is closed").with_source(e))?;
    let killing = async {
        let mut connection = source.pool.manager().log_in().await?;
        let killed = connection.query_drop(format!("KILL QUERY {id}")).await;
        let _ = connection.disconnect().await;
        killed.map_err(|e| error::at_statement(e, &source.place))
    };
    timeout(source.limits.connect_timeout, killing)
        .await
        .unwrap_or_else(|_| Err(source.place.unreachable("no answer to a kill")))
}
