//! A child process that ends with its guard: started in a process group of its own, its output captured in a file, awaited by probing. It must
//! not know what the program does; each server's file does.

use crate::error::Context;
use crate::{Error, Result};
use std::os::unix::process::{CommandExt, ExitStatusExt};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, ExitStatus, Stdio};
use std::time::{Duration, Instant};

pub use rustix::process::Signal;
use rustix::process::{Pid, kill_process, kill_process_group};

/// How long a server may take to end by itself before it is killed.
const GRACE: Duration = Duration::from_secs(10);

/// Ends the group when the test process is gone, however it went: fixtures in statics are never dropped, and a runner may kill a test. It
/// notices by the end of its standard input, which only the test process holds open.
const WATCHDOG: &str = "read -r _; kill \"-$2\" \"-$1\"; for _ in 1 2 3 4 5 6 7 8 9 10; do kill -0 \"-$1\" || break; sleep 0.5; done; \
     kill -9 \"-$1\"; rm -rf -- \"$3\"";

/// A running program. Dropping it ends the program and what it started.
#[derive(Debug)]
pub struct Process {
    name: String,
    child: Child,
    watchdog: Child,
    log: PathBuf,
    stop_signal: Signal,
    status: Option<ExitStatus>,
}

impl Process {
    /// Starts `command`; output goes to `folder/log`. `stop_signal` is what asks this program to end soon. The folder is removed by the
    /// watchdog only if this process is gone before the guard.
    pub fn start(name: &str, mut command: Command, folder: &Path, stop_signal: Signal) -> Result<Self> {
        let log = folder.join("log");
        let output = std::fs::File::create(&log).context(log.display())?;
        let errors = output.try_clone()?;
        let child = command
            .stdin(Stdio::null())
            .stdout(output)
            .stderr(errors)
            .process_group(0)
            .spawn()
            .context(format!("cannot start {name} ({})", command.get_program().display()))?;
        let watchdog = watch(child.id(), stop_signal, folder)?;
        Ok(Process { name: name.to_owned(), child, watchdog, log, stop_signal, status: None })
    }

    /// The process id of the program.
    pub fn pid(&self) -> u32 {
        self.child.id()
    }

    /// The file with all its output.
    pub fn log_file(&self) -> &Path {
        &self.log
    }

    /// All its output so far.
    pub fn log(&self) -> String {
        std::fs::read(&self.log).map(|bytes| String::from_utf8_lossy(&bytes).into_owned()).unwrap_or_default()
    }

    /// Asks `probe` until it has an answer. Fails with the log when the program exits first or `limit` is over.
    pub fn wait_until<T>(&mut self, limit: Duration, mut probe: impl FnMut() -> Option<T>) -> Result<T> {
        let started = Instant::now();
        loop {
            if let Some(found) = probe() {
                return Ok(found);
            }
            if let Some(status) = self.try_wait()? {
                return Err(Error::new(format!("{} ended while starting: {status}\n{}", self.name, self.log())));
            }
            if started.elapsed() > limit {
                return Err(Error::new(format!("{} is not ready after {limit:?}\n{}", self.name, self.log())));
            }
            std::thread::sleep(Duration::from_millis(20));
        }
    }

    /// How it ended, if it did.
    pub fn try_wait(&mut self) -> Result<Option<ExitStatus>> {
        if self.status.is_none() {
            // What it left behind and the watchdog go first: once the child is reaped its number may become another process's.
            if exited(self.child.id()) {
                let _ = kill_process_group(self.id(), Signal::KILL);
                end(&mut self.watchdog);
                self.status = Some(self.child.wait()?);
            }
        }
        Ok(self.status)
    }

    /// Sends a signal to the program alone, not to what it started.
    pub fn signal(&self, signal: Signal) -> Result<()> {
        match self.status {
            Some(_) => Err(Error::new(format!("{} has ended", self.name))),
            None => kill_process(self.id(), signal).context(&self.name),
        }
    }

    /// Waits for its end, `limit` at most.
    pub fn wait(&mut self, limit: Duration) -> Result<ExitStatus> {
        let started = Instant::now();
        loop {
            if let Some(status) = self.try_wait()? {
                return Ok(status);
            }
            if started.elapsed() > limit {
                return Err(Error::new(format!("{} still runs after {limit:?}\n{}", self.name, self.log())));
            }
            std::thread::sleep(Duration::from_millis(10));
        }
    }

    /// Asks it to end, waits, and kills the group if it does not.
    pub fn stop(&mut self) -> Result<ExitStatus> {
        if let Some(status) = self.try_wait()? {
            return Ok(status);
        }
        self.signal(self.stop_signal)?;
        self.wait(GRACE).or_else(|_| self.kill())
    }

    /// Kills it and what it started, as a crash would.
    pub fn kill(&mut self) -> Result<ExitStatus> {
        if let Some(status) = self.try_wait()? {
            return Ok(status);
        }
        kill_process_group(self.id(), Signal::KILL).context(&self.name)?;
        end(&mut self.watchdog);
        let status = self.child.wait()?;
        self.status = Some(status);
        Ok(status)
    }

    fn id(&self) -> Pid {
        Pid::from_child(&self.child)
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        let _ = self.stop();
    }
}

/// Whether it ended without reaping it, so that its number stays taken.
fn exited(pid: u32) -> bool {
    let stat = std::fs::read_to_string(format!("/proc/{pid}/stat")).unwrap_or_default();
    // The state follows the name, which is in parentheses and may itself contain some.
    matches!(stat.rsplit_once(") ").map(|(_, rest)| rest.as_bytes().first().copied()), None | Some(Some(b'Z' | b'X')))
}

fn watch(group: u32, signal: Signal, folder: &Path) -> Result<Child> {
    Command::new("/bin/sh")
        .args(["-c", WATCHDOG, "watchdog"])
        .arg(group.to_string())
        .arg(signal.as_raw().to_string())
        .arg(folder)
        .current_dir("/")
        .stdin(Stdio::piped())
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .process_group(0)
        .spawn()
        .context("watchdog")
}

fn end(watchdog: &mut Child) {
    let _ = watchdog.kill();
    let _ = watchdog.wait();
}

/// `true` if the program was ended by this signal.
pub fn ended_by(status: ExitStatus, signal: Signal) -> bool {
    status.signal() == Some(signal.as_raw())
}

/// A temporary folder for one server, which other users may enter: the server may have to run as one of them.
pub(crate) fn folder(name: &str) -> Result<tempfile::TempDir> {
    use std::os::unix::fs::PermissionsExt;
    let folder =
        tempfile::Builder::new().prefix(&format!("weft-test-{name}-")).tempdir().context("temporary folder")?;
    std::fs::set_permissions(folder.path(), std::fs::Permissions::from_mode(0o755)).context(folder.path().display())?;
    Ok(folder)
}
