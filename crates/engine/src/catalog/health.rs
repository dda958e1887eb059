//! Whether a source answers: a task for each source asks it from time to time, so that nobody has to wait for one that is away. It must not know what
//! a source holds.

use chrono::{DateTime, Utc};
use parking_lot::Mutex;
use rand::Rng;
use std::fmt;
use std::sync::Arc;
use std::time::{Duration, Instant};
use tokio::sync::{Notify, Semaphore};
use tokio::task::AbortHandle;
use weft_connect::{Connector, NodeCheck, StorePool};
use weft_core::settings::Settings;
use weft_core::{Error, ErrorKind};

/// The least time between two probes, however often somebody wants one.
const BREATH: Duration = Duration::from_secs(1);

/// Sources that are asked at once.
pub const PROBES_AT_ONCE: usize = 16;

/// How often and how long sources are waited for.
#[derive(Debug, Clone, Copy)]
pub struct Patience {
    /// Between two probes.
    pub interval: Duration,
    /// For the answer to a probe.
    pub probe: Duration,
    /// For a listing, by a statement.
    pub listing: Duration,
}

impl Patience {
    /// As the settings say.
    pub fn of(settings: &Settings) -> Patience {
        Patience {
            interval: settings.health_interval.0,
            probe: settings.health_timeout.0,
            listing: settings.listing_timeout.0,
        }
    }
}

/// What is known of a source.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum HealthState {
    /// It has not been asked yet.
    Unknown,
    /// Every node answered in time.
    Healthy,
    /// It answers, but slowly, not from every node, or not to everything.
    Degraded,
    /// No node answered the last time.
    Unreachable,
    /// It is not asked: its owner has switched it off.
    Disabled,
}

impl fmt::Display for HealthState {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            HealthState::Unknown => "unknown",
            HealthState::Healthy => "healthy",
            HealthState::Degraded => "degraded",
            HealthState::Unreachable => "unreachable",
            HealthState::Disabled => "disabled",
        })
    }
}

/// The outcome of the last probe, and what has happened since.
#[derive(Debug, Clone)]
pub struct Finding {
    /// What it amounts to.
    pub state: HealthState,
    /// Why it is not healthy.
    pub error: Option<Error>,
    /// When the source was asked last.
    pub checked_at: Option<DateTime<Utc>>,
    /// How long the slowest node took.
    pub latency: Option<Duration>,
    /// What the source says it is.
    pub version: Option<String>,
    /// Probes in a row that failed.
    pub failures: u32,
}

impl Finding {
    /// Nothing but a state.
    pub fn blank(state: HealthState) -> Finding {
        Finding { state, error: None, checked_at: None, latency: None, version: None, failures: 0 }
    }

    /// What the answers of a source's nodes amount to.
    pub fn of(nodes: Vec<NodeCheck>, patience: Patience) -> Finding {
        let latency = nodes.iter().map(|n| n.latency).max();
        let version = nodes.iter().find_map(|n| n.version.clone());
        let (asked, answered) = (nodes.len(), nodes.iter().filter(|n| n.error.is_none()).count());
        let error = nodes.into_iter().find_map(|n| n.error);
        let slow = latency.is_some_and(|l| l > patience.probe / 2);
        let state = match (answered, asked - answered) {
            (0, _) => HealthState::Unreachable,
            (_, 0) if !slow => HealthState::Healthy,
            _ => HealthState::Degraded,
        };
        Finding { state, error, checked_at: Some(Utc::now()), latency, version, failures: 0 }
    }

    fn timed_out(catalog: &str, patience: Patience) -> Finding {
        let message = format!("catalog \"{catalog}\" did not answer within {} ms", patience.probe.as_millis());
        Finding {
            error: Some(Error::new(ErrorKind::ConnectionFailed, message)),
            checked_at: Some(Utc::now()),
            latency: Some(patience.probe),
            ..Finding::blank(HealthState::Unreachable)
        }
    }
}

/// What is known of one source, shared with its probe.
#[derive(Debug)]
pub struct Health {
    finding: Mutex<Finding>,
    wanted: Notify,
    learned: Notify,
}

impl Health {
    /// Of a source that has not been asked.
    pub fn new(state: HealthState) -> Arc<Health> {
        Health::known(Finding::blank(state))
    }

    /// Of a source that was asked just now.
    pub fn known(finding: Finding) -> Arc<Health> {
        Arc::new(Health { finding: Mutex::new(finding), wanted: Notify::new(), learned: Notify::new() })
    }

    /// What is known.
    pub fn finding(&self) -> Finding {
        self.finding.lock().clone()
    }

    /// Why the source cannot be reached, if the last probe said so. Asks for another one: it may be back.
    pub fn unreachable(&self) -> Option<Error> {
        let finding = self.finding.lock();
        if finding.state != HealthState::Unreachable {
            return None;
        }
        self.wanted.notify_one();
        Some(finding.error.clone().unwrap_or_else(|| Error::new(ErrorKind::ConnectionFailed, "the source is away")))
    }

    /// Waits until the source is known to be unreachable, and tells why. Asks for a probe.
    pub async fn until_unreachable(&self) -> Error {
        loop {
            let learned = self.learned.notified();
            if let Some(error) = self.unreachable() {
                return error;
            }
            self.wanted.notify_one();
            learned.await;
        }
    }

    /// A statement has met an error of the source that was thought healthy: it is looked at soon.
    pub fn suspect(&self, error: &Error) {
        let mut finding = self.finding.lock();
        if finding.state == HealthState::Healthy {
            finding.state = HealthState::Degraded;
            finding.error = Some(error.clone());
        }
        self.wanted.notify_one();
    }

    /// Has the source asked soon.
    pub fn look(&self) {
        self.wanted.notify_one();
    }

    fn learn(&self, catalog: &str, mut finding: Finding) {
        let mut last = self.finding.lock();
        if finding.state == HealthState::Unreachable {
            finding.failures = last.failures.saturating_add(1);
        }
        if finding.state != last.state {
            let error = finding.error.as_ref().map(|e| e.message().to_owned());
            tracing::info!(catalog, before = %last.state, now = %finding.state, error, "the health of a source changed");
        }
        *last = finding;
        drop(last);
        self.learned.notify_waiters();
    }
}

/// The task that asks one source; dropping it ends it.
#[derive(Debug)]
pub struct Probe(AbortHandle);

impl Probe {
    /// Begins to ask, when it is its turn.
    pub fn start(
        catalog: String,
        connector: Arc<dyn Connector>,
        health: Arc<Health>,
        patience: Patience,
        turns: Arc<Semaphore>,
    ) -> Probe {
        let interval = connector.store_pool().map_or(patience.interval, StorePool::interval);
        let task = tokio::spawn(async move {
            if interval.is_zero() {
                health.wanted.notified().await;
            }
            loop {
                let asked = Instant::now();
                if due(&health) {
                    let Ok(_turn) = turns.acquire().await else { return };
                    let finding = match tokio::time::timeout(patience.probe, connector.check()).await {
                        Ok(nodes) => Finding::of(nodes, patience),
                        Err(_) => Finding::timed_out(&catalog, patience),
                    };
                    health.learn(&catalog, finding);
                }
                tokio::time::sleep(BREATH.saturating_sub(asked.elapsed())).await;
                tokio::select! {
                    () = pause(interval) => {}
                    () = health.wanted.notified() => {}
                }
            }
        });
        Probe(task.abort_handle())
    }
}

/// Until the next probe, after the breath that there is always: a tenth more or less, so that not all are asked at once.
async fn pause(interval: Duration) {
    if interval.is_zero() {
        return std::future::pending().await;
    }
    let share = rand::rng().random_range(0.9..=1.1);
    tokio::time::sleep(interval.saturating_sub(BREATH).mul_f64(share)).await;
}

/// Whether the source should be asked now: not if that has just been done, by the statement that created it.
fn due(health: &Health) -> bool {
    let finding = health.finding.lock();
    let age = finding.checked_at.and_then(|at| Utc::now().signed_duration_since(at).to_std().ok());
    finding.state == HealthState::Degraded || age.is_none_or(|age| age >= BREATH)
}

impl Drop for Probe {
    fn drop(&mut self) {
        self.0.abort();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const PATIENCE: Patience =
        Patience { interval: Duration::from_secs(30), probe: Duration::from_secs(4), listing: Duration::from_secs(5) };

    fn node(millis: u64, error: Option<&str>) -> NodeCheck {
        NodeCheck {
            node: "h:1".to_owned(),
            latency: Duration::from_millis(millis),
            version: None,
            error: error.map(|e| Error::new(ErrorKind::ConnectionFailed, e)),
        }
    }

    #[test]
    fn answers_amount_to_a_state() {
        for (nodes, state) in [
            (vec![node(1, None)], HealthState::Healthy),
            (vec![node(3000, None)], HealthState::Degraded),
            (vec![node(1, None), node(1, Some("away"))], HealthState::Degraded),
            (vec![node(1, Some("away")), node(1, Some("away"))], HealthState::Unreachable),
            (vec![], HealthState::Unreachable),
        ] {
            assert_eq!(Finding::of(nodes.clone(), PATIENCE).state, state, "{nodes:?}");
        }
    }

    #[test]
    fn failures_are_counted_until_it_answers() {
        let health = Health::new(HealthState::Unknown);
        assert!(health.unreachable().is_none());
        for failures in 1..4 {
            health.learn("c", Finding::of(vec![node(1, Some("away"))], PATIENCE));
            assert_eq!(health.finding().failures, failures);
        }
        assert_eq!(health.unreachable().map(|e| e.message().to_owned()).as_deref(), Some("away"));
        health.learn("c", Finding::of(vec![node(1, None)], PATIENCE));
        assert_eq!((health.finding().failures, health.finding().state), (0, HealthState::Healthy));
        health.suspect(&Error::new(ErrorKind::ConnectionFailed, "broke off"));
        assert_eq!(health.finding().state, HealthState::Degraded);
        assert!(health.unreachable().is_none(), "it is still asked");
    }

    #[tokio::test]
    async fn who_waits_hears_that_a_source_is_away() {
        let health = Health::new(HealthState::Healthy);
        let probe = async {
            health.wanted.notified().await;
            health.learn("c", Finding::of(vec![node(1, None)], PATIENCE));
            tokio::task::yield_now().await;
            health.learn("c", Finding::of(vec![node(1, Some("away"))], PATIENCE));
        };
        let both = async { tokio::join!(health.until_unreachable(), probe).0 };
        let error = tokio::time::timeout(Duration::from_secs(10), both).await.unwrap();
        assert_eq!(error.message(), "away");
    }
}
