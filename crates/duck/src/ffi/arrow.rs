//! DuckDB's columns and chunks as Arrow's, over the Arrow C data interface: buffers change owner, nothing is copied.
//!
//! Source: <https://arrow.apache.org/docs/format/CDataInterface.html>. `libduckdb-sys` and `arrow` declare the same C structs under two names.

use super::text;
use crate::error::classify;
use arrow::array::{RecordBatch, RecordBatchOptions, StructArray};
use arrow::datatypes::{Schema, SchemaRef};
use arrow::ffi::{FFI_ArrowArray, FFI_ArrowSchema, from_ffi};
use libduckdb_sys as c;
use std::mem::{ManuallyDrop, size_of};
use std::sync::Arc;
use weft_core::{Error, Result};

/// The columns of a statement or result, as Arrow and as the C struct that chunks are read with.
pub(super) struct ColumnSet {
    c_schema: FFI_ArrowSchema,
    schema: SchemaRef,
}

impl ColumnSet {
    /// # Safety
    /// `options` and `statement` must be live.
    pub(super) unsafe fn of_statement(
        options: c::duckdb_arrow_options,
        statement: c::duckdb_prepared_statement,
    ) -> Result<Self> {
        // SAFETY: the caller's promise; names of a statement are owned by us and freed below.
        unsafe {
            let count = c::duckdb_prepared_statement_column_count(statement);
            let mut types: Vec<_> =
                (0..count).map(|i| c::duckdb_prepared_statement_column_logical_type(statement, i)).collect();
            let names: Vec<_> = (0..count).map(|i| c::duckdb_prepared_statement_column_name(statement, i)).collect();
            let columns = ColumnSet::new(options, &mut types, &names);
            for name in names {
                c::duckdb_free(name.cast_mut().cast());
            }
            columns
        }
    }

    /// # Safety
    /// `options` and `result` must be live.
    pub(super) unsafe fn of_result(options: c::duckdb_arrow_options, result: &mut c::duckdb_result) -> Result<Self> {
        // SAFETY: the caller's promise; names of a result belong to the result.
        unsafe {
            let count = c::duckdb_column_count(result);
            let mut types: Vec<_> = (0..count).map(|i| c::duckdb_column_logical_type(result, i)).collect();
            let names: Vec<_> = (0..count).map(|i| c::duckdb_column_name(result, i)).collect();
            ColumnSet::new(options, &mut types, &names)
        }
    }

    unsafe fn new(
        options: c::duckdb_arrow_options,
        types: &mut [c::duckdb_logical_type],
        names: &[*const std::ffi::c_char],
    ) -> Result<Self> {
        // SAFETY: types and names have the same length; DuckDB copies what it needs; each type is destroyed once.
        let (error, raw) = unsafe {
            let mut raw = c::ArrowSchema::empty();
            let mut names = names.to_vec();
            let count = types.len() as c::idx_t;
            let error = c::duckdb_to_arrow_schema(options, types.as_mut_ptr(), names.as_mut_ptr(), count, &mut raw);
            for t in types {
                c::duckdb_destroy_logical_type(t);
            }
            (error, raw)
        };
        // SAFETY: both are the C data interface's ArrowSchema; the release callback moves along.
        let c_schema: FFI_ArrowSchema = unsafe { same_struct(raw) };
        // SAFETY: the error is destroyed by `check`.
        unsafe { check(error)? };
        let schema = Schema::try_from(&c_schema).map_err(arrow_error)?;
        Ok(ColumnSet { c_schema, schema: Arc::new(schema) })
    }

    /// The columns.
    pub(super) fn schema(&self) -> &SchemaRef {
        &self.schema
    }

    /// Takes a chunk over as a batch.
    ///
    /// # Safety
    /// `options` and `chunk` must be live and the chunk of these columns; it is destroyed here.
    pub(super) unsafe fn batch(
        &self,
        options: c::duckdb_arrow_options,
        mut chunk: c::duckdb_data_chunk,
    ) -> Result<RecordBatch> {
        // SAFETY: the caller's promise. The array is released by its Arrow owner; the chunk's own handle is destroyed once.
        let (rows, data) = unsafe {
            let rows = c::duckdb_data_chunk_get_size(chunk) as usize;
            let mut raw = c::ArrowArray::empty();
            let error = c::duckdb_data_chunk_to_arrow(options, chunk, &mut raw);
            c::duckdb_destroy_data_chunk(&mut chunk);
            check(error)?;
            let array: FFI_ArrowArray = same_struct(raw);
            (rows, from_ffi(array, &self.c_schema).map_err(arrow_error)?)
        };
        let (_, columns, _) = StructArray::from(data).into_parts();
        let options = RecordBatchOptions::new().with_row_count(Some(rows));
        RecordBatch::try_new_with_options(self.schema.clone(), columns, &options).map_err(arrow_error)
    }
}

/// # Safety
/// Both types must be declarations of the same C struct.
unsafe fn same_struct<A, B>(value: A) -> B {
    const { assert!(size_of::<A>() == size_of::<B>()) };
    let value = ManuallyDrop::new(value);
    // SAFETY: same size, and the caller promises the same layout; the original is not dropped.
    unsafe { std::ptr::read((&raw const *value).cast::<B>()) }
}

/// # Safety
/// `error` must be null or live; it is destroyed here.
unsafe fn check(mut error: c::duckdb_error_data) -> Result<()> {
    // SAFETY: the caller's promise.
    unsafe {
        let failed = !error.is_null() && c::duckdb_error_data_has_error(error);
        let outcome = if failed { Err(classify(&text(c::duckdb_error_data_message(error)))) } else { Ok(()) };
        c::duckdb_destroy_error_data(&mut error);
        outcome
    }
}

fn arrow_error(error: arrow::error::ArrowError) -> Error {
    Error::internal(format!("DuckDB's Arrow data: {error}")).with_source(error)
}
