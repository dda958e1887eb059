//! The engine on the real DuckDB: streaming, interruption, classes of errors, and the walls around it.

#![allow(clippy::expect_used)]

mod cache;
mod stores;

use arrow::array::{AsArray, RecordBatch};
use arrow::datatypes::{DataType, Field, Int64Type, Schema, SchemaRef};
use futures::TryStreamExt;
use std::path::Path;
use std::sync::Arc;
use std::time::{Duration, Instant};
use weft_core::ErrorKind;
use weft_core::executor::{Executor, RemoteStatement};
use weft_core::worker::Worker;
use weft_duck::{CacheConfig, Config, Engine};

fn config(readable: &Path, max_statements: usize) -> Config {
    Config {
        id: "test".to_owned(),
        threads: 2,
        memory_bytes: 768 << 20,
        spill_dir: readable.join("spill"),
        spill_bytes: 1 << 30,
        max_statements,
        max_databases: 3,
        readable: vec![readable.to_owned()],
        extensions: None,
        cache: None,
        setup: vec!["CREATE MACRO fail() AS error('22012: division by zero')".to_owned()],
    }
}

fn engine(readable: &Path, max_statements: usize) -> Arc<Engine> {
    Engine::open(config(readable, max_statements)).expect("an engine")
}

/// An engine that keeps so many bytes of objects.
fn keeping(readable: &Path, max_statements: usize, bytes: u64) -> Arc<Engine> {
    let cache = Some(CacheConfig { folder: readable.join("cache"), bytes });
    Engine::open(Config { cache, ..config(readable, max_statements) }).expect("an engine")
}

/// Engines that read objects in either way: themselves, and by a cache.
fn both(readable: &Path, max_statements: usize) -> [Arc<Engine>; 2] {
    [engine(readable, max_statements), keeping(readable, max_statements, 64 << 20)]
}

fn bigints() -> SchemaRef {
    Arc::new(Schema::new(vec![Field::new("n", DataType::Int64, true)]))
}

async fn all(engine: &Engine, sql: &str) -> Result<Vec<RecordBatch>, weft_core::Error> {
    engine.execute(&RemoteStatement::new(sql), bigints()).await?.try_collect().await
}

#[tokio::test]
async fn rows_come_in_the_declared_types() {
    let folder = tempfile::tempdir().expect("a folder");
    let engine = engine(folder.path(), 4);
    // sum(INTEGER) is a HUGEINT in DuckDB.
    let batches = all(&engine, "SELECT sum(i::INTEGER) FROM range(10) t(i)").await.expect("rows");
    assert_eq!(batches[0].column(0).as_primitive::<Int64Type>().value(0), 45);
    let too_large = all(&engine, "SELECT 9223372036854775808::HUGEINT").await.unwrap_err();
    assert_eq!(too_large.kind(), ErrorKind::NumericOutOfRange);
    let described = engine.describe(&RemoteStatement::new("SELECT 1 AS a, 'x' AS b")).await.expect("described");
    assert_eq!(
        described.fields().iter().map(|f| f.data_type().clone()).collect::<Vec<_>>(),
        [DataType::Int32, DataType::Utf8]
    );
}

#[tokio::test]
async fn dropping_the_stream_interrupts_and_the_connection_serves_again() {
    let folder = tempfile::tempdir().expect("a folder");
    let engine = engine(folder.path(), 1);
    for _ in 0..5 {
        let stream = engine
            .execute(
                &RemoteStatement::new("SELECT sum(a.i * b.i) FROM range(1000000) a(i), range(1000000) b(i)"),
                bigints(),
            )
            .await;
        drop(stream.expect("started"));
        let started = Instant::now();
        // The only permit is free again as soon as DuckDB has let go.
        let batches = all(&engine, "SELECT 1::BIGINT").await.expect("the next statement is not hit");
        assert_eq!(batches[0].num_rows(), 1);
        assert!(
            started.elapsed() < Duration::from_secs(5),
            "the abandoned statement went on for {:?}",
            started.elapsed()
        );
    }
}

#[tokio::test]
async fn errors_are_classified() {
    let folder = tempfile::tempdir().expect("a folder");
    let engine = engine(folder.path(), 4);
    let kind = |sql: &'static str| {
        let engine = engine.clone();
        async move { all(&engine, sql).await.unwrap_err().kind() }
    };
    assert_eq!(kind("SELECT fail()").await, ErrorKind::DivisionByZero);
    assert_eq!(kind("SELECT 2147483647::INTEGER + i::INTEGER FROM range(3) t(i)").await, ErrorKind::NumericOutOfRange);
    assert_eq!(kind("SELECT nonsense").await, ErrorKind::Internal);
}

#[tokio::test]
async fn only_the_given_folders_can_be_read_and_nothing_can_be_changed() {
    let folder = tempfile::tempdir().expect("a folder");
    let outside = tempfile::tempdir().expect("another folder");
    for place in [&folder, &outside] {
        std::fs::write(place.path().join("x.csv"), "n\n1\n").expect("written");
    }
    let engine = engine(folder.path(), 4);
    let read = |place: &Path| format!("SELECT n FROM read_csv('{}/x.csv')", place.display());
    all(&engine, &read(folder.path())).await.expect("inside");
    assert!(all(&engine, &read(outside.path())).await.is_err(), "a file outside of the readable folders was read");
    let escape = format!(
        "SELECT n FROM read_csv('{}/../{}/x.csv')",
        folder.path().display(),
        outside.path().file_name().expect("a name").to_string_lossy()
    );
    assert!(all(&engine, &escape).await.is_err(), "a path led out of the readable folders");
    assert!(all(&engine, "SET enable_external_access = true").await.is_err(), "the configuration is not locked");
}
