//! The registry of workers, kept in Redis: a worker is a [`Member`], a gateway looks at the [`Registry`]. It must not know how a statement reaches a worker.
//!
//! While Redis is away nothing is lost that matters: gateways go on with the workers that they knew, and workers register again when it is back,
//! be it empty.

mod backoff;
mod error;
mod keys;
mod known;
#[cfg(test)]
mod known_tests;
mod link;
mod member;
mod order;
mod script;
mod sentinel;
mod status;
mod view;

pub use member::{Member, Wanted};
pub use status::{Condition, Status};
pub use view::Registry;

use std::path::PathBuf;
use std::time::Duration;
use weft_core::key_prefix::KeyPrefix;
use weft_core::redis_at::RedisAt;
use weft_core::settings::Settings;

/// Where the registry is, and its times.
#[derive(Debug, Clone)]
pub struct Config {
    /// The servers.
    pub location: RedisAt,
    /// What keys begin with.
    pub prefix: KeyPrefix,
    /// Authorities of Redis's certificate; those of the web if there are none.
    pub tls_ca: Option<PathBuf>,
    /// For each command and each step of a connection.
    pub timeout: Duration,
    /// How often a worker gives a sign of life.
    pub heartbeat: Duration,
    /// After how long without one it is gone.
    pub ttl: Duration,
}

impl Config {
    /// As the settings say.
    pub fn of(settings: &Settings) -> Config {
        Config {
            location: settings.redis.clone(),
            prefix: settings.redis_prefix.clone(),
            tls_ca: settings.redis_tls_ca.clone(),
            timeout: settings.redis_timeout.0,
            heartbeat: settings.worker_heartbeat.0,
            ttl: settings.worker_ttl.0,
        }
    }
}
