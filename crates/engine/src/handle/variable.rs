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
    if let ("role", SetValue::Values(values)) = (statement.name.as_str(), &statement.value) {
        let role = values.join(", ");
        if role != "none" {
            session.may_be(&role)?;
        }
    }
    let mut variables = session.variables().lock();
    match (&statement.value, statement.scope) {
        (SetValue::Default, _) => variables.reset(&statement.name)?,
        (SetValue::Values(values), SetScope::Session) => variables.set(&statement.name, &values.join(", "))?,
        (SetValue::Values(values), SetScope::Local) => {
            if session.transaction() == TransactionState::Idle {
                drop(variables);
                session.notice(
                    "WARNING",
                    ErrorKind::NoActiveTransaction.sqlstate(),
                    "SET LOCAL can only be used in transaction blocks",
                );
                return Ok(Done::Tag("SET".to_owned()));
            }
            variables.set_local(&statement.name, &values.join(", "))?;
        }
    }
    Ok(Done::Tag("SET".to_owned()))
}

pub(super) fn set_transaction(session: &Arc<Session>, statement: &SetTransaction) -> Result<Done> {
    let mut variables = session.variables().lock();
    for mode in &statement.modes {
        let (name, value) = match mode {
            TransactionMode::Isolation(level) => ("isolation", level.to_string().to_lowercase()),
            TransactionMode::ReadOnly => ("read_only", "on".to_owned()),
            TransactionMode::ReadWrite => ("read_only", "off".to_owned()),
            _ => continue,
        };
        match statement.scope {
            TransactionScope::Current => variables.set_local(&format!("transaction_{name}"), &value)?,
            TransactionScope::Session => variables.set(&format!("default_transaction_{name}"), &value)?,
        }
    }
    Ok(Done::Tag("SET".to_owned()))
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
            "DISCARD ALL"
        }
        // Plans are not kept, and there are no sequences or temporary tables.
        Discard::Plans => "DISCARD PLANS",
        Discard::Sequences => "DISCARD SEQUENCES",
        Discard::Temp => "DISCARD TEMP",
    };
    Ok(Done::Tag(tag.to_owned()))
}
