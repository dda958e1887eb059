//! A connection: runs one statement at a time; another thread may interrupt it.

use super::arrow::ColumnSet;
use super::database::{Database, c_text};
use super::result::Results;
use super::text;
use crate::error::classify;
use arrow::datatypes::SchemaRef;
use libduckdb_sys as c;
use parking_lot::Mutex;
use std::ptr;
use std::sync::Arc;
use weft_core::Result;

/// A connection to a [`Database`]. It can move between threads but serves one at a time.
pub(crate) struct Connection {
    handle: Arc<Handle>,
}

/// The C handle. The lock is held while it is closed or interrupted, so that an interrupt never reaches a closed connection.
struct Handle {
    raw: Mutex<RawConnection>,
    _database: Arc<Database>,
}

struct RawConnection(c::duckdb_connection);

// SAFETY: DuckDB's connection may move between threads.
unsafe impl Send for RawConnection {}

/// Interrupts what a connection runs, from any thread.
#[derive(Clone)]
pub(crate) struct Interrupter(Arc<Handle>);

impl Interrupter {
    /// Makes the running statement end with an error; without one it does nothing.
    pub(crate) fn interrupt(&self) {
        let raw = self.0.raw.lock();
        // SAFETY: the handle is open while the lock is held; `duckdb_interrupt` only sets an atomic flag.
        unsafe { c::duckdb_interrupt(raw.0) }
    }
}

impl Connection {
    pub(super) fn new(raw: c::duckdb_connection, database: Arc<Database>) -> Self {
        Connection { handle: Arc::new(Handle { raw: Mutex::new(RawConnection(raw)), _database: database }) }
    }

    /// What stops this connection's statement.
    pub(crate) fn interrupter(&self) -> Interrupter {
        Interrupter(self.handle.clone())
    }

    fn raw(&self) -> c::duckdb_connection {
        self.handle.raw.lock().0
    }

    /// Runs a statement without rows.
    pub(crate) fn run(&self, sql: &str) -> Result<()> {
        let sql = c_text(sql)?;
        // SAFETY: `duckdb_query` fills the result it is given, also when it fails; it is destroyed once.
        unsafe {
            let mut result: c::duckdb_result = std::mem::zeroed();
            let state = c::duckdb_query(self.raw(), sql.as_ptr(), &mut result);
            let outcome = match state {
                c::DuckDBSuccess => Ok(()),
                _ => Err(classify(&text(c::duckdb_result_error(&mut result)))),
            };
            c::duckdb_destroy_result(&mut result);
            outcome
        }
    }

    /// The columns that a statement would return, without running it.
    pub(crate) fn describe(&self, sql: &str) -> Result<SchemaRef> {
        let statement = self.prepare(sql)?;
        // SAFETY: the options belong to the connection, which is open; types and names are copied or destroyed by `ColumnSet`.
        unsafe {
            let mut options = ptr::null_mut();
            c::duckdb_connection_get_arrow_options(self.raw(), &mut options);
            let columns = ColumnSet::of_statement(options, statement.0);
            c::duckdb_destroy_arrow_options(&mut options);
            Ok(columns?.schema().clone())
        }
    }

    /// Starts a statement whose rows are fetched as they are asked for.
    pub(crate) fn stream(&self, sql: &str) -> Result<Results<'_>> {
        let statement = self.prepare(sql)?;
        // SAFETY: the statement is live; DuckDB fills the result, also when it fails, and `Results` destroys it.
        let result = unsafe {
            let mut result: c::duckdb_result = std::mem::zeroed();
            let state = c::duckdb_execute_prepared_streaming(statement.0, &mut result);
            if state != c::DuckDBSuccess {
                let error = classify(&text(c::duckdb_result_error(&mut result)));
                c::duckdb_destroy_result(&mut result);
                return Err(error);
            }
            result
        };
        Results::new(result, self)
    }

    fn prepare(&self, sql: &str) -> Result<Prepared> {
        let sql = c_text(sql)?;
        // SAFETY: the statement is destroyed by `Prepared`, also when preparing failed, as duckdb.h asks.
        unsafe {
            let mut handle = ptr::null_mut();
            let state = c::duckdb_prepare(self.raw(), sql.as_ptr(), &mut handle);
            let prepared = Prepared(handle);
            match state {
                c::DuckDBSuccess => Ok(prepared),
                _ => Err(classify(&text(c::duckdb_prepare_error(prepared.0)))),
            }
        }
    }
}

impl Drop for Handle {
    fn drop(&mut self) {
        // SAFETY: the last owner is gone: neither connection nor interrupter can use the handle any more.
        unsafe { c::duckdb_disconnect(&mut self.raw.get_mut().0) }
    }
}

struct Prepared(c::duckdb_prepared_statement);

impl Drop for Prepared {
    fn drop(&mut self) {
        // SAFETY: created by `duckdb_prepare` and destroyed once.
        unsafe { c::duckdb_destroy_prepare(&mut self.0) }
    }
}
