//! Source kind `mysql`: the databases of a MySQL or MariaDB server. The rules are in [`DOC`], and what statements may rely on in `server.rs`. It must
//! not know DuckDB's library nor who asks. The driver is `mysql_async`; rows come in the text protocol, one round trip a statement, unbuffered.

mod catalog;
mod connector;
mod decode;
mod dial;
mod doc;
mod error;
mod execute;
mod native;
mod options;
mod running;
mod scan;
mod server;
mod source;
mod types;

pub use doc::DOC;

use crate::connector::{Connector, Context, Given};
use crate::database::{Limits, PROPERTIES};
use crate::kind::Kind;
use connector::MySqlConnector;
use options::{OPTIONS, Site};
use source::Source;
use std::sync::Arc;
use weft_core::Result;

/// Kind `mysql`.
pub static KIND: Kind = Kind { name: "mysql", doc: DOC, options: OPTIONS, properties: PROPERTIES, open, settle: Ok };

fn open(given: &Given, context: &Context) -> Result<Arc<dyn Connector>> {
    let site = Site::read(&given.options)?;
    let limits = Limits::read(&given.properties)?;
    Ok(Arc::new(MySqlConnector::new(Source::new(&given.catalog, site, limits, context.metadata_ttl))))
}
