//! The connector of kind `mysql`: puts the source's catalog, the types and the executor together. It must not know how any of them is done.

use super::catalog::Table;
use super::execute::MySqlExecutor;
use super::native;
use super::options::Site;
use super::scan;
use super::server::Server;
use super::source::Source;
use super::types::{SourceColumn, map};
use crate::connector::{Connector, NodeCheck, PoolFigures};
use crate::database::Manager;
use arrow::datatypes::{Field, Schema, SchemaRef};
use async_trait::async_trait;
use parking_lot::Mutex;
use std::fmt;
use std::sync::Arc;
use std::time::Instant;
use tokio::time::timeout;
use weft_core::Result;
use weft_core::metadata::{ScanLevel, ScanScope, ScanSink};
use weft_core::relation::{DatabaseColumn, DatabaseTable, Reading, Relation, TableEntry};
use weft_core::settings::Span;

/// An open catalog of a MySQL server.
pub(super) struct MySqlConnector {
    source: Arc<Source>,
    entries: Mutex<Option<Entries>>,
}

/// The source's listing, and the same as Weft types it.
type Entries = (Arc<Vec<Table>>, Arc<Vec<TableEntry>>);

impl MySqlConnector {
    /// Connects to nothing yet.
    pub(super) fn new(source: Source) -> Self {
        MySqlConnector { source: Arc::new(source), entries: Mutex::default() }
    }

    /// Columns as Weft has them.
    fn typed(&self, columns: &[SourceColumn], server: &Server) -> (Vec<Field>, Vec<DatabaseColumn>) {
        columns.iter().map(|column| map(column, server, &self.source.site.reading)).unzip()
    }

    fn read_by(&self, server: &Server, from: String, columns: Vec<DatabaseColumn>) -> Reading {
        let executor = Arc::new(MySqlExecutor { source: self.source.clone(), server: server.kind });
        Reading::Database(DatabaseTable { executor, from, columns })
    }

    fn entry(&self, table: &Table) -> TableEntry {
        let columns = table.columns.as_ref().map(|columns| Arc::new(Schema::new(self.typed(columns, &table.server).0)));
        TableEntry {
            schema: table.schema.clone(),
            table: table.name.clone(),
            kind: table.kind,
            comment: table.comment.clone(),
            bytes: table.bytes,
            files: None,
            updated_at: table.updated_at,
            columns: columns.map_err(Clone::clone),
        }
    }

    async fn version(&self) -> Result<String> {
        let Source { pool, place, limits, .. } = &*self.source;
        let session = timeout(limits.connect_timeout, pool.manager().connect())
            .await
            .unwrap_or_else(|_| Err(place.unreachable(format!("no answer within {}", Span(limits.connect_timeout)))))?;
        // The answer is here already; how the connection ends changes nothing.
        let _ = timeout(limits.connect_timeout, session.connection.disconnect()).await;
        Ok(session.server.version)
    }
}

#[async_trait]
impl Connector for MySqlConnector {
    fn compute_context(&self) -> String {
        let Site { user, database, .. } = &self.source.site;
        // Names in queries of the source's own words are looked up in the catalog's database.
        format!("mysql {user}@{}/{}", self.source.place.address, database.as_deref().unwrap_or_default())
    }

    async fn check(&self) -> Vec<NodeCheck> {
        let begun = Instant::now();
        let (version, error) = match self.version().await {
            Ok(version) => (Some(version), None),
            Err(error) => (None, Some(error)),
        };
        vec![NodeCheck { node: self.source.place.address.clone(), latency: begun.elapsed(), version, error }]
    }

    async fn schemas(&self) -> Result<Vec<String>> {
        self.source.schemas().await
    }

    async fn tables(&self) -> Result<Arc<Vec<TableEntry>>> {
        let listing = self.source.listing().await?;
        let mut entries = self.entries.lock();
        if let Some((_, entries)) = entries.as_ref().filter(|(of, _)| Arc::ptr_eq(of, &listing)) {
            return Ok(entries.clone());
        }
        let new = Arc::new(listing.iter().map(|table| self.entry(table)).collect::<Vec<_>>());
        *entries = Some((listing, new.clone()));
        Ok(new)
    }

    async fn relation(&self, schema: &str, table: &str) -> Result<Option<Relation>> {
        let Some(table) = self.source.table(schema, table).await? else { return Ok(None) };
        let columns = table.columns.as_ref().map_err(Clone::clone)?;
        let (fields, columns) = self.typed(columns, &table.server);
        let from = format!("{}.{}", quoted(&table.schema), quoted(&table.name));
        Ok(Some(Relation {
            schema: to_be_read(fields),
            reading: self.read_by(&table.server, from, columns),
            bytes: table.bytes,
            rows: table.rows,
        }))
    }

    async fn native(&self, sql: &str) -> Result<Relation> {
        let native = self.source.patiently(native::describe(&self.source, sql)).await?;
        let (fields, columns) = self.typed(&native.columns, &native.server);
        let reading = self.read_by(&native.server, native.from, columns);
        Ok(Relation { schema: to_be_read(fields), reading, bytes: None, rows: None })
    }

    async fn scan(&self, level: ScanLevel, scope: &ScanScope, sink: &mut dyn ScanSink) -> Result<()> {
        scan::scan(&self.source, level, scope, sink).await
    }

    fn pool(&self) -> Option<PoolFigures> {
        Some(self.source.pool.figures())
    }
}

impl fmt::Debug for MySqlConnector {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("MySqlConnector").field("site", &self.source.site).finish_non_exhaustive()
    }
}

/// Every column may be null as far as planning goes: a table can be altered after it was described.
fn to_be_read(fields: Vec<Field>) -> SchemaRef {
    Arc::new(Schema::new(fields.into_iter().map(|field| field.with_nullable(true)).collect::<Vec<_>>()))
}

/// The name in backticks.
fn quoted(name: &str) -> String {
    format!("`{}`", name.replace('`', "``"))
}
