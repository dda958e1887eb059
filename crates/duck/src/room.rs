//! One database: what it may open, its idle connections, and what it may use of memory and disk. It must not know that there are others.

use crate::budget::Resource;
use crate::config::Config;
use crate::extension::advice;
use crate::ffi::{Connection, Database};
use crate::setup;
use parking_lot::Mutex;
use std::path::Path;
use std::sync::Arc;
use std::time::{Duration, Instant};
use weft_core::store::Store;
use weft_core::{Error, ErrorKind, Result};

/// A database and its connections.
pub(crate) struct Room {
    /// What it can open besides files; sorted by scope.
    pub(crate) stores: Vec<Arc<Store>>,
    database: Arc<Database>,
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

impl Room {
    /// Opens a database for these stores. Blocks for some milliseconds. `httpfs` is needed for stores only.
    pub(crate) fn open(
        config: &Config,
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
        if let Some(httpfs) = httpfs {
            open_stores(&control, httpfs, &stores)?;
        }
        for sql in setup::walls(config, &stores) {
            control.run(&sql)?;
        }
        let state = Mutex::new(State { idle: Vec::new(), present: 0, left: Instant::now(), granted: [0, 0] });
        let room = Room { stores, database, control, state };
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

fn open_stores(control: &Connection, httpfs: &Path, stores: &[Arc<Store>]) -> Result<()> {
    for sql in setup::load_httpfs(httpfs).into_iter().chain(setup::requests(stores)) {
        control.run(&sql).map_err(|error| {
            Error::new(ErrorKind::FeatureNotSupported, "DuckDB's extension for object stores cannot be loaded")
                .with_detail(error.message())
                .with_hint(advice())
        })?;
    }
    for (number, store) in stores.iter().enumerate() {
        // What DuckDB says may repeat the statement, and with it the key.
        control.run(&setup::secret(number, store)).map_err(|_| {
            let message = format!("DuckDB does not take the options of the store \"{}\"", store.scope);
            Error::new(ErrorKind::InvalidParameterValue, message)
        })?;
    }
    Ok(())
}
