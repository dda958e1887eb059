//! A query in the source's own words as a table. The source itself says whether it is one statement, and of which columns.

use super::error;
use super::source::Source;
use super::types::{Nullable, SourceColumn, of_sent};
use mysql_async::Statement;
use mysql_async::prelude::Queryable;
use std::sync::Arc;
use weft_core::executor::MySqlServer;
use weft_core::{Error, ErrorKind, Result};

/// A query that can stand after FROM.
pub(super) struct Native {
    /// In parentheses.
    pub(super) from: String,
    pub(super) columns: Vec<SourceColumn>,
    pub(super) server: super::server::Server,
}
