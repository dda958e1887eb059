//! Where Redis is: a setting with passwords in it, which are never shown. It must not know how to connect.

use crate::Secret;
use crate::metastore_at::HIDDEN;
use std::fmt;

/// The port of a server that names none.
const PORT: u16 = 6379;

/// The port of a sentinel that names none.
const SENTINEL_PORT: u16 = 26379;

/// What a text that cannot be read should have been.
pub(crate) const EXPECTED: &str = "nothing, or redis://[user:password@]host:port[/database], rediss://… (TLS), \
     redis+sentinel://[user:password@]host:port,…/master-name[/database] or redis+cluster://[user:password@]host:port,…";

/// Redis, or that there is none.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub enum RedisAt {
    /// Workers do not register anywhere: the gateway has its own only.
    #[default]
    Nowhere,
    /// On these servers.
    Servers(RedisServers),
}

/// Servers of Redis, and who logs in.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RedisServers {
    /// What they are to each other.
    pub mode: RedisMode,
    /// Whether connections are encrypted.
    pub transport: RedisTransport,
    /// Host and port: of the server, of the sentinels, or of some nodes of the cluster.
    pub hosts: Vec<(String, u16)>,
    /// Who logs in.
    pub login: RedisLogin,
    /// Who logs in at the sentinels, which have users of their own.
    pub sentinel_login: RedisLogin,
    /// The number of the database; a cluster has only 0.
    pub database: u32,
}

/// What the servers are to each other.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum RedisMode {
    /// One server.
    Standalone,
    /// Sentinels that know which server is the master of this name.
    Sentinel {
        /// As the sentinels call it.
        master: String,
    },
    /// A cluster, which tells its other nodes itself.
    Cluster,
}

/// Whether connections are encrypted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum RedisTransport {
    /// They are not.
    Plain,
    /// They are, and the server's certificate is checked.
    Tls,
}

/// A login.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct RedisLogin {
    /// A user of the server's ACL; its `default` if there is none.
    pub user: Option<String>,
    /// Its password.
    pub password: Option<Secret>,
}

impl RedisAt {
    /// Reads a URL, or nothing for an empty text; nothing for any other text.
    pub fn read(text: &str) -> Option<RedisAt> {
        if text.is_empty() {
            return Some(RedisAt::Nowhere);
        }
        RedisServers::read(text).map(RedisAt::Servers)
    }
}

impl RedisServers {
    fn read(url: &str) -> Option<RedisServers> {
        let (scheme, rest) = url.split_once("://")?;
        let (scheme, transport) = match scheme {
            "redis" | "redis+sentinel" | "redis+cluster" => (scheme.trim_start_matches("redis"), RedisTransport::Plain),
            "rediss" | "rediss+sentinel" | "rediss+cluster" => {
                (scheme.trim_start_matches("rediss"), RedisTransport::Tls)
            }
            _ => return None,
        };
        // A password may have signs that mean something in a URL; what comes after its `@` may not.
        let (login, rest) = rest.rsplit_once('@').map_or((None, rest), |(login, rest)| (Some(login), rest));
        let (rest, query) = rest.split_once('?').map_or((rest, None), |(rest, query)| (rest, Some(query)));
        let (hosts, path) = rest.split_once('/').unwrap_or((rest, ""));
        let (master, database) = match scheme {
            "+sentinel" => path.split_once('/').map_or((path, ""), |(master, database)| (master, database)),
            _ => ("", path),
        };
        let mode = match scheme {
            "+sentinel" if master.is_empty() => return None,
            "+sentinel" => RedisMode::Sentinel { master: decode(master)? },
            "+cluster" => RedisMode::Cluster,
            _ => RedisMode::Standalone,
        };
        let port = if scheme == "+sentinel" { SENTINEL_PORT } else { PORT };
        let hosts = hosts.split(',').map(|host| read_host(host, port)).collect::<Option<Vec<_>>>()?;
        let database = if database.is_empty() { 0 } else { database.parse().ok()? };
        let fits = match mode {
            RedisMode::Standalone => hosts.len() == 1,
            RedisMode::Cluster => database == 0,
            RedisMode::Sentinel { .. } => true,
        };
        let login = login.map_or(Some(RedisLogin::default()), read_login)?;
        let sentinel_login = query.map_or(Some(RedisLogin::default()), |query| read_query(query, &mode))?;
        fits.then_some(RedisServers { mode, transport, hosts, login, sentinel_login, database })
    }

    /// The name of the mode.
    pub fn mode_name(&self) -> &'static str {
        match self.mode {
            RedisMode::Standalone => "standalone",
            RedisMode::Sentinel { .. } => "sentinel",
            RedisMode::Cluster => "cluster",
        }
    }
}

/// `user:password`, `:password`, or as Redis's own tools read it a user alone.
fn read_login(text: &str) -> Option<RedisLogin> {
    let (user, password) = text.split_once(':').map_or((text, None), |(user, password)| (user, Some(password)));
    let user = (!user.is_empty()).then(|| decode(user)).map_or(Some(None), |user| user.map(Some))?;
    let password = password.map(decode).map_or(Some(None), |password| password.map(Some))?;
    Some(RedisLogin { user, password: password.map(Secret::new) })
}

/// `sentinel_user=…&sentinel_password=…`: sentinels do not have the users of the servers that they watch.
fn read_query(text: &str, mode: &RedisMode) -> Option<RedisLogin> {
    let mut login = RedisLogin::default();
    for pair in text.split('&') {
        match (mode, pair.split_once('=')?) {
            (RedisMode::Sentinel { .. }, ("sentinel_user", user)) => login.user = Some(decode(user)?),
            (RedisMode::Sentinel { .. }, ("sentinel_password", p)) => login.password = Some(Secret::new(decode(p)?)),
            _ => return None,
        }
    }
    Some(login)
}

/// `host`, `host:port`, `[::1]` or `[::1]:port`.
fn read_host(text: &str, default: u16) -> Option<(String, u16)> {
    let (host, port) = match text.strip_prefix('[') {
        Some(rest) => {
            let (host, rest) = rest.split_once(']')?;
            (host, if rest.is_empty() { None } else { Some(rest.strip_prefix(':')?) })
        }
        None => text.split_once(':').map_or((text, None), |(host, port)| (host, Some(port))),
    };
    let port = port.map_or(Some(default), |port| port.parse().ok())?;
    (!host.is_empty() && port != 0).then(|| (host.to_owned(), port))
}

/// Resolves `%41`; nothing if it is none, or not UTF-8.
fn decode(text: &str) -> Option<String> {
    let mut bytes = Vec::with_capacity(text.len());
    let mut rest = text.as_bytes();
    while let Some((byte, tail)) = rest.split_first() {
        if *byte == b'%' {
            let digits = std::str::from_utf8(tail.get(..2)?).ok()?;
            bytes.push(u8::from_str_radix(digits, 16).ok()?);
            rest = tail.get(2..)?;
        } else {
            bytes.push(*byte);
            rest = tail;
        }
    }
    String::from_utf8(bytes).ok()
}

/// Without passwords.
impl fmt::Display for RedisAt {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            RedisAt::Nowhere => Ok(()),
            RedisAt::Servers(servers) => servers.fmt(f),
        }
    }
}

impl fmt::Display for RedisServers {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(if self.transport == RedisTransport::Tls { "rediss" } else { "redis" })?;
        f.write_str(match self.mode {
            RedisMode::Standalone => "://",
            RedisMode::Sentinel { .. } => "+sentinel://",
            RedisMode::Cluster => "+cluster://",
        })?;
        if self.login != RedisLogin::default() {
            f.write_str(self.login.user.as_deref().unwrap_or_default())?;
            f.write_str(if self.login.password.is_some() { ":***@" } else { "@" })?;
        }
        for (i, (host, port)) in self.hosts.iter().enumerate() {
            let comma = if i == 0 { "" } else { "," };
            if host.contains(':') { write!(f, "{comma}[{host}]:{port}")? } else { write!(f, "{comma}{host}:{port}")? }
        }
        if let RedisMode::Sentinel { master } = &self.mode {
            write!(f, "/{master}")?;
        }
        if self.database != 0 {
            write!(f, "/{}", self.database)?;
        }
        if self.sentinel_login != RedisLogin::default() {
            write!(f, "?{HIDDEN}")?;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn servers(url: &str) -> RedisServers {
        match RedisAt::read(url) {
            Some(RedisAt::Servers(servers)) => servers,
            other => panic!("{url}: {other:?}"),
        }
    }

    #[test]
    fn passwords_are_hidden() {
        for (url, shown) in [
            ("", ""),
            ("redis://h", "redis://h:6379"),
            ("redis://:gEhEiM@h:1/2", "redis://:***@h:1/2"),
            ("rediss://u:gEh@EiM/gEhEiM@h:1", "rediss://u:***@h:1"),
            ("redis://u@[::1]:7", "redis://u@[::1]:7"),
            ("redis+sentinel://u:gEhEiM@a:1,b/main/3", "redis+sentinel://u:***@a:1,b:26379/main/3"),
            ("redis+sentinel://a/main?sentinel_password=gEhEiM", "redis+sentinel://a:26379/main?***"),
            ("rediss+cluster://a:1,b:2", "rediss+cluster://a:1,b:2"),
        ] {
            let read = RedisAt::read(url).unwrap_or_else(|| panic!("{url}"));
            assert_eq!(read.to_string(), shown);
            assert!(!format!("{read:?}").contains("gEh"), "{read:?}");
        }
    }

    #[test]
    fn logins_are_decoded() {
        let read = servers("redis://a%40b:p%3A%2F%C3%A9@h");
        assert_eq!(read.login.user.as_deref(), Some("a@b"));
        assert_eq!(read.login.password.as_ref().map(Secret::expose), Some("p:/é"));
        let read = servers("rediss+sentinel://h/main?sentinel_user=s&sentinel_password=t");
        assert_eq!((read.transport, read.login), (RedisTransport::Tls, RedisLogin::default()));
        assert_eq!(read.sentinel_login.user.as_deref(), Some("s"));
        assert_eq!(read.sentinel_login.password.as_ref().map(Secret::expose), Some("t"));
        assert_eq!(read.mode, RedisMode::Sentinel { master: "main".to_owned() });
    }

    #[test]
    fn other_texts_are_refused() {
        for wrong in [
            "h:6379",
            "http://h",
            "redis://",
            "redis://h:x",
            "redis://h:0",
            "redis://a,b",
            "redis://h/x",
            "redis://u:%@h",
            "redis://[::1",
            "redis+sentinel://h",
            "redis+sentinel://h/main?password=x",
            "redis+cluster://h/1",
            "redis://h?sentinel_password=x",
        ] {
            assert_eq!(RedisAt::read(wrong), None, "{wrong}");
        }
    }
}
