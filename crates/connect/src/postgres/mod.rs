//! Source kind `postgres`: the tables of one database of a PostgreSQL server. The rules are in [`DOC`]. It must not know who asks, nor how a statement
//! is made: the engine writes it, here it is run and its values are read.

mod catalog;
mod columns;
mod connector;
mod decode;
mod doc;
mod error;
mod executor;
mod native;
mod options;
mod scan;
mod session;
mod statement;
mod tls;

pub use doc::DOC;

use crate::connector::{Connector, Context, Given};
use crate::database::PROPERTIES;
use crate::kind::Kind;
use connector::PostgresConnector;
use options::{OPTIONS, Site};
use std::sync::Arc;
use weft_core::Result;

/// Kind `postgres`.
pub static KIND: Kind = Kind { name: "postgres", doc: DOC, options: OPTIONS, properties: PROPERTIES, open, settle: Ok };

fn open(given: &Given, context: &Context) -> Result<Arc<dyn Connector>> {
    Ok(Arc::new(PostgresConnector::new(Site::read(given)?, context.metadata_ttl)))
}
