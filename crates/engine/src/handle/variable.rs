//! SET, RESET, DISCARD: the session's variables.

use super::Done;
use crate::outcome::TransactionState;
use crate::session::Session;
use std::sync::Arc;
use weft_core::{Error, ErrorKind, Result};
use weft_sql::stmt::begin::TransactionMode;
use weft_sql::stmt::set::{SetScope, SetValue};
use weft_sql::{Discard, ResetTarget, Set, SetTransaction, TransactionScope};

pub(super) fn set(session: &Arc<Session>, statement: &Set) -> Result<Done> {
    if statement.scope == SetScope::Local && session.transaction() == TransactionState::Idle {
        session.notice(
            "WARNING",
            ErrorKind::NoActiveTransaction.sqlstate(),
            "SET LOCAL can only be used in transaction blocks",
        );
    }
    let value = match &statement.value {
        SetValue::Default => None,
        SetValue::Values(values) => Some(values.join(", ")),
    };
    session.set_variable(&statement.name, value.as_deref(), statement.scope)?;
    Ok(Done::Tag("SET".to_owned()))
}

pub(super) fn set_transaction(session: &Arc<Session>, statement: &SetTransaction) -> Result<Done> {
    if statement.scope == TransactionScope::Current && session.transaction() == TransactionState::Idle {
        session.notice(
            "WARNING",
            ErrorKind::NoActiveTransaction.sqlstate(),
            "SET TRANSACTION can only be used in transaction blocks",
        );
        return Ok(Done::Tag("SET".to_owned()));
    }
    modes(session, statement.scope, &statement.modes)?;
    Ok(Done::Tag("SET".to_owned()))
}

/// What is said of this transaction, or of those to come.
pub(super) fn modes(session: &Session, scope: TransactionScope, modes: &[TransactionMode]) -> Result<()> {
    let mut variables = session.variables().lock();
    for mode in modes {
        let (name, value) = match mode {
            TransactionMode::Isolation(level) => ("isolation", level.to_string().to_lowercase()),
            TransactionMode::ReadOnly => ("read_only", "on".to_owned()),
            TransactionMode::ReadWrite => ("read_only", "off".to_owned()),
            _ => continue,
        };
        match scope {
            TransactionScope::Current => variables.set_local(&format!("transaction_{name}"), &value)?,
            TransactionScope::Session => variables.set(&format!("default_transaction_{name}"), &value)?,
        }
    }
    Ok(())
}

pub(super) fn reset(session: &Arc<Session>, target: &ResetTarget) -> Result<Done> {
    let mut variables = session.variables().lock();
    match target {
        ResetTarget::All => variables.reset_all(),
        ResetTarget::Name(name) => variables.reset(name)?,
    }
    Ok(Done::Tag("RESET".to_owned()))
}

pub(super) fn discard(session: &Arc<Session>, what: Discard) -> Result<Done> {
    let tag = match what {
        Discard::All => {
            if session.transaction() != TransactionState::Idle {
                return Err(Error::new(
                    ErrorKind::ActiveTransaction,
                    "DISCARD ALL cannot run inside a transaction block",
                ));
            }
            session.variables().lock().reset_all();
            session.named().lock().clear();
            session.cursors().close_all();
            "DISCARD ALL"
        }
        // Plans are not kept, and there are no sequences or temporary tables.
        Discard::Plans => "DISCARD PLANS",
        Discard::Sequences => "DISCARD SEQUENCES",
        Discard::Temp => "DISCARD TEMP",
    };
    Ok(Done::Tag(tag.to_owned()))
}
