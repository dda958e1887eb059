//! A worker comes, gives signs of life, falls silent or leaves, and comes again.

use crate::stage::{config, join, listed, lists, quick, record, until};
use std::time::{Duration, Instant};
use weft_fleet::registry::Condition;
use weft_fleet::{Member, Registry, State, Wanted};
use weft_testkit::Redis;

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_worker_comes_and_leaves() {
    let redis = Redis::start().unwrap();
    let config = config(&redis.url());
    let registry = Registry::open(config.clone());
    let one = join(&config, "w1").await;
    let two = join(&config, "w2").await;
    lists(&registry, 3, "w1:active w2:active").await;
    assert_eq!(registry.status().condition, Condition::Connected);
    let told = registry.workers()[0].clone();
    assert_eq!((told.address.as_str(), told.cores, told.incarnation), ("w1.example:7000", 4, told.incarnation));

    // What other readers find.
    assert_eq!(redis.command(&["HLEN", "{weft}:nodes:services"]).unwrap(), ":2");
    assert_eq!(redis.command(&["ZCARD", "{weft}:cluster:hash_ring"]).unwrap(), ":2");
    let ttl: u64 = redis.command(&["PTTL", "{weft}:node:w1"]).unwrap()[1..].parse().unwrap();
    assert!((1..=15_000).contains(&ttl), "{ttl}");

    // A change of state does not wait for the next sign of life.
    one.report(3, State::Draining, None);
    lists(&registry, 1, "w1:draining w2:active").await;
    assert_eq!(registry.workers()[0].running, 3);
    assert_eq!(redis.command(&["ZCARD", "{weft}:cluster:hash_ring"]).unwrap(), ":1");

    one.leave().await;
    lists(&registry, 1, "w2:active").await;
    two.leave().await;
    lists(&registry, 1, "").await;
    assert!(registry.gone().is_empty());
    for key in ["{weft}:nodes:services", "{weft}:cluster:hash_ring", "{weft}:node:w1"] {
        assert_eq!(redis.command(&["EXISTS", key]).unwrap(), ":0", "{key}");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn one_that_falls_silent_is_gone() {
    let redis = Redis::start().unwrap();
    let config = quick(&redis.url());
    let (registry, other) = (Registry::open(config.clone()), Registry::open(config.clone()));
    let stays = join(&config, "stays").await;
    let crashes = join(&config, "crashes").await;
    lists(&registry, 3, "crashes:active stays:active").await;
    lists(&other, 3, "crashes:active stays:active").await;
    // Both have watched for longer than its time to live.
    tokio::time::sleep(config.ttl).await;
    let before = registry.workers()[0].heartbeat_at;
    drop(crashes);
    let took = lists(&registry, 5, "stays:active").await;
    lists(&other, 2, "stays:active").await;
    assert!(took >= config.ttl - config.heartbeat * 2, "{took:?}");
    assert_eq!(registry.gone()[0].id, "crashes");
    assert!(registry.gone()[0].heartbeat_at >= before);
    let listed = || redis.command(&["HLEN", "{weft}:nodes:services"]).unwrap();
    until(Duration::from_secs(6), "it is taken off the list", || listed() == ":1").await;
    let _back = join(&config, "crashes").await;
    lists(&registry, 2, "crashes:active stays:active").await;
    assert!(registry.gone().is_empty());
    drop(stays);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_name_belongs_to_who_gives_signs_of_life() {
    let redis = Redis::start().unwrap();
    let config = quick(&redis.url());
    let first = join(&config, "w1").await;
    let error = Member::join(config.clone(), record("w1")).await.err().unwrap();
    assert_eq!((error.kind().sqlstate(), error.message()), ("42710", "worker \"w1\" is there already"));
    assert_eq!(*first.orders().borrow(), Wanted::Active);

    // One that crashed is waited for, and no longer.
    drop(first);
    let started = Instant::now();
    let second = join(&config, "w1").await;
    assert!(started.elapsed() <= config.ttl + Duration::from_secs(1), "{:?}", started.elapsed());

    // The other way round: while one is silent, another one takes the name.
    let slow = weft_fleet::registry::Config { heartbeat: Duration::from_secs(3), ..config.clone() };
    let silent = join(&slow, "w2").await;
    redis.command(&["FLUSHALL"]).unwrap();
    let taker = join(&config, "w2").await;
    let mut orders = silent.orders();
    let replaced = orders.wait_for(|wanted| *wanted == Wanted::Replaced);
    tokio::time::timeout(Duration::from_secs(6), replaced).await.unwrap().unwrap();
    assert_eq!(*taker.orders().borrow(), Wanted::Active);
    // Its end is not the other one's.
    silent.leave().await;
    assert_eq!(redis.command(&["EXISTS", "{weft}:node:w2"]).unwrap(), ":1");
    drop((second, taker));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn redis_may_come_last() {
    let mut redis = Redis::start().unwrap();
    redis.node().kill().unwrap();
    let config = config(&redis.url());
    let registry = Registry::open(config.clone());
    let _worker = join(&config, "w1").await;
    until(Duration::from_secs(3), "it is away", || registry.status().condition == Condition::Away).await;
    assert_eq!(registry.status().error.unwrap().kind().sqlstate(), "08001");
    assert_eq!(listed(&registry), "");
    redis.node().restart().unwrap();
    lists(&registry, 8, "w1:active").await;
}
