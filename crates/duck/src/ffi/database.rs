//! The database: in memory, configured once when it is opened.

use super::connection::Connection;
use super::text;
use libduckdb_sys as c;
use std::ffi::CString;
use std::ptr;
use std::sync::Arc;
use weft_core::{Error, Result};

/// An open in-memory database.
pub(crate) struct Database {
    handle: c::duckdb_database,
}

// SAFETY: DuckDB's database handle may be used from any thread; `duckdb_connect` and `duckdb_close` lock inside.
unsafe impl Send for Database {}
// SAFETY: as above.
unsafe impl Sync for Database {}

impl Database {
    /// Opens an empty in-memory database with these options of DuckDB's.
    pub(crate) fn open(options: &[(&str, String)]) -> Result<Arc<Self>> {
        let options: Vec<(CString, CString)> =
            options.iter().map(|(name, value)| Ok((c_text(name)?, c_text(value)?))).collect::<Result<_>>()?;
        // SAFETY: the configuration is created, filled and destroyed here; every string outlives the calls; the error text is freed by DuckDB's own
        // allocator.
        unsafe {
            let mut config = ptr::null_mut();
            if c::duckdb_create_config(&mut config) != c::DuckDBSuccess {
                return Err(Error::internal("DuckDB gave no configuration"));
            }
            for (name, value) in &options {
                if c::duckdb_set_config(config, name.as_ptr(), value.as_ptr()) != c::DuckDBSuccess {
                    c::duckdb_destroy_config(&mut config);
                    return Err(Error::internal(format!("DuckDB does not take the option {name:?} = {value:?}")));
                }
            }
            let mut handle = ptr::null_mut();
            let mut message = ptr::null_mut();
            let state = c::duckdb_open_ext(ptr::null(), &mut handle, config, &mut message);
            c::duckdb_destroy_config(&mut config);
            if state != c::DuckDBSuccess {
                let error = Error::internal(format!("DuckDB does not open: {}", text(message)));
                c::duckdb_free(message.cast());
                return Err(error);
            }
            Ok(Arc::new(Database { handle }))
        }
    }

    /// A new connection, which keeps the database open.
    pub(crate) fn connect(self: &Arc<Self>) -> Result<Connection> {
        let mut handle = ptr::null_mut();
        // SAFETY: the database is open as long as `self` lives.
        if unsafe { c::duckdb_connect(self.handle, &mut handle) } != c::DuckDBSuccess {
            return Err(Error::internal("DuckDB gave no connection"));
        }
        Ok(Connection::new(handle, self.clone()))
    }
}

impl Drop for Database {
    fn drop(&mut self) {
        // SAFETY: every connection holds an `Arc` of this database, so none is left.
        unsafe { c::duckdb_close(&mut self.handle) }
    }
}

/// The text as C wants it; a NUL inside is refused.
pub(super) fn c_text(text: &str) -> Result<CString> {
    CString::new(text).map_err(|e| Error::internal("a statement holds a NUL byte").with_source(e))
}
