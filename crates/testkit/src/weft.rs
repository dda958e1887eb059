//! Weft itself, as its users meet it: the program `weft serve` on a free port and a temporary folder. It must not know any of Weft's crates.

use crate::endpoint::{Endpoint, Ran};
use crate::process::{Process, Signal};
use crate::{Result, program};
use std::ffi::OsString;
use std::path::{Path, PathBuf};
use std::process::{Command, ExitStatus};
use std::time::Duration;
use tempfile::TempDir;

/// The flags of all listeners; each gets a free port, so that gateways run side by side. A new listener of the server is added here.
const LISTENERS: &[&str] = &["--pg-listen", "--flight-listen", "--http-listen"];

/// Longer than any start takes on a loaded machine.
const START_LIMIT: Duration = Duration::from_secs(60);

/// A running gateway; dropping it stops it and removes its data.
#[derive(Debug)]
pub struct Weft {
    /// Where pg-wire listens, the superuser `weft`, and the catalog `lake`.
    pub endpoint: Endpoint,
    process: Process,
    data: Data,
}

/// The data folder: removed with the guard, or the test's own, which outlives a restart.
#[derive(Debug)]
enum Data {
    Temporary(TempDir),
    /// The folder of the log is still temporary.
    Given(PathBuf, #[allow(dead_code)] TempDir),
}

/// What can be chosen before the start.
#[derive(Debug)]
pub struct Builder {
    binary: Option<PathBuf>,
    data_dir: Option<PathBuf>,
    password: String,
    args: Vec<OsString>,
    env: Vec<(OsString, OsString)>,
}

impl Builder {
    /// The program, for tests that have `env!("CARGO_BIN_EXE_weft")`.
    pub fn binary(mut self, path: impl Into<PathBuf>) -> Self {
        self.binary = Some(path.into());
        self
    }

    /// A data folder that stays, for tests that start a gateway again on what another one left.
    pub fn data_dir(mut self, path: impl Into<PathBuf>) -> Self {
        self.data_dir = Some(path.into());
        self
    }

    /// The superuser's password on first start.
    pub fn password(mut self, password: &str) -> Self {
        self.password = password.to_owned();
        self
    }

    /// One more argument of `weft serve`.
    pub fn arg(mut self, arg: impl Into<OsString>) -> Self {
        self.args.push(arg.into());
        self
    }

    /// A setting by its key (`statement_timeout`), passed as its flag.
    pub fn setting(self, key: &str, value: &str) -> Self {
        self.arg(format!("--{}", key.replace('_', "-"))).arg(value)
    }

    /// One more environment variable.
    pub fn env(mut self, key: impl Into<OsString>, value: impl Into<OsString>) -> Self {
        self.env.push((key.into(), value.into()));
        self
    }

    /// Starts the gateway and waits until it accepts connections.
    pub fn start(self) -> Result<Weft> {
        let folder = crate::process::folder("weft")?;
        let data_dir = self.data_dir.clone().unwrap_or_else(|| folder.path().join("data"));
        std::fs::create_dir_all(&data_dir)?;
        let address_file = data_dir.join("pg-address");
        // An earlier gateway on this folder may have left its own address.
        let _ = std::fs::remove_file(&address_file);

        let password = self.password.clone();
        let mut process = Process::start("weft", self.command(&data_dir)?, folder.path(), Signal::TERM)?;
        let port = process.wait_until(START_LIMIT, || port_in(&std::fs::read_to_string(&address_file).ok()?))?;
        let endpoint = Endpoint {
            host: "127.0.0.1".to_owned(),
            port,
            user: "weft".to_owned(),
            password,
            database: "lake".to_owned(),
        };
        let data = match self.data_dir {
            Some(path) => Data::Given(path, folder),
            None => Data::Temporary(folder),
        };
        Ok(Weft { endpoint, process, data })
    }

    fn command(&self, data_dir: &Path) -> Result<Command> {
        let mut command = Command::new(program::weft(self.binary.as_deref())?);
        // A developer's own settings must not reach the test.
        for (key, _) in std::env::vars_os().filter(|(key, _)| key.to_string_lossy().starts_with("WEFT_")) {
            command.env_remove(key);
        }
        command.arg("serve").arg("--data-dir").arg(data_dir);
        for listener in LISTENERS {
            command.args([listener, "127.0.0.1:0"]);
        }
        // Not the package's folder, where a `weft.toml` may lie.
        command.current_dir(data_dir).args(&self.args);
        command.env("WEFT_ADMIN_PASSWORD", &self.password).envs(self.env.iter().cloned());
        Ok(command)
    }
}

impl Weft {
    /// With the defaults.
    pub fn start() -> Result<Weft> {
        Self::builder().start()
    }

    /// To choose settings.
    pub fn builder() -> Builder {
        Builder {
            binary: None,
            data_dir: None,
            password: "weft-test-password".to_owned(),
            args: Vec::new(),
            env: Vec::new(),
        }
    }

    /// Connection URL of the superuser.
    pub fn url(&self) -> String {
        self.endpoint.url()
    }

    /// A new connection of the superuser `weft` to the catalog `lake`.
    pub async fn connect(&self) -> Result<tokio_postgres::Client> {
        Ok(self.endpoint.connect().await?)
    }

    /// Where Flight SQL listens.
    pub fn flight_port(&self) -> Result<u16> {
        let address = std::fs::read_to_string(self.data_dir().join("flight-address"))?;
        port_in(&address).ok_or_else(|| crate::Error::new(format!("no port in {address}")))
    }

    /// Where HTTP listens.
    pub fn http_port(&self) -> Result<u16> {
        let address = std::fs::read_to_string(self.data_dir().join("http-address"))?;
        port_in(&address).ok_or_else(|| crate::Error::new(format!("no port in {address}")))
    }

    /// Runs psql against it.
    pub fn psql(&self, args: &[&str]) -> Result<Ran> {
        self.endpoint.psql(args)
    }

    /// The process id.
    pub fn pid(&self) -> u32 {
        self.process.pid()
    }

    /// The data folder.
    pub fn data_dir(&self) -> PathBuf {
        match &self.data {
            Data::Temporary(folder) => folder.path().join("data"),
            Data::Given(path, _) => path.clone(),
        }
    }

    /// All that it printed and logged so far.
    pub fn log(&self) -> String {
        self.process.log()
    }

    /// SIGTERM, and waits for the drain.
    pub fn stop(&mut self) -> Result<ExitStatus> {
        self.process.signal(Signal::TERM)?;
        self.process.wait(Duration::from_secs(40))
    }

    /// SIGKILL, as a crash.
    pub fn kill(&mut self) -> Result<ExitStatus> {
        self.process.kill()
    }

    /// The process, for tests that pause it or send other signals.
    pub fn process(&mut self) -> &mut Process {
        &mut self.process
    }
}

/// The file may be there before its text is, which then comes whole: it is shorter than anything the kernel would split.
fn port_in(address: &str) -> Option<u16> {
    address.rsplit_once(':')?.1.trim_end().parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reads_the_address_once_it_is_there() {
        assert_eq!(port_in("127.0.0.1:40123\n"), Some(40123));
        assert_eq!(port_in(""), None);
        assert_eq!(port_in("127.0.0.1:40123"), Some(40123));
    }
}
