//! How the connection to the registry is: what health shows and errors explain. It must not know how to mend it.

use chrono::{DateTime, Utc};
use parking_lot::Mutex;
use std::time::Duration;
use weft_core::{Error, ErrorKind};

/// How it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Condition {
    /// There is no Redis: the registry is in the process and has nobody in it.
    InProcess,
    /// It has not been reached yet, and no try has failed.
    Connecting,
    /// It answers.
    Connected,
    /// It does not.
    Away,
}

/// How it is, since when and why.
#[derive(Debug, Clone)]
pub struct Status {
    /// `standalone`, `sentinel` or `cluster`; `in process` without Redis.
    pub mode: &'static str,
    /// The setting `redis` without passwords.
    pub place: String,
    /// How it is.
    pub condition: Condition,
    /// Since when.
    pub since: DateTime<Utc>,
    /// The last error, be it over.
    pub error: Option<Error>,
    /// Tries in a row that have failed.
    pub failures: u32,
    /// How long it took to answer last.
    pub latency: Option<Duration>,
    /// When it answered last.
    pub answered_at: Option<DateTime<Utc>>,
}

/// A status that changes. Only changes of the condition are logged.
#[derive(Debug)]
pub(super) struct Watched(Mutex<Status>);

impl Watched {
    pub(super) fn new(mode: &'static str, place: String, condition: Condition) -> Watched {
        Watched(Mutex::new(Status {
            mode,
            place,
            condition,
            since: Utc::now(),
            error: None,
            failures: 0,
            latency: None,
            answered_at: None,
        }))
    }

    pub(super) fn get(&self) -> Status {
        self.0.lock().clone()
    }

    pub(super) fn answered(&self, latency: Duration) {
        let mut status = self.0.lock();
        let now = Utc::now();
        if status.condition != Condition::Connected {
            tracing::info!(redis = status.place, "connected to Redis");
            (status.condition, status.since) = (Condition::Connected, now);
        }
        (status.failures, status.latency, status.answered_at) = (0, Some(latency), Some(now));
    }

    pub(super) fn failed(&self, error: Error) {
        let mut status = self.0.lock();
        if status.condition != Condition::Away {
            let detail = error.detail().unwrap_or_default();
            tracing::warn!(redis = status.place, error = error.message(), detail, "Redis cannot be used");
            (status.condition, status.since) = (Condition::Away, Utc::now());
        }
        status.failures = status.failures.saturating_add(1);
        status.error = Some(error);
    }

    /// For who needs it now.
    pub(super) fn refusal(&self) -> Error {
        let status = self.get();
        let why = status.error.as_ref().map_or("it has not been reached yet", Error::message);
        let detail = status.error.as_ref().and_then(Error::detail).unwrap_or(&status.place);
        Error::new(ErrorKind::ConnectionFailed, format!("the registry of workers cannot be reached: {why}"))
            .with_detail(detail)
            .with_hint("system.runtime.health tells since when. The statement can be sent again when Redis is back.")
    }
}
