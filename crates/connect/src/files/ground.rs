//! Where the files of a catalog lie: what the rest of this room asks of a disk or of an object store.

use super::fileset::FileSet;
use super::layout::Table;
use super::listing::Freshness;
use crate::connector::NodeCheck;
use async_trait::async_trait;
use std::fmt::Debug;
use std::path::PathBuf;
use std::sync::Arc;
use weft_core::Result;
use weft_core::store::Store;

/// How a file is named where DuckDB takes names.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Paths {
    /// Every path is a pattern, so that special characters must be escaped.
    Patterns,
    /// As it is.
    Literal,
}

/// A disk, or an object store.
#[async_trait]
pub(crate) trait Ground: Debug + Send + Sync + 'static {
    /// Every table, sorted by schema and name.
    async fn list(&self) -> Result<Vec<Table>>;

    /// The table's files as they are now; `None`, or `58P01`, if they are gone.
    async fn refresh(&self, table: &Table) -> Result<Option<Arc<FileSet>>>;

    /// The folder relative to which errors name files.
    async fn base(&self) -> Result<PathBuf>;

    /// Tries to reach it.
    async fn check(&self) -> NodeCheck;

    /// How old a listing may be in which a table is looked up by its name, if the table is found there: its files are looked at besides.
    fn lookup(&self) -> Freshness;

    /// What was seen of tables so far does not count any more.
    fn forget(&self);

    /// How its files are named.
    fn paths(&self) -> Paths;

    /// The stores that a statement on its files reads.
    fn stores(&self) -> Vec<Arc<Store>>;
}
