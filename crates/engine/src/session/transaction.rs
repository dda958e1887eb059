//! Transactions as clients of PostgreSQL expect them: BEGIN and COMMIT are accepted, an error fails the block, savepoints nest. Statements read what
//! their sources have; nothing is isolated, which `transaction_isolation` says.

use crate::outcome::TransactionState;
use weft_core::{Error, ErrorKind, Result};

/// Savepoints of one transaction.
const MAX_SAVEPOINTS: usize = 1000;

/// Where a session stands.
#[derive(Debug, Default)]
pub(crate) struct Transaction {
    state: State,
    savepoints: Vec<String>,
}

#[derive(Debug, Default, Clone, Copy, PartialEq, Eq)]
enum State {
    #[default]
    Idle,
    Active,
    Failed,
}

impl Transaction {
    pub(crate) fn state(&self) -> TransactionState {
        match self.state {
            State::Idle => TransactionState::Idle,
            State::Active => TransactionState::Active,
            State::Failed => TransactionState::Failed,
        }
    }

    pub(crate) fn begin(&mut self) {
        self.state = State::Active;
        self.savepoints.clear();
    }

    pub(crate) fn end(&mut self) {
        self.state = State::Idle;
        self.savepoints.clear();
    }

    pub(crate) fn fail(&mut self) {
        if self.state == State::Active {
            self.state = State::Failed;
        }
    }

    pub(crate) fn savepoint(&mut self, name: &str) -> Result<()> {
        self.require_block("SAVEPOINT")?;
        if self.savepoints.len() >= MAX_SAVEPOINTS {
            return Err(Error::new(
                ErrorKind::ProgramLimitExceeded,
                format!("a transaction has at most {MAX_SAVEPOINTS} savepoints"),
            ));
        }
        self.savepoints.push(name.to_owned());
        Ok(())
    }

    pub(crate) fn rollback_to(&mut self, name: &str) -> Result<()> {
        self.require_block("ROLLBACK TO SAVEPOINT")?;
        let position = self.position(name)?;
        self.savepoints.truncate(position + 1);
        self.state = State::Active;
        Ok(())
    }

    pub(crate) fn release(&mut self, name: &str) -> Result<()> {
        self.require_block("RELEASE SAVEPOINT")?;
        let position = self.position(name)?;
        self.savepoints.truncate(position);
        Ok(())
    }

    fn position(&self, name: &str) -> Result<usize> {
        self.savepoints
            .iter()
            .rposition(|s| s == name)
            .ok_or_else(|| Error::new(ErrorKind::InvalidSavepoint, format!("savepoint \"{name}\" does not exist")))
    }

    fn require_block(&self, what: &str) -> Result<()> {
        match self.state {
            State::Idle => Err(Error::new(
                ErrorKind::NoActiveTransaction,
                format!("{what} can only be used in transaction blocks"),
            )),
            _ => Ok(()),
        }
    }
}
