//! One database: what it may open, its idle connections, and what it may use of memory and disk. It must not know that there are others.

use crate::budget::Resource;
use crate::cache::{Cache, Origin, Visit};
use crate::config::Config;
use crate::extension::advice;
use crate::ffi::{Connection, Database};
use crate::setup;
use parking_lot::Mutex;
use std::net::SocketAddr;
use std::path::Path;
use std::sync::Arc;
use std::time::{Duration, Instant};
use weft_core::report::Traffic;
use weft_core::store::Store;
use weft_core::{Error, ErrorKind, Result};

/// A database and its connections.
pub(crate) struct Room {
    /// What it can open besides files; sorted by scope.
    pub(crate) stores: Vec<Arc<Store>>,
    database: Arc<Database>,
    /// How it reaches them, if not by itself.
    doors: Option<Doors>,
    /// Sets limits while the others run statements.
    control: Connection,
    state: Mutex<State>,
}

struct State {
    idle: Vec<Connection>,
    /// Statements that are in it, or about to be.
    present: usize,
    left: Instant,
    /// By resource.
    granted: [u64; 2],
}

/// The cache, and what it asks for the statements of a room.
struct Doors {
    cache: Arc<Cache>,
    origins: Arc<[Arc<Origin>]>,
}

impl Doors {
    fn open(cache: &Arc<Cache>, stores: &[Arc<Store>]) -> Result<Doors> {
        let origins = stores.iter().map(|store| Origin::open(store.clone()).map(Arc::new)).collect::<Result<_>>()?;
        Ok(Doors { cache: cache.clone(), origins })
    }
}

impl Room {
    /// Opens a database for these stores. Blocks for some milliseconds. `httpfs` is needed for stores only.
    pub(crate) fn open(
        config: &Config,
        cache: Option<&Arc<Cache>>,
        httpfs: Option<&Path>,
        stores: Vec<Arc<Store>>,
        spill: &Path,
        granted: [u64; 2],
    ) -> Result<Room> {
        let database = Database::open(&setup::options(config, spill))?;
        let control = database.connect()?;
        for sql in &config.setup {
            control.run(sql)?;
        }
        let address = cache.map(|cache| cache.address());
        let doors = cache.filter(|_| !stores.is_empty()).map(|cache| Doors::open(cache, &stores)).transpose()?;
        if let Some(httpfs) = httpfs {
            open_stores(&control, httpfs, &stores, address)?;
        }
        for sql in setup::walls(config, &stores, address) {
            control.run(&sql)?;
        }
        let state = Mutex::new(State { idle: Vec::new(), present: 0, left: Instant::now(), granted: [0, 0] });
        let room = Room { stores, database, doors, control, state };
        for resource in Resource::ALL {
            room.limit(resource, granted[resource as usize])?;
        }
        Ok(room)
    }

    /// A connection, to be given back.
    pub(crate) fn connect(&self) -> Result<Connection> {
        let idle = self.state.lock().idle.pop();
        match idle {
            Some(connection) => Ok(connection),
            None => self.database.connect(),
        }
    }

    /// A statement's right to ask the cache for objects, if that is the way; see [`Visit::introduction`].
    pub(crate) fn admit(&self, traffic: Arc<Traffic>) -> Option<Visit> {
        self.doors.as_ref().map(|doors| doors.cache.admit(doors.origins.clone(), traffic))
    }

    /// Empties what DuckDB keeps of files in its memory.
    pub(crate) fn forget_files(&self) -> Result<()> {
        for state in ["false", "true"] {
            self.control.run(&format!("SET GLOBAL enable_external_file_cache = {state}"))?;
        }
        Ok(())
    }

    /// Keeps the connection for the next statement.
    pub(crate) fn take_back(&self, connection: Connection) {
        self.state.lock().idle.push(connection);
    }

    /// One more statement will run in it.
    pub(crate) fn come(&self) {
        self.state.lock().present += 1;
    }

    /// A statement has ended.
    pub(crate) fn go(&self) {
        let mut state = self.state.lock();
        state.present -= 1;
        state.left = Instant::now();
    }

    /// Whether no statement is in it.
    pub(crate) fn is_free(&self) -> bool {
        self.state.lock().present == 0
    }

    /// How long ago the last statement ended.
    pub(crate) fn unused(&self) -> Duration {
        self.state.lock().left.elapsed()
    }

    /// What it may use now.
    pub(crate) fn granted(&self, resource: Resource) -> u64 {
        self.state.lock().granted[resource as usize]
    }

    /// Lets it use this much from now on; an error if it uses more already and cannot let go.
    pub(crate) fn limit(&self, resource: Resource, bytes: u64) -> Result<()> {
        self.control.run(&format!("SET GLOBAL {} = '{bytes}B'", resource.setting()))?;
        self.state.lock().granted[resource as usize] = bytes;
        Ok(())
    }
}

fn open_stores(control: &Connection, httpfs: &Path, stores: &[Arc<Store>], cache: Option<SocketAddr>) -> Result<()> {
    for sql in setup::load_httpfs(httpfs).into_iter().chain(setup::objects(stores, cache)) {
        control.run(&sql).map_err(|error| {
            Error::new(ErrorKind::FeatureNotSupported, "DuckDB's extension for object stores cannot be loaded")
                .with_detail(error.message())
                .with_hint(advice())
        })?;
    }
    for (number, store) in stores.iter().enumerate() {
        // What DuckDB says may repeat the statement, and with it the key.
        control.run(&setup::secret(number, store, cache)).map_err(|_| {
            let message = format!("DuckDB does not take the options of the store \"{}\"", store.scope);
            Error::new(ErrorKind::InvalidParameterValue, message)
        })?;
    }
    Ok(())
}
