//! Safe owners of DuckDB's C handles. Every `unsafe` of the workspace is below this module; each block says why it holds.
//!
//! Source: DuckDB's C interface, `duckdb.h` of version 1.5. Handles are closed in the order result → statement → connection → database by ownership.
#![allow(unsafe_code)]

mod arrow;
mod connection;
mod database;
mod result;

pub(crate) use connection::{Connection, Interrupter};
pub(crate) use database::Database;
use std::ffi::{CStr, c_char};

/// The version of the DuckDB library that is linked, such as `v1.5.5`.
pub fn library_version() -> String {
    // SAFETY: the function returns a static string.
    unsafe { text(libduckdb_sys::duckdb_library_version()) }
}

/// Copies a C string; a null pointer gives an empty text.
///
/// # Safety
/// `pointer` must be null or a NUL-terminated string that lives during the call.
unsafe fn text(pointer: *const c_char) -> String {
    if pointer.is_null() {
        return String::new();
    }
    // SAFETY: the caller promises a live NUL-terminated string.
    unsafe { CStr::from_ptr(pointer) }.to_string_lossy().into_owned()
}
