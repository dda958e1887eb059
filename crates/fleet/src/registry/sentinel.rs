//! Which server is the master, as sentinels tell. It must not know what the master is asked.

use super::error::{away, is_denied};
use super::link::Dialer;
use futures::future::join_all;
use redis::aio::MultiplexedConnection;
use redis::{RedisError, TlsCertificates, Value};
use std::collections::BTreeMap;
use weft_core::{Error, ErrorKind, Result};

/// Sentinels have none to choose.
const NO_DATABASE: u32 = 0;

/// Asks all sentinels at once and takes what most of them say: one that is cut off from the others may not have heard of a new master.
pub(super) async fn master(
    dialer: &Dialer,
    name: &str,
    certificates: Option<&TlsCertificates>,
) -> Result<(String, u16)> {
    let hosts = &dialer.servers.hosts;
    let answers = join_all(hosts.iter().map(|(host, port)| ask(dialer, host, *port, name, certificates))).await;
    let mut votes: BTreeMap<(String, u16), usize> = BTreeMap::new();
    let mut failure = None;
    let mut unknown = false;
    for answer in answers {
        match answer {
            Ok(Some(address)) => *votes.entry(address).or_default() += 1,
            Ok(None) => unknown = true,
            Err(error) => failure = Some(error),
        }
    }
    match votes.into_iter().max_by_key(|(_, votes)| *votes) {
        Some((address, _)) => Ok(address),
        None if unknown => {
            // It may be told to them yet: no reason to give up.
            Err(Error::new(ErrorKind::ConnectionFailed, format!("no sentinel knows the master \"{name}\""))
                .with_detail(dialer.servers.to_string())
                .with_hint("Check the name in the setting redis: redis+sentinel://host:port,…/master-name."))
        }
        None => Err(failure.unwrap_or_else(|| away(&dialer.servers, "there is no sentinel"))),
    }
}

async fn ask(
    dialer: &Dialer,
    host: &str,
    port: u16,
    name: &str,
    certificates: Option<&TlsCertificates>,
) -> Result<Option<(String, u16)>> {
    let info = dialer.info(host, port, &dialer.servers.sentinel_login, NO_DATABASE)?;
    let mut sentinel = dialer.open(info, certificates, &dialer.config()).await?;
    let mut question = redis::cmd("SENTINEL");
    question.arg("get-master-addr-by-name").arg(name);
    let answer: Result<Option<(String, u16)>, RedisError> = question.query_async(&mut sentinel).await;
    answer.map_err(|e| super::error::explain(&dialer.servers, e))
}

/// A server that was the master a moment ago may have become a replica. One that does not tell is taken at its word by its first refusal to write.
pub(super) async fn check_role(server: &mut MultiplexedConnection) -> Result<(), RedisError> {
    let role: Result<Vec<Value>, RedisError> = redis::cmd("ROLE").query_async(server).await;
    match role {
        Ok(role) => match role.first() {
            Some(Value::BulkString(name)) if name != b"master" => {
                Err(RedisError::from((redis::ErrorKind::Client, "the sentinels name a server that is no master")))
            }
            _ => Ok(()),
        },
        Err(error) if is_denied(&error) => Ok(()),
        Err(error) => Err(error),
    }
}
