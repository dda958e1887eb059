//! A master with two replicas, and three sentinels that watch them. Knows nothing of who uses it.

use super::{Access, GUEST, GUEST_PASSWORD, LONGEST_START, Node, PASSWORD, cli, wait_for};
use crate::error::Context;
use crate::identity::Identity;
use crate::process::{Process, Signal};
use crate::{Error, Result, port, program};
use std::process::Command;
use tempfile::TempDir;

/// What the sentinels call the master.
pub const MASTER: &str = "main";

/// How long a master may be silent, in milliseconds, until the sentinels agree on another one.
const DOWN_AFTER: u32 = 1000;

/// Servers and sentinels; dropping it stops all.
#[derive(Debug)]
pub struct Sentinels {
    /// The first is the master at the start.
    pub nodes: Vec<Node>,
    sentinels: Vec<Sentinel>,
    url: String,
}

#[derive(Debug)]
struct Sentinel {
    /// Without TLS.
    port: u16,
    client_port: u16,
    process: Process,
    _folder: TempDir,
}

impl Sentinels {
    /// Starts them and waits until each sentinel knows the others and the replicas.
    pub fn start(access: Access) -> Result<Sentinels> {
        let master = Node::start(access, &[])?;
        let port = master.client_port();
        let mut nodes = vec![master];
        for _ in 0..2 {
            nodes.push(Node::start(access, &["--replicaof", "127.0.0.1", &port.to_string()])?);
        }
        let sentinels = (0..3).map(|_| Sentinel::start(access, port)).collect::<Result<Vec<_>>>()?;
        let ready = |sentinel: &Sentinel| {
            let told = cli(sentinel.port, &["SENTINEL", "MASTER", MASTER]).unwrap_or_default();
            let lines: Vec<_> = told.lines().collect();
            let says = |key: &str, value: &str| lines.windows(2).any(|pair| pair == [key, value]);
            says("num-slaves", "2") && says("num-other-sentinels", "2") && says("flags", "master")
        };
        wait_for("the sentinels do not know each other", || sentinels.iter().all(ready).then_some(()))?;
        let copies = |node: &Node| {
            cli(node.port, &["INFO", "replication"]).is_ok_and(|told| told.contains("master_link_status:up"))
        };
        wait_for("the replicas have no copy", || nodes[1..].iter().all(copies).then_some(()))?;
        let hosts: Vec<_> = sentinels.iter().map(|s| format!("127.0.0.1:{}", s.client_port)).collect();
        let login = match access {
            Access::Plain => String::new(),
            // A query has no place for the signs that a login may have.
            Access::Guarded(_) => {
                let password = GUEST_PASSWORD.replace('/', "%2F").replace('@', "%40");
                format!("?sentinel_user={GUEST}&sentinel_password={password}")
            }
        };
        let url = format!("{}{}/{MASTER}{login}", access.url("sentinel"), hosts.join(","));
        Ok(Sentinels { nodes, sentinels, url })
    }

    /// The setting `redis` of Weft.
    pub fn url(&self) -> String {
        self.url.clone()
    }

    /// The node that the sentinels take for the master.
    pub fn master(&mut self) -> Result<&mut Node> {
        let told = self.sentinels.iter_mut().find_map(|s| s.master());
        let port = told.ok_or_else(|| Error::new("no sentinel tells the master"))?;
        let node = self.nodes.iter_mut().find(|n| n.client_port() == port);
        node.ok_or_else(|| Error::new(format!("no node has port {port}")))
    }

    /// Lets the sentinels make another node the master while the old one runs on.
    pub fn promote(&mut self) -> Result<()> {
        let before = self.master()?.client_port();
        cli(self.sentinels[0].port, &["SENTINEL", "FAILOVER", MASTER])?;
        self.wait_for_another(before)
    }

    /// Kills the master and waits until the sentinels have made another node the master.
    pub fn kill_master(&mut self) -> Result<()> {
        let master = self.master()?;
        let before = master.client_port();
        master.kill()?;
        self.wait_for_another(before)
    }

    /// Lets the sentinels name a server that knows nothing, while the master before runs on and takes itself for it still: what is left when two sentinels
    /// have failed over at once.
    pub fn name_another(&mut self) -> Result<()> {
        let node = Node::start(Access::Plain, &[])?;
        let port = node.port.to_string();
        for sentinel in &self.sentinels {
            cli(sentinel.port, &["SENTINEL", "REMOVE", MASTER])?;
            cli(sentinel.port, &["SENTINEL", "MONITOR", MASTER, "127.0.0.1", &port, "2"])?;
            cli(sentinel.port, &["SENTINEL", "SET", MASTER, "auth-pass", PASSWORD])?;
        }
        self.nodes.push(node);
        Ok(())
    }

    fn wait_for_another(&mut self, before: u16) -> Result<()> {
        let sentinels = &mut self.sentinels;
        wait_for("there is no other master", || {
            sentinels.iter_mut().all(|s| s.master().is_some_and(|port| port != before)).then_some(())
        })
    }
}

impl Sentinel {
    fn start(access: Access, master: u16) -> Result<Sentinel> {
        let identity = Identity::of_package("redis")?;
        let folder = crate::process::folder("sentinel")?;
        let (port, tls_port) = (port::free(), access.tls_port());
        let file = folder.path().join("sentinel.conf");
        let lines = format!(
            "port {port}\nbind 127.0.0.1\ndir {}\nsentinel monitor {MASTER} 127.0.0.1 {master} 2\n\
             sentinel auth-pass {MASTER} {PASSWORD}\nsentinel down-after-milliseconds {MASTER} {DOWN_AFTER}\n\
             sentinel failover-timeout {MASTER} 5000\n{}",
            folder.path().display(),
            access.of_sentinel(tls_port, folder.path(), &identity)?
        );
        std::fs::write(&file, lines).context(file.display())?;
        // It writes what it has found out into this file.
        identity.own(folder.path())?;
        identity.own(&file)?;
        let mut command = Command::new(program::find("redis-sentinel")?);
        command.arg(&file).current_dir("/");
        identity.apply(&mut command);
        let mut process = Process::start("redis-sentinel", command, folder.path(), Signal::TERM)?;
        process.wait_until(LONGEST_START, || ask(port).map(drop))?;
        Ok(Sentinel { port, client_port: tls_port.unwrap_or(port), process, _folder: folder })
    }

    fn master(&mut self) -> Option<u16> {
        if !matches!(self.process.try_wait(), Ok(None)) {
            return None;
        }
        ask(self.port)
    }
}

fn ask(port: u16) -> Option<u16> {
    let told = cli(port, &["SENTINEL", "GET-MASTER-ADDR-BY-NAME", MASTER]).ok()?;
    told.lines().nth(1)?.parse().ok()
}
