//! What the tests of the registry stand on: workers that only register, and waiting.

use chrono::Utc;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};
use weft_core::redis_at::RedisAt;
use weft_core::settings::Settings;
use weft_fleet::record::PROTOCOL;
use weft_fleet::registry::Config;
use weft_fleet::{Member, Record, Registry, State};

/// As in production, except for who connects.
pub fn config(url: &str) -> Config {
    let location = RedisAt::read(url).unwrap();
    Config { location, ..Config::of(&Settings::defaults().unwrap()) }
}

/// With times for tests that wait for them.
pub fn quick(url: &str) -> Config {
    Config { heartbeat: Duration::from_millis(300), ttl: Duration::from_secs(2), ..config(url) }
}

/// A worker of this name in a life of its own.
pub fn record(id: &str) -> Record {
    static LIVES: std::sync::atomic::AtomicU64 = std::sync::atomic::AtomicU64::new(u64::MAX / 2);
    Record {
        id: id.to_owned(),
        incarnation: LIVES.fetch_add(1, Ordering::Relaxed),
        address: format!("{id}.example:7000"),
        cores: 4,
        memory_bytes: 1 << 30,
        version: "0.1.0".to_owned(),
        protocol: PROTOCOL,
        duckdb_version: "v1.5.5".to_owned(),
        setup: String::new(),
        file_roots: vec!["/data".to_owned()],
        state: State::Active,
        running: 0,
        cache: None,
        started_at: Utc::now(),
        heartbeat_at: Utc::now(),
    }
}

pub async fn join(config: &Config, id: &str) -> Member {
    Member::join(config.clone(), record(id)).await.unwrap()
}

/// The workers, as `id:state`.
pub fn listed(registry: &Registry) -> String {
    let workers = registry.workers();
    let words: Vec<_> = workers.iter().map(|w| format!("{}:{}", w.id, w.state)).collect();
    words.join(" ")
}

/// Waits until `probe` holds, and says how long that took.
pub async fn until(limit: Duration, what: &str, mut probe: impl FnMut() -> bool) -> Duration {
    let started = Instant::now();
    while !probe() {
        assert!(started.elapsed() < limit, "not within {limit:?}: {what}");
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
    started.elapsed()
}

/// Waits until the registry lists this.
pub async fn lists(registry: &Registry, limit: u64, wanted: &str) -> Duration {
    let started = Instant::now();
    while listed(registry) != wanted {
        let status = registry.status();
        assert!(started.elapsed().as_secs() < limit, "{} instead of {wanted}; {status:?}", listed(registry));
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
    started.elapsed()
}

/// Looks all the time whether a registry lists as many workers as it should.
pub struct Guard {
    stop: Arc<AtomicBool>,
    task: tokio::task::JoinHandle<()>,
}

impl Guard {
    pub fn over(registry: &Arc<Registry>, workers: usize) -> Guard {
        let stop = Arc::new(AtomicBool::new(false));
        let (registry, stopped) = (registry.clone(), stop.clone());
        let task = tokio::spawn(async move {
            while !stopped.load(Ordering::Acquire) {
                assert_eq!(registry.workers().len(), workers, "{}", listed(&registry));
                tokio::time::sleep(Duration::from_millis(2)).await;
            }
        });
        Guard { stop, task }
    }

    pub async fn held(self) {
        self.stop.store(true, Ordering::Release);
        self.task.await.unwrap();
    }
}
