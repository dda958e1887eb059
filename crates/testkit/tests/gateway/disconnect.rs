//! Clients that are suddenly gone: the gateway notices at once and stops what it does for them.

use crate::memory::busy;
use crate::raw::{self, Raw};
use crate::streaming::{EVERYTHING, site};
use crate::{eventually, test};
use libtest_mimic::Trial;
use std::time::{Duration, Instant};
use tokio_postgres::Client;

pub fn trials() -> Vec<Trial> {
    vec![
        test("disconnect::while_rows_are_sent", while_rows_are_sent),
        test("disconnect::before_the_first_row", before_the_first_row),
        test("disconnect::between_portions", between_portions),
    ]
}

/// How soon the gateway must know.
const AT_ONCE: Duration = Duration::from_secs(1);

/// Hours of work for one row, whoever does it.
const COMPUTATION: &str =
    "SELECT count(*) FROM lineitem AS a, lineitem AS b WHERE (a.l_orderkey * b.l_partkey) % 7 = a.l_linenumber";

async fn sessions(client: &Client) -> i64 {
    client.query_one("SELECT count(*) FROM system.runtime.sessions", &[]).await.unwrap().get(0)
}

async fn active(client: &Client) -> bool {
    let sql = "SELECT count(*) FROM system.runtime.sessions WHERE state = 'active' AND pid <> pg_backend_pid()";
    client.query_one(sql, &[]).await.unwrap().get::<_, i64>(0) == 1
}

/// The session goes at once, and with it the work.
async fn noticed(watcher: &Client, pid: u32) {
    let took = eventually("the session is gone", AT_ONCE, || async { sessions(watcher).await == 1 }).await;
    let started = Instant::now();
    while busy(pid, Duration::from_millis(200)).await > 0.3 {
        assert!(started.elapsed() < 2 * AT_ONCE, "still working for a client that is gone");
    }
    println!("noticed after {took:?}, at rest after {:?}", took + started.elapsed());
}

/// Catches: a scan that goes on until its buffers are full, or to its end.
async fn while_rows_are_sent() {
    let (weft, endpoint) = site("trust").await;
    let watcher = endpoint.connect().await.unwrap();
    let mut client = Raw::login(endpoint.port, "tpch");
    client.send(&raw::query(EVERYTHING));
    for _ in 0..1000 {
        client.message().unwrap();
    }
    assert_eq!(sessions(&watcher).await, 2);
    drop(client);
    noticed(&watcher, weft.pid()).await;
}

/// Catches: a client whose death is seen only when there is something to send to it.
async fn before_the_first_row() {
    let (weft, endpoint) = site("trust").await;
    let watcher = endpoint.connect().await.unwrap();
    for pushdown in ["on", "off"] {
        let mut client = Raw::login(endpoint.port, "tpch");
        client.ask(&raw::query(&format!("SET weft.pushdown = {pushdown}")));
        client.send(&raw::query(COMPUTATION));
        eventually("it is at work", 20 * AT_ONCE, || async { active(&watcher).await }).await;
        while busy(weft.pid(), Duration::from_millis(100)).await < 0.5 {
            assert!(active(&watcher).await, "the statement has ended");
        }
        drop(client);
        noticed(&watcher, weft.pid()).await;
    }
}

/// Catches: a portal that holds its scan after its client has gone.
async fn between_portions() {
    let (weft, endpoint) = site("trust").await;
    let watcher = endpoint.connect().await.unwrap();
    let mut client = Raw::login(endpoint.port, "tpch");
    client.ask(&raw::query("BEGIN"));
    let sent = [raw::parse("", EVERYTHING), raw::bind("p", ""), raw::execute("p", 10), raw::sync()].concat();
    let rows = client.ask(&sent).iter().filter(|m| m.tag == b'D').count();
    assert_eq!((rows, sessions(&watcher).await), (10, 2));
    drop(client);
    noticed(&watcher, weft.pid()).await;
}
