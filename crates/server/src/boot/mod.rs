//! From settings to a gateway, or to a worker: the data folder, the metastore, the DuckDB worker, the superuser. Knows how the crates are put together and nothing
//! of what they do.

mod admin;
mod duck;
mod fleet;
mod folder;
mod identity;
mod traces;
pub mod worker;

pub use folder::Address;

pub(crate) use duck::EMBEDDED;
use folder::DataFolder;
use std::net::SocketAddr;
use std::sync::Arc;
use traces::Traces;
use weft_core::Result;
use weft_core::metastore_at::MetastoreAt;
use weft_core::settings::{MetastoreWrites, Settings};
use weft_engine::Gateway;
use weft_lake::Lake;
use weft_meta::Metastore;

/// The file of the metastore in the data folder.
const METASTORE: &str = "weft.db";

/// The file of the copy of a metastore on a server.
const COPY: &str = "replica.db";

/// The file of the statements that wait for a metastore on a server.
const JOURNAL: &str = "journal.db";

/// The file that tells where Flight SQL is.
const FLIGHT_ADDRESS: &str = "flight-address";

/// What a gateway is called in traces.
const SERVICE: &str = "weft-gateway";

/// The file with the address of HTTP.
const HTTP_ADDRESS: &str = "http-address";

/// The file of the master key in the data folder, unless `master_key_file` names another.
const MASTER_KEY: &str = "master-key";

/// The folder of the lake's files in the data folder.
const LAKE: &str = "lake";

/// A gateway, and the folder that is its own as long as this lives.
pub struct Booted {
    /// What sessions are opened on.
    pub gateway: Arc<Gateway>,
    folder: DataFolder,
    traces: Traces,
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
        let lake = Lake::new(folder.room(LAKE)?);
        let engine = duck::open(&settings, duck::EMBEDDED, &folder, &[lake.folder()]).await?;
        let (fleet, registry) = fleet::open(&settings, engine, &folder)?;
        let identity = identity::of(&folder)?;
        let traces = Traces::open(&settings, SERVICE, &identity.id.to_string())?;
        let (settings, fleet) = (Arc::new(settings), Arc::new(fleet));
        let gateway = Gateway::open(settings, metastore, fleet, registry, lake, identity, traces.tracer()).await?;
        Ok(Booted { gateway, folder, traces })
    }

    /// Says its last words to others: that it has ended as it should, and what it still has to tell of traces.
    pub async fn leave(&self) {
        tokio::join!(self.gateway.leave(), self.traces.finish());
    }

    /// Writes where clients can connect; the file goes when the guard is dropped.
    pub fn publish(&self, address: SocketAddr) -> Result<Address> {
        self.folder.publish(address)
    }

    /// The same for clients of Flight SQL.
    pub fn publish_flight(&self, address: SocketAddr) -> Result<Address> {
        self.folder.publish_as(FLIGHT_ADDRESS, address)
    }

    /// The same for clients of HTTP.
    pub fn publish_http(&self, address: SocketAddr) -> Result<Address> {
        self.folder.publish_as(HTTP_ADDRESS, address)
    }
}
