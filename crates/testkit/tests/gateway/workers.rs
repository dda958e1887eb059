//! Workers on their own: statements run there, in one place and spread, and a worker that is lost costs time and nothing else.

use crate::site::{Site, state_of};
use crate::{eventually, python, refusal, test};
use futures::TryStreamExt;
use libtest_mimic::Trial;
use std::pin::pin;
use std::time::{Duration, Instant};
use tokio_postgres::{Client, SimpleQueryMessage};
use weft_testkit::relay::Relay;

pub fn trials() -> Vec<Trial> {
    vec![
        test("workers::answers_are_those_of_duckdb", answers),
        test("workers::tables_are_divided_along_a_common_key", common_keys),
        test("workers::a_killed_worker_costs_no_query", killed),
        test("workers::a_stopped_worker_costs_no_query", stopped),
        test("workers::queries_go_on_without_redis", without_redis),
        test("workers::a_silent_worker_is_left_in_time", silent),
        test("workers::rows_that_were_sent_are_not_sent_again", sent_once),
        test("workers::without_workers_the_gateway_helps_out_or_refuses", without_workers),
        test("workers::another_key_is_refused", another_key),
        test("workers::a_cancelled_statement_ends_on_its_worker", cancelled),
        test("workers::a_worker_that_leaves_finishes_its_statements", leaving),
    ]
}

/// The worker of the statement, by its plan.
async fn runs_on(client: &Client, sql: &str) -> String {
    let plan = client.query(&format!("EXPLAIN {sql}"), &[]).await.unwrap();
    let line: String = plan[0].get(0);
    line.rsplit_once("on worker ").map_or(line.clone(), |(_, worker)| worker.to_owned())
}

fn harness(script: &str, args: &[&str]) -> String {
    let ran = python::run(script, args);
    print!("{}", ran.stdout);
    assert!(ran.ok(), "exit code {}\n{}{}", ran.code, ran.stdout, ran.stderr);
    ran.stdout
}

/// Catches: a plan that is divided where its parts do not add up to the whole.
async fn answers() {
    let told = harness("benches/fleet/check.py", &["--scale", "0.1", "--workers", "1", "2", "5"]);
    assert!(told.contains("0 differ"), "{told}");
    // Otherwise nothing was tried.
    let divided =
        told.lines().filter_map(|l| l.split("queries, ").nth(1)?.split(' ').next()?.parse::<u32>().ok()).max();
    assert!(divided >= Some(8), "{told}");
}

/// Catches: a file left out that has a row of the answer, and files that do not all have the same columns or types. Of the seeds one has files without the key
/// in a part of their own.
async fn common_keys() {
    let told = harness("benches/fleet/keys.py", &["--seeds", "1", "8", "--workers", "4"]);
    assert!(told.contains("0 differ") && !told.contains(" 0 of them read a part"), "{told}");
}

async fn killed() {
    harness("benches/fleet/faults.py", &["--scale", "0.1", "--times", "8", "--fault", "kill"]);
}

async fn stopped() {
    harness("benches/fleet/faults.py", &["--scale", "0.1", "--times", "2", "--fault", "stop"]);
}

async fn without_redis() {
    harness("benches/fleet/faults.py", &["--scale", "0.1", "--times", "2", "--fault", "redis-kill"]);
    harness("benches/fleet/faults.py", &["--scale", "0.1", "--times", "3", "--fault", "redis-flush"]);
}

const COUNT: &str =
    "SELECT count(*) FROM lineitem a, lineitem b WHERE a.l_orderkey = b.l_orderkey AND a.l_partkey < b.l_suppkey";

/// Catches: a gateway that waits for a worker that is cut off until TCP gives up.
async fn silent() {
    let mut site = Site::start(&[]).await;
    site.add("near").await;
    let client = site.client().await;
    let expected: i64 = client.query_one(COUNT, &[]).await.unwrap().get(0);
    site.workers.clear();
    site.has("near", "").await;

    let far = site.worker("far");
    let probe = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let port = probe.local_addr().unwrap().port();
    drop(probe);
    let mut relay = Relay::to(port).await.unwrap();
    let far = far.setting("worker_advertise", &format!("127.0.0.1:{}", relay.port));
    site.workers.push(far.setting("worker_listen", &format!("127.0.0.1:{port}")).start().unwrap());
    site.has("far", "active").await;
    assert_eq!(runs_on(&client, COUNT).await, "far");
    assert_eq!(client.query_one(COUNT, &[]).await.unwrap().get::<_, i64>(0), expected);

    let begun = Instant::now();
    let (cut, answer) = tokio::join!(
        async {
            tokio::time::sleep(Duration::from_millis(20)).await;
            relay.cut().await
        },
        client.query_one(COUNT, &[])
    );
    cut.unwrap();
    assert_eq!(answer.unwrap().get::<_, i64>(0), expected);
    assert!(begun.elapsed() < Duration::from_secs(10), "{:?}", begun.elapsed());
    println!("a worker cut off: the answer was there after {:.1?}", begun.elapsed());
    assert_eq!(state_of(&client, "far").await, "quarantined");
    // The next one does not even try.
    let begun = Instant::now();
    assert_eq!(client.query_one(COUNT, &[]).await.unwrap().get::<_, i64>(0), expected);
    assert!(begun.elapsed() < Duration::from_secs(3), "{:?}", begun.elapsed());
}

/// Catches: rows twice, or rows left out, when a worker is lost in the middle of a result.
async fn sent_once() {
    let mut site = Site::start(&[]).await;
    site.add("one").await;
    let client = site.client().await;
    let sql = "SELECT l_orderkey, l_linenumber, l_comment FROM lineitem WHERE l_quantity > 2";
    let all = |messages: Vec<SimpleQueryMessage>| -> Vec<String> {
        let row = |m: SimpleQueryMessage| match m {
            SimpleQueryMessage::Row(r) => Some(format!("{:?} {:?} {:?}", r.get(0), r.get(1), r.get(2))),
            _ => None,
        };
        messages.into_iter().filter_map(row).collect()
    };
    let expected = all(client.simple_query(sql).await.unwrap());
    assert!(expected.len() > 500_000, "{}", expected.len());
    site.add("two").await;
    let worker = runs_on(&client, sql).await;
    let mut messages = pin!(client.simple_query_raw(sql).await.unwrap());
    let mut got = Vec::new();
    while got.len() < 1000 {
        got.push(messages.try_next().await.unwrap().unwrap());
    }
    let at = usize::from(worker == "two");
    site.workers[at].kill().unwrap();
    while let Some(message) = messages.try_next().await.unwrap() {
        got.push(message);
    }
    let got = all(got);
    assert_eq!(got.len(), expected.len());
    assert!(got == expected, "other rows, or in another order");
}

async fn without_workers() {
    let site = Site::start(&[]).await;
    let client = site.client().await;
    assert_eq!(runs_on(&client, COUNT).await, "local");
    drop(site);
    let mut site = Site::start(&[("worker_fallback", "refused")]).await;
    let client = site.client().await;
    let (code, message) = refusal(client.query("SELECT count(*) FROM nation", &[]).await);
    assert_eq!((code.as_str(), message.as_str()), ("53400", "no worker can run the statement"));
    site.add("w").await;
    assert_eq!(client.query_one("SELECT count(*) FROM nation", &[]).await.unwrap().get::<_, i64>(0), 25);
}

/// Catches: statements, and the keys of stores, that go to whoever registers.
async fn another_key() {
    let mut site = Site::start(&[]).await;
    let other = site.weft.data_dir().join("other-key");
    std::fs::write(&other, "x".repeat(40)).unwrap();
    let stranger = site.worker("stranger").setting("worker_key_file", other.to_str().unwrap());
    site.workers.push(stranger.start().unwrap());
    site.has("stranger", "active").await;
    let client = site.client().await;
    assert_eq!(client.query_one("SELECT count(*) FROM nation", &[]).await.unwrap().get::<_, i64>(0), 25);
    assert_eq!(state_of(&client, "stranger").await, "quarantined");
}

/// Catches: work that goes on for nobody.
async fn cancelled() {
    let mut site = Site::start(&[("worker_fallback", "refused")]).await;
    site.add("busy").await;
    let (client, watcher) = (site.client().await, site.client().await);
    let sql = "SELECT count(*) FROM lineitem a, lineitem b WHERE (a.l_orderkey * b.l_partkey) % 7 = a.l_linenumber";
    let running = async || {
        let sql = "SELECT running FROM system.runtime.workers WHERE worker_id = 'busy'";
        watcher.query_one(sql, &[]).await.unwrap().get::<_, i64>(0)
    };
    let (outcome, ()) = tokio::join!(client.query(sql, &[]), async {
        eventually("it is at work", Duration::from_secs(20), async || running().await == 1).await;
        client.cancel_token().cancel_query(tokio_postgres::NoTls).await.unwrap();
    });
    assert_eq!(refusal(outcome).0, "57014");
    // The worker tells at its next sign of life.
    eventually("it is at rest", Duration::from_secs(10), async || running().await == 0).await;
    let sql = "SELECT state FROM system.runtime.tasks WHERE worker_id = 'busy' ORDER BY task_id DESC LIMIT 1";
    assert_eq!(watcher.query_one(sql, &[]).await.unwrap().get::<_, String>(0), "abandoned");
}

/// Catches: a drain that breaks statements off.
async fn leaving() {
    let mut site = Site::start(&[("worker_fallback", "refused")]).await;
    site.add("leaving").await;
    let client = site.client().await;
    let expected: i64 = client.query_one(COUNT, &[]).await.unwrap().get(0);
    let mut worker = site.workers.remove(0);
    let (answer, status) = tokio::join!(
        client.query_one(COUNT, &[]),
        tokio::task::spawn_blocking(move || {
            std::thread::sleep(Duration::from_millis(50));
            worker.stop()
        })
    );
    assert_eq!(answer.unwrap().get::<_, i64>(0), expected);
    assert!(status.unwrap().unwrap().success());
    site.has("leaving", "").await;
}
