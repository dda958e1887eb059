//! A statement that runs: sent in one go with the read-only transaction around it, its rows read as they are asked for, stopped in the server when it
//! is dropped. It must not know what rows mean.

use super::error::failed;
use super::session::Sessions;
use crate::database::{Lease, Origin, Place, Pool};
use futures::future::{BoxFuture, join, ready};
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
    /// None once they have come to an end.
    rows: Option<Pin<Box<RowStream>>>,
    /// Their end, if that was seen when a row was looked for that has come already.
    seen: Option<Option<Result<Row, tokio_postgres::Error>>>,
    /// The end of the transaction, sent behind the statement.
    end: Sent,
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
                // The server may have been started anew while the connection was idle: others may be well.
                Err(Failure::BeforeIt(_)) if origin == Origin::Reused => {}
                Err(Failure::BeforeIt(error) | Failure::OfIt(error)) => return Err(failed(place, &error)),
            }
        }
    }

    async fn start_in(
        lease: Lease<Sessions>,
        place: &Place,
        sql: &str,
        parameters: &[Parameter<'_>],
    ) -> Result<Statement, Failure> {
        let client = lease.client.clone();
        let mut busy = Busy::with(lease);
        // Each is sent when it is polled first; only then the answers are awaited. That makes one round trip, and the transaction is over when the
        // last row is. It is rolled back because that also undoes what a function may have set in the session.
        let typed = parameters.iter().map(|(value, data_type)| (*value, data_type.clone()));
        let mut begun = pin!(join(send(&client, "BEGIN READ ONLY"), client.query_typed_raw(sql, typed)));
        let first = poll!(begun.as_mut());
        let mut end = send(&client, "ROLLBACK");
        if let Poll::Ready(outcome) = poll!(&mut end) {
            end = ready(outcome).boxed();
        }
        let outcome = match first {
            Poll::Ready(outcome) => outcome,
            Poll::Pending => begun.await,
        };
        match outcome {
            (Ok(()), Ok(rows)) => {
                Ok(Statement { rows: Some(Box::pin(rows)), seen: None, end, busy, place: place.clone() })
            }
            (Err(error), _) => Err(Failure::BeforeIt(error)),
            (Ok(()), Err(error)) => {
                busy.finish(&mut end).await;
                Err(Failure::OfIt(error))
            }
        }
    }

    /// The next row, if it has come already.
    pub(super) fn at_hand(&mut self) -> Option<Row> {
        let rows = self.rows.as_mut().filter(|_| self.seen.is_none())?;
        match rows.next().now_or_never()? {
            Some(Ok(row)) => Some(row),
            end => {
                self.seen = Some(end);
                None
            }
        }
    }

    /// The next row; none when there are no more, and then the connection is free.
    pub(super) async fn next(&mut self) -> Result<Option<Row>> {
        let Some(rows) = &mut self.rows else { return Ok(None) };
        let next = match self.seen.take() {
            Some(seen) => seen,
            None => rows.next().await,
        };
        let last = match next {
            Some(Ok(row)) => return Ok(Some(row)),
            Some(Err(error)) => Err(failed(&self.place, &error)),
            None => Ok(None),
        };
        self.rows = None;
        self.busy.finish(&mut self.end).await;
        last
    }
}

/// Why a statement did not start.
enum Failure {
    /// The connection was of no use.
    BeforeIt(tokio_postgres::Error),
    /// The server did not take it.
    OfIt(tokio_postgres::Error),
}

fn send(client: &Arc<Client>, sql: &'static str) -> Sent {
    let client = client.clone();
    async move { client.batch_execute(sql).await }.boxed()
}

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
    async fn finish(&mut self, end: &mut Sent) {
        match end.await {
            Ok(()) => self.done(),
            // Broken: others get a new one.
            Err(_) => drop(self.0.take()),
        }
    }
}

impl Drop for Busy {
    fn drop(&mut self) {
        let Some(lease) = self.0.take().filter(|lease| !lease.client.is_closed()) else { return };
        match Handle::try_current() {
            // The lease goes along: until the server has heard, the connection counts.
            Ok(runtime) => drop(runtime.spawn(async move { lease.stop().await })),
            Err(_) => lease.abort(),
        }
    }
}
