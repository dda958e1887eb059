//! A connection to Redis, whichever way its servers are arranged, that hears what is announced. It must not know what is asked of it, nor connect again
//! when it is lost.

use super::error::{away, explain, is_denied};
use super::sentinel;
use redis::aio::{ConnectionLike, MultiplexedConnection, SendError};
use redis::cluster::ClusterClientBuilder;
use redis::cluster_async::ClusterConnection;
use redis::{
    AsyncConnectionConfig, Client, Cmd, ConnectionAddr, ConnectionInfo, FromRedisValue, IntoConnectionInfo, Pipeline,
    ProtocolVersion, PushInfo, PushKind, RedisConnectionInfo, RedisError, TlsCertificates, Value,
};
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::Notify;
use tokio::time::{sleep, timeout};
use weft_core::redis_at::{RedisLogin, RedisMode, RedisServers, RedisTransport};
use weft_core::{Error, ErrorKind, Result};

/// Steps of a connection that may each take the time of one command: the names of hosts, TCP, TLS, login, and in a cluster its map.
const STEPS: u32 = 4;

/// How often a command to a cluster is tried anew while its map is looked at again, within the time of one command.
const CLUSTER_TRIES: u32 = 3;

/// How often sentinels are asked whether the server is still the master.
const CONFIRMED: Duration = Duration::from_secs(5);

/// What is needed to connect.
#[derive(Debug)]
pub(super) struct Dialer {
    pub(super) servers: RedisServers,
    pub(super) ca: Option<PathBuf>,
    pub(super) timeout: Duration,
    /// What is announced on this channel wakes.
    pub(super) channel: String,
    /// Only announcements about this one wake, if it is given.
    pub(super) about: Option<String>,
    /// Who is to be woken, also when the connection is lost.
    pub(super) wake: Arc<Notify>,
}

/// A connection. Copies share it.
#[derive(Clone)]
pub(super) struct Link {
    connection: Connection,
    /// Where the server is, if sentinels named it.
    named: Option<(String, u16)>,
    servers: RedisServers,
    timeout: Duration,
}

#[derive(Clone)]
enum Connection {
    Server(MultiplexedConnection),
    Cluster(ClusterConnection),
}

impl Dialer {
    /// Connects, or says why not.
    pub(super) async fn dial(&self) -> Result<Link> {
        let dialling = timeout(self.timeout * STEPS, self.connect()).await;
        let (connection, named) = dialling.map_err(|_| away(&self.servers, "it does not answer"))??;
        let mut link = Link { connection, named, servers: self.servers.clone(), timeout: self.timeout };
        link.subscribe(&self.channel).await?;
        Ok(link)
    }

    /// Returns when the sentinels name another server than that of the connection. One that was promoted while they were at odds takes itself for the master
    /// until they correct it, and that takes them more than 10 seconds: what is written there is lost, and what others write elsewhere is not seen.
    pub(super) async fn superseded(&self, link: &Link) -> Error {
        let (RedisMode::Sentinel { master }, Some(named)) = (&self.servers.mode, &link.named) else {
            return std::future::pending().await;
        };
        loop {
            sleep(CONFIRMED).await;
            let asking = async {
                let certificates = self.certificates().await?;
                sentinel::master(self, master, certificates.as_ref()).await
            };
            // Sentinels that do not answer are no reason to give a connection up.
            if let Ok(Ok(now)) = timeout(self.timeout * STEPS, asking).await
                && now != *named
            {
                return away(&self.servers, "the sentinels name another master");
            }
        }
    }

    async fn connect(&self) -> Result<(Connection, Option<(String, u16)>)> {
        let certificates = self.certificates().await?;
        match &self.servers.mode {
            RedisMode::Standalone => {
                let Some((host, port)) = self.servers.hosts.first() else {
                    return Err(Error::internal("a Redis without a host"));
                };
                let server = self.server(host, *port, certificates.as_ref()).await?;
                Ok((Connection::Server(server), None))
            }
            RedisMode::Sentinel { master } => {
                let (host, port) = sentinel::master(self, master, certificates.as_ref()).await?;
                let mut server = self.server(&host, port, certificates.as_ref()).await?;
                sentinel::check_role(&mut server).await.map_err(|e| self.explain(e))?;
                Ok((Connection::Server(server), Some((host, port))))
            }
            RedisMode::Cluster => Ok((Connection::Cluster(self.cluster(certificates).await?), None)),
        }
    }

    async fn server(
        &self,
        host: &str,
        port: u16,
        certificates: Option<&TlsCertificates>,
    ) -> Result<MultiplexedConnection> {
        let info = self.info(host, port, &self.servers.login, self.servers.database)?;
        let config = self.config().set_push_sender(self.push_sender());
        self.open(info, certificates, &config).await
    }

    /// A connection of its own, for who does not listen to announcements.
    pub(super) async fn open(
        &self,
        info: ConnectionInfo,
        certificates: Option<&TlsCertificates>,
        config: &AsyncConnectionConfig,
    ) -> Result<MultiplexedConnection> {
        let client = match certificates {
            Some(certificates) => Client::build_with_tls(info, certificates.clone()),
            None => Client::open(info),
        };
        let client = client.map_err(|e| self.explain(e))?;
        client.get_multiplexed_async_connection_with_config(config).await.map_err(|e| self.explain(e))
    }

    async fn cluster(&self, certificates: Option<TlsCertificates>) -> Result<ClusterConnection> {
        let nodes = self.servers.hosts.iter().map(|(host, port)| self.info(host, *port, &self.servers.login, 0));
        let mut builder = ClusterClientBuilder::new(nodes.collect::<Result<Vec<_>>>()?)
            .use_protocol(ProtocolVersion::RESP3)
            .push_sender(self.push_sender())
            .connection_timeout(self.timeout)
            .response_timeout(self.timeout)
            .overall_response_timeout(Some(self.timeout))
            .retries(CLUSTER_TRIES);
        if let Some(certificates) = certificates {
            builder = builder.certs(certificates);
        }
        let client = builder.build().map_err(|e| self.explain(e))?;
        client.get_async_connection().await.map_err(|e| self.explain(e))
    }

    /// Times that hold for each step and each command.
    pub(super) fn config(&self) -> AsyncConnectionConfig {
        let limit = Some(self.timeout);
        AsyncConnectionConfig::new().set_connection_timeout(limit).set_response_timeout(limit)
    }

    /// Where a server is and who logs in.
    pub(super) fn info(&self, host: &str, port: u16, login: &RedisLogin, database: u32) -> Result<ConnectionInfo> {
        let host = host.to_owned();
        let address = match self.servers.transport {
            RedisTransport::Plain => ConnectionAddr::Tcp(host, port),
            RedisTransport::Tls => ConnectionAddr::TcpTls { host, port, insecure: false, tls_params: None },
        };
        let mut redis = RedisConnectionInfo::default()
            .set_protocol(ProtocolVersion::RESP3)
            .set_lib_name("weft", env!("CARGO_PKG_VERSION"));
        if let Some(user) = &login.user {
            redis = redis.set_username(user);
        }
        if let Some(password) = &login.password {
            redis = redis.set_password(password.expose());
        }
        redis = redis.set_db(i64::from(database));
        Ok(address.into_connection_info().map_err(|e| self.explain(e))?.set_redis_settings(redis))
    }

    /// Read each time: authorities change while a program runs.
    async fn certificates(&self) -> Result<Option<TlsCertificates>> {
        let Some(path) = self.ca.as_ref().filter(|_| self.servers.transport == RedisTransport::Tls) else {
            return Ok(None);
        };
        let pem = tokio::fs::read(path).await.map_err(|e| {
            Error::new(ErrorKind::InvalidParameterValue, "redis_tls_ca cannot be read")
                .with_detail(format!("{}: {e}", path.display()))
        })?;
        Ok(Some(TlsCertificates { client_tls: None, root_cert: Some(pem) }))
    }

    fn push_sender(&self) -> impl Fn(PushInfo) -> Result<(), SendError> + Send + Sync + use<> {
        let (wake, about) = (self.wake.clone(), self.about.clone());
        move |push| {
            let concerns = match push.kind {
                PushKind::Disconnection => true,
                // Its channel and its text.
                PushKind::Message => match (&about, push.data.last()) {
                    (Some(about), Some(Value::BulkString(text))) => about.as_bytes() == text,
                    _ => true,
                },
                _ => false,
            };
            if concerns {
                wake.notify_one();
            }
            Ok(())
        }
    }

    fn explain(&self, error: RedisError) -> Error {
        explain(&self.servers, error)
    }
}

impl Link {
    /// Without announcements everything still works, later.
    async fn subscribe(&mut self, channel: &str) -> Result<()> {
        let subscribing = async {
            match &mut self.connection {
                Connection::Server(server) => server.subscribe(channel).await,
                Connection::Cluster(cluster) => cluster.subscribe(channel).await,
            }
        };
        match timeout(self.timeout, subscribing).await {
            Ok(Ok(())) => Ok(()),
            Ok(Err(error)) if is_denied(&error) => {
                tracing::debug!(channel, "Redis does not let us listen to announcements");
                Ok(())
            }
            Ok(Err(error)) => Err(explain(&self.servers, error)),
            Err(_) => Err(away(&self.servers, "it does not answer")),
        }
    }

    /// Sends one command.
    pub(super) async fn command<T: FromRedisValue>(&self, command: &Cmd) -> Result<T> {
        let mut connection = self.connection.clone();
        self.answered(command.query_async(&mut connection)).await
    }

    /// Sends several commands at once.
    pub(super) async fn commands<T: FromRedisValue>(&self, commands: &Pipeline) -> Result<T> {
        let mut connection = self.connection.clone();
        self.answered(commands.query_async(&mut connection)).await
    }

    async fn answered<T>(&self, asking: impl Future<Output = Result<T, RedisError>>) -> Result<T> {
        match timeout(self.timeout, asking).await {
            Ok(answer) => answer.map_err(|e| explain(&self.servers, e)),
            Err(_) => Err(away(&self.servers, "it does not answer")),
        }
    }
}

impl ConnectionLike for Connection {
    fn req_packed_command<'a>(&'a mut self, cmd: &'a Cmd) -> redis::RedisFuture<'a, Value> {
        match self {
            Connection::Server(server) => server.req_packed_command(cmd),
            Connection::Cluster(cluster) => cluster.req_packed_command(cmd),
        }
    }

    fn req_packed_commands<'a>(
        &'a mut self,
        cmd: &'a Pipeline,
        offset: usize,
        count: usize,
    ) -> redis::RedisFuture<'a, Vec<Value>> {
        match self {
            Connection::Server(server) => server.req_packed_commands(cmd, offset, count),
            Connection::Cluster(cluster) => cluster.req_packed_commands(cmd, offset, count),
        }
    }

    fn get_db(&self) -> i64 {
        match self {
            Connection::Server(server) => server.get_db(),
            Connection::Cluster(cluster) => cluster.get_db(),
        }
    }
}
