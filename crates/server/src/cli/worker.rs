//! `weft worker`: registers, takes statements until a signal, drains. A second signal stops at once.

use super::serve::{THREADS_END, log_to_stderr, runtime};
use super::signals::Signals;
use crate::boot::worker::WorkerServer;
use weft_core::redis_at::RedisAt;
use weft_core::settings::Settings;
use weft_core::{Error, ErrorKind, Result};

/// Refuses settings with which nobody would find the worker.
pub(super) fn checked(settings: Settings) -> Result<Settings> {
    match settings.redis {
        RedisAt::Servers(_) => super::in_time(&settings).map(|()| settings),
        _ => Err(Error::new(ErrorKind::InvalidParameterValue, "a worker needs the setting redis")
            .with_detail("Gateways find their workers in Redis.")
            .with_hint("Give --redis, the same as the gateways have.")),
    }
}

/// Works until a signal.
pub(super) fn work(settings: Settings) -> Result<()> {
    log_to_stderr(&settings)?;
    let runtime = runtime()?;
    let done = runtime.block_on(async {
        let mut signals = Signals::listen()?;
        tokio::select! {
            worker = WorkerServer::start(settings) => worker?.run(async || signals.next().await).await,
            () = signals.next() => Ok(()),
        }
    });
    runtime.shutdown_timeout(THREADS_END);
    done
}
