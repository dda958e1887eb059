//! A streaming result: chunks of at most 2048 rows, computed as they are fetched.

use super::arrow::ColumnSet;
use super::connection::Connection;
use super::text;
use crate::error::classify;
use arrow::array::RecordBatch;
use libduckdb_sys as c;
use std::marker::PhantomData;
use weft_core::Result;

/// An iterator over the batches of a running statement. Dropping it ends the statement.
pub(crate) struct Results<'c> {
    result: c::duckdb_result,
    options: c::duckdb_arrow_options,
    columns: Option<ColumnSet>,
    _connection: PhantomData<&'c Connection>,
}

impl<'c> Results<'c> {
    pub(super) fn new(result: c::duckdb_result, _connection: &'c Connection) -> Result<Self> {
        let mut me = Results { result, options: std::ptr::null_mut(), columns: None, _connection: PhantomData };
        // SAFETY: the result is live; from here on `Drop` destroys it and the options, whatever happens.
        unsafe {
            me.options = c::duckdb_result_get_arrow_options(&mut me.result);
            me.columns = Some(ColumnSet::of_result(me.options, &mut me.result)?);
        }
        Ok(me)
    }
}

impl Iterator for Results<'_> {
    type Item = Result<RecordBatch>;

    fn next(&mut self) -> Option<Self::Item> {
        // SAFETY: the result is live. A null chunk means the end or an error, which the result tells.
        unsafe {
            let chunk = c::duckdb_fetch_chunk(self.result);
            if !chunk.is_null() {
                return Some(self.columns.as_ref()?.batch(self.options, chunk));
            }
            let message = text(c::duckdb_result_error(&mut self.result));
            (!message.is_empty()).then(|| Err(classify(&message)))
        }
    }
}

impl Drop for Results<'_> {
    fn drop(&mut self) {
        // SAFETY: both were created with this value and are destroyed once.
        unsafe {
            c::duckdb_destroy_arrow_options(&mut self.options);
            c::duckdb_destroy_result(&mut self.result);
        }
    }
}
