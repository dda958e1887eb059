//! Drain, resume and remove, from any gateway.

use crate::stage::{config, join, lists, quick};
use std::time::Duration;
use weft_fleet::registry::Condition;
use weft_fleet::{Member, Registry, Wanted};
use weft_testkit::Redis;

async fn hears(member: &Member, wanted: Wanted) {
    let mut orders = member.orders();
    let heard = orders.wait_for(|now| *now == wanted);
    tokio::time::timeout(Duration::from_secs(1), heard).await.expect("heard within a second").unwrap();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_worker_obeys_every_gateway() {
    let redis = Redis::start().unwrap();
    let config = config(&redis.url());
    let (registry, other) = (Registry::open(config.clone()), Registry::open(config.clone()));
    let worker = join(&config, "w1").await;
    lists(&registry, 3, "w1:active").await;
    lists(&other, 3, "w1:active").await;

    registry.drain("w1").await.unwrap();
    // Who gave the order sees it at once, the other gateway and the worker soon.
    lists(&registry, 0, "w1:draining").await;
    hears(&worker, Wanted::Draining).await;
    lists(&other, 1, "w1:draining").await;
    other.resume("w1").await.unwrap();
    hears(&worker, Wanted::Active).await;
    lists(&registry, 1, "w1:active").await;

    // It holds after a restart.
    registry.drain("w1").await.unwrap();
    hears(&worker, Wanted::Draining).await;
    worker.leave().await;
    let worker = join(&config, "w1").await;
    hears(&worker, Wanted::Draining).await;
    lists(&other, 1, "w1:draining").await;
    // And after Redis has forgotten it.
    redis.command(&["FLUSHALL"]).unwrap();
    lists(&other, 0, "w1:draining").await;
    tokio::time::sleep(config.heartbeat + Duration::from_secs(1)).await;
    lists(&other, 0, "w1:draining").await;
    assert_eq!(*worker.orders().borrow(), Wanted::Draining);
    assert_eq!(redis.command(&["STRLEN", "{weft}:order:w1"]).unwrap(), format!(":{}", "draining".len()));
    other.resume("w1").await.unwrap();
    hears(&worker, Wanted::Active).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn one_that_is_dropped_comes_back_by_a_restart_only() {
    let redis = Redis::start().unwrap();
    let config = quick(&redis.url());
    let registry = Registry::open(config.clone());
    let worker = join(&config, "w1").await;
    lists(&registry, 3, "w1:active").await;
    registry.remove("w1").await.unwrap();
    lists(&registry, 0, "w1:draining").await;
    hears(&worker, Wanted::Removed).await;
    let error = registry.resume("w1").await.unwrap_err();
    assert_eq!(error.kind().sqlstate(), "55000");
    // It registers again after its key is lost, for it has not ended yet, and is still to end.
    redis.command(&["FLUSHALL"]).unwrap();
    tokio::time::sleep(config.heartbeat * 2).await;
    lists(&registry, 1, "w1:draining").await;
    assert_eq!(*worker.orders().borrow(), Wanted::Removed);
    worker.leave().await;
    lists(&registry, 1, "").await;
    let again = join(&config, "w1").await;
    lists(&registry, 1, "w1:active").await;
    assert_eq!(*again.orders().borrow(), Wanted::Active);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn orders_that_cannot_be_given_say_why() {
    let mut redis = Redis::start().unwrap();
    let config = quick(&redis.url());
    let registry = Registry::open(config.clone());
    let _worker = join(&config, "worker-1").await;
    lists(&registry, 3, "worker-1:active").await;
    let error = registry.drain("worker-2").await.unwrap_err();
    assert_eq!((error.kind().sqlstate(), error.hint()), ("42704", Some("Did you mean 'worker-1'?")));
    redis.node().kill().unwrap();
    let mut error = registry.drain("worker-1").await.unwrap_err();
    if registry.status().condition == Condition::Connected {
        error = registry.drain("worker-1").await.unwrap_err();
    }
    assert_eq!(error.kind().sqlstate(), "08001", "{error:?}");
    assert!(!format!("{error:?}").contains("secret"), "{error:?}");

    let nobody = Registry::in_process();
    assert_eq!((nobody.workers().len(), nobody.status().condition), (0, Condition::InProcess));
    let error = nobody.remove("w1").await.unwrap_err();
    assert_eq!(error.kind().sqlstate(), "42704");
    assert!(error.hint().unwrap().contains("redis"), "{error:?}");
}
