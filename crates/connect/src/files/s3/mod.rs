//! Source kind `s3`: Parquet, CSV and JSON objects of one bucket, or of a prefix in it. The rules are in [`DOC`]. Here objects are listed; DuckDB reads
//! them.

mod client;
mod doc;
mod error;
mod ground;
mod objects;
mod options;
mod pool;
mod pooled;
mod site;

pub use doc::DOC;
pub use pool::{MemberFigures, MemberState, StorePool};

use super::connector::FileConnector;
use crate::connector::{Connector, Context, Given};
use crate::kind::Kind;
use ground::Bucket;
use options::{OPTIONS, PROPERTIES};
use pooled::{Member, Pooled};
use site::{Site, Sites};
use std::sync::Arc;
use weft_core::Result;

/// Kind `s3`.
pub static KIND: Kind = Kind { name: "s3", doc: DOC, options: OPTIONS, properties: PROPERTIES, open, settle: Ok };

fn open(given: &Given, context: &Context) -> Result<Arc<dyn Connector>> {
    let Sites { primary, backup, rules } = Sites::read(given, context)?;
    context.worker.reads_stores()?;
    let told = |site: &Site| (site.store.clone(), site.address());
    let pool = StorePool::new(told(&primary), backup.as_ref().map(told), rules);
    let member = |site: Site| {
        let (bucket, formats) = (Bucket::new(site.clone(), context), site.formats.clone());
        Member { files: FileConnector::new(Arc::new(bucket), formats, context), site }
    };
    Ok(Arc::new(Pooled::new(pool, member(primary), backup.map(member), context.health_timeout)))
}
