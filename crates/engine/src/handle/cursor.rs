//! DECLARE, FETCH, MOVE and CLOSE. The session keeps the cursors; the query of one is bound when it is declared and begins with the first row that is
//! asked for, in the surroundings of the declaration.

use super::query::{self, Described};
use super::{Bound, Done};
use crate::outcome::{Column, TransactionState};
use crate::plan::bind::{self, BoundQuery};
use crate::session::{CursorPlan, Session, Wish, cursor_rows_of};
use arrow::datatypes::Schema;
use datafusion::common::ScalarValue;
use futures::FutureExt;
use std::sync::Arc;
use weft_core::pgtype::ColumnType;
use weft_core::{BatchStream, Error, ErrorKind, Result};
use weft_sql::{Close, Declare, Fetch};

pub(super) async fn bind(
    session: &Arc<Session>,
    statement: &Declare,
    declared: &[Option<ColumnType>],
) -> Result<Described> {
    let query = bind::bind(&session.environment(), &statement.query, declared).await?;
    let parameters = query.parameters.clone();
    Ok((Bound::Cursor(Arc::new(query)), parameters, None))
}

pub(super) async fn declare(
    session: &Arc<Session>,
    statement: &Declare,
    text: &str,
    query: &Arc<BoundQuery>,
    values: Vec<ScalarValue>,
) -> Result<Done> {
    if statement.name.is_empty() {
        return Err(Error::new(ErrorKind::InvalidCursorName, "invalid cursor name: must not be empty"));
    }
    let in_block = session.transaction() != TransactionState::Idle;
    if !statement.hold && !in_block && !session.transaction_cell().lock().is_implicit() {
        return Err(Error::new(
            ErrorKind::NoActiveTransaction,
            "DECLARE CURSOR can only be used in transaction blocks",
        ));
    }
    let columns = query.columns.clone();
    let (environment, query) = (session.environment(), query.clone());
    let rows = async move { query::rows(&environment, &query, &values).await }.boxed();
    let savepoint = session.transaction_cell().lock().last_savepoint();
    session.cursors().open(statement, text.to_owned(), columns, rows, savepoint)?;
    if statement.hold && !in_block {
        // The statement is the whole transaction.
        if let Err(error) = session.cursors().hold().await {
            session.cursors().close(&statement.name)?;
            return Err(error);
        }
    }
    Ok(Done::Tag("DECLARE CURSOR".to_owned()))
}

/// The columns that FETCH returns. A cursor that is not there is told when it is run.
pub(super) fn columns(session: &Session, statement: &Fetch) -> Option<Arc<[Column]>> {
    session.cursors().find(&statement.cursor).map(|open| open.columns)
}

pub(super) async fn fetch(session: &Arc<Session>, statement: &Fetch) -> Result<Done> {
    let open = session.cursors().get(&statement.cursor)?;
    let mut cursor = open.reader()?;
    let way = match cursor.approach(statement.direction, Wish::Fetch).await {
        Ok(CursorPlan::Go(way)) => way,
        Ok(CursorPlan::Stay(_)) => return Err(Error::internal("FETCH goes nowhere")),
        Err(error) => return Err(refused(cursor, error)),
    };
    let batches = BatchStream::new(Arc::new(Schema::empty()), cursor_rows_of(cursor, way));
    Ok(Done::Rows { columns: open.columns, batches, tag: "FETCH" })
}

pub(super) async fn r#move(session: &Arc<Session>, statement: &Fetch) -> Result<Done> {
    let open = session.cursors().get(&statement.cursor)?;
    let mut cursor = open.reader()?;
    let passed = match cursor.approach(statement.direction, Wish::Move).await {
        Ok(CursorPlan::Stay(rows)) => Ok(rows),
        Ok(CursorPlan::Go(way)) => cursor.go(way).await,
        Err(error) => Err(error),
    };
    match passed {
        Ok(passed) => {
            cursor.end();
            Ok(Done::Tag(format!("MOVE {passed}")))
        }
        Err(error) => Err(refused(cursor, error)),
    }
}

/// A cursor that does not go back is no worse for having been asked to.
fn refused(mut cursor: impl std::ops::DerefMut<Target = crate::session::Cursor>, error: Error) -> Error {
    if error.kind() == ErrorKind::ObjectNotInPrerequisiteState {
        cursor.end();
    }
    error
}

pub(super) fn close(session: &Arc<Session>, statement: &Close) -> Result<Done> {
    match statement {
        Close::All => {
            session.cursors().close_all();
            Ok(Done::Tag("CLOSE CURSOR ALL".to_owned()))
        }
        Close::Name(name) => {
            session.cursors().close(name)?;
            Ok(Done::Tag("CLOSE CURSOR".to_owned()))
        }
    }
}
