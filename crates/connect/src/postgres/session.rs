//! One connection to the server: made, set up and, if need be, torn down together with what runs in it. It must not know what statements there are.

use super::error::refused;
use super::options::Site;
use super::tls::Encryption;
use crate::database::{Manager, Place};
use async_trait::async_trait;
use std::future::poll_fn;
use std::sync::Arc;
use std::time::{Duration, Instant};
use tokio::task::JoinHandle;
use tokio::time::timeout;
use tokio_postgres::{AsyncMessage, CancelToken, Client, Config, Connection, Socket};
use weft_core::Result;
use weft_core::settings::Span;

/// Values become text, and text values, in the one way that Weft reads; names mean what PostgreSQL means, not what somebody put into `public`; and
/// nothing is written. Statements run in read-only transactions besides, which cannot be left from within.
const SETUP: &str = "SET TimeZone = 'UTC'; SET DateStyle = 'ISO, MDY'; SET IntervalStyle = 'postgres'; \
    SET extra_float_digits = 1; SET bytea_output = 'hex'; SET standard_conforming_strings = on; \
    SET search_path = pg_catalog; SET default_transaction_read_only = on";

/// A backend whose gateway is gone stops within this time. Servers before 14, and those not on Linux, do not know it.
const NOTICE_ABSENCE: &str = "SET client_connection_check_interval = '10s'";

/// How long the server may take to hear that a statement is no longer wanted.
const CANCEL_TIMEOUT: Duration = Duration::from_secs(5);

/// Makes connections.
pub(super) struct Sessions {
    site: Arc<Site>,
}

/// A connection. Dropping it ends it.
pub(super) struct Session {
    /// To send statements.
    pub(super) client: Arc<Client>,
    /// What the server said that it is.
    pub(super) version: Option<String>,
    cancel: CancelToken,
    encryption: Encryption,
    driver: JoinHandle<()>,
}

impl Sessions {
    /// Connects nothing yet.
    pub(super) fn new(site: Arc<Site>) -> Self {
        Sessions { site }
    }

    fn config(&self) -> Config {
        let site = &self.site;
        let mut config = Config::new();
        config.host(&site.host).port(site.port).dbname(&site.database).user(&site.user);
        if let Some(password) = &site.password {
            config.password(password.expose());
        }
        config.ssl_mode(site.encryption.mode).application_name("weft");
        // Also for the connection of a cancel request, which is made from these settings.
        config
            .connect_timeout(site.limits.connect_timeout)
            .tcp_user_timeout(site.limits.connect_timeout.max(CANCEL_TIMEOUT));
        config
            .keepalives_idle(Duration::from_secs(15))
            .keepalives_interval(Duration::from_secs(5))
            .keepalives_retries(3);
        config
    }

    /// A connection outside of the pool, to see whether there is one to be had, and how long that took.
    pub(super) async fn probe(&self) -> (Duration, Result<Session>) {
        let begun = Instant::now();
        let patience = self.site.limits.connect_timeout;
        let outcome = match timeout(patience, self.connect()).await {
            Ok(outcome) => outcome,
            Err(_) => Err(self.site.place.unreachable(format!("no answer within {}", Span(patience)))),
        };
        (begun.elapsed(), outcome)
    }

    fn place(&self) -> &Place {
        &self.site.place
    }
}

#[async_trait]
impl Manager for Sessions {
    type Connection = Session;

    async fn connect(&self) -> Result<Session> {
        let encryption = self.site.encryption.clone();
        let made = self.config().connect(encryption.clone()).await;
        let (client, connection) = made.map_err(|e| refused(self.place(), &e))?;
        let version = connection.parameter("server_version").map(str::to_owned);
        let session = Session {
            cancel: client.cancel_token(),
            client: Arc::new(client),
            version,
            encryption,
            driver: tokio::spawn(drive(connection)),
        };
        // Both at once: the second may fail, and nothing depends on it.
        let (set_up, _) =
            tokio::join!(session.client.batch_execute(SETUP), session.client.batch_execute(NOTICE_ABSENCE));
        set_up.map_err(|e| refused(self.place(), &e))?;
        Ok(session)
    }

    fn is_open(&self, session: &Session) -> bool {
        !session.client.is_closed()
    }

    async fn ping(&self, session: &mut Session) -> Result<()> {
        session.client.batch_execute("").await.map_err(|e| super::error::failed(self.place(), &e))
    }
}

impl Session {
    /// Stops the statement that runs, then ends the connection whatever the server does: a late cancel request must not meet another statement.
    pub(super) async fn stop(&self) {
        match timeout(CANCEL_TIMEOUT, self.cancel.cancel_query(self.encryption.clone())).await {
            Ok(Ok(())) => {}
            Ok(Err(error)) => tracing::debug!(%error, "a statement could not be cancelled"),
            Err(_) => tracing::debug!("a statement could not be cancelled in time"),
        }
        self.driver.abort();
    }

    /// Ends the connection at once.
    pub(super) fn abort(&self) {
        self.driver.abort();
    }
}

/// Moves bytes until the connection ends. What the server notes on the way is not ours to log: it may hold data.
async fn drive(mut connection: Connection<Socket, super::tls::Encrypted<Socket>>) {
    loop {
        match poll_fn(|cx| connection.poll_message(cx)).await {
            Some(Ok(AsyncMessage::Notice(_) | AsyncMessage::Notification(_))) => {}
            Some(Ok(_)) => {}
            Some(Err(error)) => {
                tracing::debug!(%error, "a connection to a source broke");
                return;
            }
            None => return,
        }
    }
}
