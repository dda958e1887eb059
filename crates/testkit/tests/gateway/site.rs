//! A site with workers: Redis, a gateway that has TPC-H as its catalog `tpch`, and workers that see the same files.

use crate::eventually;
use crate::files::{mount, reads};
use std::path::{Path, PathBuf};
use std::time::Duration;
use tokio_postgres::Client;
use weft_testkit::worker::WorkerBuilder;
use weft_testkit::{Endpoint, Redis, Weft, Worker, data};

/// Dropping it stops all.
pub struct Site {
    pub weft: Weft,
    pub workers: Vec<Worker>,
    tpch: Endpoint,
    folder: PathBuf,
    /// What gateway and workers are told of Redis.
    settings: Vec<(&'static str, String)>,
    _redis: Option<Redis>,
}

impl Site {
    /// With a Redis of its own, and further settings for the gateway.
    pub async fn start(settings: &[(&str, &str)]) -> Site {
        let redis = Redis::start().unwrap();
        let mut site = Site::over(&redis.url(), None, settings).await;
        site._redis = Some(redis);
        site
    }

    /// With servers of Redis that are the test's own, and the authority of their certificates if they speak TLS.
    pub async fn over(redis: &str, authority: Option<&Path>, settings: &[(&str, &str)]) -> Site {
        let folder = data::tpch_in_parts("0.1", 8).unwrap();
        let authority = authority.map(|file| ("redis_tls_ca", file.display().to_string()));
        let shared: Vec<_> = [("redis", redis.to_owned())].into_iter().chain(authority).collect();
        let builder = shared.iter().fold(reads(&[&folder]), |builder, (key, value)| builder.setting(key, value));
        let builder = settings.iter().fold(builder, |builder, (key, value)| builder.setting(key, value));
        let weft = builder.start().unwrap();
        let tpch = mount(&weft, "tpch", &folder).await;
        Site { weft, workers: Vec::new(), tpch, folder, settings: shared, _redis: None }
    }

    fn key_file(&self) -> PathBuf {
        self.weft.data_dir().join("worker-key")
    }

    /// A worker that is not started yet.
    pub fn worker(&self, id: &str) -> WorkerBuilder {
        let worker = Worker::builder()
            .setting("worker_id", id)
            .setting("worker_key_file", self.key_file().to_str().unwrap())
            .setting("file_roots", self.folder.to_str().unwrap())
            .setting("duckdb_threads", "1");
        self.settings.iter().fold(worker, |worker, (key, value)| worker.setting(key, value))
    }

    /// A worker that the gateway lists.
    pub async fn add(&mut self, id: &str) {
        self.workers.push(self.worker(id).start().unwrap());
        self.has(id, "active").await;
    }

    /// Another gateway for the same workers, which knows none of them yet.
    pub fn gateway(&self) -> Weft {
        let builder = reads(&[&self.folder]).setting("worker_key_file", self.key_file().to_str().unwrap());
        let builder = self.settings.iter().fold(builder, |builder, (key, value)| builder.setting(key, value));
        builder.start().unwrap()
    }

    /// Waits until the worker is in this state.
    pub async fn has(&self, id: &str, state: &str) {
        let client = self.weft.connect().await.unwrap();
        eventually(&format!("{id} is {state}"), Duration::from_secs(20), async || state_of(&client, id).await == state)
            .await;
    }

    /// A session whose database is `tpch`.
    pub async fn client(&self) -> Client {
        self.tpch.connect().await.unwrap()
    }
}

/// As a gateway sees the worker; nothing if it does not.
pub async fn state_of(client: &Client, id: &str) -> String {
    let rows = client.query("SELECT state FROM system.runtime.workers WHERE worker_id = $1", &[&id]).await.unwrap();
    rows.first().map_or_else(String::new, |row| row.get(0))
}
