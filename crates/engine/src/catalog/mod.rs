//! The virtual catalogs: the sources of the metastore, opened and watched, and Weft's own `lake` and `system`. Knows connectors only by their trait.

mod change;
mod drafts;
mod follow;
mod health;
mod listing;
mod managed;
mod oid;
mod options;
mod resolve;
mod shelf;
mod source;
mod stores;
pub mod tables;

pub use change::Proposal;
pub use drafts::Drafts;
pub use health::{HealthState, Patience};
pub use listing::{Listing, Remark, Schema, Table, snapshot};
pub use managed::{Decisions, Others};
pub use oid::{Oids, of_name};
pub use options::{HIDDEN, SECRET, secret_values};
pub use resolve::{Hidden, Lookup, Resolved, SearchPath, resolve};
pub use source::Source;

use crate::principals::{Principals, Thing};
use listing::Listings;
use managed::AllDecisions;
use parking_lot::RwLock;
use std::collections::BTreeMap;
use std::sync::Arc;
use tokio::sync::{Mutex, Semaphore};
use uuid::Uuid;
use weft_connect::Context;
use weft_core::name::{nearest, quote_always};
use weft_core::{Error, ErrorKind, Result};
use weft_meta::{DatasetRecord, Metastore};

/// The catalog of managed tables and datasets; the default one.
pub const LAKE: &str = "lake";

/// Its schema.
pub const LAKE_SCHEMA: &str = "public";

/// The catalog of system tables.
pub const SYSTEM: &str = "system";

/// Another name of the default catalog, for clients that insist on it.
const DEFAULT_ALIAS: &str = "postgres";

/// A catalog by name.
#[derive(Clone)]
pub enum Catalog {
    /// `lake`
    Lake,
    /// `system`
    System,
    /// A source.
    Source(Arc<Source>),
}

impl Catalog {
    /// Its kind, as SHOW CATALOGS has it.
    pub fn kind(&self) -> &str {
        match self {
            Catalog::Lake => LAKE,
            Catalog::System => SYSTEM,
            Catalog::Source(source) => &source.record.kind,
        }
    }
}

/// All catalogs of the gateway. Its clones are the same catalogs.
#[derive(Clone)]
pub struct Catalogs {
    metastore: Arc<Metastore>,
    principals: Principals,
    context: Context,
    patience: Patience,
    /// Whoever asks a source whether it is there takes one.
    turns: Arc<Semaphore>,
    sources: Arc<RwLock<BTreeMap<String, Arc<Source>>>>,
    listings: Arc<Listings>,
    decisions: AllDecisions,
    /// Held while decisions are read and put in force.
    learning: Arc<Mutex<()>>,
    /// Held while what is stored and what is mounted change together.
    changing: Arc<Mutex<()>>,
}

impl Catalogs {
    /// Opens every source of the metastore. One that fails is kept with its error and blocks nothing.
    pub async fn open(
        metastore: Arc<Metastore>,
        principals: Principals,
        context: Context,
        patience: Patience,
    ) -> Result<Self> {
        let catalogs = Catalogs {
            metastore,
            principals,
            context,
            patience,
            turns: Arc::new(Semaphore::new(health::PROBES_AT_ONCE)),
            sources: Arc::default(),
            listings: Arc::default(),
            decisions: AllDecisions::default(),
            learning: Arc::default(),
            changing: Arc::default(),
        };
        for record in catalogs.metastore.catalogs().list().await? {
            let connector = catalogs.reopen(&record).await;
            if let Err(error) = &connector {
                tracing::warn!(catalog = record.definition.name, %error, "a source could not be opened");
            }
            catalogs.mount(record, connector, None);
        }
        catalogs.learn().await?;
        Ok(catalogs)
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

    /// The source of this name; 42809 if the catalog is Weft's own.
    pub fn source(&self, name: &str) -> Result<Arc<Source>> {
        match self.get(name)? {
            Catalog::Source(source) => Ok(source),
            Catalog::Lake | Catalog::System => {
                Err(Error::new(ErrorKind::WrongObjectType, format!("catalog {} is Weft's own", quote_always(name))))
            }
        }
    }

    /// The id by which the metastore knows a catalog.
    pub fn id(&self, name: &str) -> Result<Uuid> {
        Ok(match self.get(name)? {
            Catalog::Lake => Uuid::nil(),
            Catalog::System => Uuid::max(),
            Catalog::Source(source) => source.record.id,
        })
    }

    /// A catalog as privileges know it.
    pub fn thing(&self, name: &str) -> Result<Thing> {
        Ok(match self.get(name)? {
            Catalog::Lake => Thing::of_catalog(Uuid::nil(), LAKE, None),
            Catalog::System => Thing::of_catalog(Uuid::max(), SYSTEM, None),
            Catalog::Source(source) => source.thing(),
        })
    }

    /// A view as privileges know it.
    pub fn view(&self, dataset: &DatasetRecord) -> Result<Thing> {
        Ok(self.thing(LAKE)?.schema_in(&dataset.schema).view_in(&dataset.name, dataset.id, &dataset.owner))
    }

    /// The name of the catalog with this id, if it is there.
    pub fn name_of(&self, id: Uuid) -> Option<String> {
        if id == Uuid::nil() {
            return Some(LAKE.to_owned());
        }
        if id == Uuid::max() {
            return Some(SYSTEM.to_owned());
        }
        self.sources.read().values().find(|s| s.record.id == id).map(|s| s.name().to_owned())
    }

    /// Every source, by name.
    pub fn sources(&self) -> Vec<Arc<Source>> {
        self.sources.read().values().cloned().collect()
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
}
