//! A statement that runs: sent in one go with the read-only transaction around it, its rows read as they are asked for, stopped in the server when it
//! is dropped. It must not know what rows mean.

use super::error::failed;
use super::session::Sessions;
use crate::database::{Lease, Origin, Place, Pool};
use futures::future::{BoxFuture, MaybeDone, join, maybe_done};
use futures::{FutureExt, StreamExt, poll};
use std::pin::{Pin, pin};
use std::sync::Arc;
use std::task::Poll;
use tokio::runtime::Handle;
use tokio_postgres::types::{ToSql, Type};
use tokio_postgres::{Client, Row, RowStream};
use weft_core::Result;

/// A parameter with its type.
pub(super) type Parameter<'a> = (&'a (dyn ToSql + Sync), Type);

type Sent = BoxFuture<'static, Result<(), tokio_postgres::Error>>;

/// The rows of a statement.
pub(super) struct Statement {
    rows: Pin<Box<RowStream>>,
    end: End,
    busy: Busy,
    place: Place,
}

impl Statement {
    /// Starts it in a connection of the pool.
    pub(super) async fn start(
        pool: &Pool<Sessions>,
        place: &Place,
        sql: &str,
        parameters: &[Parameter<'_>],
    ) -> Result<Statement> {
        loop {
            let lease = pool.acquire().await?;
            let origin = lease.origin();
            match Statement::start_in(lease, place, sql, parameters).await {
                Ok(statement) => return Ok(statement),
                // The server may have been started anew while the connection was idle. Nothing is written: it may be sent again.
                Err(error) if origin == Origin::Reused && error.as_db_error().is_none() => {}
                Err(error) => return Err(failed(place, &error)),
            }
        }
    }

    async fn start_in(
        lease: Lease<Sessions>,
        place: &Place,
        sql: &str,
        parameters: &[Parameter<'_>],
    ) -> Result<Statement, tokio_postgres::Error> {
        let client = lease.client.clone();
        let mut busy = Busy::with(lease);
        // Each is sent when it is polled first; only then the answers are awaited. That makes one round trip, and the transaction is over when the
        // last row is. It is rolled back because that also undoes what a function may have set in the session.
        let typed = parameters.iter().map(|(value, data_type)| (*value, data_type.clone()));
        let mut begun = pin!(join(send(&client, "BEGIN READ ONLY"), client.query_typed_raw(sql, typed)));
        let first = poll!(begun.as_mut());
        let mut end = End(maybe_done(send(&client, "ROLLBACK")));
        let _ = poll!(Pin::new(&mut end.0));
        let outcome = match first {
            Poll::Ready(outcome) => outcome,
            Poll::Pending => begun.await,
        };
        match outcome {
            (Ok(()), Ok(rows)) => Ok(Statement { rows: Box::pin(rows), end, busy, place: place.clone() }),
            (Err(error), _) | (Ok(()), Err(error)) => {
                busy.finish(&mut end).await;
                Err(error)
            }
        }
    }

    /// The next row; none when there are no more, and then the connection is free.
    pub(super) async fn next(&mut self) -> Result<Option<Row>> {
        match self.rows.next().await {
            Some(Ok(row)) => Ok(Some(row)),
            Some(Err(error)) => {
                self.busy.finish(&mut self.end).await;
                Err(failed(&self.place, &error))
            }
            None => {
                self.busy.finish(&mut self.end).await;
                Ok(None)
            }
        }
    }
}

fn send(client: &Arc<Client>, sql: &'static str) -> Sent {
    let client = client.clone();
    async move { client.batch_execute(sql).await }.boxed()
}

/// The end of the transaction, sent behind the statement.
struct End(MaybeDone<Sent>);

/// A connection in which something goes on. Dropped before that is over, it is stopped and closed.
pub(super) struct Busy(Option<Lease<Sessions>>);

impl Busy {
    /// From now on.
    pub(super) fn with(lease: Lease<Sessions>) -> Busy {
        Busy(Some(lease))
    }

    /// Nothing goes on any more: the connection is for others.
    pub(super) fn done(&mut self) {
        if let Some(lease) = self.0.take() {
            lease.give_back();
        }
    }

    /// Waits for the end of the transaction.
    async fn finish(&mut self, end: &mut End) {
        (&mut end.0).await;
        match Pin::new(&mut end.0).take_output() {
            Some(Ok(())) => self.done(),
            // Broken: others get a new one.
            _ => drop(self.0.take()),
        }
    }
}

impl Drop for Busy {
    fn drop(&mut self) {
        let Some(lease) = self.0.take() else { return };
        match Handle::try_current() {
            // The lease goes along: until the server has heard, the connection counts.
            Ok(runtime) => drop(runtime.spawn(async move { lease.stop().await })),
            Err(_) => lease.abort(),
        }
    }
}
