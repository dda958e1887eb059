//! Statements that read object stores: one that cannot reach its store, or waits for one that is left, is begun anew on the other store of the catalog,
//! once, as long as none of its rows has left (ADR 0016). It must not know how a store is found to be away.

use super::{Bound, Done, bound_anew, enter};
use crate::outcome::Prepared;
use crate::session::Session;
use datafusion::common::ScalarValue;
use futures::future::BoxFuture;
use futures::{FutureExt, StreamExt};
use std::sync::Arc;
use std::time::Instant;
use weft_core::store::Store;
use weft_core::{BatchStream, Error, ErrorKind, Result};

/// The work of a statement.
pub(super) fn guarded<'a>(
    session: &'a Arc<Session>,
    prepared: &'a Prepared,
    parameters: Vec<ScalarValue>,
) -> BoxFuture<'a, Result<Done>> {
    if stores(prepared).is_none_or(|stores| stores.is_empty()) {
        return enter(session, prepared, parameters);
    }
    async move {
        let begun = Instant::now();
        let error = match attempt(session, prepared, parameters.clone()).await {
            Err(error) => error,
            done => return done,
        };
        let of = stores(prepared).unwrap_or_default();
        if !session.gateway().catalogs().blame(of, &error, begun) {
            return Err(error);
        }
        tracing::debug!(%error, "starting over on another store");
        // If both are away, that of the first is told.
        let told = |other: Error| if other.kind() == ErrorKind::ConnectionFailed { error } else { other };
        let again = match bound_anew(session, prepared).await {
            Ok(again) => again,
            Err(other) => return Err(told(other)),
        };
        let begun = Instant::now();
        let done = attempt(session, &again, parameters).await;
        if let (Err(error), Some(stores)) = (&done, stores(&again)) {
            session.gateway().catalogs().blame(stores, error, begun);
        }
        done.map_err(told)
    }
    .boxed()
}

/// The stores that a statement reads.
fn stores(prepared: &Prepared) -> Option<&[Arc<Store>]> {
    match &prepared.plan {
        Bound::Query { query, .. } | Bound::Explain(query) => Some(&*query.stores),
        Bound::Insert(insertion) => Some(&*insertion.query.stores),
        // EXECUTE runs a statement that is looked at by itself, and a cursor reads when it is asked.
        Bound::Shaped { .. } | Bound::Execute(_) | Bound::Cursor(_) | Bound::Plain => None,
    }
}

/// Its rows, of which the first are there.
async fn attempt(session: &Arc<Session>, prepared: &Prepared, parameters: Vec<ScalarValue>) -> Result<Done> {
    let (catalogs, begun) = (session.gateway().catalogs(), Instant::now());
    let stores: Arc<[Arc<Store>]> = stores(prepared).unwrap_or_default().into();
    let done = tokio::select! {
        biased;
        done = begun_to_answer(enter(session, prepared, parameters)) => done?,
        error = catalogs.left(&stores) => return Err(error),
    };
    // EXPLAIN tells it in its own lines.
    if matches!(prepared.plan, Bound::Query { .. }) {
        for told in catalogs.told_of_backups(&stores) {
            session.notice("WARNING", "01000", told);
        }
    }
    let Done::Rows { columns, batches, tag } = done else { return Ok(done) };
    // What is met later is of use to those who come next.
    let (schema, catalogs) = (batches.schema().clone(), catalogs.clone());
    let batches = batches.inspect(move |batch| {
        if let Err(error) = batch {
            catalogs.blame(&stores, error, begun);
        }
    });
    Ok(Done::Rows { columns, batches: BatchStream::new(schema, batches), tag })
}

/// What the statement does, once the first of its rows are there: an error in their place is the statement's.
async fn begun_to_answer(work: BoxFuture<'_, Result<Done>>) -> Result<Done> {
    let (columns, mut batches, tag) = match work.await? {
        Done::Rows { columns, batches, tag } => (columns, batches, tag),
        done => return Ok(done),
    };
    let first = batches.next().await.transpose()?;
    let schema = batches.schema().clone();
    let batches = BatchStream::new(schema, futures::stream::iter(first.map(Ok)).chain(batches));
    Ok(Done::Rows { columns, batches, tag })
}
