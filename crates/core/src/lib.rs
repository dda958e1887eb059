//! The words every other crate speaks: errors and their kinds, names, settings, secrets, column types, and the traits by which crates that
//! must not see each other meet. No I/O happens here, and nothing here knows a protocol, a source or the query engine.

pub mod array;
pub mod batch;
mod conform;
pub mod error;
pub mod executor;
pub mod input;
pub mod key_prefix;
pub mod metadata;
pub mod metastore_at;
pub mod name;
pub mod option;
pub mod pgtype;
pub mod privilege;
pub mod redact;
pub mod redis_at;
pub mod relation;
pub mod report;
pub mod secret;
pub mod settings;
pub mod store;
pub mod text;
pub mod trace;
pub mod trace_at;
pub mod worker;

pub use batch::BatchStream;
pub use conform::conform;
pub use error::{Error, ErrorKind, Result};
pub use name::{ObjectName, TableName};
pub use privilege::{Privilege, Privileges};
pub use secret::Secret;
