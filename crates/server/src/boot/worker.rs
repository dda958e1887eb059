//! A worker: DuckDB behind a port, registered in Redis. It must not know gateways.

use super::duck;
use super::fleet::key_file;
use super::folder::{Address, DataFolder};
use super::identity::host;
use super::traces::Traces;
use chrono::Utc;
use rand::RngCore;
use std::net::SocketAddr;
use std::sync::Arc;
use std::thread::available_parallelism;
use std::time::Duration;
use tokio::net::TcpListener;
use tokio::sync::oneshot;
use tokio::task::JoinHandle;
use weft_core::settings::Settings;
use weft_core::worker::{CacheFigures, Worker};
use weft_core::{Error, ErrorKind, Result};
use weft_fleet::record::PROTOCOL;
use weft_fleet::registry::Config;
use weft_fleet::{Key, Load, Member, Record, Service, State, Wanted};

/// How often the number of statements is looked at, while it is waited for their end or told to the registry.
const LOOK: Duration = Duration::from_millis(100);

/// A worker that takes statements.
pub struct WorkerServer {
    settings: Settings,
    member: Member,
    load: Arc<Load>,
    worker: Arc<dyn Worker>,
    address: Address,
    stop: oneshot::Sender<()>,
    serving: JoinHandle<Result<()>>,
    traces: Traces,
    /// Its own as long as this lives.
    _folder: DataFolder,
}

impl WorkerServer {
    /// Opens DuckDB, takes the port, and registers.
    pub async fn start(settings: Settings) -> Result<WorkerServer> {
        let folder = DataFolder::open(&settings.data_dir)?;
        let key = Key::read(&key_file(&settings, &folder))?;
        let listener = TcpListener::bind(settings.worker_listen).await.map_err(|e| {
            Error::new(ErrorKind::IoError, format!("cannot listen on {}: {e}", settings.worker_listen))
                .with_hint("Choose another address with worker_listen; port 0 takes a free one.")
        })?;
        let local = listener.local_addr().map_err(|e| Error::internal("a listener without address").with_source(e))?;
        let id = if settings.worker_id.is_empty() {
            format!("{}:{}", host(), local.port())
        } else {
            settings.worker_id.clone()
        };
        let engine = duck::open(&settings, &id, &folder, &[]).await?;
        let traces = Traces::open(&settings, SERVICE, &id)?;
        let service = Service::new(key, duck::setup(), engine.clone(), settings.file_roots.0.clone());
        let service = service.traced(traces.tracer());
        let load = service.load();
        let (stop, stopped) = oneshot::channel();
        let serving = tokio::spawn(service.serve(listener, async {
            // A sender that is gone means the same.
            let _ = stopped.await;
        }));
        let record = record(&settings, id, advertised(&settings, local)?);
        let member = Member::join(Config::of(&settings), record).await?;
        let address = folder.publish_as(ADDRESS, local)?;
        tracing::info!(address = %local, version = env!("CARGO_PKG_VERSION"), "taking statements");
        Ok(WorkerServer { settings, member, load, worker: engine, address, stop, serving, traces, _folder: folder })
    }

    /// Works until `signal`, or until it is told to leave; then finishes what runs, for `drain_timeout` or until the next signal.
    pub async fn run(self, mut signal: impl AsyncFnMut()) -> Result<()> {
        let WorkerServer { settings, member, load, worker, address, stop, mut serving, traces, _folder } = self;
        tokio::select! {
            ended = &mut serving => return ended.map_err(|e| Error::internal("the worker broke off").with_source(e))?,
            () = signal() => {}
            () = obey(&member, &load, &*worker) => {}
        }
        load.drain();
        member.report(load.running(), State::Draining, cache(&*worker));
        tracing::info!(statements = load.running(), "draining");
        tokio::select! {
            () = idle(&load) => {}
            () = tokio::time::sleep(settings.drain_timeout.0) => {}
            () = signal() => {}
        }
        drop(address);
        member.leave().await;
        // Nobody may be listening any more.
        let _ = stop.send(());
        serving.abort();
        traces.finish().await;
        tracing::info!("stopped");
        Ok(())
    }
}

/// Tells the registry how busy it is, and does what it is told, until that is to leave.
async fn obey(member: &Member, load: &Load, worker: &dyn Worker) {
    let mut orders = member.orders();
    loop {
        let wanted = *orders.borrow_and_update();
        let state = match wanted {
            Wanted::Active => {
                load.resume();
                State::Active
            }
            Wanted::Draining => {
                load.drain();
                State::Draining
            }
            Wanted::Removed | Wanted::Replaced => {
                tracing::warn!(?wanted, "this worker is to leave");
                return;
            }
        };
        member.report(load.running(), state, cache(worker));
        tokio::select! {
            changed = orders.changed() => if changed.is_err() { return },
            () = tokio::time::sleep(LOOK) => {}
        }
    }
}

/// What is kept of objects. A worker has one cache at most.
fn cache(worker: &dyn Worker) -> Option<CacheFigures> {
    worker.caches().into_iter().next()
}

async fn idle(load: &Load) {
    while load.running() > 0 {
        tokio::time::sleep(LOOK).await;
    }
}

/// What a worker is called in traces.
const SERVICE: &str = "weft-worker";

/// The file with the address at which a worker takes statements.
const ADDRESS: &str = "worker-address";

/// Where gateways reach it.
fn advertised(settings: &Settings, local: SocketAddr) -> Result<String> {
    if !settings.worker_advertise.is_empty() {
        return Ok(settings.worker_advertise.clone());
    }
    if local.ip().is_unspecified() {
        let message = format!("a worker that listens on {} must say where it is reached", local.ip());
        return Err(Error::new(ErrorKind::InvalidParameterValue, message)
            .with_hint("Give worker_advertise, such as worker1.example:7433."));
    }
    Ok(local.to_string())
}

fn record(settings: &Settings, id: String, address: String) -> Record {
    let cores = match settings.duckdb_threads {
        0 => available_parallelism().map_or(1, usize::from),
        threads => threads,
    };
    let now = Utc::now();
    Record {
        id,
        incarnation: rand::rng().next_u64(),
        address,
        cores,
        memory_bytes: settings.duckdb_memory.0,
        version: env!("CARGO_PKG_VERSION").to_owned(),
        protocol: PROTOCOL,
        duckdb_version: weft_duck::library_version(),
        setup: duck::setup(),
        file_roots: settings.file_roots.0.iter().map(|root| root.display().to_string()).collect(),
        state: State::Active,
        running: 0,
        cache: None,
        started_at: now,
        heartbeat_at: now,
    }
}
