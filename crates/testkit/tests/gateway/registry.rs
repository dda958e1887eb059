//! Workers that register in Redis, as SQL shows and orders them. The workers are written into Redis by the test: what is kept there is what other tools
//! read, too.

use crate::{eventually, refusal, test};
use libtest_mimic::Trial;
use std::time::Duration;
use tokio_postgres::Client;
use weft_testkit::redis::PASSWORD;
use weft_testkit::{Redis, Weft};

pub fn trials() -> Vec<Trial> {
    vec![
        test("registry::orders_are_given_on_any_gateway", orders),
        test("registry::redis_may_go_away", away),
        test("registry::settings_that_do_not_fit_are_refused", settings),
    ]
}

const LIMIT: Duration = Duration::from_secs(10);

fn gateway(redis: &str) -> Weft {
    // Not on the command line, where others see the password.
    Weft::builder().env("WEFT_REDIS", redis).start().unwrap()
}

/// What a worker says of itself, for as long as the test may take.
fn register(redis: &Redis, id: &str) {
    let record = format!(
        r#"{{"id":"{id}","incarnation":7,"address":"{id}.example:7433","cores":4,"memory_bytes":1024,"version":"0.0.1","protocol":1,
            "duckdb_version":"v1.5.5","setup":"of another version","file_roots":["/data"],"state":"active","running":2,
            "started_at":"2026-01-01T00:00:00Z","heartbeat_at":"2026-01-01T00:00:05Z"}}"#
    );
    let node = format!("{{weft}}:node:{id}");
    redis.command(&["HSET", &node, "incarnation", "7", "record", &record]).unwrap();
    redis.command(&["PEXPIRE", &node, "120000"]).unwrap();
    redis.command(&["HSET", "{weft}:nodes:services", id, &format!("{id}.example:7433")]).unwrap();
}

async fn remote(client: &Client) -> Vec<(String, String)> {
    let sql = "SELECT worker_id, state FROM system.runtime.workers WHERE kind = 'remote' ORDER BY 1";
    client.query(sql, &[]).await.unwrap().iter().map(|row| (row.get(0), row.get(1))).collect()
}

async fn health(client: &Client) -> (String, String) {
    let sql = "SELECT state, coalesce(last_error, '') FROM system.runtime.health WHERE catalog_name = '(redis)'";
    let row = client.query_one(sql, &[]).await.unwrap();
    (row.get(0), row.get(1))
}

fn lengths(redis: &Redis, id: &str) -> String {
    redis.command(&["STRLEN", &format!("{{weft}}:order:{id}")]).unwrap()
}

/// Catches: an order that is only known where it was given.
async fn orders() {
    let redis = Redis::start().unwrap();
    let (one, two) = (gateway(&redis.url()), gateway(&redis.url()));
    let (one, two) = (one.endpoint.connect().await.unwrap(), two.endpoint.connect().await.unwrap());
    register(&redis, "w1");
    register(&redis, "w2");
    let both = |state: &str| vec![("w1".to_owned(), state.to_owned()), ("w2".to_owned(), state.to_owned())];
    // Its program is not the gateway's: it is listed, and left alone.
    for client in [&one, &two] {
        eventually("both workers are listed", LIMIT, || async { remote(client).await == both("skewed") }).await;
        assert_eq!(health(client).await, ("healthy".to_owned(), String::new()));
    }
    let row = one
        .query_one(
            "SELECT address, cores, running, file_roots[1], duckdb_version, heartbeat_at = '2026-01-01 00:00:05+00'
             FROM system.runtime.workers WHERE worker_id = 'w1'",
            &[],
        )
        .await
        .unwrap();
    let text = |i: usize| row.get::<_, String>(i);
    assert_eq!((text(0).as_str(), text(3).as_str(), text(4).as_str()), ("w1.example:7433", "/data", "v1.5.5"));
    assert_eq!((row.get::<_, i64>(1), row.get::<_, i64>(2), row.get::<_, bool>(5)), (4, 2, true));

    one.batch_execute("ALTER WORKER 'w1' DRAIN").await.unwrap();
    assert_eq!(lengths(&redis, "w1"), ":8");
    two.batch_execute("ALTER WORKER 'w1' RESUME").await.unwrap();
    assert_eq!(lengths(&redis, "w1"), ":6");
    two.batch_execute("DROP WORKER 'w2'").await.unwrap();
    assert_eq!(lengths(&redis, "w2"), ":9");
    // What the other gateway has decided is not undone, whether this one has heard of it or not.
    for order in ["RESUME", "DRAIN"] {
        assert_eq!(refusal(one.batch_execute(&format!("ALTER WORKER 'w2' {order}")).await).0, "55000");
    }
    one.batch_execute("DROP WORKER 'w2'").await.unwrap();
    let unknown = one.batch_execute("ALTER WORKER 'w3' DRAIN").await.unwrap_err();
    let unknown = unknown.as_db_error().unwrap();
    assert_eq!((unknown.code().code(), unknown.hint()), ("42704", Some("Did you mean 'w1'?")));
}

/// Catches: workers that are lost with Redis, a gateway that does not start without it, a password in what is told of it.
async fn away() {
    let mut redis = Redis::start().unwrap();
    let weft = gateway(&redis.url());
    let client = weft.endpoint.connect().await.unwrap();
    register(&redis, "w1");
    eventually("the worker is listed", LIMIT, || async { remote(&client).await.len() == 1 }).await;
    redis.node().kill().unwrap();
    eventually("its absence is noticed", LIMIT, || async { health(&client).await.0 == "unreachable" }).await;
    let (_, why) = health(&client).await;
    assert!(why.starts_with("Redis is away since 20") && why.contains("redis://:***@127.0.0.1"), "{why}");
    assert_eq!(remote(&client).await.len(), 1);
    assert_eq!(refusal(client.batch_execute("ALTER WORKER 'w1' DRAIN").await).0, "08001");
    let late = gateway(&redis.url());
    let other = late.endpoint.connect().await.unwrap();
    other.query_one("SELECT 1", &[]).await.unwrap();

    redis.node().restart().unwrap();
    for client in [&client, &other] {
        eventually("it is back", LIMIT, || async { health(client).await.0 == "healthy" }).await;
    }
    // Nothing is left in it, and the worker has time to register again.
    assert_eq!(remote(&client).await.len(), 1);
    register(&redis, "w1");
    eventually("the other one sees it", LIMIT, || async { remote(&other).await.len() == 1 }).await;

    let wrong = gateway(&redis.url().replace(PASSWORD, "gEhEiM"));
    let stranger = wrong.endpoint.connect().await.unwrap();
    eventually("the login is refused", LIMIT, || async { health(&stranger).await.0 == "unreachable" }).await;
    let (_, why) = health(&stranger).await;
    assert!(why.starts_with("Redis refuses the login of user \"default\""), "{why}");
    for (weft, password) in [(&weft, PASSWORD), (&late, PASSWORD), (&wrong, "gEhEiM")] {
        assert!(!weft.log().contains(&format!(":{password}@")), "{}", weft.log());
    }
    let sql = "SELECT value FROM system.admin.settings WHERE setting_name = 'redis'";
    let value: String = stranger.query_one(sql, &[]).await.unwrap().get(0);
    assert!(value.starts_with("redis://:***@127.0.0.1:"), "{value}");
}

/// Catches: a gateway that starts with a setting that it does not follow.
async fn settings() {
    for (key, value, says) in [
        ("redis", "http://u:gEhEiM@h", "setting redis cannot be \"***\""),
        ("redis_prefix", "{a}", "setting redis_prefix cannot be \"{a}\""),
        ("worker_ttl", "6s", "worker_ttl is too short for worker_heartbeat"),
        ("redis_timeout", "0", "worker_heartbeat and redis_timeout cannot be 0"),
    ] {
        let error = Weft::builder().setting(key, value).start().unwrap_err().to_string();
        assert!(error.contains(says) && error.contains("exit status: 2"), "{error}");
        assert!(!error.contains("gEhEiM"), "{error}");
    }
}
