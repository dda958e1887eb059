//! Logins, privileges and TLS.

use crate::stage::{config, join, lists, record, until};
use std::time::Duration;
use weft_fleet::registry::{Condition, Config};
use weft_fleet::{Member, Registry};
use weft_testkit::Redis;
use weft_testkit::redis::{Access, Certificates, Cluster, GUEST_PASSWORD, Sentinels};

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_user_with_few_privileges_is_enough() {
    let certificates = Certificates::make().unwrap();
    let redis = Redis::start_for(Access::Guarded(&certificates)).unwrap();
    let config = Config { tls_ca: Some(certificates.authority()), ..config(&redis.url()) };
    let registry = Registry::open(config.clone());
    let worker = join(&config, "w1").await;
    lists(&registry, 3, "w1:active").await;
    let mut orders = worker.orders();
    registry.drain("w1").await.unwrap();
    tokio::time::timeout(Duration::from_secs(10), orders.changed()).await.unwrap().unwrap();
    worker.leave().await;
    lists(&registry, 1, "").await;
    assert_eq!(registry.status().failures, 0, "{:?}", registry.status());

    // Other keys are not its.
    let elsewhere = Config { prefix: weft_core::key_prefix::KeyPrefix::read("other").unwrap(), ..config };
    let error = Member::join(elsewhere, record("w1")).await.err().unwrap();
    assert_eq!(error.kind().sqlstate(), "42501", "{error:?}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_wrong_password_is_told_and_not_repeated() {
    let redis = Redis::start().unwrap();
    let sentinels = Sentinels::start(Access::Plain).unwrap();
    let cluster = Cluster::start(Access::Plain).unwrap();
    for url in [redis.url(), sentinels.url(), cluster.url()] {
        let config = config(&url.replace(":secret@", &format!(":{GUEST_PASSWORD}@")));
        let registry = Registry::open(config.clone());
        until(Duration::from_secs(5), "it is away", || registry.status().condition == Condition::Away).await;
        let status = registry.status();
        let error = status.error.clone().unwrap();
        assert_eq!(error.kind().sqlstate(), "28P01", "{error:?}");
        assert_eq!(error.message(), "Redis refuses the login of user \"default\"");
        let refused = registry.drain("w1").await.unwrap_err();
        assert_eq!(refused.kind().sqlstate(), "08001", "{refused:?}");
        let joined = Member::join(config.clone(), record("w1")).await.err().unwrap();
        assert_eq!(joined.kind().sqlstate(), "28P01", "{joined:?}");
        let all = format!("{status:?} {refused:?} {joined:?} {config:?}");
        assert!(!all.contains("gEhEiM"), "{all}");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn tls_checks_the_certificate() {
    let certificates = Certificates::make().unwrap();
    let redis = Redis::start_for(Access::Guarded(&certificates)).unwrap();
    let stranger = config(&redis.url());
    let registry = Registry::open(stranger.clone());
    until(Duration::from_secs(5), "it is away", || registry.status().condition == Condition::Away).await;
    let error = registry.status().error.unwrap();
    assert!(error.detail().unwrap().contains("certificate"), "{error:?}");

    let known = Config { tls_ca: Some(certificates.authority()), ..stranger };
    let registry = Registry::open(known.clone());
    let _worker = join(&known, "w1").await;
    lists(&registry, 3, "w1:active").await;

    let missing = Config { tls_ca: Some("/nowhere/ca.pem".into()), ..known };
    let error = Member::join(missing, record("w2")).await.err().unwrap();
    assert_eq!((error.kind().sqlstate(), error.message()), ("22023", "redis_tls_ca cannot be read"));
}
