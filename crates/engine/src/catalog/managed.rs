//! Which tables of a source may be queried: those of a catalog that manages all, and those that were chosen of one that does not. What was decided is
//! remembered here; other gateways' decisions are followed as their catalogs are.

use super::{Catalogs, Source};
use parking_lot::RwLock;
use std::collections::HashMap;
use std::sync::{Arc, LazyLock};
use uuid::Uuid;
use weft_core::{Error, ErrorKind, Result, TableName};
use weft_meta::{ManageState, ManagedRecord};

/// A catalog of fewer tables manages all of them, unless it says otherwise.
pub const MANY_TABLES: i64 = 1000;

/// What was decided of a catalog.
#[derive(Debug, Default)]
pub struct Decisions {
    tables: HashMap<(String, String), ManagedRecord>,
    /// Tables that its last scan has counted.
    counted: i64,
}

/// What was decided of all catalogs.
pub(super) type AllDecisions = Arc<RwLock<HashMap<Uuid, Arc<Decisions>>>>;

/// What becomes of tables of which nothing was decided.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Others {
    /// They may be queried.
    Managed,
    /// They may not.
    Unmanaged,
}

impl Decisions {
    /// Where a table stands.
    pub fn state(&self, schema: &str, table: &str, others: Others) -> ManageState {
        match (self.tables.get(&(schema.to_owned(), table.to_owned())), others) {
            (Some(decided), _) => decided.state,
            (None, Others::Managed) => ManageState::Ready,
            (None, Others::Unmanaged) => ManageState::Unmanaged,
        }
    }

    /// What looking at a table met.
    pub fn error(&self, schema: &str, table: &str) -> Option<String> {
        self.tables.get(&(schema.to_owned(), table.to_owned())).and_then(|d| d.error.clone())
    }
}

impl Catalogs {
    /// Learns what was decided.
    pub async fn learn(&self) -> Result<()> {
        // Who reads later writes later.
        let _alone = self.learning.lock().await;
        let mut all: HashMap<Uuid, Decisions> = HashMap::new();
        for decided in self.metastore.managed().list().await? {
            let of = all.entry(decided.catalog).or_default();
            of.tables.insert((decided.schema.clone(), decided.table.clone()), decided);
        }
        let sources = self.sources();
        for schema in self.metastore.scans().schemas().await? {
            if let Some(source) = sources.iter().find(|s| s.name() == schema.catalog_name) {
                all.entry(source.record.id).or_default().counted += schema.tables;
            }
        }
        *self.decisions.write() = all.into_iter().map(|(id, of)| (id, Arc::new(of))).collect();
        Ok(())
    }

    /// What was decided of a source, and what becomes of the other tables.
    pub fn decided(&self, source: &Source) -> (Arc<Decisions>, Others) {
        let decisions = self.decisions.read().get(&source.record.id).cloned();
        // The same for all of which nothing was decided: a snapshot is told by it.
        static NOTHING: LazyLock<Arc<Decisions>> = LazyLock::new(Arc::default);
        let decisions = decisions.unwrap_or_else(|| NOTHING.clone());
        let many = source.known_tables().unwrap_or(decisions.counted) >= MANY_TABLES;
        let others = match source.record.definition.with.get("manage").map(String::as_str) {
            Some("all") => Others::Managed,
            Some("selected") => Others::Unmanaged,
            _ if many => Others::Unmanaged,
            _ => Others::Managed,
        };
        (decisions, others)
    }

    /// 55000 unless the table may be queried.
    pub async fn require_managed(&self, name: &TableName) -> Result<()> {
        let source = self.source(&name.catalog)?;
        let says = source.record.definition.with.get("manage").map_or("auto", String::as_str);
        if says == "auto" && source.known_tables().is_none() && !self.decisions.read().contains_key(&source.record.id) {
            // How many tables there are must be known once; a source that cannot tell has few.
            source.listing().await;
        }
        let (decisions, others) = self.decided(&source);
        if decisions.state(&name.schema, &name.table, others) != ManageState::Unmanaged {
            return Ok(());
        }
        let error = Error::new(ErrorKind::ObjectNotInPrerequisiteState, format!("table \"{name}\" is not managed"));
        let error = match others {
            Others::Managed => error,
            Others::Unmanaged => error.with_detail(format!(
                "Of catalog {} only chosen tables can be queried: its property manage is {}.",
                name.catalog,
                source.record.definition.with.get("manage").map_or("auto, and it has many tables", String::as_str)
            )),
        };
        Err(error.with_hint(format!("MANAGE TABLE {name} makes it queryable.")))
    }
}
