//! Tables of Weft's own: rows as Parquet files below one folder, written once and never changed. Which files make a table is the metadata store's to know;
//! this crate writes them, says how DuckDB reads them, and removes what nobody has taken over. It must not know sessions nor statements.

mod column;
mod incoming;
mod lake;
mod read;
mod write;

pub use column::{Column, keepable};
pub use incoming::Incoming;
pub use lake::{DataFile, Lake, TableRef};
pub use write::Written;
