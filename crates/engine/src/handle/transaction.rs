//! BEGIN, COMMIT, ROLLBACK and savepoints.

use super::{Done, variable};
use crate::outcome::TransactionState;
use crate::session::Session;
use std::sync::Arc;
use weft_core::{ErrorKind, Result};
use weft_sql::{Begin, Chain, Commit, Rollback, TransactionScope};

fn tag(text: &str) -> Result<Done> {
    Ok(Done::Tag(text.to_owned()))
}

pub(super) fn begin(session: &Arc<Session>, statement: &Begin) -> Result<Done> {
    if session.transaction() == TransactionState::Idle {
        start(session);
    } else {
        session.notice(
            "WARNING",
            ErrorKind::ActiveTransaction.sqlstate(),
            "there is already a transaction in progress",
        );
    }
    variable::modes(session, TransactionScope::Current, &statement.modes)?;
    tag("BEGIN")
}

fn start(session: &Arc<Session>) {
    session.transaction_cell().lock().begin();
    session.variables().lock().begin();
}

pub(super) async fn commit(session: &Arc<Session>, statement: &Commit) -> Result<Done> {
    let done = match session.transaction() {
        TransactionState::Idle => {
            outside(session);
            return tag("COMMIT");
        }
        TransactionState::Active => {
            if let Err(error) = session.cursors().hold().await {
                // What a cursor was to keep cannot be had: the transaction cannot be committed.
                session.variables().lock().rollback();
                finish(session, Chain::No);
                return Err(error);
            }
            if let Err(error) = super::relation::commit(session).await {
                session.variables().lock().rollback();
                finish(session, Chain::No);
                return Err(error);
            }
            session.variables().lock().commit();
            "COMMIT"
        }
        TransactionState::Failed => {
            session.variables().lock().rollback();
            "ROLLBACK"
        }
    };
    finish(session, statement.chain);
    tag(done)
}

pub(super) fn rollback(session: &Arc<Session>, statement: &Rollback) -> Result<Done> {
    if session.transaction() == TransactionState::Idle {
        outside(session);
        return tag("ROLLBACK");
    }
    session.variables().lock().rollback();
    finish(session, statement.chain);
    tag("ROLLBACK")
}

fn finish(session: &Arc<Session>, chain: Chain) {
    session.transaction_cell().lock().end();
    session.cursors().end_transaction();
    if chain == Chain::Yes {
        start(session);
    }
}

fn outside(session: &Arc<Session>) {
    session.notice("WARNING", ErrorKind::NoActiveTransaction.sqlstate(), "there is no transaction in progress");
}

pub(super) fn savepoint(session: &Arc<Session>, name: &str) -> Result<Done> {
    session.transaction_cell().lock().savepoint(name)?;
    session.variables().lock().savepoint();
    tag("SAVEPOINT")
}

pub(super) fn rollback_to(session: &Arc<Session>, name: &str) -> Result<Done> {
    let (place, number) = session.transaction_cell().lock().rollback_to(name)?;
    session.variables().lock().rollback_to(place);
    session.cursors().end_since(number);
    tag("ROLLBACK")
}

pub(super) fn release(session: &Arc<Session>, name: &str) -> Result<Done> {
    let place = session.transaction_cell().lock().release(name)?;
    session.variables().lock().release(place);
    tag("RELEASE")
}
