//! The end of a gateway and the next one on the same folder: a drain, a crash, what is still there.

use crate::files::{mount, reads, samples};
use crate::{eventually, refusal, test};
use futures::StreamExt;
use libtest_mimic::Trial;
use std::path::Path;
use std::time::{Duration, Instant};
use tokio_postgres::Client;
use weft_testkit::process::Signal;
use weft_testkit::{Ran, Weft};

pub fn trials() -> Vec<Trial> {
    vec![
        test("lifecycle::sigterm_lets_statements_finish", drain),
        test("lifecycle::a_second_sigterm_stops", second_signal),
        test("lifecycle::restart_keeps_catalogs_and_oids", restart),
        test("lifecycle::crash_keeps_catalogs", crash),
        test("lifecycle::one_gateway_a_folder", one_gateway_a_folder),
        test("lifecycle::an_address_in_use_leaves_nothing", address_in_use),
    ]
}

const LIMIT: Duration = Duration::from_secs(20);

/// Catches: rows that are cut off by a stop, idle clients that hold it up, and an exit code that reads as a failure.
async fn drain() {
    let mut weft = reads(&[&samples()]).start().unwrap();
    let endpoint = mount(&weft, "ny", &samples()).await;
    let (busy, idle) = (endpoint.connect().await.unwrap(), endpoint.connect().await.unwrap());
    idle.query_one("SELECT 1", &[]).await.unwrap();
    let sql = "SELECT a.*, b.n FROM nyc.flights AS a CROSS JOIN (VALUES (1), (2), (3)) AS b(n)";
    let mut rows = std::pin::pin!(busy.query_raw(sql, std::iter::empty::<i32>()).await.unwrap());
    rows.next().await.unwrap().unwrap();
    let mut count = 1;
    weft.process().signal(Signal::TERM).unwrap();
    eventually("idle sessions are ended", LIMIT, || async { idle.is_closed() }).await;
    eventually("nobody new comes in", LIMIT, || async { endpoint.connect().await.is_err() }).await;
    while let Some(row) = rows.next().await {
        row.unwrap();
        count += 1;
    }
    assert_eq!(count, 80_789 * 3);
    let status = weft.process().wait(LIMIT).unwrap();
    assert_eq!(status.code(), Some(0), "{}", weft.log());
    assert!(!weft.data_dir().join("pg-address").exists());
}

/// Catches: a gateway that an impatient operator has to kill.
async fn second_signal() {
    let mut weft = reads(&[&samples()]).start().unwrap();
    let client = mount(&weft, "ny", &samples()).await.connect().await.unwrap();
    let sql = "SELECT a.flight, b.flight FROM nyc.flights AS a CROSS JOIN nyc.flights AS b";
    let mut rows = std::pin::pin!(client.query_raw(sql, std::iter::empty::<i32>()).await.unwrap());
    rows.next().await.unwrap().unwrap();
    weft.process().signal(Signal::TERM).unwrap();
    eventually("nobody new comes in", LIMIT, || async { weft.endpoint.connect().await.is_err() }).await;
    assert!(weft.process().try_wait().unwrap().is_none(), "did not wait for the statement");
    let started = Instant::now();
    weft.process().signal(Signal::TERM).unwrap();
    weft.process().wait(LIMIT).unwrap();
    assert!(started.elapsed() < Duration::from_secs(5), "{:?}", started.elapsed());
}

async fn oids(client: &Client) -> Vec<(u32, String)> {
    let sql = "SELECT oid, relname FROM pg_catalog.pg_class ORDER BY oid, relname";
    client.query(sql, &[]).await.unwrap().iter().map(|row| (row.get(0), row.get(1))).collect()
}

async fn catalogs(client: &Client) -> Vec<String> {
    let sql = "SELECT catalog_name || ' ' || kind || ' ' || coalesce(created_at::text, '') \
               FROM system.metadata.catalogs ORDER BY 1";
    client.query(sql, &[]).await.unwrap().iter().map(|row| row.get(0)).collect()
}

fn start(folder: &Path) -> Weft {
    reads(&[&samples()]).data_dir(folder).start().unwrap()
}

/// Catches: catalogs that live in memory, and numbers of tables that BI tools have kept and that mean another table tomorrow.
async fn restart() {
    let folder = tempfile::tempdir().unwrap();
    let data = folder.path().join("data");
    let mut weft = start(&data);
    let endpoint = mount(&weft, "ny", &samples()).await;
    mount(&weft, "weather_only", &samples().join("nyc/weather.parquet")).await;
    mount(&weft, "gone", &samples()).await;
    weft.connect().await.unwrap().batch_execute("DROP CATALOG gone").await.unwrap();
    let client = endpoint.connect().await.unwrap();
    let before = (oids(&client).await, catalogs(&client).await);
    assert!(before.0.iter().any(|(_, name)| name == "flights"), "{:?}", before.0);
    let mut numbers: Vec<u32> = before.0.iter().map(|(oid, _)| *oid).collect();
    numbers.dedup();
    assert_eq!(numbers.len(), before.0.len(), "an oid is used twice: {:?}", before.0);
    assert_eq!(weft.stop().unwrap().code(), Some(0));

    let weft = start(&data);
    let client = weft.endpoint.database("ny").connect().await.unwrap();
    assert_eq!((oids(&client).await, catalogs(&client).await), before);
    assert_eq!(client.query_one("SELECT count(*) FROM nyc.flights", &[]).await.unwrap().get::<_, i64>(0), 80_789);
    let gone = weft.endpoint.database("gone").connect().await;
    assert_eq!(refusal(gone).0, "3D000");
}

/// Catches: a change that is confirmed before it is on disk, and a folder that a dead gateway keeps.
async fn crash() {
    let folder = tempfile::tempdir().unwrap();
    let data = folder.path().join("data");
    let mut weft = start(&data);
    let endpoint = mount(&weft, "ny", &samples()).await;
    let before = catalogs(&endpoint.connect().await.unwrap()).await;
    weft.kill().unwrap();
    let weft = start(&data);
    let client = weft.endpoint.database("ny").connect().await.unwrap();
    assert_eq!(catalogs(&client).await, before);
    // The password of the first start stays, whatever the environment says now.
    drop(weft);
    let weft = reads(&[&samples()]).data_dir(&data).password("another").start().unwrap();
    assert_eq!(refusal(weft.endpoint.connect().await).0, "28P01");
    weft.endpoint.login("weft", "weft-test-password").connect().await.unwrap();
}

/// Catches: two gateways that write to one metastore.
async fn one_gateway_a_folder() {
    let weft = Weft::start().unwrap();
    let mut command = crate::files::weft();
    command
        .args([
            "serve",
            "--pg-listen",
            "127.0.0.1:0",
            "--flight-listen",
            "127.0.0.1:0",
            "--http-listen",
            "127.0.0.1:0",
            "--data-dir",
        ])
        .arg(weft.data_dir())
        .current_dir("/");
    let ran = Ran::of(&mut command).unwrap();
    assert_eq!(ran.code, 1, "{}", ran.stderr);
    assert!(ran.stderr.contains("in use by another gateway"), "{}", ran.stderr);
    weft.connect().await.unwrap();
}

/// Catches: a superuser whose password is printed by a gateway that then does not start.
async fn address_in_use() {
    let taken = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let folder = tempfile::tempdir().unwrap();
    let data = folder.path().join("data");
    let mut command = crate::files::weft();
    let address = taken.local_addr().unwrap().to_string();
    command
        .args([
            "serve",
            "--pg-listen",
            &address,
            "--flight-listen",
            "127.0.0.1:0",
            "--http-listen",
            "127.0.0.1:0",
            "--data-dir",
        ])
        .arg(&data)
        .current_dir("/");
    let ran = Ran::of(&mut command).unwrap();
    assert_eq!(ran.code, 1, "{}", ran.stderr);
    assert!(ran.stderr.contains("cannot listen on") && !ran.stderr.contains("superuser"), "{}", ran.stderr);
    assert!(!data.exists());
}
