//! Results that are larger than any buffer: they flow through the gateway, which holds little of them. `WEFT_TEST_SCALE` chooses the scale of TPC-H.

use crate::files::{mount, reads};
use crate::memory::{megabytes, peak, resident};
use crate::raw::{self, Raw};
use crate::test;
use futures::TryStreamExt;
use libtest_mimic::Trial;
use std::pin::pin;
use std::time::{Duration, Instant};
use tokio_postgres::{Client, SimpleQueryMessage};
use weft_testkit::{Endpoint, Weft, data};

pub fn trials() -> Vec<Trial> {
    vec![
        test("streaming::simple_protocol", simple),
        test("streaming::extended_protocol", extended),
        test("streaming::copy", copy),
        test("streaming::a_cursor", cursor),
        test("streaming::computed_in_the_gateway", computed_in_the_gateway),
        test("streaming::a_client_that_stops_reading", stopped_reader),
    ]
}

/// The gateway, its DuckDB included, may hold no more than this.
const MOST: u64 = 300_000_000;

pub const EVERYTHING: &str = "SELECT * FROM lineitem";

fn scale() -> String {
    std::env::var("WEFT_TEST_SCALE").unwrap_or_else(|_| "0.1".to_owned())
}

/// A gateway with TPC-H as its catalog `tpch`.
pub async fn site(auth: &str) -> (Weft, Endpoint) {
    let folder = data::tpch(&scale()).unwrap();
    let weft = reads(&[&folder]).setting("auth", auth).start().unwrap();
    let endpoint = mount(&weft, "tpch", &folder).await;
    (weft, endpoint)
}

/// What TPC-H's own generator makes; other scales are taken at the word of DuckDB, which reads it from the files' footers.
async fn expected(client: &Client) -> u64 {
    let known = [("0.01", 60_175), ("0.1", 600_572), ("1", 6_001_215), ("10", 59_986_052)];
    match known.iter().find(|(known, _)| *known == scale()) {
        Some((_, rows)) => *rows,
        None => client.query_one("SELECT count(*) FROM lineitem", &[]).await.unwrap().get::<_, i64>(0) as u64,
    }
}

fn report(what: &str, weft: &Weft, rows: u64, started: Instant) {
    let (took, most) = (started.elapsed(), peak(weft.pid()));
    println!("{what}: scale {}, {rows} rows in {took:.1?}, gateway's peak {}", scale(), megabytes(most));
    assert!(most < MOST, "{what}: {} at the peak", megabytes(most));
}

async fn simple_rows(client: &Client, sql: &str) -> u64 {
    let mut messages = pin!(client.simple_query_raw(sql).await.unwrap());
    let mut rows = 0;
    while let Some(message) = messages.try_next().await.unwrap() {
        match message {
            SimpleQueryMessage::Row(row) => {
                rows += 1;
                assert_eq!(row.len(), 16);
            }
            SimpleQueryMessage::CommandComplete(count) => assert_eq!(count, rows),
            _ => {}
        }
    }
    rows
}

/// Catches: a result that is collected before it is sent.
async fn simple() {
    let (weft, endpoint) = site("scram").await;
    let client = endpoint.connect().await.unwrap();
    let started = Instant::now();
    let rows = simple_rows(&client, EVERYTHING).await;
    report("simple protocol", &weft, rows, started);
    assert_eq!(rows, expected(&client).await);
}

/// Catches: as above, where values are sent in binary.
async fn extended() {
    let (weft, endpoint) = site("scram").await;
    let client = endpoint.connect().await.unwrap();
    let started = Instant::now();
    let mut stream = pin!(client.query_raw(EVERYTHING, std::iter::empty::<i32>()).await.unwrap());
    let (mut rows, mut numbers) = (0, 0i64);
    while let Some(row) = stream.try_next().await.unwrap() {
        rows += 1;
        numbers += i64::from(row.get::<_, i32>("l_linenumber"));
    }
    report("extended protocol", &weft, rows, started);
    assert_eq!(rows, expected(&client).await);
    let sum = client.query_one("SELECT sum(l_linenumber)::bigint FROM lineitem", &[]).await.unwrap();
    assert_eq!(numbers, sum.get::<_, i64>(0));
}

/// Catches: COPY that collects its lines, or loses some.
async fn copy() {
    let (weft, endpoint) = site("scram").await;
    let client = endpoint.connect().await.unwrap();
    let started = Instant::now();
    let mut lines = pin!(client.copy_out("COPY lineitem TO STDOUT (FORMAT csv)").await.unwrap());
    let mut rows = 0;
    while let Some(data) = lines.try_next().await.unwrap() {
        rows += data.iter().filter(|byte| **byte == b'\n').count() as u64;
    }
    report("COPY", &weft, rows, started);
    assert_eq!(rows, expected(&client).await);
}

/// Catches: a cursor that collects the rows of its query, and one that keeps more than it may.
async fn cursor() {
    let (weft, endpoint) = site("scram").await;
    let client = endpoint.connect().await.unwrap();
    client.batch_execute(&format!("BEGIN; DECLARE forward CURSOR FOR {EVERYTHING}")).await.unwrap();
    let (mut rows, started) = (0, Instant::now());
    loop {
        match simple_rows(&client, "FETCH 50000 FROM forward").await {
            0 => break,
            some => rows += some,
        }
    }
    report("a cursor", &weft, rows, started);
    assert_eq!(rows, expected(&client).await);
    client.batch_execute(&format!("DECLARE back SCROLL CURSOR FOR {EVERYTHING}")).await.unwrap();
    assert_eq!(simple_rows(&client, "FETCH 10000 FROM back").await, 10_000);
    let (state, _) = crate::refusal(client.batch_execute("MOVE FORWARD ALL IN back").await);
    assert_eq!(state, "53400");
    client.batch_execute("ROLLBACK").await.unwrap();
}

/// Catches: operators in the gateway that collect what only passes through them.
async fn computed_in_the_gateway() {
    let (weft, endpoint) = site("scram").await;
    let client = endpoint.connect().await.unwrap();
    client.batch_execute("SET weft.pushdown = off").await.unwrap();
    let started = Instant::now();
    let rows = simple_rows(&client, "SELECT * FROM lineitem WHERE upper(l_comment) <> 'X' AND l_quantity > 0").await;
    report("computed in the gateway", &weft, rows, started);
    assert_eq!(rows, expected(&client).await);
}

/// Catches: rows that pile up for a client that takes none, and a client that loses rows for having been slow.
async fn stopped_reader() {
    let (weft, endpoint) = site("trust").await;
    let others = endpoint.connect().await.unwrap();
    let mut client = Raw::login(endpoint.port, "tpch");
    client.send(&raw::query(EVERYTHING));
    assert_eq!(client.message().unwrap().tag, b'T');

    // Full buffers are when memory has not grown for a second; a gateway that fills memory does not get there.
    let (mut last, mut calm, started) = (0, Instant::now(), Instant::now());
    while calm.elapsed() < Duration::from_secs(1) && started.elapsed() < Duration::from_secs(10) {
        let now = resident(weft.pid());
        if now > last + 1_000_000 {
            (last, calm) = (now, Instant::now());
        }
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    let stopped = resident(weft.pid());
    for _ in 0..20 {
        let asked = Instant::now();
        others.query_one("SELECT count(*) FROM nation", &[]).await.unwrap();
        assert!(asked.elapsed() < Duration::from_secs(2), "others wait for it: {:?}", asked.elapsed());
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
    let later = resident(weft.pid());
    println!("a client that stops reading: {} when full, {} two seconds later", megabytes(stopped), megabytes(later));
    assert!(stopped < MOST && later < MOST);
    assert!(later < stopped + 30_000_000, "it grows: {} to {}", megabytes(stopped), megabytes(later));

    let rest = tokio::task::spawn_blocking(move || {
        let mut rows = 0;
        loop {
            match client.message() {
                Some(message) if message.tag == b'D' => rows += 1,
                Some(message) if message.tag == b'C' => return (rows, message.texts()),
                other => panic!("after {rows} rows: {other:?}"),
            }
        }
    });
    let (rows, tag) = rest.await.unwrap();
    assert_eq!((rows, tag[0].as_str()), (expected(&others).await, format!("SELECT {rows}").as_str()));
}
