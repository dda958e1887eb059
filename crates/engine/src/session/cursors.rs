//! The cursors of a session by name: how many there may be, and which of them the end of a transaction takes with it. What a cursor does is its own.

use super::cursor::{Backwards, Cursor};
use super::cursor_rows::{Budget, CursorRows};
use crate::outcome::Column;
use chrono::{DateTime, Utc};
use datafusion::execution::memory_pool::MemoryPool;
use futures::future::BoxFuture;
use parking_lot::Mutex;
use std::sync::Arc;
use tokio::sync::OwnedMutexGuard;
use weft_core::{BatchStream, Error, ErrorKind, Result};
use weft_sql::{Declare, Scroll};

/// The cursors of one session.
pub(crate) struct Cursors {
    open: Mutex<Vec<Open>>,
    most: usize,
    budget: Arc<Budget>,
    pool: Arc<dyn MemoryPool>,
}

/// An open cursor.
#[derive(Clone)]
pub(crate) struct Open {
    /// What DECLARE called it.
    pub(crate) name: String,
    /// The text of that.
    pub(crate) statement: String,
    /// What a client is told of its columns.
    pub(crate) columns: Arc<[Column]>,
    /// Whether it may outlive its transaction.
    pub(crate) hold: bool,
    /// Whether rows are sent in binary.
    pub(crate) binary: bool,
    /// Whether it goes back.
    pub(crate) scrolls: bool,
    /// When it was declared.
    pub(crate) created_at: DateTime<Utc>,
    belongs: Belonging,
    cursor: Arc<tokio::sync::Mutex<Cursor>>,
}

/// What ends it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Belonging {
    /// Its transaction, and going back to a savepoint of this number or an earlier one.
    Transaction(u64),
    /// Only its session.
    Session,
}

impl Cursors {
    /// None yet: no more than `most`, which keep no more than so many bytes.
    pub(crate) fn new(most: usize, bytes: usize, pool: Arc<dyn MemoryPool>) -> Cursors {
        Cursors { open: Mutex::new(Vec::new()), most, budget: Budget::new(bytes), pool }
    }

    /// Opens one. `savepoint` is the number of the last savepoint.
    pub(crate) fn open(
        &self,
        declared: &Declare,
        statement: String,
        columns: Arc<[Column]>,
        query: BoxFuture<'static, Result<BatchStream>>,
        savepoint: u64,
    ) -> Result<()> {
        let mut rows = CursorRows::of(query);
        let scrolls = declared.scroll == Scroll::Yes;
        if scrolls {
            rows.keep(1, self.budget.clone(), &self.pool)?;
        }
        let backwards = if scrolls { Backwards::Allowed } else { Backwards::Refused };
        let mut open = self.open.lock();
        if open.iter().any(|other| other.name == declared.name) {
            let message = format!("cursor \"{}\" already exists", declared.name);
            return Err(Error::new(ErrorKind::DuplicateCursor, message));
        }
        if open.len() >= self.most {
            return Err(Error::new(ErrorKind::ConfigurationLimitExceeded, "too many cursors in this session")
                .with_detail(format!("max_cursors allows {}.", self.most))
                .with_hint("CLOSE those that are no longer needed."));
        }
        open.push(Open {
            name: declared.name.clone(),
            statement,
            columns,
            hold: declared.hold,
            binary: declared.binary,
            scrolls,
            created_at: Utc::now(),
            belongs: Belonging::Transaction(savepoint),
            cursor: Arc::new(tokio::sync::Mutex::new(Cursor::new(rows, backwards))),
        });
        Ok(())
    }

    /// The one of this name, if it is open.
    pub(crate) fn find(&self, name: &str) -> Option<Open> {
        self.open.lock().iter().find(|open| open.name == name).cloned()
    }

    /// The one of this name.
    pub(crate) fn get(&self, name: &str) -> Result<Open> {
        self.find(name).ok_or_else(|| missing(name))
    }

    /// All of them, as they were declared.
    pub(crate) fn list(&self) -> Vec<Open> {
        self.open.lock().clone()
    }

    /// Ends one.
    pub(crate) fn close(&self, name: &str) -> Result<()> {
        let mut open = self.open.lock();
        let index = open.iter().position(|open| open.name == name).ok_or_else(|| missing(name))?;
        let closed = open.remove(index);
        // What it reads from is let go outside of the lock.
        std::mem::drop(open);
        std::mem::drop(closed);
        Ok(())
    }

    /// Ends all.
    pub(crate) fn close_all(&self) {
        self.keep_only(|_| false);
    }

    /// The end of a transaction: those that are not held end with it.
    pub(crate) fn end_transaction(&self) {
        self.keep_only(|open| open.belongs == Belonging::Session);
    }

    /// Back to the savepoint of this number: what was declared since ends.
    pub(crate) fn end_since(&self, savepoint: u64) {
        self.keep_only(|open| match open.belongs {
            Belonging::Transaction(declared) => declared < savepoint,
            Belonging::Session => true,
        });
    }

    /// The transaction is about to be committed: reads what those WITH HOLD have not given yet, so that nothing of it is needed after.
    pub(crate) async fn hold(&self) -> Result<()> {
        let held: Vec<_> =
            self.list().into_iter().filter(|open| open.hold && open.belongs != Belonging::Session).collect();
        for open in held {
            let mut cursor = open.reader()?;
            let next = cursor.next_row();
            cursor.rows.keep(next, self.budget.clone(), &self.pool)?;
            cursor.rows.read_all().await?;
            cursor.end();
            let mut all = self.open.lock();
            if let Some(here) = all.iter_mut().find(|other| Arc::ptr_eq(&other.cursor, &open.cursor)) {
                here.belongs = Belonging::Session;
            }
        }
        Ok(())
    }

    fn keep_only(&self, keep: impl Fn(&Open) -> bool) {
        let mut open = self.open.lock();
        if open.is_empty() {
            return;
        }
        let (kept, ended): (Vec<_>, Vec<_>) = open.drain(..).partition(|open| keep(open));
        *open = kept;
        std::mem::drop(open);
        std::mem::drop(ended);
    }
}

impl Open {
    /// The cursor for one statement, which says when it has read what it wanted.
    pub(crate) fn reader(&self) -> Result<OwnedMutexGuard<Cursor>> {
        let mut cursor = self.cursor.clone().try_lock_owned().map_err(|_| {
            let message = format!("cursor \"{}\" is being read by another statement", self.name);
            Error::new(ErrorKind::ObjectInUse, message).with_hint("Read the rows of that statement to their end first.")
        })?;
        cursor.begin(&self.name)?;
        Ok(cursor)
    }
}

fn missing(name: &str) -> Error {
    Error::new(ErrorKind::InvalidCursorName, format!("cursor \"{name}\" does not exist"))
}
