//! Source kind `s3`: Parquet, CSV and JSON objects of one bucket, or of a prefix in it. The rules are in [`DOC`]. Here objects are listed; DuckDB reads
//! them.

mod client;
mod doc;
mod error;
mod ground;
mod objects;
mod site;

pub use doc::DOC;

use super::connector::FileConnector;
use crate::connector::{Connector, Context, Given};
use crate::kind::Kind;
use ground::Bucket;
use site::{OPTIONS, PROPERTIES, Site};
use std::sync::Arc;
use weft_core::Result;

/// Kind `s3`.
pub static KIND: Kind = Kind { name: "s3", doc: DOC, options: OPTIONS, properties: PROPERTIES, open, settle: Ok };

fn open(given: &Given, context: &Context) -> Result<Arc<dyn Connector>> {
    let site = Site::read(given, context)?;
    context.worker.reads_stores()?;
    let formats = site.formats.clone();
    let bucket = Bucket::new(site, context);
    Ok(Arc::new(FileConnector::new(Arc::new(bucket), formats, context)))
}
