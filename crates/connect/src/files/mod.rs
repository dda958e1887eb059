//! Catalogs that are made of files: kind `file`, on disks of the gateway's own, and kind `s3`, in object stores. What they have in common is here: which
//! files make which tables, what columns those have, and how DuckDB reads them. It must not know DuckDB's library nor who asks.

mod bounds;
mod columns;
mod connector;
mod damage;
mod discover;
pub mod disk;
mod fileset;
mod format;
mod gather;
mod ground;
mod input;
mod layout;
mod listing;
mod naming;
mod options;
mod read;
pub mod s3;
mod scan;
mod tree;
