//! A real Redis. `Node` is one server with whatever options; `Redis` is one of them alone; `Sentinels` and `Cluster` are several that fail over.

mod access;
mod cluster;
mod sentinel;
mod tls;

pub use access::{Access, GUEST, GUEST_PASSWORD, GUEST_RULES};
pub use cluster::Cluster;
pub use sentinel::Sentinels;
pub use tls::Certificates;

use crate::identity::Identity;
use crate::process::{Process, Signal};
use crate::{Error, Ran, Result, port, program};
use std::io::{BufRead, BufReader, Write};
use std::net::{Ipv4Addr, TcpStream};
use std::path::Path;
use std::process::Command;
use std::time::{Duration, Instant};
use tempfile::TempDir;

/// The password of every node.
pub const PASSWORD: &str = "secret";

/// How long servers may take until they answer, or have found each other.
const LONGEST_START: Duration = Duration::from_secs(30);

/// One `redis-server`; dropping it stops it and removes its data.
#[derive(Debug)]
pub struct Node {
    /// TCP port on 127.0.0.1, which takes the password of all and no TLS.
    pub port: u16,
    /// The one that speaks TLS, if it does.
    pub tls_port: Option<u16>,
    process: Process,
    options: Vec<String>,
    folder: TempDir,
}

/// One server alone.
#[derive(Debug)]
pub struct Redis(Node);

impl Node {
    /// Starts a node that keeps nothing on disk, with further options such as `["--cluster-enabled", "yes"]`.
    pub fn start(access: Access, options: &[&str]) -> Result<Node> {
        let identity = Identity::of_package("redis")?;
        let folder = crate::process::folder("redis")?;
        identity.own(folder.path())?;
        let mut options: Vec<String> = options.iter().map(|option| (*option).to_owned()).collect();
        let tls_port = access.tls_port();
        options.extend(access.of_server(tls_port, folder.path(), &identity)?);
        let port = port::free();
        let process = launch(port, &options, folder.path())?;
        Ok(Node { port, tls_port, process, options, folder })
    }

    /// Starts it again after it was killed, on the same port, with nothing in it.
    pub fn restart(&mut self) -> Result<()> {
        self.process = launch(self.port, &self.options, self.folder.path())?;
        Ok(())
    }

    /// Kills it, as a crash would.
    pub fn kill(&mut self) -> Result<()> {
        self.process.kill().map(drop)
    }

    /// `host:port` for clients.
    pub fn address(&self) -> String {
        format!("127.0.0.1:{}", self.client_port())
    }

    /// The port for clients: the one with TLS if there is one.
    pub fn client_port(&self) -> u16 {
        self.tls_port.unwrap_or(self.port)
    }

    /// Sends one command and returns the first line of the reply (`+OK`, `:1`, `$5`, `-ERR …`).
    pub fn command(&self, words: &[&str]) -> Result<String> {
        command_on(self.port, words)
    }

    /// The process, for tests that kill or pause it.
    pub fn process(&mut self) -> &mut Process {
        &mut self.process
    }

    /// All that it logged so far.
    pub fn log(&self) -> String {
        self.process.log()
    }
}

impl Redis {
    /// Starts it and waits until it answers.
    pub fn start() -> Result<Redis> {
        Redis::start_for(Access::Plain)
    }

    /// The same, for whoever comes in so.
    pub fn start_for(access: Access) -> Result<Redis> {
        Node::start(access, &[]).map(Redis)
    }

    /// Connection URL of who comes in as this server was started for.
    pub fn url(&self) -> String {
        match self.0.tls_port {
            None => format!("redis://:{PASSWORD}@{}", self.0.address()),
            Some(port) => format!("rediss://{GUEST}:{GUEST_PASSWORD}@localhost:{port}"),
        }
    }

    /// TCP port on 127.0.0.1.
    pub fn port(&self) -> u16 {
        self.0.port
    }

    /// The server itself.
    pub fn node(&mut self) -> &mut Node {
        &mut self.0
    }

    /// As [`Node::command`].
    pub fn command(&self, words: &[&str]) -> Result<String> {
        self.0.command(words)
    }
}

fn launch(port: u16, options: &[String], folder: &Path) -> Result<Process> {
    let mut command = Command::new(program::find("redis-server")?);
    command
        .args(["--port", &port.to_string(), "--bind", "127.0.0.1"])
        .args(["--requirepass", PASSWORD, "--masterauth", PASSWORD])
        .args(["--save", "", "--appendonly", "no", "--daemonize", "no", "--repl-diskless-sync-delay", "0"])
        .arg("--dir")
        .arg(folder)
        .args(options)
        .current_dir("/");
    Identity::of_package("redis")?.apply(&mut command);
    let mut process = Process::start("redis-server", command, folder, Signal::TERM)?;
    process.wait_until(LONGEST_START, || match command_on(port, &["PING"]) {
        Ok(reply) if reply == "+PONG" => Some(()),
        _ => None,
    })?;
    Ok(process)
}

/// Asks `probe` until it has an answer.
fn wait_for<T>(what: &str, mut probe: impl FnMut() -> Option<T>) -> Result<T> {
    let started = Instant::now();
    loop {
        if let Some(found) = probe() {
            return Ok(found);
        }
        if started.elapsed() > LONGEST_START {
            return Err(Error::new(format!("{what} after {LONGEST_START:?}")));
        }
        std::thread::sleep(Duration::from_millis(50));
    }
}

/// Runs redis-cli on this port and returns what it printed.
fn cli(port: u16, words: &[&str]) -> Result<String> {
    let mut command = Command::new(program::find("redis-cli")?);
    command.args(["-p", &port.to_string(), "--no-auth-warning"]).args(words).env("REDISCLI_AUTH", PASSWORD);
    let ran = Ran::of(&mut command)?;
    if ran.ok() {
        Ok(ran.stdout)
    } else {
        Err(Error::new(format!("redis-cli {words:?}\n{}{}", ran.stdout, ran.stderr)))
    }
}

/// Redis's protocol is simple enough that probing needs no client library.
fn command_on(port: u16, words: &[&str]) -> Result<String> {
    let mut stream = TcpStream::connect((Ipv4Addr::LOCALHOST, port))?;
    stream.set_read_timeout(Some(Duration::from_secs(5)))?;
    stream.write_all(&encode(&["AUTH", PASSWORD]))?;
    let mut replies = BufReader::new(stream.try_clone()?);
    let login = line(&mut replies)?;
    if login != "+OK" {
        return Err(Error::new(login));
    }
    stream.write_all(&encode(words))?;
    line(&mut replies)
}

fn line(replies: &mut impl BufRead) -> Result<String> {
    let mut text = String::new();
    replies.read_line(&mut text)?;
    Ok(text.trim_end().to_owned())
}

fn encode(words: &[&str]) -> Vec<u8> {
    let words = words.iter().map(|word| format!("${}\r\n{word}\r\n", word.len()));
    format!("*{}\r\n{}", words.len(), words.collect::<String>()).into_bytes()
}

#[cfg(test)]
mod tests {
    #[test]
    fn encodes_a_command() {
        assert_eq!(super::encode(&["SET", "k", ""]), b"*3\r\n$3\r\nSET\r\n$1\r\nk\r\n$0\r\n\r\n");
    }
}
