//! `weft serve`: boots, accepts clients until a signal, drains. A second signal stops at once.

use super::reachable;
use super::signals::Signals;
use crate::access::tls::Tls;
use crate::access::{Access, Drained, Port};
use crate::boot::{Address, Booted};
use crate::{flight, http, pg};
use std::io::IsTerminal;
use std::sync::Arc;
use std::time::Duration;
use tokio::runtime::Runtime;
use tracing_subscriber::EnvFilter;
use weft_core::settings::Settings;
use weft_core::{Error, ErrorKind, Result};

/// How long sessions may take to end after their statements were told to stop.
const LAST_MOMENT: Duration = Duration::from_secs(3);

/// How long threads that are not tasks may take to end.
pub(super) const THREADS_END: Duration = Duration::from_secs(1);

/// Serves until a signal.
pub(super) fn serve(settings: Settings) -> Result<()> {
    log_to_stderr(&settings)?;
    let runtime = runtime()?;
    let done = runtime.block_on(async {
        let mut signals = Signals::listen()?;
        tokio::select! {
            gateway = Server::start(settings) => gateway?.run(&mut signals).await,
            // Nobody is served yet.
            () = signals.next() => Ok(()),
        }
    });
    runtime.shutdown_timeout(THREADS_END);
    done
}

/// The threads on which everything runs.
pub(super) fn runtime() -> Result<Runtime> {
    tokio::runtime::Builder::new_multi_thread()
        .enable_all()
        .build()
        .map_err(|e| Error::internal("cannot start threads").with_source(e))
}

/// Sends the log to stderr, filtered as `log` says.
pub(super) fn log_to_stderr(settings: &Settings) -> Result<()> {
    let filter = EnvFilter::try_new(&settings.log).map_err(|e| {
        Error::new(ErrorKind::InvalidParameterValue, format!("setting log cannot be \"{}\"", settings.log))
            .with_detail(e.to_string())
            .with_hint("It takes error, warn, info, debug, or a filter such as weft_engine=debug.")
    })?;
    tracing_subscriber::fmt()
        .with_env_filter(filter)
        .with_writer(std::io::stderr)
        .with_ansi(std::io::stderr().is_terminal())
        .try_init()
        .map_err(|e| Error::internal(format!("cannot log: {e}")))
}

/// A gateway that accepts clients.
pub(super) struct Server {
    booted: Booted,
    listeners: Arc<Listeners>,
    pg_address: Address,
    flight_address: Address,
    http_address: Address,
}

/// Where clients come in.
struct Listeners {
    pg: pg::Listener,
    flight: flight::Listener,
    http: http::Listener,
}

impl Listeners {
    /// Accepts clients until this wait is given up.
    async fn serve(&self) {
        tokio::join!(self.pg.serve(), self.flight.serve(), self.http.serve());
    }

    /// Lets clients finish, for so long.
    async fn drain(&self, patience: Duration) -> Drained {
        let (pg, flight, http) =
            tokio::join!(self.pg.drain(patience), self.flight.drain(patience), self.http.drain(patience));
        pg.and(flight).and(http)
    }
}

impl Server {
    /// Boots and listens. Clients are served from [`Server::run`] on; until then they wait.
    pub(super) async fn start(settings: Settings) -> Result<Server> {
        // Before anything is created: a broken key or an address in use must not leave half a gateway.
        let tls = Tls::load(&settings)?;
        let pg_port = Port::take("pg_listen", settings.pg_listen)?;
        let flight_port = Port::take("flight_listen", settings.flight_listen)?;
        let http_port = Port::take("http_listen", settings.http_listen)?;
        let booted = Booted::boot(settings).await?;
        let access = Access::new(Arc::clone(&booted.gateway));
        let pg = pg::Listener::open(pg_port, Arc::clone(&access), tls.clone())?;
        let flight = flight::Listener::open(flight_port, Arc::clone(&access), tls.clone())?;
        let http = http::Listener::open(http_port, access, tls)?;
        let (local, local_flight, local_http) = (pg.address()?, flight.address()?, http.address()?);
        // Whoever waits for the last file may take the others for granted.
        let http_address = booted.publish_http(reachable(local_http))?;
        let flight_address = booted.publish_flight(reachable(local_flight))?;
        let pg_address = booted.publish(reachable(local))?;
        let version = env!("CARGO_PKG_VERSION");
        tracing::info!(address = %local, flight_address = %local_flight, http_address = %local_http, version, "accepting connections");
        Ok(Server {
            booted,
            listeners: Arc::new(Listeners { pg, flight, http }),
            pg_address,
            flight_address,
            http_address,
        })
    }

    /// Where it can be reached from this machine.
    pub(super) fn address(&self) -> std::net::SocketAddr {
        self.pg_address.socket()
    }

    /// The same of Flight SQL.
    pub(super) fn flight_address(&self) -> std::net::SocketAddr {
        self.flight_address.socket()
    }

    /// Serves until a signal, then drains.
    pub(super) async fn run(self, signals: &mut Signals) -> Result<()> {
        tokio::select! {
            () = self.listeners.serve() => {}
            () = signals.next() => {}
        }
        self.stop(signals).await
    }

    /// Serves in the background.
    pub(super) fn spawn(&self) -> tokio::task::JoinHandle<()> {
        let listeners = Arc::clone(&self.listeners);
        tokio::spawn(async move { listeners.serve().await })
    }

    /// Lets running statements finish, for `drain_timeout` or until another signal; then ends all sessions.
    pub(super) async fn stop(self, signals: &mut Signals) -> Result<()> {
        let gateway = &self.booted.gateway;
        // Clients must not be sent here any more.
        drop((self.pg_address, self.flight_address, self.http_address));
        let patience = gateway.settings().drain_timeout.0;
        tracing::info!(statements = gateway.running_statements(), "draining");
        let drained = tokio::select! {
            drained = self.listeners.drain(patience) => drained,
            () = signals.next() => Drained::TimedOut,
        };
        gateway.shutdown();
        if drained == Drained::TimedOut {
            tracing::warn!(statements = gateway.running_statements(), "ending the sessions that are left");
            tokio::select! {
                _ = self.listeners.drain(LAST_MOMENT) => {}
                () = signals.next() => {}
            }
        }
        self.booted.leave().await;
        tracing::info!("stopped");
        Ok(())
    }
}
