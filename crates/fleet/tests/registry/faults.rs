//! Redis is killed, emptied and failed over: gateways never miss a worker, and workers are listed again within 20 seconds. Times are those of production.

use crate::stage::{Guard, config, join, listed, lists, until};
use std::time::{Duration, Instant};
use weft_fleet::registry::{Condition, Config};
use weft_fleet::{Member, Registry};
use weft_testkit::redis::{Access, Cluster, Sentinels};
use weft_testkit::{Redis, Result};

/// What the requirement allows.
const BACK: u64 = 20;

/// Three workers and a gateway that knows them, and what a fault must not change.
struct Stage {
    config: Config,
    registry: std::sync::Arc<Registry>,
    _workers: Vec<Member>,
    guard: Guard,
}

impl Stage {
    async fn set(url: &str) -> Stage {
        let config = config(url);
        let registry = Registry::open(config.clone());
        let mut workers = Vec::new();
        for id in ["w1", "w2", "w3"] {
            workers.push(join(&config, id).await);
        }
        lists(&registry, 5, "w1:active w2:active w3:active").await;
        // A replica that is promoted before it has heard of them would be another fault.
        tokio::time::sleep(Duration::from_millis(300)).await;
        let guard = Guard::over(&registry, 3);
        Stage { config, registry, _workers: workers, guard }
    }

    /// Waits until Redis lists all again, as a gateway sees it that knew none, and stays so for more than a time to live.
    async fn comes_back(self, fault: &str, since: Instant) {
        let fresh = Registry::open(self.config.clone());
        lists(&fresh, BACK, "w1:active w2:active w3:active").await;
        let took = since.elapsed();
        println!("{fault}: workers are back after {:.1} s", took.as_secs_f64());
        assert!(took.as_secs() < BACK, "{took:?}");
        let connected = || self.registry.status().condition == Condition::Connected;
        until(Duration::from_secs(5), "the gateway is connected", connected).await;
        // What was kept by patience only would go now.
        tokio::time::sleep(self.config.ttl + Duration::from_secs(2)).await;
        assert_eq!(listed(&self.registry), "w1:active w2:active w3:active");
        assert_eq!(listed(&fresh), "w1:active w2:active w3:active");
        self.guard.held().await;
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn killed_and_started_again() {
    let mut redis = Redis::start().unwrap();
    let stage = Stage::set(&redis.url()).await;
    let since = Instant::now();
    redis.node().kill().unwrap();
    // Longer than their time to live: nobody may be given up for that.
    tokio::time::sleep(Duration::from_secs(17)).await;
    assert_eq!(stage.registry.status().condition, Condition::Away);
    let away = since.elapsed();
    redis.node().restart().unwrap();
    stage.comes_back("killed, and back with nothing in it after 17 s", since + away).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn emptied() {
    let redis = Redis::start().unwrap();
    let stage = Stage::set(&redis.url()).await;
    let since = Instant::now();
    redis.command(&["FLUSHALL"]).unwrap();
    stage.comes_back("FLUSHALL", since).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn hung() {
    let mut redis = Redis::start().unwrap();
    let stage = Stage::set(&redis.url()).await;
    let stop = |redis: &mut Redis, signal| redis.node().process().signal(signal).unwrap();
    stop(&mut redis, weft_testkit::process::Signal::STOP);
    let away = || stage.registry.status().condition == Condition::Away;
    until(Duration::from_secs(5), "the silence is noticed", away).await;
    tokio::time::sleep(Duration::from_secs(14)).await;
    stop(&mut redis, weft_testkit::process::Signal::CONT);
    stage.comes_back("silent for 17 s", Instant::now()).await;
}

async fn failed_over(fault: &str, fail: impl FnOnce(&mut Sentinels) -> Result<()>) {
    let mut sentinels = Sentinels::start(Access::Plain).unwrap();
    let stage = Stage::set(&sentinels.url()).await;
    let since = Instant::now();
    tokio::task::block_in_place(|| fail(&mut sentinels)).unwrap();
    println!("{fault}: all sentinels agree after {:.1} s", since.elapsed().as_secs_f64());
    stage.comes_back(fault, since).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn sentinels_promote_a_replica() {
    failed_over("SENTINEL FAILOVER", Sentinels::promote).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn sentinels_replace_a_dead_master() {
    failed_over("the master below sentinels killed", Sentinels::kill_master).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn a_master_that_is_named_no_more_is_left() {
    failed_over("the sentinels name a server that knows nothing", Sentinels::name_another).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_master_of_a_cluster_dies() {
    let mut cluster = Cluster::start(Access::Plain).unwrap();
    let stage = Stage::set(&cluster.url()).await;
    let since = Instant::now();
    cluster.master_of("weft").unwrap().kill().unwrap();
    // What a fresh gateway sees before the cluster has noticed may be an error, not an answer of before.
    stage.comes_back("the cluster's master of the keys killed", since).await;
}
