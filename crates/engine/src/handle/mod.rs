//! One room a statement: its privilege, its work, its rows. This file only sends each statement to its room.

mod analyze;
mod annotate;
mod cache;
mod catalog;
mod copy;
mod cursor;
mod explain;
mod grant;
mod ingest;
mod insert;
mod job;
mod journalled;
mod manage;
mod nightly;
mod preview;
mod query;
mod relation;
mod role;
mod scan;
mod schedule;
mod secret;
mod show;
mod show_create;
mod sql_prepare;
mod statistics;
mod store;
mod table;
mod transaction;
mod variable;
mod view;
mod worker;

pub(crate) use ingest::ingest;
pub use ingest::{Ingest, OnExistingTable, OnMissingTable};
pub(crate) use journalled::changes as journal_changes;
pub(crate) use preview::rows as preview_rows;
pub(crate) use query::rows as query_rows;

use crate::outcome::{Column, Prepared};
use crate::plan::bind::{Asker, BoundQuery};
use crate::session::Session;
use crate::system::SystemRow;
use datafusion::common::ScalarValue;
use datafusion::physical_plan::ExecutionPlan;
use futures::FutureExt;
use futures::future::{BoxFuture, ready};
use std::sync::Arc;
use std::sync::atomic::Ordering;
use tokio::sync::OnceCell;
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
    /// A query that has the shape of others.
    Shaped {
        /// The query with parameters in place of numbers.
        shape: Arc<Prepared>,
        /// The numbers.
        values: Vec<ScalarValue>,
        /// Its operators, if it was run and they can be run again.
        operators: OnceCell<Option<Arc<dyn ExecutionPlan>>>,
    },
    /// EXPLAIN.
    Explain(Box<BoundQuery>),
    /// DECLARE: the cursor's query.
    Cursor(Arc<BoundQuery>),
    /// INSERT.
    Insert(Box<insert::Insertion>),
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
        StatementKind::Query(query) => room(|| query::bind(session, query, declared, query::TAG)).await?,
        StatementKind::Explain(explain) => room(|| explain::bind(session, explain, declared)).await?,
        StatementKind::Preview(preview) => room(|| preview::bind(session, preview, declared)).await?,
        StatementKind::Show(show) => room(|| show::bind(session, show)).await?,
        StatementKind::CheckCatalog(_) => (Bound::Plain, vec![], Some(catalog::check_columns())),
        StatementKind::Scan(_) => (Bound::Plain, vec![], Some(scan::columns())),
        StatementKind::Analyze(_) => (Bound::Plain, vec![], Some(analyze::columns())),
        StatementKind::Copy(statement) => room(|| copy::bind(session, statement)).await?,
        StatementKind::Declare(statement) => room(|| cursor::bind(session, statement, declared)).await?,
        StatementKind::Fetch(statement) => (Bound::Plain, vec![], cursor::columns(session, statement)),
        StatementKind::Insert(insert) => room(|| insert::bind(session, insert, declared)).await?,
        StatementKind::Execute(execute) => sql_prepare::bind_execute(session, execute).await?,
        _ => (Bound::Plain, vec![], None),
    };
    let prepared = Prepared::new(statement, parameters, columns, bound);
    if !session.drafts().is_empty() {
        // It may name what the transaction has changed: outside of it, it is bound anew.
        prepared.used.store(true, Ordering::Release);
    }
    Ok(prepared)
}

/// Whether the statement can be run again without being bound anew, as long as its tables are what they were. What is answered by a query, such as
/// SHOW, is not: that query has the answer in it.
pub(crate) fn stands_firm(prepared: &Prepared) -> bool {
    matches!(prepared.statement.kind, StatementKind::Query(_) | StatementKind::Preview(_))
        && match &prepared.plan {
            Bound::Query { query, .. } => query.stands_firm(),
            Bound::Shaped { shape, .. } => stands_firm(shape),
            _ => false,
        }
}

/// Whether the statement reads what this catalog holds.
pub(crate) fn reads_directory_of(prepared: &Prepared, catalog: &str) -> bool {
    match &prepared.plan {
        Bound::Query { query, .. } => query.footing.as_ref().is_some_and(|f| f.reads_directory_of(catalog)),
        Bound::Shaped { shape, .. } => reads_directory_of(shape, catalog),
        _ => false,
    }
}

/// Whether what the statement was bound to is still what its names mean. What stands on nothing that can be looked at again, such as a view or a system
/// table, is good for one run.
pub(crate) async fn is_current(session: &Session, prepared: &Prepared) -> Result<bool> {
    let (footing, asker) = match &prepared.plan {
        Bound::Query { query, .. } | Bound::Explain(query) => (query.footing.as_ref(), Some(query.asker.clone())),
        Bound::Execute(inner) => return Box::pin(is_current(session, inner)).await,
        Bound::Shaped { shape, .. } => return Box::pin(is_current(session, shape)).await,
        // Its table may be another one by now.
        Bound::Insert(insertion) => (None, Some(insertion.query.asker.clone())),
        Bound::Cursor(query) => (query.footing.as_ref(), Some(query.asker.clone())),
        Bound::Plain => return Ok(fetches_the_same(session, prepared)),
    };
    if !session.drafts().is_empty() {
        // It may name what the transaction has changed, and what is kept was not bound in it.
        return Ok(false);
    }
    match footing {
        Some(footing) => {
            let here = session.asker();
            // Who it was bound for may be part of it; what a role sees of a catalog depends on what it may do.
            let may_see = |a: Asker| !footing.reads_directories() || a.principals == here.principals;
            if !asker.is_some_and(|a| a.user == here.user && a.zone == here.zone && may_see(a)) {
                return Ok(false);
            }
            let schemas = session.variables().lock().search_path();
            footing.holds(session.gateway(), &session.rights(), &session.user(), &schemas).await
        }
        // Nor may it be run if somebody may less by now.
        None => Ok(!prepared.used.swap(true, Ordering::AcqRel) && asker == Some(session.asker())),
    }
}

/// Whether the cursor of a FETCH has the columns that the client was told of. One that is not there is told when it is run.
fn fetches_the_same(session: &Session, prepared: &Prepared) -> bool {
    let StatementKind::Fetch(fetch) = &prepared.statement.kind else { return true };
    let columns = cursor::columns(session, fetch);
    columns.is_none() || prepared.columns.is_none() || columns == prepared.columns
}

/// The statement bound anew, if a table that it names is not what it was.
pub(crate) async fn renewed(session: &Arc<Session>, prepared: &Prepared) -> Result<Option<Prepared>> {
    if is_current(session, prepared).await? {
        return Ok(None);
    }
    bound_anew(session, prepared).await.map(Some)
}

/// The statement bound anew; an error if the client was told of other columns.
async fn bound_anew(session: &Arc<Session>, prepared: &Prepared) -> Result<Prepared> {
    let declared: Vec<_> = prepared.parameters.iter().map(|t| Some(*t)).collect();
    let renewed = bind(session, prepared.statement.clone(), &declared).await?;
    if renewed.columns != prepared.columns {
        return Err(Error::new(ErrorKind::FeatureNotSupported, "cached plan must not change result type")
            .with_hint("A table has changed since the statement was prepared: prepare it again."));
    }
    Ok(renewed)
}

/// Does what a bound statement says, or keeps it for when that can be done.
pub(crate) fn execute<'a>(
    session: &'a Arc<Session>,
    prepared: &'a Prepared,
    parameters: Vec<ScalarValue>,
) -> BoxFuture<'a, Result<Done>> {
    journalled::guarded(session, &prepared.statement, store::guarded(session, prepared, parameters))
}

/// Does it in its room. Only the work of that one takes space on the stack, not that of all rooms.
fn enter<'a>(
    session: &'a Arc<Session>,
    prepared: &'a Prepared,
    parameters: Vec<ScalarValue>,
) -> BoxFuture<'a, Result<Done>> {
    match (&prepared.statement.kind, &prepared.plan) {
        (StatementKind::Preview(_), Bound::Query { query, .. }) => {
            room(|| preview::execute(session, query, parameters))
        }
        (_, Bound::Shaped { shape, values, operators }) => {
            room(|| query::execute_shaped(session, shape, values, operators))
        }
        (_, Bound::Query { query, tag }) => room(|| query::execute(session, query, parameters, tag)),
        (StatementKind::Explain(explain), Bound::Explain(query)) => {
            room(|| explain::execute(session, explain, query, parameters))
        }
        (StatementKind::Execute(s), Bound::Execute(inner)) => room(|| async move {
            let arguments = sql_prepare::arguments(session, s, inner).await?;
            execute(session, inner, arguments).await
        }),
        (_, Bound::Insert(insertion)) => room(|| insert::execute(session, insertion, parameters)),
        (StatementKind::Declare(s), Bound::Cursor(query)) => {
            room(|| cursor::declare(session, s, &prepared.statement.text, query, parameters))
        }
        (StatementKind::Fetch(s), _) => room(|| cursor::fetch(session, s)),
        (StatementKind::Move(s), _) => room(|| cursor::r#move(session, s)),
        (StatementKind::Close(s), _) => ready(cursor::close(session, s)).boxed(),
        (StatementKind::CreateCatalog(s), _) => room(|| catalog::create(session, s)),
        (StatementKind::AlterCatalog(s), _) => room(|| catalog::alter(session, s)),
        (StatementKind::DropCatalog(s), _) => room(|| catalog::drop(session, s)),
        (StatementKind::UndropCatalog(name), _) => room(|| catalog::undrop(session, name)),
        (StatementKind::CheckCatalog(s), _) => room(|| catalog::check(session, s)),
        (StatementKind::CreateRole(s), _) => room(|| role::create(session, s)),
        (StatementKind::AlterRole(s), _) => room(|| role::alter(session, s)),
        (StatementKind::DropRole(s), _) => room(|| role::drop(session, s)),
        (StatementKind::Grant(s), _) => room(|| grant::privileges(session, s)),
        (StatementKind::GrantRole(s), _) => room(|| grant::roles(session, s)),
        (StatementKind::Scan(s), _) => room(|| scan::execute(session, s)),
        (StatementKind::Analyze(s), _) => room(|| analyze::execute(session, s)),
        (StatementKind::CreateView(s), _) => room(|| view::create(session, s)),
        (StatementKind::AlterView(s), _) => room(|| view::alter(session, s)),
        (StatementKind::CreateTable(s), _) => room(|| table::create(session, s)),
        (StatementKind::DropRelation(s), _) => room(|| relation::drop(session, s)),
        (StatementKind::UndropRelation(which, name), _) => room(|| relation::undrop(session, *which, name)),
        (StatementKind::Annotate(s), _) => room(|| annotate::execute(session, s)),
        (StatementKind::Folder(s), _) => room(|| annotate::folder(session, s)),
        (StatementKind::Manage(s), _) => room(|| manage::execute(session, s)),
        (StatementKind::CreateSchedule(s), _) => room(|| schedule::create(session, s)),
        (StatementKind::AlterSchedule(s), _) => room(|| schedule::alter(session, s)),
        (StatementKind::DropCaches, _) => room(|| cache::drop(session)),
        (StatementKind::AlterWorker(s), _) => room(|| worker::alter(session, s)),
        (StatementKind::CancelJob(id), _) => room(|| job::cancel(session, id)),
        (StatementKind::CreateSecret(s), _) => room(|| secret::create(session, s)),
        (StatementKind::DropSecret(s), _) => room(|| secret::drop(session, s)),
        (StatementKind::RotateEncryptionKey, _) => room(|| secret::rotate(session)),
        (StatementKind::Set(s), _) => ready(variable::set(session, s)).boxed(),
        (StatementKind::SetTransaction(s), _) => ready(variable::set_transaction(session, s)).boxed(),
        (StatementKind::Reset(s), _) => ready(variable::reset(session, s)).boxed(),
        (StatementKind::Unlisten(_), _) => ready(Ok(Done::Tag("UNLISTEN".to_owned()))).boxed(),
        (StatementKind::Discard(s), _) => ready(variable::discard(session, *s)).boxed(),
        (StatementKind::Begin(s), _) => ready(transaction::begin(session, s)).boxed(),
        (StatementKind::Commit(s), _) => room(|| transaction::commit(session, s)),
        (StatementKind::Rollback(s), _) => ready(transaction::rollback(session, s)).boxed(),
        (StatementKind::Savepoint(name), _) => ready(transaction::savepoint(session, name)).boxed(),
        (StatementKind::RollbackTo(name), _) => ready(transaction::rollback_to(session, name)).boxed(),
        (StatementKind::Release(name), _) => ready(transaction::release(session, name)).boxed(),
        (StatementKind::Prepare(s), _) => room(|| sql_prepare::prepare(session, s, &prepared.statement.text)),
        (StatementKind::Deallocate(s), _) => ready(sql_prepare::deallocate(session, s)).boxed(),
        (StatementKind::Unsupported { what }, _) => ready(Err(Error::unsupported(what))).boxed(),
        (
            StatementKind::Query(_)
            | StatementKind::Explain(_)
            | StatementKind::Show(_)
            | StatementKind::Preview(_)
            | StatementKind::Copy(_)
            | StatementKind::Declare(_)
            | StatementKind::Insert(_)
            | StatementKind::Execute(_),
            _,
        ) => ready(Err(Error::internal("a statement was executed that had not been bound"))).boxed(),
    }
}

/// The work of one room, on the heap: otherwise the stack would have to hold that of all rooms for each statement.
#[inline(never)]
fn room<'a, T, F: Future<Output = Result<T>> + Send + 'a>(enter: impl FnOnce() -> F) -> BoxFuture<'a, Result<T>> {
    Box::pin(enter())
}

/// Rows of a declared table as an answer.
fn answer<R: SystemRow>(rows: &[R], tag: &'static str) -> Result<Done> {
    let batch = R::batch(rows)?;
    let schema = batch.schema();
    Ok(Done::Rows { columns: crate::plan::bind::columns(&schema), batches: BatchStream::of(schema, vec![batch]), tag })
}
