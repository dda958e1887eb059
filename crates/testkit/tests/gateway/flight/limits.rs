//! What stops a statement: cancelling, leaving, time; and how much memory a result takes.

use super::client::{Client, channel, connect, fetch, query, refusal, site};
use crate::files::{mount, reads};
use crate::memory::{megabytes, peak};
use crate::{eventually, test};
use arrow::ipc::convert::try_schema_from_ipc_buffer;
use arrow_flight::flight_service_client::FlightServiceClient;
use arrow_flight::{CancelFlightInfoRequest, CancelStatus, FlightInfo};
use futures::StreamExt;
use libtest_mimic::Trial;
use std::time::{Duration, Instant};
use tonic::{Code, Request};
use weft_testkit::{Weft, data};

pub fn trials() -> Vec<Trial> {
    vec![
        test("flight::cancel", cancel),
        test("flight::a_client_that_leaves", leaves),
        test("flight::statement_timeout", timeout),
        test("flight::large_results_take_little_memory", streaming),
        test("flight::a_client_that_stops_reading", stalled),
        test("flight::a_drain_lets_results_end", drain),
    ]
}

/// Rows for hours, the first of them at once.
const STREAM: &str = "SELECT a.flight, b.flight, a.time_hour FROM nyc.flights AS a CROSS JOIN nyc.flights AS b";

/// Hours of work for one row.
const COMPUTATION: &str =
    "SELECT count(*) FROM nyc.flights AS a, nyc.flights AS b WHERE (a.flight * b.flight) % 7 = a.day % 5";

/// How long after it was told to stop a statement may go on.
const SOON: Duration = Duration::from_secs(5);

/// The gateway, its DuckDB included, may hold no more than this.
const MOST: u64 = 300_000_000;

async fn nothing_runs(weft: &Weft) {
    let admin = weft.connect().await.unwrap();
    let running = "SELECT count(*) FROM pg_stat_activity WHERE state = 'active' AND pid <> pg_backend_pid()";
    eventually("nothing runs", SOON, || async { admin.query_one(running, &[]).await.unwrap().get::<_, i64>(0) == 0 })
        .await;
}

async fn cancelled(weft: &Weft, client: &Client, info: &FlightInfo) -> i32 {
    let mut raw = FlightServiceClient::new(channel(weft).await);
    let body = prost::Message::encode_to_vec(&CancelFlightInfoRequest::new(info.clone()));
    let mut request = Request::new(arrow_flight::Action::new("CancelFlightInfo", body));
    let bearer = format!("Bearer {}", client.token().unwrap());
    request.metadata_mut().insert("authorization", bearer.parse().unwrap());
    let answer = raw.do_action(request).await.unwrap().into_inner().next().await.unwrap().unwrap();
    let result: arrow_flight::CancelFlightInfoResult = prost::Message::decode(answer.body).unwrap();
    result.status
}

/// Catches: a statement that goes on when it was cancelled, before its first row, after it, or before it was fetched at all.
async fn cancel() {
    let weft = site().await;
    let mut client = connect(&weft, "ny").await;
    for sql in [STREAM, COMPUTATION] {
        let info = client.execute(sql.to_owned(), None).await.unwrap();
        let mut reader = client.clone();
        let fetched = info.clone();
        let reading = tokio::spawn(async move { fetch(&mut reader, &fetched).await });
        tokio::time::sleep(Duration::from_secs(1)).await;
        let began = Instant::now();
        assert_eq!(cancelled(&weft, &client, &info).await, i32::from(CancelStatus::Cancelled), "{sql}");
        assert_eq!(refusal(reading.await.unwrap()), (Code::Cancelled, "57014".to_owned()), "{sql}");
        assert!(began.elapsed() < SOON, "{sql}: {:?}", began.elapsed());
        nothing_runs(&weft).await;
        assert_eq!(cancelled(&weft, &client, &info).await, i32::from(CancelStatus::NotCancellable), "{sql}");
    }
    let info = client.execute("SELECT 1".to_owned(), None).await.unwrap();
    assert_eq!(cancelled(&weft, &client, &info).await, i32::from(CancelStatus::Cancelled));
    assert_eq!(refusal(fetch(&mut client, &info).await).1, "34000");
    assert_eq!(query(&mut client, "SELECT 1").await.unwrap(), ["1"]);
}

/// Catches: a statement that goes on when nobody will read its rows.
async fn leaves() {
    let weft = site().await;
    let mut client = connect(&weft, "ny").await;
    let info = client.execute(STREAM.to_owned(), None).await.unwrap();
    let mut stream = client.do_get(info.endpoint[0].ticket.clone().unwrap()).await.unwrap();
    stream.next().await.unwrap().unwrap();
    drop(stream);
    nothing_runs(&weft).await;
    let info = client.execute(COMPUTATION.to_owned(), None).await.unwrap();
    let left = tokio::time::timeout(Duration::from_secs(1), fetch(&mut client, &info)).await;
    assert!(left.is_err(), "it takes hours");
    nothing_runs(&weft).await;
}

/// Catches: statements that do not hear their time limit, while they compute or while their client does not read.
async fn timeout() {
    let weft = site().await;
    let mut client = connect(&weft, "ny").await;
    query(&mut client, "SET statement_timeout = '1s'").await.unwrap();
    let began = Instant::now();
    assert_eq!(refusal(query(&mut client, COMPUTATION).await), (Code::Cancelled, "57014".to_owned()));
    assert_eq!(refusal(query(&mut client, STREAM).await), (Code::Cancelled, "57014".to_owned()));
    assert!(began.elapsed() < Duration::from_secs(10), "{:?}", began.elapsed());
    let info = client.execute(STREAM.to_owned(), None).await.unwrap();
    let _unread = client.do_get(info.endpoint[0].ticket.clone().unwrap()).await.unwrap();
    tokio::time::sleep(Duration::from_secs(1)).await;
    nothing_runs(&weft).await;
}

/// Catches: a result that is collected before it is sent.
async fn streaming() {
    let folder = data::tpch("0.1").unwrap();
    let weft = reads(&[&folder]).start().unwrap();
    mount(&weft, "tpch", &folder).await;
    let mut client = connect(&weft, "tpch").await;
    let began = Instant::now();
    let info = client.execute("SELECT * FROM lineitem".to_owned(), None).await.unwrap();
    assert_eq!(try_schema_from_ipc_buffer(&info.schema).unwrap().fields().len(), 16);
    let mut stream = client.do_get(info.endpoint[0].ticket.clone().unwrap()).await.unwrap();
    let mut rows = 0;
    while let Some(batch) = stream.next().await {
        rows += batch.unwrap().num_rows();
    }
    assert_eq!(rows, 600_572);
    println!("Flight SQL: {rows} rows in {:.1?}, gateway's peak {}", began.elapsed(), megabytes(peak(weft.pid())));
    assert!(peak(weft.pid()) < MOST, "{} at the peak", megabytes(peak(weft.pid())));
}

/// Catches: a client that reads nothing and holds a statement, or ever more memory, for good.
async fn stalled() {
    let weft = reads(&[&crate::files::samples()]).setting("client_write_timeout", "1s").start().unwrap();
    mount(&weft, "ny", &crate::files::samples()).await;
    let mut client = connect(&weft, "ny").await;
    let info = client.execute(STREAM.to_owned(), None).await.unwrap();
    let stream = client.do_get(info.endpoint[0].ticket.clone().unwrap()).await.unwrap();
    tokio::time::sleep(Duration::from_secs(3)).await;
    nothing_runs(&weft).await;
    assert!(peak(weft.pid()) < MOST, "{} at the peak", megabytes(peak(weft.pid())));
    drop(stream);
}

/// Catches: a gateway that hangs up on results when it is told to stop, and one that waits for clients that ask for nothing.
async fn drain() {
    let mut weft = site().await;
    let mut client = connect(&weft, "ny").await;
    let sql = "SELECT a.flight FROM nyc.flights AS a CROSS JOIN nyc.airlines AS b";
    let info = client.execute(sql.to_owned(), None).await.unwrap();
    let mut stream = client.do_get(info.endpoint[0].ticket.clone().unwrap()).await.unwrap();
    let first = stream.next().await.unwrap().unwrap().num_rows();
    let stopping = tokio::task::spawn_blocking(move || {
        let began = Instant::now();
        assert!(weft.stop().unwrap().success());
        began.elapsed()
    });
    tokio::time::sleep(Duration::from_millis(500)).await;
    let mut rows = first;
    while let Some(batch) = stream.next().await {
        rows += batch.unwrap().num_rows();
    }
    assert!(rows > 1_000_000, "{rows}");
    assert!(stopping.await.unwrap() < Duration::from_secs(20));
}
