//! A real MariaDB from Debian's packages, with the database `app` and its user.

use crate::endpoint::Ran;
use crate::error::Context;
use crate::identity::Identity;
use crate::process::{Process, Signal};
use crate::{Error, Result, port, program};
use std::io::Read;
use std::os::unix::net::UnixStream;
use std::path::Path;
use std::process::Command;
use std::time::Duration;
use tempfile::TempDir;

/// Run by the server before it accepts connections.
const INIT: &str = "CREATE DATABASE app;\nCREATE USER 'app'@'127.0.0.1' IDENTIFIED BY 'secret';\n\
                    GRANT ALL ON *.* TO 'app'@'127.0.0.1' WITH GRANT OPTION;\nALTER USER root@localhost IDENTIFIED BY 'secret';\n";

/// A running MariaDB; dropping it stops it and removes its data.
#[derive(Debug)]
pub struct MariaDb {
    /// TCP port on 127.0.0.1.
    pub port: u16,
    /// A user with all privileges.
    pub user: &'static str,
    /// Their password.
    pub password: &'static str,
    process: Process,
    folder: TempDir,
}

/// What can be chosen before the start.
#[derive(Debug, Default)]
pub struct Builder {
    options: Vec<String>,
}

impl Builder {
    /// Adds an option of the server, for example `--sql-mode=ANSI`.
    pub fn option(mut self, option: &str) -> Self {
        self.options.push(option.to_owned());
        self
    }

    /// Creates the data folder, starts the server and waits until it greets.
    pub fn start(self) -> Result<MariaDb> {
        let identity = Identity::of_package("mysql")?;
        let folder = crate::process::folder("mariadb")?;
        let (data, socket) = (folder.path().join("data"), folder.path().join("sock"));
        // Of its own: a server that starts removes the temporary tables of others from where it has its own.
        let temporary = folder.path().join("tmp");
        std::fs::create_dir(&temporary).context(temporary.display())?;
        let init = folder.path().join("init.sql");
        std::fs::write(&init, INIT).context(init.display())?;
        identity.own(folder.path())?;
        identity.own(&temporary)?;
        install(&identity, &data)?;

        let port = port::free();
        let mut command = Command::new(program::find("mariadbd")?);
        command
            .arg("--no-defaults")
            .arg(format!("--datadir={}", data.display()))
            .arg(format!("--tmpdir={}", temporary.display()))
            .arg(format!("--socket={}", socket.display()))
            .arg(format!("--init-file={}", init.display()))
            .arg(format!("--pid-file={}", folder.path().join("pid").display()))
            .args([&format!("--port={port}"), "--bind-address=127.0.0.1", "--skip-name-resolve"])
            .args(["--innodb-flush-log-at-trx-commit=0", "--innodb-buffer-pool-size=64M", "--local-infile=1"])
            .args(["--character-set-server=utf8mb4", "--default-time-zone=+00:00"])
            .args(&self.options)
            .current_dir("/");
        identity.apply(&mut command);
        let mut process = Process::start("mariadbd", command, folder.path(), Signal::TERM)?;
        process.wait_until(Duration::from_secs(60), || greets(&socket))?;
        Ok(MariaDb { port, user: "app", password: "secret", process, folder })
    }
}

impl MariaDb {
    /// With the defaults.
    pub fn start() -> Result<MariaDb> {
        Self::builder().start()
    }

    /// To choose options.
    pub fn builder() -> Builder {
        Builder::default()
    }

    /// Connection URL of the user `app` and the database `app`.
    pub fn url(&self) -> String {
        format!("mysql://{}:{}@127.0.0.1:{}/app", self.user, self.password, self.port)
    }

    /// Runs statements with the command-line client; rows come back with tabs between the columns.
    pub fn sql(&self, statements: &str) -> Result<String> {
        let mut command = Command::new(program::find("mariadb")?);
        command
            .args(["--no-defaults", "--protocol=tcp", "--host=127.0.0.1", &format!("--port={}", self.port)])
            .args([
                &format!("--user={}", self.user),
                "--batch",
                "--skip-column-names",
                "--default-character-set=utf8mb4",
            ])
            .args(["--execute", statements, "app"])
            .env("MYSQL_PWD", self.password);
        let ran = Ran::of(&mut command)?;
        if ran.ok() { Ok(ran.stdout) } else { Err(Error::new(ran.stderr)) }
    }

    /// All that the server logged so far.
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
}

fn install(identity: &Identity, data: &Path) -> Result<()> {
    let mut command = Command::new(program::find("mariadb-install-db")?);
    command
        .args(["--no-defaults", "--auth-root-authentication-method=normal", "--skip-test-db"])
        .arg(format!("--datadir={}", data.display()))
        .current_dir("/");
    let ran = Ran::of(identity.apply(&mut command))?;
    if ran.ok() { Ok(()) } else { Err(Error::new(format!("mariadb-install-db failed\n{}{}", ran.stdout, ran.stderr))) }
}

/// The server's greeting comes by itself, after the init file has run. By the socket in our own folder, so that it is surely this server.
fn greets(socket: &Path) -> Option<()> {
    let mut stream = UnixStream::connect(socket).ok()?;
    stream.set_read_timeout(Some(Duration::from_secs(1))).ok()?;
    let mut header = [0; 5];
    stream.read_exact(&mut header).ok()?;
    (header[4] == 10).then_some(())
}
