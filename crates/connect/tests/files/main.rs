//! Catalogs of files, on a disk and in an object store, against a real worker.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

mod disk;
mod s3;

use arrow::array::RecordBatch;
use arrow::util::display::{ArrayFormatter, FormatOptions};
use futures::TryStreamExt;
use std::path::Path;
use std::sync::Arc;
use weft_connect::Connector;
use weft_core::Error;
use weft_core::pgtype::ColumnType;
use weft_core::relation::{Reading, Relation};
use weft_core::worker::Worker;
use weft_duck::{Config, Engine};

/// A worker that may read this folder.
fn worker(readable: &Path) -> Arc<dyn Worker> {
    let config = Config {
        id: "w".to_owned(),
        threads: 1,
        memory_bytes: 1 << 30,
        spill_dir: readable.join("spill"),
        spill_bytes: 1 << 30,
        max_statements: 4,
        max_databases: 4,
        readable: vec![readable.to_owned()],
        extensions: None,
        cache: None,
        setup: Vec::new(),
    };
    Engine::open(config).unwrap()
}

async fn rows(worker: &dyn Worker, relation: &Relation) -> Result<Vec<String>, Error> {
    let Reading::Worker(statement) = &relation.reading else { panic!("a worker reads files") };
    let stream = worker.execute(statement, relation.schema.clone()).await?;
    let batches: Vec<RecordBatch> = stream.try_collect().await?;
    let options = FormatOptions::default().with_null("-");
    let mut rows = Vec::new();
    for batch in batches {
        let columns: Vec<_> = batch.columns().iter().map(|c| ArrayFormatter::try_new(c, &options).unwrap()).collect();
        let row = |r: usize| columns.iter().map(|c| c.value(r).to_string()).collect::<Vec<_>>().join("|");
        rows.extend((0..batch.num_rows()).map(row));
    }
    Ok(rows)
}

/// `name type` of each column, and the rows.
async fn read(worker: &dyn Worker, catalog: &dyn Connector, schema: &str, table: &str) -> (Vec<String>, Vec<String>) {
    let relation = catalog.relation(schema, table).await.unwrap().expect("the table is there");
    let columns =
        relation.schema.fields().iter().map(|f| format!("{} {}", f.name(), ColumnType::of_field(f).sql_name()));
    (columns.collect(), rows(worker, &relation).await.unwrap())
}
