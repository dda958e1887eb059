//! DuckDB as the settings want it, and what tells whether two programs set it up alike.

use super::folder::DataFolder;
use sha2::{Digest, Sha256};
use std::fmt::Write;
use std::path::Path;
use std::sync::Arc;
use weft_core::settings::Settings;
use weft_core::worker::Worker;
use weft_core::{Error, Result};

/// What the worker inside of a gateway is called.
pub(crate) const EMBEDDED: &str = "local";

/// Opens DuckDB, which spills below the data folder and reads these folders besides those of the settings.
pub(super) async fn open(
    settings: &Settings,
    id: &str,
    folder: &DataFolder,
    besides: &[&Path],
) -> Result<Arc<dyn Worker>> {
    let besides = besides.iter().map(|folder| folder.to_path_buf());
    let config = weft_duck::Config {
        id: id.to_owned(),
        threads: settings.duckdb_threads,
        memory_bytes: settings.duckdb_memory.0,
        spill_dir: folder.path("spill"),
        spill_bytes: settings.duckdb_spill.0,
        max_statements: settings.max_worker_statements,
        max_databases: settings.duckdb_databases,
        readable: settings.file_roots.0.iter().cloned().chain(besides).collect(),
        extensions: settings.duckdb_extensions.clone(),
        cache: cache(settings, folder),
        setup: weft_engine::worker_setup(),
    };
    let opened = tokio::task::spawn_blocking(move || weft_duck::Engine::open(config)).await;
    let engine = opened.map_err(|e| Error::internal("DuckDB did not start").with_source(e))??;
    Ok(engine)
}

fn cache(settings: &Settings, folder: &DataFolder) -> Option<weft_duck::CacheConfig> {
    let bytes = settings.worker_cache.0;
    let kept_in = || settings.worker_cache_dir.clone().unwrap_or_else(|| folder.path("cache"));
    (bytes > 0).then(|| weft_duck::CacheConfig { folder: kept_in(), bytes })
}

/// What statements are written for: Weft's version, DuckDB's, and the macros that every database has.
pub(super) fn setup() -> String {
    let mut hasher = Sha256::new();
    for statement in weft_engine::worker_setup() {
        hasher.update(statement);
        hasher.update([0]);
    }
    let mut setup = format!("{} {} ", env!("CARGO_PKG_VERSION"), weft_duck::library_version());
    for byte in hasher.finalize().iter().take(4) {
        // Writing to a string cannot fail.
        let _ = write!(setup, "{byte:02x}");
    }
    setup
}
