//! The connector of kind `postgres`: puts connections, catalogs and execution together. It must not know how any of them is done.

use super::catalog::{self, Known};
use super::native;
use super::options::Site;
use super::scan;
use super::session::Sessions;
use crate::connector::{Connector, NodeCheck, PoolFigures};
use crate::database::{Cache, Pool};
use arrow::datatypes::SchemaRef;
use async_trait::async_trait;
use std::fmt;
use std::sync::Arc;
use std::time::Duration;
use weft_core::metadata::{ScanLevel, ScanScope, ScanSink};
use weft_core::relation::{DatabaseColumn, DatabaseTable, Reading, Relation, TableEntry};
use weft_core::{Result, name::quote_always};

/// Tables, and queries in their place, that are remembered.
const MAX_KNOWN: usize = 10_000;

/// A longer query in the place of a table is looked at anew each time.
const LONGEST_REMEMBERED: usize = 16 << 10;

/// An open catalog of a PostgreSQL database.
pub(super) struct PostgresConnector {
    source: Arc<Source>,
    schemas: Cache<(), Vec<String>>,
    tables: Cache<(), Arc<Vec<TableEntry>>>,
}

/// A database with its connections: what is asked, and what runs statements.
pub(super) struct Source {
    /// Where, who and how.
    pub(super) site: Arc<Site>,
    /// Its connections.
    pub(super) pool: Pool<Sessions>,
    /// What is known of its tables.
    pub(super) memory: Arc<Memory>,
}

/// What is known of tables, and of queries in their place.
pub(super) struct Memory {
    tables: Cache<(String, String), Option<Arc<Described>>>,
    queries: Cache<String, Arc<Described>>,
}

impl Memory {
    /// Forgets everything: the source does not agree with it.
    pub(super) fn forget(&self) {
        self.tables.clear();
        self.queries.clear();
    }
}

/// A table or query as it is read.
pub(super) struct Described {
    /// What stands after FROM.
    pub(super) from: String,
    /// The columns, as Weft types them.
    pub(super) schema: SchemaRef,
    /// How each is read.
    pub(super) columns: Vec<DatabaseColumn>,
    /// An estimate of its rows.
    pub(super) rows: Option<u64>,
    /// Its bytes, where it has any.
    pub(super) bytes: Option<u64>,
}

impl From<Known> for Described {
    fn from(known: Known) -> Self {
        let (schema, columns) = catalog::readable(known.columns);
        let from = format!("{}.{}", quote_always(&known.schema), quote_always(&known.table));
        Described { from, schema, columns, rows: known.rows, bytes: known.bytes }
    }
}

impl PostgresConnector {
    /// Connects nothing yet.
    pub(super) fn new(site: Site, time_to_live: Duration) -> Self {
        let site = Arc::new(site);
        let source = Source {
            pool: Pool::new(Sessions::new(site.clone()), site.place.clone(), site.limits),
            site,
            memory: Arc::new(Memory {
                tables: Cache::new(time_to_live, MAX_KNOWN),
                queries: Cache::new(time_to_live, MAX_KNOWN),
            }),
        };
        PostgresConnector {
            source: Arc::new(source),
            schemas: Cache::new(time_to_live, 1),
            tables: Cache::new(time_to_live, 1),
        }
    }

    fn relation_of(&self, described: &Described) -> Relation {
        Relation {
            schema: described.schema.clone(),
            reading: Reading::Database(DatabaseTable {
                executor: self.source.clone(),
                from: described.from.clone(),
                columns: described.columns.clone(),
            }),
            bytes: described.bytes,
            rows: described.rows,
        }
    }
}

#[async_trait]
impl Connector for PostgresConnector {
    fn compute_context(&self) -> String {
        self.source.site.compute_context()
    }

    async fn check(&self) -> Vec<NodeCheck> {
        let (latency, outcome) = self.source.pool.manager().probe().await;
        let node = self.source.site.place.address.clone();
        vec![match outcome {
            Ok(session) => NodeCheck { node, latency, version: session.version.clone(), error: None },
            Err(error) => NodeCheck { node, latency, version: None, error: Some(error) },
        }]
    }

    async fn schemas(&self) -> Result<Vec<String>> {
        self.schemas.get(&(), || catalog::schemas(&self.source)).await
    }

    async fn tables(&self) -> Result<Arc<Vec<TableEntry>>> {
        let list = || async {
            let known = catalog::tables(&self.source, None).await?;
            Ok(Arc::new(known.into_iter().map(TableEntry::from).collect()))
        };
        self.tables.get(&(), list).await
    }

    async fn relation(&self, schema: &str, table: &str) -> Result<Option<Relation>> {
        let key = (schema.to_owned(), table.to_owned());
        let described = self.source.memory.tables.get(&key, || async {
            let known = catalog::tables(&self.source, Some((schema, table))).await?;
            Ok(known.into_iter().next().map(|known| Arc::new(Described::from(known))))
        });
        Ok(described.await?.map(|described| self.relation_of(&described)))
    }

    async fn native(&self, sql: &str) -> Result<Relation> {
        let ask = || async { native::describe(&self.source, sql).await.map(Arc::new) };
        let described = if sql.len() > LONGEST_REMEMBERED {
            ask().await?
        } else {
            self.source.memory.queries.get(&sql.to_owned(), ask).await?
        };
        Ok(self.relation_of(&described))
    }

    async fn scan(&self, level: ScanLevel, scope: &ScanScope, sink: &mut dyn ScanSink) -> Result<()> {
        scan::scan(&self.source, level, scope, sink).await
    }

    fn pool(&self) -> Option<PoolFigures> {
        Some(self.source.pool.figures())
    }
}

impl fmt::Debug for PostgresConnector {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("PostgresConnector").field("site", &self.source.site).finish_non_exhaustive()
    }
}
