//! Statements while they run: streaming, cancellation, connections.

use super::*;
use arrow::datatypes::{DataType, Field};
use futures::StreamExt;
use std::time::Instant;
use tokio::time::sleep;
use weft_core::ErrorKind;

fn number() -> SchemaRef {
    Arc::new(Schema::new(vec![Field::new("n", DataType::Int64, true)]))
}

/// Statements with this mark that the server works on.
fn running(mark: &str) -> usize {
    let count = format!(
        "SELECT count(*) FROM information_schema.processlist WHERE info LIKE '%{mark}%' AND info NOT LIKE '%processlist%'"
    );
    SERVER.sql(&count).unwrap().trim().parse().unwrap()
}

async fn until(what: &str, mut holds: impl FnMut() -> bool) {
    let begun = Instant::now();
    while !holds() {
        assert!(begun.elapsed() < Duration::from_secs(10), "{what}");
        sleep(Duration::from_millis(20)).await;
    }
}

async fn site(database: &'static str, properties: &[(&str, &str)]) -> (Site, Relation) {
    let site = Site::with(database, &[], properties);
    site.sql("CREATE TABLE t (x int); INSERT INTO t VALUES (1)");
    let relation = site.relation("t").await;
    (site, relation)
}

#[tokio::test]
async fn rows_stream_in_batches() {
    let (_site, relation) = site("streaming", &[]).await;
    let mut rows = stream(&relation, "SELECT seq FROM {} JOIN app.seq_1_to_20000", number()).await.unwrap();
    let mut sizes = Vec::new();
    while let Some(batch) = rows.next().await {
        sizes.push(batch.unwrap().num_rows());
    }
    assert_eq!(sizes, [8192, 8192, 3616]);
}

#[tokio::test]
async fn dropping_the_stream_kills_the_statement() {
    let (site, relation) = site("dropped", &[]).await;
    // Rows without end; the reader takes one batch.
    let sql = "SELECT a.seq FROM {} JOIN app.seq_1_to_1000000 a JOIN app.seq_1_to_1000000 b WHERE 'dropped_mark' <> ''";
    let mut rows = stream(&relation, sql, number()).await.unwrap();
    assert_eq!(rows.next().await.unwrap().unwrap().num_rows(), 8192);
    assert_eq!(running("dropped_mark"), 1);
    drop(rows);
    until("the statement is killed", || running("dropped_mark") == 0).await;
    until("the connection is closed", || site.connector.pool().unwrap().open == 0).await;
}

#[tokio::test]
async fn giving_up_before_the_first_row_kills_the_statement() {
    let (site, relation) = site("given_up", &[]).await;
    let sql = "SELECT count(*) + SLEEP(60) FROM {} WHERE 'given_up_mark' <> ''";
    let waiting = tokio::time::timeout(Duration::from_millis(300), read(&relation, sql, number()));
    assert!(waiting.await.is_err());
    until("the statement is killed", || running("given_up_mark") == 0).await;
    until("the connection is closed", || site.connector.pool().unwrap().open == 0).await;
}

#[tokio::test]
async fn a_connection_whose_rows_were_read_is_used_again() {
    let (site, relation) = site("reused", &[]).await;
    for _ in 0..5 {
        assert_eq!(numbers(&relation, "SELECT t1.x FROM {}").await, [1]);
    }
    let error = read(&relation, "SELECT nothing FROM {}", number()).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::UndefinedColumn);
    let figures = site.connector.pool().unwrap();
    assert_eq!((figures.open, figures.idle), (1, 1));
}

#[tokio::test]
async fn the_limit_of_connections_holds() {
    let (site, relation) = site("limited", &[("max_connections", "1"), ("acquire_timeout", "200ms")]).await;
    let endless = "SELECT a.seq FROM {} JOIN app.seq_1_to_1000000 a JOIN app.seq_1_to_1000000 b";
    let mut held = stream(&relation, endless, number()).await.unwrap();
    held.next().await.unwrap().unwrap();
    let error = read(&relation, "SELECT t1.x FROM {}", number()).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::TooManyConnections);
    assert_eq!(site.connector.pool().unwrap().timed_out, 1);
    drop(held);
    until("a connection is free", || site.connector.pool().unwrap().open == 0).await;
    assert_eq!(numbers(&relation, "SELECT t1.x FROM {}").await, [1]);
}

#[tokio::test]
async fn a_connection_that_the_server_closed_is_replaced() {
    let (site, relation) = site("closed", &[]).await;
    assert_eq!(numbers(&relation, "SELECT CONNECTION_ID() FROM {}").await.len(), 1);
    let id = numbers(&relation, "SELECT CONNECTION_ID() FROM {}").await[0];
    site.sql(&format!("KILL {id}"));
    assert_ne!(numbers(&relation, "SELECT CONNECTION_ID() FROM {}").await, [id]);
}

#[tokio::test]
async fn a_statement_killed_by_others_is_cancelled() {
    let (_site, relation) = site("killed", &[]).await;
    let sql = "SELECT a.seq FROM {} JOIN app.seq_1_to_1000000 a JOIN app.seq_1_to_1000000 b WHERE 'killed_mark' <> ''";
    let mut rows = stream(&relation, sql, number()).await.unwrap();
    rows.next().await.unwrap().unwrap();
    let id = "SELECT id FROM information_schema.processlist WHERE info LIKE '%killed_mark%' AND info NOT LIKE '%processlist%'";
    let id = SERVER.sql(id).unwrap();
    SERVER.sql(&format!("KILL QUERY {}", id.trim())).unwrap();
    let error = loop {
        match rows.next().await.expect("an error before the end") {
            Ok(_) => {}
            Err(error) => break error,
        }
    };
    assert_eq!(error.kind(), ErrorKind::QueryCanceled);
    assert!(rows.next().await.is_none());
}

#[tokio::test]
async fn nothing_can_be_written() {
    let (site, relation) = site("read_only", &[]).await;
    let writes = "CREATE FUNCTION read_only.f() RETURNS int MODIFIES SQL DATA BEGIN INSERT INTO read_only.t VALUES (2); RETURN 1; END";
    SERVER.sql(&format!("DELIMITER //\n{writes}//")).unwrap();
    for statement in ["INSERT INTO read_only.t VALUES (2)", "DROP TABLE read_only.t", "SELECT read_only.f() FROM {}"] {
        let error = read(&relation, statement, number()).await.unwrap_err();
        assert_eq!(error.kind(), ErrorKind::ReadOnlyTransaction, "{statement}");
    }
    assert_eq!(site.rows("t").await.unwrap(), [["1"]]);
}

#[tokio::test]
async fn an_answer_of_another_shape_is_refused() {
    let (_site, relation) = site("shape", &[]).await;
    let error = read(&relation, "SELECT t1.x, 1 FROM {}", number()).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Internal);
    let error = read(&relation, "SELECT 1.5 FROM {}", number()).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::NumericOutOfRange);
}
