//! Makes connections: address, login, TLS, and the set-up of the session. It must not know statements other than these.

use super::error;
use super::options::{Site, SslMode};
use super::server::Server;
use crate::database::{Manager, Place};
use async_trait::async_trait;
use mysql_async::prelude::Queryable;
use mysql_async::{Conn, DriverError, Error as DriverFailure, Opts, OptsBuilder, SslOpts};
use std::sync::atomic::{AtomicBool, Ordering::Relaxed};
use std::time::Duration;
use weft_core::Result;

/// A longer row is refused and its connection closed: rows are taken whole.
const LONGEST_ROW: usize = 256 << 20;

/// An unanswered connection is asked after this whether it is still there.
const KEEP_ALIVE: Duration = Duration::from_secs(30);

/// Seconds after which the driver takes a connection for closed by the server; ours are not idle for that long.
const IDLE_FOR_THE_DRIVER: usize = 8 * 3600;

/// A connection that is logged in and set up.
pub(super) struct Session {
    pub(super) connection: Conn,
    /// Who answered.
    pub(super) server: Server,
}

/// Makes sessions of one source.
pub(super) struct Dialer {
    site: Site,
    place: Place,
    /// The server has said that it cannot encrypt; it is not asked each time.
    cannot_encrypt: AtomicBool,
}

impl Dialer {
    /// Connects to nothing yet.
    pub(super) fn new(site: Site, place: Place) -> Dialer {
        Dialer { site, place, cannot_encrypt: AtomicBool::new(false) }
    }

    /// A connection that is logged in. Good for what does not depend on the session's settings.
    pub(super) async fn log_in(&self) -> Result<Conn> {
        let mode = self.site.ssl_mode;
        let plain = mode == SslMode::Disabled || (mode == SslMode::Preferred && self.cannot_encrypt.load(Relaxed));
        let outcome = match Conn::new(self.options(if plain { None } else { Some(self.tls()) })).await {
            Err(DriverFailure::Driver(DriverError::NoClientSslFlagFromServer)) if mode == SslMode::Preferred => {
                self.cannot_encrypt.store(true, Relaxed);
                Conn::new(self.options(None)).await
            }
            outcome => outcome,
        };
        outcome.map_err(|e| error::at_connect(e, &self.place))
    }

    /// Holds the password: it must not be printed.
    fn options(&self, tls: Option<SslOpts>) -> Opts {
        let Site { host, port, user, password, database, .. } = &self.site;
        OptsBuilder::default()
            .ip_or_hostname(host)
            .tcp_port(*port)
            .prefer_socket(false)
            .user(Some(user))
            .pass(password.as_ref().map(|p| p.expose()))
            .db_name(database.as_deref())
            .ssl_opts(tls)
            .tcp_keepalive(Some(KEEP_ALIVE))
            .max_allowed_packet(Some(LONGEST_ROW))
            .wait_timeout(Some(IDLE_FOR_THE_DRIVER))
            .stmt_cache_size(0)
            .into()
    }

    fn tls(&self) -> SslOpts {
        // The driver asks for the process's choice, which rustls cannot make where two are linked. Somebody may have made it already.
        let _ = rustls::crypto::ring::default_provider().install_default();
        let options = SslOpts::default();
        let options = match &self.site.ssl_ca {
            Some(pem) => {
                options.with_root_certs(vec![pem.clone().into_bytes().into()]).with_disable_built_in_roots(true)
            }
            None => options,
        };
        match self.site.ssl_mode {
            SslMode::VerifyIdentity => options.with_danger_tls_hostname_override(self.site.ssl_name.clone()),
            SslMode::Disabled | SslMode::Preferred | SslMode::Required => {
                options.with_danger_accept_invalid_certs(true)
            }
        }
    }
}

#[async_trait]
impl Manager for Dialer {
    type Connection = Session;

    async fn connect(&self) -> Result<Session> {
        let mut connection = self.log_in().await?;
        let version: Option<String> =
            connection.query_first("SELECT VERSION()").await.map_err(|e| error::at_connect(e, &self.place))?;
        let server = Server::of_version(&version.unwrap_or_default())?;
        connection.query_drop(server.session()).await.map_err(|e| error::at_connect(e, &self.place))?;
        Ok(Session { connection, server })
    }

    fn is_open(&self, session: &Session) -> bool {
        !session.connection.is_disconnected()
    }

    async fn ping(&self, session: &mut Session) -> Result<()> {
        session.connection.ping().await.map_err(|e| error::at_statement(e, &self.place))
    }
}
