//! A real Redis. `Node` is one server with whatever options; `Redis` is one of them alone. Sentinel and Cluster are further arrangements of nodes.

use crate::identity::Identity;
use crate::process::{Process, Signal};
use crate::{Error, Result, port, program};
use std::io::{BufRead, BufReader, Write};
use std::net::{Ipv4Addr, TcpStream};
use std::process::Command;
use std::time::Duration;
use tempfile::TempDir;

/// The password of every node.
pub const PASSWORD: &str = "secret";

/// One `redis-server`; dropping it stops it and removes its data.
#[derive(Debug)]
pub struct Node {
    /// TCP port on 127.0.0.1.
    pub port: u16,
    process: Process,
    _folder: TempDir,
}

/// One server alone.
#[derive(Debug)]
pub struct Redis(Node);

impl Node {
    /// Starts a node that keeps nothing on disk, with further options such as `["--cluster-enabled", "yes"]`.
    pub fn start(options: &[&str]) -> Result<Node> {
        let identity = Identity::of_package("redis")?;
        let folder = crate::process::folder("redis")?;
        identity.own(folder.path())?;
        let port = port::free();
        let mut command = Command::new(program::find("redis-server")?);
        command
            .args([
                "--port",
                &port.to_string(),
                "--bind",
                "127.0.0.1",
                "--requirepass",
                PASSWORD,
                "--masterauth",
                PASSWORD,
            ])
            .args(["--save", "", "--appendonly", "no", "--daemonize", "no"])
            .arg("--dir")
            .arg(folder.path())
            .args(options)
            .current_dir("/");
        identity.apply(&mut command);
        let mut process = Process::start("redis-server", command, folder.path(), Signal::TERM)?;
        process.wait_until(Duration::from_secs(30), || match command_on(port, &["PING"]) {
            Ok(reply) if reply == "+PONG" => Some(()),
            _ => None,
        })?;
        Ok(Node { port, process, _folder: folder })
    }

    /// `host:port`.
    pub fn address(&self) -> String {
        format!("127.0.0.1:{}", self.port)
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
        Node::start(&[]).map(Redis)
    }

    /// Connection URL with the password.
    pub fn url(&self) -> String {
        format!("redis://:{PASSWORD}@{}", self.0.address())
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
