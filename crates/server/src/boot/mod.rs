//! From settings to a gateway: the data folder, the metastore, the DuckDB worker, the superuser. Knows how the crates are put together and nothing
//! of what they do.

mod admin;
mod folder;
mod identity;

pub use folder::Address;

use folder::DataFolder;
use std::net::SocketAddr;
use std::sync::Arc;
use weft_core::metastore_at::MetastoreAt;
use weft_core::settings::{MetastoreWrites, Settings};
use weft_core::worker::Worker;
use weft_core::{Error, Result};
use weft_engine::Gateway;
use weft_meta::Metastore;

/// The file of the metastore in the data folder.
const METASTORE: &str = "weft.db";

/// The file of the copy of a metastore on a server.
const COPY: &str = "replica.db";

/// The file of the statements that wait for a metastore on a server.
const JOURNAL: &str = "journal.db";

/// The file of the master key in the data folder, unless `master_key_file` names another.
const MASTER_KEY: &str = "master-key";

/// A gateway, and the folder that is its own as long as this lives.
pub struct Booted {
    /// What sessions are opened on.
    pub gateway: Arc<Gateway>,
    folder: DataFolder,
}

impl Booted {
    /// Opens everything below the data folder, which no other gateway may use meanwhile.
    pub async fn boot(settings: Settings) -> Result<Booted> {
        let folder = DataFolder::open(&settings.data_dir)?;
        let key_file = settings.master_key_file.clone().unwrap_or_else(|| folder.path(MASTER_KEY));
        let metastore = match &settings.metastore {
            MetastoreAt::Sqlite => Metastore::open_sqlite(&folder.path(METASTORE), &key_file).await?,
            MetastoreAt::Postgres(url) => {
                let metastore = Metastore::open_postgres(url, &key_file, &folder.path(COPY)).await?;
                let journal = folder.path(JOURNAL);
                // What was kept before the setting was changed is not forgotten.
                if settings.metastore_writes == MetastoreWrites::Journal || journal.exists() {
                    metastore.open_journal(&journal, settings.metastore_journal_entries).await?;
                }
                metastore
            }
        };
        admin::ensure(&metastore, &folder).await?;
        let config = weft_duck::Config {
            id: "local".to_owned(),
            threads: settings.duckdb_threads,
            memory_bytes: settings.duckdb_memory.0,
            spill_dir: folder.path("spill"),
            spill_bytes: settings.duckdb_spill.0,
            max_statements: settings.max_worker_statements,
            max_databases: settings.duckdb_databases,
            readable: settings.file_roots.0.clone(),
            extensions: settings.duckdb_extensions.clone(),
            setup: weft_engine::worker_setup(),
        };
        let worker: Arc<dyn Worker> = tokio::task::spawn_blocking(move || weft_duck::Engine::open(config))
            .await
            .map_err(|e| Error::internal("DuckDB did not start").with_source(e))??;
        let gateway = Gateway::open(Arc::new(settings), metastore, worker, identity::of(&folder)?).await?;
        Ok(Booted { gateway, folder })
    }

    /// Writes where clients can connect; the file goes when the guard is dropped.
    pub fn publish(&self, address: SocketAddr) -> Result<Address> {
        self.folder.publish(address)
    }
}
