//! What the tests of every database need.

use std::sync::{Arc, LazyLock};
use std::time::Duration;
use weft_connect::Context;
use weft_core::relation::{DatabaseTable, Reading, Relation};
use weft_duck::{Config, Engine};

pub fn context() -> Context {
    static WORKER: LazyLock<Arc<Engine>> = LazyLock::new(|| {
        let folder = std::env::temp_dir();
        let config = Config {
            id: "w".to_owned(),
            threads: 1,
            memory_bytes: 64 << 20,
            spill_dir: folder.clone(),
            spill_bytes: 1 << 20,
            max_statements: 1,
            max_databases: 1,
            readable: vec![folder],
            extensions: None,
            cache: None,
            setup: Vec::new(),
        };
        Engine::open(config).unwrap()
    });
    Context {
        worker: WORKER.clone(),
        file_roots: Vec::new(),
        max_files_per_table: 1,
        metadata_ttl: Duration::from_secs(60),
        store_health_interval: Duration::from_secs(30),
        health_timeout: Duration::from_secs(5),
    }
}

pub fn table(relation: &Relation) -> &DatabaseTable {
    match &relation.reading {
        Reading::Database(table) => table,
        Reading::Worker(_) => panic!("read by a worker"),
    }
}
