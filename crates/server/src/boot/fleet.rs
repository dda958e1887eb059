//! The workers of a gateway, as the settings want them.

use super::duck;
use super::folder::DataFolder;
use std::path::PathBuf;
use std::sync::Arc;
use weft_core::Result;
use weft_core::redis_at::RedisAt;
use weft_core::settings::Settings;
use weft_core::worker::Worker;
use weft_fleet::registry::Config;
use weft_fleet::{Fleet, Key, Policy, Registry, Roster};

/// The file of the key in the data folder, unless `worker_key_file` names another.
const KEY: &str = "worker-key";

/// The workers that register in Redis, if there is one, and the embedded one.
pub(super) fn open(
    settings: &Settings,
    embedded: Arc<dyn Worker>,
    folder: &DataFolder,
) -> Result<(Fleet, Arc<Registry>)> {
    let policy = Policy {
        attempts: settings.worker_attempts,
        fallback: settings.worker_fallback,
        holdback: settings.worker_holdback.0,
        task_history: settings.task_history,
    };
    let registry = Registry::open(Config::of(settings));
    let roster = match settings.redis {
        RedisAt::Nowhere => None,
        RedisAt::Servers(_) => {
            let roster: Arc<dyn Roster> = registry.clone();
            Some((roster, Key::ensure(&key_file(settings, folder))?))
        }
    };
    Ok((Fleet::new(embedded, roster, duck::setup(), policy), registry))
}

/// Where the key is that gateways and workers share.
pub(super) fn key_file(settings: &Settings, folder: &DataFolder) -> PathBuf {
    settings.worker_key_file.clone().unwrap_or_else(|| folder.path(KEY))
}
