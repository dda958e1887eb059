//! The connector of catalogs that are made of files: puts listing, discovery and SQL text together. It must not know how any of them is done.

use super::damage::Suspects;
use super::discover::{Known, discover};
use super::fileset::FileSet;
use super::ground::Ground;
use super::input;
use super::layout::{PUBLIC, Table};
use super::listing::{Freshness, Memory};
use super::options::Formats;
use super::read::Reader;
use super::scan;
use crate::connector::{Connector, Context, NodeCheck};
use arrow::datatypes::SchemaRef;
use async_trait::async_trait;
use futures::{StreamExt, TryStreamExt, stream};
use std::fmt;
use std::sync::Arc;
use std::time::Instant;
use tokio::sync::Semaphore;
use weft_core::executor::RemoteStatement;
use weft_core::metadata::{FoundTable, PORTION, ScanLevel, ScanScope, ScanSink, TableShape};
use weft_core::name::quote_identifier;
use weft_core::relation::{Reading, Relation, RelationKind, TableEntry};
use weft_core::worker::Worker;
use weft_core::{Error, ErrorKind, Result};

/// Tables that are looked into at once: the worker has queries to run too.
const DISCOVERIES_AT_ONCE: usize = 4;

/// An open catalog of files.
pub(crate) struct FileConnector {
    ground: Arc<dyn Ground>,
    formats: Formats,
    worker: Arc<dyn Worker>,
    memory: Memory,
    discoveries: Semaphore,
}

impl FileConnector {
    /// Looks at nothing yet.
    pub(crate) fn new(ground: Arc<dyn Ground>, formats: Formats, context: &Context) -> Self {
        FileConnector {
            memory: Memory::new(ground.clone(), context.metadata_ttl),
            ground,
            formats,
            worker: context.worker.clone(),
            discoveries: Semaphore::new(DISCOVERIES_AT_ONCE),
        }
    }

    fn reader(&self, table: &Table) -> Reader<'_> {
        let Formats { hive, csv, .. } = &self.formats;
        Reader { format: table.format, hive: *hive, csv, paths: self.ground.paths() }
    }

    /// What the table's files say of themselves, from memory where they have not changed. The inner error is the table's, and remembered.
    async fn know(&self, table: &Table, set: &FileSet) -> Result<Arc<Result<Known>>> {
        let recall = || self.memory.recall(&table.schema, &table.name, set.fingerprint);
        if let Some(known) = recall() {
            return Ok(known);
        }
        let _permit =
            self.discoveries.acquire().await.map_err(|e| Error::internal("the catalog is closed").with_source(e))?;
        if let Some(known) = recall() {
            return Ok(known);
        }
        let base = self.ground.base().await?;
        let name = format!("{}.{}", quote_identifier(&table.schema), quote_identifier(&table.name));
        let suspects = Suspects { table: &name, title: table.format.title(), base: &base, set };
        let outcome = discover(&*self.worker, &self.ground.stores(), self.reader(table), set, &suspects).await;
        if let Err(error) = &outcome {
            tracing::debug!(table = %name, ?error, "files cannot be described");
        }
        let lasts = outcome.as_ref().map_or_else(|e| e.kind() == ErrorKind::DataCorrupted, |_| true);
        let known = Arc::new(outcome);
        if lasts {
            self.memory.remember(&table.schema, &table.name, set.fingerprint, known.clone());
        }
        Ok(known)
    }

    async fn columns(&self, table: &Table) -> Result<SchemaRef> {
        let set = table.files.clone()?;
        let known = self.know(table, &set).await?;
        known.as_ref().as_ref().map(|k| k.columns.schema.clone()).map_err(Clone::clone)
    }

    /// The table as a scan tells it. One whose files cannot be read has no columns, and no signature: it is looked into again. A store that is away
    /// ends the scan.
    async fn found(&self, table: Table, known: Option<(String, TableShape)>) -> Result<FoundTable> {
        let set = table.files.as_ref().ok();
        if let Some((signature, shape)) = known {
            return Ok(scan::table(&table, set, Some(signature), shape));
        }
        match self.columns(&table).await {
            Ok(columns) => {
                let signature = set.map(|set| scan::signature(set, &table, &self.formats));
                Ok(scan::table(&table, set, signature, scan::shape(Some(&columns))))
            }
            Err(error) if matches!(error.kind(), ErrorKind::ConnectionFailed | ErrorKind::Internal) => Err(error),
            Err(_) => Ok(scan::table(&table, set, None, scan::shape(None))),
        }
    }

    /// Tells of the tables of one portion, and of their files.
    async fn tell(&self, level: ScanLevel, portion: &[&Table], sink: &mut dyn ScanSink) -> Result<()> {
        let mut files = Vec::new();
        let mut known = Vec::new();
        for table in portion {
            let set = table.files.as_ref().ok();
            let signature = set.map(|set| scan::signature(set, table, &self.formats));
            let shape = match &signature {
                Some(signature) if level == ScanLevel::Tables => {
                    sink.recall(&table.schema, &table.name, signature).await?
                }
                _ => None,
            };
            files.extend(set.zip(signature.clone()).map(|(set, signature)| scan::files(table, set, signature)));
            known.push(((*table).clone(), signature.zip(shape)));
        }
        if level == ScanLevel::Tables {
            let found = stream::iter(known).map(|(table, known)| self.found(table, known));
            sink.tables(found.buffered(DISCOVERIES_AT_ONCE).try_collect().await?).await?;
        }
        sink.files(files).await
    }

    async fn entry(&self, table: &Table) -> TableEntry {
        let set = table.files.as_ref().ok();
        TableEntry {
            schema: table.schema.clone(),
            table: table.name.clone(),
            kind: RelationKind::Table,
            comment: None,
            bytes: set.map(|s| s.bytes),
            files: set.map(|s| s.files.len() as u64),
            updated_at: set.and_then(|s| s.newest),
            columns: self.columns(table).await,
        }
    }

    /// The table and its files as they are now.
    async fn current(&self, schema: &str, name: &str) -> Result<Option<(Table, Arc<FileSet>)>> {
        let begun = Instant::now();
        let mut listing = self.memory.listing(self.ground.lookup()).await?;
        // Once more with a new listing if the remembered one does not have the table, or not as it is now.
        for _ in 0..2 {
            if let Some(table) = listing.find(schema, name).filter(|t| t.files.is_ok()) {
                match self.ground.refresh(table).await {
                    Ok(Some(set)) => return Ok(Some((table.clone(), set))),
                    Err(error) if error.kind() != ErrorKind::UndefinedFile => return Err(error),
                    Ok(None) | Err(_) => {}
                }
            }
            listing = self.memory.listing(Freshness::Since(begun)).await?;
        }
        match listing.find(schema, name) {
            Some(Table { files: Err(error), .. }) => Err(error.clone()),
            Some(_) => Err(Error::new(
                ErrorKind::UndefinedFile,
                "the files of the table change faster than they can be listed",
            )),
            None => Ok(None),
        }
    }
}

#[async_trait]
impl Connector for FileConnector {
    fn compute_context(&self) -> String {
        "duckdb".to_owned()
    }

    async fn check(&self) -> Vec<NodeCheck> {
        vec![self.ground.check().await]
    }

    async fn schemas(&self) -> Result<Vec<String>> {
        let listing = self.memory.listing(Freshness::Recent).await?;
        let mut schemas: Vec<String> = listing.tables.iter().map(|t| t.schema.clone()).collect();
        schemas.push(PUBLIC.to_owned());
        schemas.sort();
        schemas.dedup();
        Ok(schemas)
    }

    async fn tables(&self) -> Result<Arc<Vec<TableEntry>>> {
        let listing = self.memory.listing(Freshness::Recent).await?;
        let tables = stream::iter(listing.tables.clone());
        let entries = tables.map(|table| async move { self.entry(&table).await }).buffered(DISCOVERIES_AT_ONCE);
        Ok(Arc::new(entries.collect().await))
    }

    async fn scan(&self, level: ScanLevel, scope: &ScanScope, sink: &mut dyn ScanSink) -> Result<()> {
        self.ground.forget();
        let listing = self.memory.listing(Freshness::Since(Instant::now())).await?;
        sink.schemas(scan::schemas(&listing.tables, scope)).await?;
        let tables: Vec<_> = listing.tables.iter().filter(|t| scope.has(&t.schema, &t.name)).collect();
        for portion in tables.chunks(PORTION) {
            self.tell(level, portion, sink).await?;
        }
        Ok(())
    }

    async fn relation(&self, schema: &str, table: &str) -> Result<Option<Relation>> {
        let Some((table, set)) = self.current(schema, table).await? else { return Ok(None) };
        let known = self.know(&table, &set).await?;
        let known = known.as_ref().as_ref().map_err(Clone::clone)?;
        let reader = self.reader(&table);
        let source = reader.call(&set, &known.dialect);
        let stores = self.ground.stores();
        let folder = if stores.is_empty() { Some(self.ground.base().await?) } else { None };
        let input = input::of(&reader, &table, &set, known, folder);
        let statement = RemoteStatement::new(format!("SELECT {} FROM {source}", known.columns.select_list));
        Ok(Some(Relation {
            schema: known.columns.schema.clone(),
            reading: Reading::Worker(RemoteStatement { inputs: vec![Arc::new(input)], ..statement.on(stores) }),
            bytes: Some(set.bytes),
            rows: None,
        }))
    }
}

impl fmt::Debug for FileConnector {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("FileConnector").field("ground", &self.ground).finish_non_exhaustive()
    }
}
