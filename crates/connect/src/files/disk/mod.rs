//! Source kind `file`: folders of Parquet, CSV and JSON files on disks of the gateway's own. The rules are in [`DOC`]. Walks of the disk block and run
//! on blocking threads only.

mod doc;
mod ground;
mod node;
mod roots;
mod site;
mod tables;
mod walk;

pub use doc::DOC;

use super::connector::FileConnector;
use crate::connector::{Connector, Context, Given};
use crate::kind::{Kind, MANAGE, SCAN_LEVEL, SCAN_SCHEDULE};
use ground::Disk;
use site::{OPTIONS, Site};
use std::collections::BTreeMap;
use std::sync::Arc;
use weft_core::{Error, ErrorKind, Result};

/// Kind `file`.
pub static KIND: Kind =
    Kind { name: "file", doc: DOC, options: OPTIONS, properties: &[MANAGE, SCAN_LEVEL, SCAN_SCHEDULE], open, settle };

/// The path from the root: the gateway may be started elsewhere the next time.
fn settle(mut options: BTreeMap<String, String>) -> Result<BTreeMap<String, String>> {
    if let Some(path) = options.get_mut("path")
        && !path.is_empty()
    {
        let absolute = std::path::absolute(&*path).map_err(|e| {
            Error::new(ErrorKind::InvalidParameterValue, format!("path \"{path}\" cannot be used: {e}")).with_source(e)
        })?;
        *path = absolute.display().to_string();
    }
    Ok(options)
}

fn open(given: &Given, context: &Context) -> Result<Arc<dyn Connector>> {
    let site = Site::read(&given.options, context)?;
    let formats = site.formats.clone();
    let disk = Disk::new(site);
    Ok(Arc::new(FileConnector::new(Arc::new(disk), formats, context)))
}
