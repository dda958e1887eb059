//! The virtual catalogs: the sources of the metastore, opened, and Weft's own `lake` and `system`. Knows connectors only by their trait.

mod listing;
mod oid;
mod resolve;

pub use listing::{CatalogState, Listing, Table, snapshot};
pub use oid::Oids;
pub use resolve::{Hidden, Resolved, SearchPath, resolve};

use parking_lot::RwLock;
use std::collections::BTreeMap;
use std::sync::Arc;
use weft_connect::{Connector, Context, Given};
use weft_core::name::{nearest, quote_always};
use weft_core::{Error, ErrorKind, Result};
use weft_meta::{CatalogRecord, Metastore, NewCatalog};

/// The catalog of managed tables and datasets; the default one.
pub const LAKE: &str = "lake";

/// The catalog of system tables.
pub const SYSTEM: &str = "system";

/// Another name of the default catalog, for clients that insist on it.
const DEFAULT_ALIAS: &str = "postgres";

/// A source that was created.
pub struct Mounted {
    /// As stored.
    pub record: CatalogRecord,
    /// The open source, or why it could not be opened.
    pub connector: Result<Arc<dyn Connector>>,
}

/// A catalog by name.
#[derive(Clone)]
pub enum Catalog {
    /// `lake`
    Lake,
    /// `system`
    System,
    /// A source.
    Source(Arc<Mounted>),
}

impl Catalog {
    /// Its kind, as SHOW CATALOGS has it.
    pub fn kind(&self) -> &str {
        match self {
            Catalog::Lake => LAKE,
            Catalog::System => SYSTEM,
            Catalog::Source(mounted) => &mounted.record.kind,
        }
    }
}

/// All catalogs of the gateway.
pub struct Catalogs {
    metastore: Arc<Metastore>,
    context: Context,
    sources: RwLock<BTreeMap<String, Arc<Mounted>>>,
}

impl Catalogs {
    /// Opens every source of the metastore. One that fails is kept with its error and blocks nothing.
    pub async fn open(metastore: Arc<Metastore>, context: Context) -> Result<Self> {
        let records = metastore.catalogs().list().await?;
        let sources =
            records.into_iter().map(|record| (record.name.clone(), Arc::new(mount(record, &context)))).collect();
        Ok(Catalogs { metastore, context, sources: RwLock::new(sources) })
    }

    /// The canonical name of a catalog: `postgres` is `lake`, unless there is a source of that name.
    pub fn canonical(&self, name: &str) -> Result<String> {
        if name == LAKE || name == SYSTEM || self.sources.read().contains_key(name) {
            return Ok(name.to_owned());
        }
        if name == DEFAULT_ALIAS {
            return Ok(LAKE.to_owned());
        }
        Err(self.undefined(name))
    }

    /// The catalog of this name.
    pub fn get(&self, name: &str) -> Result<Catalog> {
        match self.canonical(name)?.as_str() {
            LAKE => Ok(Catalog::Lake),
            SYSTEM => Ok(Catalog::System),
            source => self.sources.read().get(source).cloned().map(Catalog::Source).ok_or_else(|| self.undefined(name)),
        }
    }

    /// Every name, in order.
    pub fn names(&self) -> Vec<String> {
        let mut names: Vec<_> = self.sources.read().keys().cloned().collect();
        names.extend([LAKE.to_owned(), SYSTEM.to_owned()]);
        names.sort();
        names
    }

    fn undefined(&self, name: &str) -> Error {
        let names = self.names();
        let error = Error::new(ErrorKind::UndefinedCatalog, format!("catalog {} does not exist", quote_always(name)))
            .about(name)
            .with_detail(format!("Catalogs: {}.", names.join(", ")));
        match nearest(name, names.iter().map(String::as_str)) {
            Some(near) => error.with_hint(format!("Did you mean {near}?")),
            None => error.with_hint("SHOW CATALOGS lists them; CREATE CATALOG adds one."),
        }
    }

    /// Opens, checks and stores a new source. Nothing is stored if it cannot be reached.
    pub async fn create(&self, new: NewCatalog) -> Result<()> {
        if [LAKE, SYSTEM, DEFAULT_ALIAS].contains(&new.name.as_str()) {
            return Err(Error::new(
                ErrorKind::DuplicateCatalog,
                format!("catalog {} is Weft's own", quote_always(&new.name)),
            )
            .with_hint("Choose another name."));
        }
        let kind = weft_connect::kind(&new.kind)?;
        let new = NewCatalog { options: (kind.settle)(new.options)?, ..new };
        let connector = open(&new.name, &new.kind, &new.options, &new.with, &self.context)?;
        if let Some(error) = connector.check().await.into_iter().find_map(|node| node.error) {
            return Err(error);
        }
        let record = self.metastore.catalogs().create(&new).await?;
        let mounted = Arc::new(Mounted { record, connector: Ok(connector) });
        self.sources.write().insert(new.name, mounted);
        Ok(())
    }

    /// A source that is not (yet) stored.
    pub fn propose(
        &self,
        kind: &str,
        options: &BTreeMap<String, String>,
        properties: &BTreeMap<String, String>,
    ) -> Result<Arc<dyn Connector>> {
        open("", kind, options, properties, &self.context)
    }

    /// Forgets a source. Its files stay.
    pub async fn drop(&self, name: &str) -> Result<()> {
        if [LAKE, SYSTEM].contains(&name) {
            return Err(Error::new(
                ErrorKind::InsufficientPrivilege,
                format!("catalog {name} is Weft's own and cannot be dropped"),
            ));
        }
        if !self.sources.read().contains_key(name) {
            return Err(self.undefined(name));
        }
        self.metastore.catalogs().drop(name).await?;
        self.sources.write().remove(name);
        Ok(())
    }
}

fn mount(record: CatalogRecord, context: &Context) -> Mounted {
    let connector = open(&record.name, &record.kind, &record.options, &record.with, context);
    if let Err(error) = &connector {
        tracing::warn!(catalog = record.name, %error, "a source could not be opened");
    }
    Mounted { connector, record }
}

fn open(
    catalog: &str,
    kind: &str,
    options: &BTreeMap<String, String>,
    properties: &BTreeMap<String, String>,
    context: &Context,
) -> Result<Arc<dyn Connector>> {
    let kind = weft_connect::kind(kind)?;
    let given = Given {
        catalog: catalog.to_owned(),
        options: weft_core::option::check(kind.options, options)?,
        properties: weft_core::option::check(kind.properties, properties)?,
    };
    (kind.open)(&given, context)
}
