//! A real PostgreSQL, the newest that Debian's packages installed: passwords by SCRAM, UTF-8, collation C.UTF-8, no fsync.

use crate::endpoint::{Endpoint, Ran};
use crate::error::Context;
use crate::identity::Identity;
use crate::process::{Process, Signal};
use crate::{Error, Result, port, program};
use std::fmt::Write;
use std::path::Path;
use std::process::Command;
use std::time::Duration;
use tempfile::TempDir;

/// A running PostgreSQL; dropping it stops it and removes its data.
#[derive(Debug)]
pub struct Postgres {
    /// Where it listens and its superuser `app`.
    pub endpoint: Endpoint,
    process: Process,
    folder: TempDir,
}

/// What can be chosen before the start.
#[derive(Debug, Default)]
pub struct Builder {
    settings: Vec<(String, String)>,
}

impl Builder {
    /// Adds a setting, as in `postgresql.conf`.
    pub fn setting(mut self, key: &str, value: &str) -> Self {
        self.settings.push((key.to_owned(), value.to_owned()));
        self
    }

    /// Creates the data folder, starts the server and waits until it accepts connections.
    pub fn start(self) -> Result<Postgres> {
        let identity = Identity::of_package("postgres")?;
        let folder = crate::process::folder("postgres")?;
        let data = folder.path().join("data");
        let endpoint = Endpoint {
            host: "127.0.0.1".to_owned(),
            port: port::free(),
            user: "app".to_owned(),
            password: "secret".to_owned(),
            database: "postgres".to_owned(),
        };
        initdb(&identity, folder.path(), &data, &endpoint)?;
        std::fs::write(data.join("postgresql.auto.conf"), self.conf(folder.path(), endpoint.port))?;

        let process = launch(&identity, folder.path(), &data)?;
        Ok(Postgres { endpoint, process, folder })
    }

    fn conf(&self, folder: &Path, port: u16) -> String {
        let socket = folder.display();
        let mut conf = format!(
            "listen_addresses = '127.0.0.1'\nport = {port}\nunix_socket_directories = '{socket}'\n\
             fsync = off\nsynchronous_commit = off\nfull_page_writes = off\ntimezone = 'UTC'\nlog_timezone = 'UTC'\n"
        );
        for (key, value) in &self.settings {
            let _ = writeln!(conf, "{key} = '{}'", value.replace('\'', "''"));
        }
        conf
    }
}

fn launch(identity: &Identity, folder: &Path, data: &Path) -> Result<Process> {
    let mut command = Command::new(program::postgres("postgres")?);
    command.arg("-D").arg(data).current_dir("/");
    identity.apply(&mut command);
    // SIGINT is PostgreSQL's fast shutdown: sessions are ended, SIGTERM would wait for them.
    let mut process = Process::start("postgres", command, folder, Signal::INT)?;
    // The eighth line is what pg_ctl waits for too.
    process.wait_until(Duration::from_secs(60), || {
        let pid_file = std::fs::read_to_string(data.join("postmaster.pid")).ok()?;
        (pid_file.lines().nth(7)?.trim() == "ready").then_some(())
    })?;
    Ok(process)
}

impl Postgres {
    /// With the defaults.
    pub fn start() -> Result<Postgres> {
        Self::builder().start()
    }

    /// To choose settings.
    pub fn builder() -> Builder {
        Builder::default()
    }

    /// Connection URL of the superuser.
    pub fn url(&self) -> String {
        self.endpoint.url()
    }

    /// TCP port.
    pub fn port(&self) -> u16 {
        self.endpoint.port
    }

    /// The server's log.
    pub fn log_file(&self) -> &Path {
        self.process.log_file()
    }

    /// All that the server logged so far, for example statements with `log_statement = 'all'`.
    pub fn log(&self) -> String {
        self.process.log()
    }

    /// Its own folder, with the log and the data.
    pub fn folder(&self) -> &Path {
        self.folder.path()
    }

    /// A new connection.
    pub async fn connect(&self) -> Result<tokio_postgres::Client> {
        Ok(self.endpoint.connect().await?)
    }

    /// Starts it again, after it was stopped, on the same data and port.
    pub fn restart(&mut self) -> Result<()> {
        let data = self.folder.path().join("data");
        self.process = launch(&Identity::of_package("postgres")?, self.folder.path(), &data)?;
        Ok(())
    }

    /// Runs psql against it.
    pub fn psql(&self, args: &[&str]) -> Result<Ran> {
        self.endpoint.psql(args)
    }

    /// The process, for tests that kill or pause it.
    pub fn process(&mut self) -> &mut Process {
        &mut self.process
    }
}

fn initdb(identity: &Identity, folder: &Path, data: &Path, endpoint: &Endpoint) -> Result<()> {
    let password = folder.join("password");
    std::fs::write(&password, &endpoint.password).context(password.display())?;
    identity.own(folder)?;
    identity.own(&password)?;
    let mut command = Command::new(program::postgres("initdb")?);
    command
        .arg("-D")
        .arg(data)
        .args(["-U", &endpoint.user, "-A", "scram-sha-256", "--no-sync", "-E", "UTF8", "--locale=C.UTF-8"])
        .arg(format!("--pwfile={}", password.display()))
        .current_dir("/");
    let ran = Ran::of(identity.apply(&mut command))?;
    if ran.ok() { Ok(()) } else { Err(Error::new(format!("initdb failed\n{}{}", ran.stdout, ran.stderr))) }
}
