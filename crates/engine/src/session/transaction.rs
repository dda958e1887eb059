//! Transactions as clients of PostgreSQL expect them: BEGIN and COMMIT are accepted, an error fails the block, savepoints nest. Statements read what
//! their sources have; nothing is isolated, which `transaction_isolation` says. Changes of views are the transaction's own until it is committed.

use crate::catalog::Drafts;
use crate::outcome::TransactionState;
use chrono::{DateTime, Utc};
use std::sync::Arc;
use weft_core::{Error, ErrorKind, Result};
use weft_lake::Written;
use weft_meta::DatasetChange;

/// Savepoints of one transaction.
const MAX_SAVEPOINTS: usize = 1000;

/// Where a session stands.
#[derive(Debug, Default)]
pub(crate) struct Transaction {
    state: State,
    savepoints: Vec<Savepoint>,
    /// Savepoints of this transaction so far.
    counted: u64,
    scope: Scope,
    drafts: Arc<Drafts>,
    began: Option<DateTime<Utc>>,
}

/// A savepoint.
#[derive(Debug)]
struct Savepoint {
    name: String,
    number: u64,
    /// As they were then.
    drafts: Arc<Drafts>,
}

/// What a transaction without BEGIN comprises.
#[derive(Debug, Default, PartialEq, Eq)]
enum Scope {
    /// One statement.
    #[default]
    Statement,
    /// Those of one message.
    Message,
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
        *self = Transaction { state: State::Active, began: Some(Utc::now()), ..Transaction::default() };
    }

    pub(crate) fn end(&mut self) {
        *self = Transaction::default();
    }

    /// When BEGIN was, in a block.
    pub(crate) fn began(&self) -> Option<DateTime<Utc>> {
        self.began
    }

    /// Changes of datasets that it has made.
    pub(crate) fn drafts(&self) -> Arc<Drafts> {
        self.drafts.clone()
    }

    /// One more of them.
    pub(crate) fn draft(&mut self, change: DatasetChange, author: String) -> Result<()> {
        Arc::make_mut(&mut self.drafts).push(change, author)
    }

    /// Files that its drafts give to tables: they go with it.
    pub(crate) fn hold(&mut self, written: Vec<Arc<Written>>) {
        Arc::make_mut(&mut self.drafts).hold(written);
    }

    /// Several statements come in one message.
    pub(crate) fn begin_implicit(&mut self) {
        self.scope = Scope::Message;
    }

    /// Whether statements of one message are one transaction.
    pub(crate) fn is_implicit(&self) -> bool {
        self.state == State::Idle && self.scope == Scope::Message
    }

    /// The number of the savepoint that was set last, from 1.
    pub(crate) fn last_savepoint(&self) -> u64 {
        self.counted
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
        self.counted += 1;
        self.savepoints.push(Savepoint { name: name.to_owned(), number: self.counted, drafts: self.drafts.clone() });
        Ok(())
    }

    /// Goes back: the place of the savepoint among those there are, and its number.
    pub(crate) fn rollback_to(&mut self, name: &str) -> Result<(usize, u64)> {
        self.require_block("ROLLBACK TO SAVEPOINT")?;
        let (position, number) = self.position(name)?;
        self.savepoints.truncate(position + 1);
        if let Some(savepoint) = self.savepoints.last() {
            self.drafts = savepoint.drafts.clone();
        }
        self.state = State::Active;
        Ok((position, number))
    }

    /// Forgets the savepoint and those after it: the place that it had.
    pub(crate) fn release(&mut self, name: &str) -> Result<usize> {
        self.require_block("RELEASE SAVEPOINT")?;
        let (position, _) = self.position(name)?;
        self.savepoints.truncate(position);
        Ok(position)
    }

    fn position(&self, name: &str) -> Result<(usize, u64)> {
        let mut found = self.savepoints.iter().enumerate().rev().filter(|(_, s)| s.name == name);
        found
            .next()
            .map(|(position, s)| (position, s.number))
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
