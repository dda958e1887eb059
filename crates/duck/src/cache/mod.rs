//! A cache of objects between DuckDB and the stores, for all databases of an engine: DuckDB asks a server in this process, which has the stores' keys, keeps
//! blocks of what it reads on the local disk, and answers each statement for its own stores only. It must not know databases, nor what a statement says.

mod answer;
mod block;
mod failure;
mod figures;
mod flight;
mod hold;
mod index;
mod origin;
mod server;
mod shelf;
mod stock;
mod visit;

pub(crate) use origin::Origin;
pub(crate) use visit::Visit;

use answer::Desk;
use hold::Hold;
use std::net::SocketAddr;
use std::path::PathBuf;
use std::sync::Arc;
use stock::Stock;
use tokio_util::sync::{CancellationToken, DropGuard};
use visit::Visits;
use weft_core::report::Traffic;
use weft_core::worker::CacheFigures;
use weft_core::{Error, ErrorKind, Result};

/// Where objects are kept, and how much of them.
#[derive(Debug, Clone)]
pub struct CacheConfig {
    /// The folder; it is created when needed.
    pub folder: PathBuf,
    /// Bytes that it may hold.
    pub bytes: u64,
}

/// The cache of an engine. Its server ends when this is dropped.
pub(crate) struct Cache {
    address: SocketAddr,
    visits: Arc<Visits>,
    stock: Arc<Stock>,
    _server: DropGuard,
    /// Its own as long as this lives.
    _folder: Hold,
}

impl Cache {
    /// Opens the folder and starts the server, on the runtime that this is called in. Blocks for some milliseconds.
    pub(crate) fn open(config: &CacheConfig) -> Result<Cache> {
        let unusable = |error: std::io::Error| {
            let message = format!("the folder of the cache \"{}\" cannot be used", config.folder.display());
            Error::new(ErrorKind::IoError, message)
                .with_detail(error.to_string())
                .with_hint("Name another one in worker_cache_dir, or switch the cache off with worker_cache = 0.")
        };
        let folder = Hold::take(&config.folder).map_err(unusable)?;
        let stock = Stock::open(&config.folder, config.bytes).map_err(unusable)?;
        let runtime = tokio::runtime::Handle::try_current()
            .map_err(|e| Error::internal("a cache needs a runtime").with_source(e))?;
        let surveyed = stock.clone();
        runtime.spawn_blocking(move || surveyed.survey());
        let (visits, stop) = (Arc::<Visits>::default(), CancellationToken::new());
        let desk = Arc::new(Desk::new(visits.clone(), stock.clone()));
        let address = server::start(&runtime, desk, stop.clone()).map_err(|error| {
            Error::new(ErrorKind::IoError, "the cache of objects cannot listen on 127.0.0.1").with_source(error)
        })?;
        Ok(Cache { address, visits, stock, _server: stop.drop_guard(), _folder: folder })
    }

    /// Where DuckDB asks for objects.
    pub(crate) fn address(&self) -> SocketAddr {
        self.address
    }

    /// Lets a statement ask for objects of these stores.
    pub(crate) fn admit(&self, origins: Arc<[Arc<Origin>]>, traffic: Arc<Traffic>) -> Visit {
        self.visits.admit(origins, self.address, traffic)
    }

    /// What it holds, and what good that has done.
    pub(crate) fn figures(&self) -> CacheFigures {
        self.stock.figures()
    }

    /// Forgets all that it holds. Blocks.
    pub(crate) fn clear(&self) {
        self.stock.clear();
    }
}
