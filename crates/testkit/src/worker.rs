//! A worker of Weft as its operators meet it: the program `weft worker` on a free port and in a temporary folder. It must not know any of Weft's crates.

use crate::process::{Process, Signal};
use crate::{Result, program};
use std::ffi::OsString;
use std::path::Path;
use std::process::{Command, ExitStatus};
use std::time::Duration;
use tempfile::TempDir;

/// Longer than any start takes on a loaded machine.
const START_LIMIT: Duration = Duration::from_secs(60);

/// A running worker; dropping it stops it and removes its data.
#[derive(Debug)]
pub struct Worker {
    /// The port at which it takes statements.
    pub port: u16,
    process: Process,
    _folder: TempDir,
}

/// What can be chosen before the start.
#[derive(Debug, Default)]
pub struct WorkerBuilder {
    args: Vec<OsString>,
}

impl WorkerBuilder {
    /// A setting by its key, passed as its flag.
    pub fn setting(mut self, key: &str, value: &str) -> Self {
        self.args.extend([format!("--{}", key.replace('_', "-")).into(), value.into()]);
        self
    }

    /// Starts the worker and waits until it has registered.
    pub fn start(self) -> Result<Worker> {
        let folder = crate::process::folder("worker")?;
        let data_dir = folder.path().join("data");
        std::fs::create_dir_all(&data_dir)?;
        let mut command = Command::new(program::weft(None)?);
        // A developer's own settings must not reach the test.
        for (key, _) in std::env::vars_os().filter(|(key, _)| key.to_string_lossy().starts_with("WEFT_")) {
            command.env_remove(key);
        }
        command.arg("worker").arg("--data-dir").arg(&data_dir).args(["--worker-listen", "127.0.0.1:0"]);
        command.current_dir(&data_dir).args(&self.args);
        let mut process = Process::start("weft worker", command, folder.path(), Signal::TERM)?;
        let port = process.wait_until(START_LIMIT, || port_in(&data_dir.join("worker-address")))?;
        Ok(Worker { port, process, _folder: folder })
    }
}

impl Worker {
    /// To choose settings: `redis` and `worker_key_file` are needed.
    pub fn builder() -> WorkerBuilder {
        WorkerBuilder::default()
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

fn port_in(file: &Path) -> Option<u16> {
    std::fs::read_to_string(file).ok()?.rsplit_once(':')?.1.trim_end().parse().ok()
}
