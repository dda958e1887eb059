//! Redis fails over below a gateway and its workers: spread queries go on, and workers are listed again, by a gateway that knew none of them, within 20
//! seconds. Times are those of production.

use crate::site::Site;
use crate::{eventually, test};
use libtest_mimic::Trial;
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};
use tokio_postgres::{Client, SimpleQueryMessage};
use weft_testkit::process::Signal;
use weft_testkit::redis::{Access, Certificates, Cluster, Sentinels};
use weft_testkit::{Redis, Result};

pub fn trials() -> Vec<Trial> {
    vec![
        test("failover::sentinels_replace_a_dead_master", sentinels),
        test("failover::sentinels_replace_a_dead_master_with_tls_and_a_user", guarded_sentinels),
        test("failover::a_master_of_a_cluster_dies", cluster),
        test("failover::a_master_of_a_cluster_with_tls_and_a_user_dies", guarded_cluster),
        test("failover::a_server_is_killed_and_comes_back_empty", killed),
        test("failover::a_worker_that_dies_while_redis_is_away_is_given_up", dies_meanwhile),
        test("failover::a_worker_that_dies_while_redis_hangs_is_given_up", dies_beside_a_silent_one),
    ]
}

/// What the requirement allows.
const BACK: Duration = Duration::from_secs(20);

/// `worker_ttl`: for so long a worker is kept by patience.
const TTL: Duration = Duration::from_secs(15);

/// A query that takes longer hangs.
const HANG: Duration = Duration::from_secs(10);

/// Each worker answers for its files.
const SPREAD: &str = "SELECT l_returnflag, l_linestatus, count(*), sum(l_quantity), max(l_orderkey) FROM lineitem \
     GROUP BY l_returnflag, l_linestatus ORDER BY 1, 2";

async fn sentinels() {
    let mut servers = Sentinels::start(Access::Plain).unwrap();
    let url = servers.url();
    endures("the master below sentinels killed", &url, None, || servers.kill_master()).await;
}

async fn guarded_sentinels() {
    let certificates = Certificates::make().unwrap();
    let mut servers = Sentinels::start(Access::Guarded(&certificates)).unwrap();
    let url = servers.url();
    let fault = "the master below sentinels killed, TLS and a user";
    endures(fault, &url, Some(&certificates.authority()), || servers.kill_master()).await;
}

async fn cluster() {
    let mut servers = Cluster::start(Access::Plain).unwrap();
    let url = servers.url();
    endures("the cluster's master of the keys killed", &url, None, || servers.master_of("weft")?.kill()).await;
}

async fn guarded_cluster() {
    let certificates = Certificates::make().unwrap();
    let mut servers = Cluster::start(Access::Guarded(&certificates)).unwrap();
    let url = servers.url();
    let fault = "the cluster's master of the keys killed, TLS and a user";
    endures(fault, &url, Some(&certificates.authority()), || servers.master_of("weft")?.kill()).await;
}

async fn killed() {
    let mut redis = Redis::start().unwrap();
    let url = redis.url();
    let restart = || {
        redis.node().kill()?;
        std::thread::sleep(Duration::from_secs(2));
        redis.node().restart()
    };
    endures("a server alone killed, and back empty after 2 s", &url, None, restart).await;
}

/// Catches: queries that need Redis, workers that do not find its new master, a gateway that takes nobody in any more.
async fn endures(fault: &str, redis: &str, authority: Option<&Path>, fail: impl FnOnce() -> Result<()>) {
    let mut site = Site::over(redis, authority, &[]).await;
    site.add("one").await;
    site.add("two").await;
    let queries = Queries::start(&site).await;
    tokio::time::sleep(Duration::from_secs(1)).await;
    let since = Instant::now();
    fail().unwrap();
    // One that knows nobody lists what Redis knows.
    let fresh = site.gateway();
    let (knew, knows) = (site.weft.connect().await.unwrap(), fresh.connect().await.unwrap());
    for client in [&knew, &knows] {
        eventually("both are listed", BACK, async || {
            listed(client).await == "one:active two:active" && is_healthy(client).await
        })
        .await;
    }
    let back = since.elapsed();
    site.add("three").await;
    let all = "one:active three:active two:active";
    eventually("the new one is listed everywhere", BACK, async || listed(&knows).await == all).await;
    let joined = since.elapsed();
    // What is kept by patience only goes now.
    tokio::time::sleep(TTL + Duration::from_secs(2)).await;
    assert_eq!(listed(&knew).await, all);
    assert_eq!(listed(&knows).await, all);
    let (ran, longest) = queries.end().await;
    println!(
        "{fault}: workers are back after {:.1} s, a new one was listed after {:.1} s; {ran} queries, 0 failed, the longest took {:.2} s",
        back.as_secs_f64(),
        joined.as_secs_f64(),
        longest.as_secs_f64()
    );
    assert!(back < BACK, "{back:?}");
    let on = workers_of_tasks(&knew).await;
    assert_eq!(on, "one three two", "not spread");
}

/// Catches: a worker that is taken to be there for ever because nobody saw its record expire.
async fn dies_meanwhile() {
    let mut redis = Redis::start().unwrap();
    let mut site = Site::over(&redis.url(), None, &[]).await;
    site.add("one").await;
    site.add("two").await;
    let queries = Queries::start(&site).await;
    redis.node().kill().unwrap();
    site.workers[1].kill().unwrap();
    tokio::time::sleep(Duration::from_secs(3)).await;
    redis.node().restart().unwrap();
    is_given_up("killed while Redis was away", &site, queries).await;
}

/// The same with a Redis that has its record still: time stands still for nobody's time to live.
async fn dies_beside_a_silent_one() {
    let mut redis = Redis::start().unwrap();
    let mut site = Site::over(&redis.url(), None, &[]).await;
    site.add("one").await;
    site.add("two").await;
    let queries = Queries::start(&site).await;
    redis.node().process().signal(Signal::STOP).unwrap();
    site.workers[1].kill().unwrap();
    tokio::time::sleep(Duration::from_secs(5)).await;
    redis.node().process().signal(Signal::CONT).unwrap();
    is_given_up("killed while Redis hung", &site, queries).await;
}

async fn is_given_up(fault: &str, site: &Site, queries: Queries) {
    let since = Instant::now();
    let client = site.weft.connect().await.unwrap();
    let limit = TTL + Duration::from_secs(5);
    eventually("the dead one has gone", limit, async || listed(&client).await == "one:active two:gone").await;
    let took = since.elapsed();
    let (ran, longest) = queries.end().await;
    println!(
        "{fault}: gone {:.1} s after Redis was back; {ran} queries, 0 failed, the longest took {:.2} s",
        took.as_secs_f64(),
        longest.as_secs_f64()
    );
}

/// A loop of spread queries. Each answer is that of before.
struct Queries {
    stop: Arc<AtomicBool>,
    task: tokio::task::JoinHandle<(usize, Duration, Vec<String>)>,
}

impl Queries {
    async fn start(site: &Site) -> Queries {
        let client = site.client().await;
        client.batch_execute("SET weft.spread = 'on'").await.unwrap();
        let plan = client.simple_query(&format!("EXPLAIN {SPREAD}")).await.unwrap();
        assert!(format!("{plan:?}").contains("Spread over 2 workers"), "{plan:?}");
        let expected = answer(&client).await.unwrap();
        let stop = Arc::new(AtomicBool::new(false));
        let stopped = stop.clone();
        let task = tokio::spawn(async move {
            let (mut ran, mut longest, mut failed) = (0, Duration::ZERO, Vec::new());
            while !stopped.load(Ordering::Acquire) {
                let began = Instant::now();
                match tokio::time::timeout(HANG, answer(&client)).await {
                    Ok(Ok(rows)) if rows == expected => {}
                    Ok(Ok(rows)) => failed.push(format!("{rows:?} instead of {expected:?}")),
                    Ok(Err(error)) => failed.push(weft_testkit::Error::from(error).to_string()),
                    Err(_) => failed.push(format!("nothing after {HANG:?}")),
                }
                (ran, longest) = (ran + 1, longest.max(began.elapsed()));
                tokio::time::sleep(Duration::from_millis(20)).await;
            }
            (ran, longest, failed)
        });
        Queries { stop, task }
    }

    /// How many there were, and how long the longest took. None may have failed.
    async fn end(self) -> (usize, Duration) {
        self.stop.store(true, Ordering::Release);
        let (ran, longest, failed) = self.task.await.unwrap();
        assert!(failed.is_empty(), "{} of {ran} failed: {}", failed.len(), failed[0]);
        assert!(ran >= 50, "{ran} queries are no loop");
        (ran, longest)
    }
}

async fn answer(client: &Client) -> std::result::Result<Vec<String>, tokio_postgres::Error> {
    let row = |message: SimpleQueryMessage| match message {
        SimpleQueryMessage::Row(row) => {
            let words: Vec<_> = (0..row.len()).map(|i| row.get(i).unwrap_or("NULL").to_owned()).collect();
            Some(words.join(" "))
        }
        _ => None,
    };
    Ok(client.simple_query(SPREAD).await?.into_iter().filter_map(row).collect())
}

/// `SHOW WORKERS`: those of other machines, as `id:state`.
async fn listed(client: &Client) -> String {
    let rows = client.query("SHOW WORKERS", &[]).await.unwrap();
    let remote = rows.iter().filter(|row| row.get::<_, String>("kind") == "remote");
    let mut words: Vec<_> =
        remote.map(|row| format!("{}:{}", row.get::<_, String>("worker_id"), row.get::<_, String>("state"))).collect();
    words.sort();
    words.join(" ")
}

async fn is_healthy(client: &Client) -> bool {
    let sql = "SELECT state FROM system.runtime.health WHERE catalog_name = '(redis)'";
    client.query_one(sql, &[]).await.unwrap().get::<_, String>(0) == "healthy"
}

/// Who had the last tasks.
async fn workers_of_tasks(client: &Client) -> String {
    let sql = "SELECT DISTINCT worker_id FROM (SELECT worker_id FROM system.runtime.tasks WHERE worker_id <> 'local' \
         ORDER BY task_id DESC LIMIT 12) AS last ORDER BY 1";
    let rows = client.query(sql, &[]).await.unwrap();
    rows.iter().map(|row| row.get::<_, String>(0)).collect::<Vec<_>>().join(" ")
}
