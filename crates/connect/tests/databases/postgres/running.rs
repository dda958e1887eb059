//! Statements while they run: streaming, cancellation, failures.

use super::*;
use futures::StreamExt;

async fn site(database: &'static str) -> (Site, Relation) {
    let site = Site::new(database).await;
    site.sql("CREATE TABLE t (x int8); INSERT INTO t VALUES (1)").await;
    let relation = site.relation("t").await;
    (site, relation)
}

#[tokio::test]
async fn rows_stream_in_batches() {
    let (site, relation) = site("streaming").await;
    let mut rows = stream(&relation, "SELECT n FROM {}, generate_series(1::int8, 20000) n", one("n", DataType::Int64))
        .await
        .unwrap();
    let mut sizes = Vec::new();
    while let Some(batch) = rows.next().await {
        sizes.push(batch.unwrap().num_rows());
    }
    // Small ones at first, as they come, then larger ones.
    assert_eq!(sizes.iter().sum::<usize>(), 20000);
    let (_last, full) = sizes.split_last().unwrap();
    for (place, size) in full.iter().enumerate() {
        assert!((8192.min(128 << place)..=8192).contains(size), "{sizes:?}");
    }
    let figures = site.connector.pool().unwrap();
    assert_eq!((figures.open, figures.idle), (1, 1));
    let wide = "SELECT repeat('x', 100000) FROM {}, generate_series(1, 100)";
    let sizes: Vec<_> =
        stream(&relation, wide, one("c", DataType::Utf8)).await.unwrap().map(|b| b.unwrap().num_rows()).collect().await;
    assert_eq!((sizes.iter().sum::<usize>(), sizes[0]), (100, 21));
}

#[tokio::test]
async fn rows_wait_in_the_server_until_they_are_wanted() {
    let (site, relation) = site("waiting").await;
    let endless = "SELECT n AS back_pressure FROM {}, generate_series(1::int8, 100000000) n";
    let mut rows = stream(&relation, endless, one("n", DataType::Int64)).await.unwrap();
    rows.next().await.unwrap().unwrap();
    let waits = "SELECT wait_event = 'ClientWrite' FROM pg_stat_activity WHERE datname = 'waiting' AND query LIKE '%back_pressure%' AND pid <> pg_backend_pid()";
    until("the server waits for us", || async {
        site.admin.query_one(waits, &[]).await.unwrap().get::<_, Option<bool>>(0) == Some(true)
    })
    .await;
    drop(rows);
    until("the statement is gone", || async { site.running("back_pressure").await == 0 }).await;
}

#[tokio::test]
async fn who_gives_up_stops_the_statement() {
    let (site, relation) = site("given_up").await;
    let begun = stream(&relation, "SELECT x FROM {}, pg_sleep(60) AS before_the_first_row", one("n", DataType::Int64));
    let given_up =
        tokio::time::timeout(Duration::from_millis(300), async { begun.await.unwrap().next().await.is_some() }).await;
    assert!(given_up.is_err());
    until("the statement is cancelled", || async { site.running("before_the_first_row").await == 0 }).await;
    until("its connection is closed", || async {
        site.connector.pool().unwrap().open == 0 && site.connections().await == 0
    })
    .await;

    let endless = "SELECT n FROM {}, generate_series(1::int8, 100000000) n WHERE 'after_the_first_row' <> ''";
    let mut rows = stream(&relation, endless, one("n", DataType::Int64)).await.unwrap();
    rows.next().await.unwrap().unwrap();
    assert_eq!(site.running("after_the_first_row").await, 1);
    drop(rows);
    until("the statement is cancelled", || async { site.running("after_the_first_row").await == 0 }).await;
    assert_eq!(numbers(&relation, "SELECT x FROM {}").await.unwrap(), ["1"]);
}

#[tokio::test]
async fn a_failure_keeps_its_kind_and_the_connection() {
    let (site, relation) = site("failing").await;
    for (sql, kind, message) in [
        ("SELECT x / 0 FROM {}", ErrorKind::DivisionByZero, "division by zero"),
        ("SELECT 9223372036854775807 + x FROM {}", ErrorKind::NumericOutOfRange, "bigint out of range"),
        (
            "SELECT 'a'::int8 FROM {}",
            ErrorKind::InvalidTextRepresentation,
            "invalid input syntax for type bigint: \"a\"",
        ),
        (
            "SELECT (SELECT g FROM generate_series(1, x) g) FROM generate_series(1::int8, 3) x",
            ErrorKind::CardinalityViolation,
            "more than one row returned by a subquery used as an expression",
        ),
        // After many rows.
        (
            "SELECT 1 / (50000 - n) FROM {}, generate_series(1::int8, 60000) n",
            ErrorKind::DivisionByZero,
            "division by zero",
        ),
    ] {
        let error = numbers(&relation, sql).await.unwrap_err();
        assert_eq!((error.kind(), error.message()), (kind, message), "{sql}");
    }
    let figures = site.connector.pool().unwrap();
    assert_eq!((figures.open, figures.idle), (1, 1));
    site.sql("CREATE FUNCTION f() RETURNS int8 LANGUAGE plpgsql AS $$BEGIN RAISE EXCEPTION 'own' USING ERRCODE = 'AB123', HINT = 'so'; END$$").await;
    let error = numbers(&relation, "SELECT public.f()").await.unwrap_err();
    assert_eq!((error.kind(), error.message(), error.hint()), (ErrorKind::SourceFailed, "own", Some("so")));
    assert!(error.detail().unwrap().contains("with SQLSTATE AB123"));
}

#[tokio::test]
async fn a_lost_connection_is_told() {
    let (site, relation) = site("lost").await;
    let sql = "SELECT x FROM {}, pg_sleep(60) AS about_to_be_lost";
    let (lost, ()) = tokio::join!(numbers(&relation, sql), async {
        until("it runs", || async { site.running("about_to_be_lost").await == 1 }).await;
        let kill = "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE query LIKE '%about_to_be_lost%' AND pid <> pg_backend_pid()";
        site.admin.execute(kill, &[]).await.unwrap();
    });
    let lost: Error = lost.unwrap_err();
    assert_eq!(
        (lost.kind(), lost.message()),
        (ErrorKind::ConnectionFailed, "the connection to catalog \"shop\" was lost")
    );
    assert!(lost.detail().unwrap().contains("terminating connection due to administrator command (SQLSTATE 57P01)"));
    assert_eq!(numbers(&relation, "SELECT x FROM {}").await.unwrap(), ["1"]);
}

/// The whole path of a point query, many times at once through few connections.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn many_statements_share_few_connections() {
    let site = Site::with("shared", &[], &[("max_connections", "3")]).await;
    site.sql("CREATE TABLE t AS SELECT n::int8 AS x FROM generate_series(1, 1000) n").await;
    let relation = Arc::new(site.relation("t").await);
    let asked = (1..=200).map(|n| {
        let relation = relation.clone();
        tokio::spawn(async move {
            numbers(&relation, &format!("SELECT x FROM {{}} WHERE x = {n}")).await.unwrap() == [n.to_string()]
        })
    });
    for answer in futures::future::join_all(asked).await {
        assert!(answer.unwrap());
    }
    let figures = site.connector.pool().unwrap();
    assert!(figures.open <= 3 && figures.acquired >= 200 && figures.timed_out == 0, "{figures:?}");
}
