//! One room a statement: its privilege, its work, its rows. This file only sends each statement to its room.

mod analyze;
mod catalog;
mod explain;
mod job;
mod preview;
mod query;
mod scan;
mod schedule;
mod secret;
mod show;
mod show_create;
mod sql_prepare;
mod statistics;
mod transaction;
mod variable;

pub(crate) use preview::rows as preview_rows;
pub(crate) use query::rows as query_rows;

use crate::outcome::{Column, Prepared};
use crate::plan::bind::BoundQuery;
use crate::session::Session;
use crate::system::SystemRow;
use datafusion::common::ScalarValue;
use std::sync::{Arc, OnceLock};
use weft_core::pgtype::ColumnType;
use weft_core::{BatchStream, Error, ErrorKind, Result};
use weft_sql::{Statement, StatementKind};

/// What binding found out.
pub(crate) enum Bound {
    /// A query, or a statement that is answered by one.
    Query {
        /// The query.
        query: Box<BoundQuery>,
        /// Its command tag.
        tag: &'static str,
    },
    /// EXPLAIN.
    Explain(Box<BoundQuery>),
    /// EXECUTE: the statement that it runs.
    Execute(Box<Prepared>),
    /// Nothing had to be bound.
    Plain,
}

/// What a statement did.
pub(crate) enum Done {
    /// Its command tag.
    Tag(String),
    /// Its rows.
    Rows { columns: Arc<[Column]>, batches: BatchStream, tag: &'static str },
}

/// Binds a statement: finds its parameters and columns without doing anything.
pub(crate) async fn bind(
    session: &Arc<Session>,
    statement: Statement,
    declared: &[Option<ColumnType>],
) -> Result<Prepared> {
    let (bound, parameters, columns) = match &statement.kind {
        StatementKind::Query(query) => query::bind(session, query, declared, "SELECT").await?,
        StatementKind::Explain(explain) => explain::bind(session, explain, declared).await?,
        StatementKind::Preview(preview) => preview::bind(session, preview, declared).await?,
        StatementKind::Show(show) => show::bind(session, show).await?,
        StatementKind::CheckCatalog(_) => (Bound::Plain, vec![], Some(catalog::check_columns())),
        StatementKind::Scan(_) => (Bound::Plain, vec![], Some(scan::columns())),
        StatementKind::Analyze(_) => (Bound::Plain, vec![], Some(analyze::columns())),
        StatementKind::Execute(execute) => sql_prepare::bind_execute(session, execute).await?,
        _ => (Bound::Plain, vec![], None),
    };
    Ok(Prepared { statement, parameters, columns, plan: bound, shown: OnceLock::new() })
}

/// Whether the statement can be run again without being bound anew, as long as its tables are what they were. What is answered by a query, such as
/// SHOW, is not: that query has the answer in it.
pub(crate) fn stands_firm(prepared: &Prepared) -> bool {
    matches!(prepared.statement.kind, StatementKind::Query(_) | StatementKind::Preview(_))
        && matches!(&prepared.plan, Bound::Query { query, .. } if query.footing.is_some())
}

/// Whether what the statement was bound to is still what its names mean. What cannot be run again is bound each time anyway.
pub(crate) async fn is_current(session: &Session, prepared: &Prepared) -> Result<bool> {
    match &prepared.plan {
        Bound::Query { query, .. } => match &query.footing {
            Some(footing) => footing.holds(session.gateway()).await,
            None => Ok(true),
        },
        _ => Ok(true),
    }
}

/// The statement bound anew, if a table that it names is not what it was.
pub(crate) async fn renewed(session: &Arc<Session>, prepared: &Prepared) -> Result<Option<Prepared>> {
    if is_current(session, prepared).await? {
        return Ok(None);
    }
    let declared: Vec<_> = prepared.parameters.iter().map(|t| Some(*t)).collect();
    let renewed = bind(session, prepared.statement.clone(), &declared).await?;
    if renewed.columns != prepared.columns {
        // The client was told of other columns.
        return Err(Error::new(ErrorKind::FeatureNotSupported, "cached plan must not change result type")
            .with_hint("A table has changed since the statement was prepared: prepare it again."));
    }
    Ok(Some(renewed))
}

/// Does what a bound statement says.
pub(crate) async fn execute(session: &Arc<Session>, prepared: &Prepared, parameters: Vec<ScalarValue>) -> Result<Done> {
    match (&prepared.statement.kind, &prepared.plan) {
        (StatementKind::Preview(_), Bound::Query { query, .. }) => preview::execute(session, query, parameters).await,
        (_, Bound::Query { query, tag }) => query::execute(session, query, parameters, tag).await,
        (StatementKind::Explain(explain), Bound::Explain(query)) => {
            explain::execute(session, explain, query, parameters).await
        }
        (StatementKind::Execute(_), Bound::Execute(inner)) => {
            Box::pin(execute(session, inner, sql_prepare::arguments(session, prepared, inner)?)).await
        }
        (StatementKind::CreateCatalog(s), _) => catalog::create(session, s).await,
        (StatementKind::AlterCatalog(s), _) => catalog::alter(session, s).await,
        (StatementKind::DropCatalog(s), _) => catalog::drop(session, s).await,
        (StatementKind::UndropCatalog(name), _) => catalog::undrop(session, name).await,
        (StatementKind::CheckCatalog(s), _) => catalog::check(session, s).await,
        (StatementKind::Scan(s), _) => scan::execute(session, s).await,
        (StatementKind::Analyze(s), _) => analyze::execute(session, s).await,
        (StatementKind::CreateSchedule(s), _) => schedule::create(session, s).await,
        (StatementKind::AlterSchedule(s), _) => schedule::alter(session, s).await,
        (StatementKind::CancelJob(id), _) => job::cancel(session, id).await,
        (StatementKind::CreateSecret(s), _) => secret::create(session, s).await,
        (StatementKind::DropSecret(s), _) => secret::drop(session, s).await,
        (StatementKind::RotateEncryptionKey, _) => secret::rotate(session).await,
        (StatementKind::Set(s), _) => variable::set(session, s),
        (StatementKind::SetTransaction(s), _) => variable::set_transaction(session, s),
        (StatementKind::Reset(s), _) => variable::reset(session, s),
        (StatementKind::Discard(s), _) => variable::discard(session, *s),
        (StatementKind::Begin(_), _) => transaction::begin(session),
        (StatementKind::Commit(s), _) => transaction::commit(session, s),
        (StatementKind::Rollback(s), _) => transaction::rollback(session, s),
        (StatementKind::Savepoint(name), _) => transaction::savepoint(session, name),
        (StatementKind::RollbackTo(name), _) => transaction::rollback_to(session, name),
        (StatementKind::Release(name), _) => transaction::release(session, name),
        (StatementKind::Prepare(s), _) => sql_prepare::prepare(session, s).await,
        (StatementKind::Deallocate(s), _) => sql_prepare::deallocate(session, s),
        (StatementKind::Unsupported { what }, _) => Err(Error::unsupported(what)),
        (
            StatementKind::Query(_)
            | StatementKind::Explain(_)
            | StatementKind::Show(_)
            | StatementKind::Preview(_)
            | StatementKind::Execute(_),
            _,
        ) => Err(Error::internal("a statement was executed that had not been bound")),
    }
}

/// Rows of a declared table as an answer.
fn answer<R: SystemRow>(rows: &[R], tag: &'static str) -> Result<Done> {
    let batch = R::batch(rows)?;
    let schema = batch.schema();
    Ok(Done::Rows { columns: crate::plan::bind::columns(&schema), batches: BatchStream::of(schema, vec![batch]), tag })
}
