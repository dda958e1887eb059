//! From settings to a gateway, or to a worker: the data folder, the metastore, the DuckDB worker, the superuser. Knows how the crates are put together and nothing
//! of what they do.

mod admin;
mod duck;
mod fleet;
mod folder;
mod identity;
pub mod worker;

pub use folder::Address;

use folder::DataFolder;
use std::net::SocketAddr;
use std::sync::Arc;
use weft_core::Result;
use weft_core::metastore_at::MetastoreAt;
use weft_core::settings::Settings;
use weft_core::worker::Worker;
use weft_engine::Gateway;
use weft_meta::Metastore;

/// The file of the metastore in the data folder.
const METASTORE: &str = "weft.db";

/// The file of the copy of a metastore on a server.
const COPY: &str = "replica.db";

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
            MetastoreAt::Postgres(url) => Metastore::open_postgres(url, &key_file, &folder.path(COPY)).await?,
        };
        admin::ensure(&metastore, &folder).await?;
        let engine = duck::open(&settings, duck::EMBEDDED, &folder).await?;
        let worker: Arc<dyn Worker> = Arc::new(fleet::open(&settings, engine, &folder)?);
        let gateway = Gateway::open(Arc::new(settings), metastore, worker, identity::of(&folder)?).await?;
        Ok(Booted { gateway, folder })
    }

    /// Writes where clients can connect; the file goes when the guard is dropped.
    pub fn publish(&self, address: SocketAddr) -> Result<Address> {
        self.folder.publish(address)
    }
}
