//! Tables of the lake under what happens to them: a crash, a cancelled statement, many writers at once, a metastore that gateways share.

use crate::metastore::Place;
use crate::{eventually, refusal, test};
use libtest_mimic::Trial;
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicI32, Ordering};
use std::time::Duration;
use tokio_postgres::{Client, NoTls};
use weft_testkit::Weft;

pub fn trials() -> Vec<Trial> {
    vec![
        test("tables::a_crash_loses_no_row_that_was_acknowledged", crash),
        test("tables::a_cancelled_statement_leaves_nothing", cancelled),
        test("tables::a_failed_statement_leaves_nothing", failed),
        test("tables::many_write_at_once", many),
        test("tables::a_shared_metastore_refuses_them", shared),
    ]
}

const SOON: Duration = Duration::from_secs(10);

async fn numbers(client: &Client) -> Vec<i32> {
    client.query("SELECT a FROM t ORDER BY a", &[]).await.unwrap().iter().map(|row| row.get(0)).collect()
}

/// Files below a folder.
fn files(folder: &Path) -> usize {
    let Ok(entries) = std::fs::read_dir(folder) else { return 0 };
    entries.flatten().map(|entry| if entry.path().is_dir() { files(&entry.path()) } else { 1 }).sum()
}

/// Catches: rows that were said to be there and are only in memory, and parts of statements that nobody was told of.
async fn crash() {
    let folder = tempfile::tempdir().unwrap();
    let start = || Weft::builder().data_dir(folder.path()).start().unwrap();
    for round in 0..3 {
        let mut weft = start();
        let client = weft.connect().await.unwrap();
        client.batch_execute("DROP TABLE IF EXISTS t; CREATE TABLE t (a integer, of integer)").await.unwrap();
        let acknowledged = Arc::new(AtomicI32::new(0));
        let writing = tokio::spawn({
            let acknowledged = acknowledged.clone();
            async move {
                // Two rows each: both are there, or neither.
                for n in 1.. {
                    if client.execute("INSERT INTO t VALUES ($1, 1), ($1, 2)", &[&n]).await.is_err() {
                        return;
                    }
                    acknowledged.store(n, Ordering::SeqCst);
                }
            }
        });
        eventually("rows are written", SOON, || async { acknowledged.load(Ordering::SeqCst) > 5 * (round + 1) }).await;
        weft.kill().unwrap();
        writing.await.unwrap();
        let acknowledged = acknowledged.load(Ordering::SeqCst);
        let weft = start();
        let found = numbers(&weft.connect().await.unwrap()).await;
        let there = found.last().copied().unwrap_or_default();
        // The last statement may have been done without anybody hearing of it.
        assert!(there == acknowledged || there == acknowledged + 1, "{there} of {acknowledged}");
        assert_eq!(found, (1..=there).flat_map(|n| [n, n]).collect::<Vec<_>>());
    }
}

/// Catches: files of a statement that has been given up.
async fn cancelled() {
    let weft = Weft::start().unwrap();
    let client = weft.connect().await.unwrap();
    client.batch_execute("CREATE TABLE t (a bigint)").await.unwrap();
    let lake = weft.data_dir().join("lake");
    let token = client.cancel_token();
    let endless =
        "INSERT INTO t SELECT a.x * b.x FROM generate_series(1, 100000) AS a (x), generate_series(1, 100000) AS b (x)";
    let (done, ()) = tokio::join!(client.batch_execute(endless), async {
        eventually("rows are written", 3 * SOON, || async { files(&lake) > 0 }).await;
        token.cancel_query(NoTls).await.unwrap();
    });
    assert_eq!(refusal(done).0, "57014");
    eventually("its file is removed", SOON, || async { files(&lake) == 0 }).await;
    assert_eq!(client.query_one("SELECT count(*) FROM t", &[]).await.unwrap().get::<_, i64>(0), 0);
}

/// Catches: rows before the one that cannot be kept, and files of a transaction that is rolled back.
async fn failed() {
    let weft = Weft::start().unwrap();
    let client = weft.connect().await.unwrap();
    client.batch_execute("CREATE TABLE t (a integer NOT NULL)").await.unwrap();
    let lake = weft.data_dir().join("lake");
    let late = "INSERT INTO t SELECT CASE WHEN x < 200000 THEN x END FROM generate_series(1, 200000) AS g (x)";
    assert_eq!(refusal(client.batch_execute(late).await).0, "23502");
    eventually("its file is removed", SOON, || async { files(&lake) == 0 }).await;
    client.batch_execute("BEGIN; INSERT INTO t VALUES (1); CREATE TABLE u AS SELECT 1 AS b").await.unwrap();
    assert_eq!(files(&lake), 2);
    client.batch_execute("ROLLBACK").await.unwrap();
    eventually("its files are removed", SOON, || async { files(&lake) == 0 }).await;
    let other = weft.connect().await.unwrap();
    other.batch_execute("BEGIN; INSERT INTO t VALUES (1)").await.unwrap();
    assert_eq!(files(&lake), 1);
    drop(other);
    eventually("the file of a client that has left is removed", SOON, || async { files(&lake) == 0 }).await;
    assert!(numbers(&client).await.is_empty());
}

/// Catches: writers that take each other's rows away, or each other's turn.
async fn many() {
    let weft = Weft::start().unwrap();
    let client = weft.connect().await.unwrap();
    client.batch_execute("CREATE TABLE t (a integer)").await.unwrap();
    let writers = (0..8).map(|writer| {
        let endpoint = weft.endpoint.clone();
        tokio::spawn(async move {
            let client = endpoint.connect().await.unwrap();
            for n in 0..10 {
                client.execute("INSERT INTO t VALUES ($1)", &[&(writer * 10 + n)]).await.unwrap();
            }
        })
    });
    for writer in writers.collect::<Vec<_>>() {
        writer.await.unwrap();
    }
    assert_eq!(numbers(&client).await, (0..80).collect::<Vec<_>>());
}

/// Catches: rows on the disk of one gateway that another one would look for.
async fn shared() {
    let place = Place::new();
    let weft = place.gateway("one");
    let client = weft.connect().await.unwrap();
    for sql in ["CREATE TABLE t (a integer)", "CREATE TABLE t AS SELECT 1 AS a"] {
        assert_eq!(refusal(client.batch_execute(sql).await).0, "0A000");
    }
}
