//! What stops a statement, and what stops a client from coming in: cancel requests, `statement_timeout`, `max_connections`.

use crate::files::{mount, reads, samples};
use crate::{eventually, refusal, test};
use futures::StreamExt;
use libtest_mimic::Trial;
use std::time::{Duration, Instant};
use tokio_postgres::{Client, NoTls};
use weft_testkit::Weft;

pub fn trials() -> Vec<Trial> {
    vec![
        test("limits::cancel_while_rows_are_sent", cancel_stream),
        test("limits::cancel_before_the_first_row", cancel_computation),
        test("limits::cancel_needs_the_secret", cancel_needs_the_secret),
        test("limits::statement_timeout_while_rows_are_sent", timeout_stream),
        test("limits::statement_timeout_before_the_first_row", timeout_computation),
        test("limits::max_connections", max_connections),
    ]
}

/// How long after a cancel request the statement may go on.
const AT_ONCE: Duration = Duration::from_secs(1);

/// Rows for hours, the first of them at once.
const STREAM: &str = "SELECT a.flight, b.flight, a.time_hour FROM nyc.flights AS a CROSS JOIN nyc.flights AS b";

/// Hours of work for one row.
const COMPUTATION: &str =
    "SELECT count(*) FROM nyc.flights AS a, nyc.flights AS b WHERE (a.flight * b.flight) % 7 = a.day % 5";

struct Site {
    _weft: Weft,
    client: Client,
}

async fn site() -> Site {
    let weft = reads(&[&samples()]).start().unwrap();
    let client = mount(&weft, "ny", &samples()).await.connect().await.unwrap();
    Site { _weft: weft, client }
}

/// Reads rows to the end, which must be 57014; tells how many came.
async fn rows_until_canceled(client: &Client, sql: &str, mut after_a_row: impl FnMut()) -> usize {
    let mut rows = std::pin::pin!(client.query_raw(sql, std::iter::empty::<i32>()).await.unwrap());
    let mut count = 0;
    loop {
        match rows.next().await {
            Some(Ok(_)) => count += 1,
            Some(Err(error)) => {
                assert_eq!(refusal::<()>(Err(error)).0, "57014");
                return count;
            }
            None => panic!("all {count} rows came"),
        }
        after_a_row();
    }
}

async fn still_usable(client: &Client) {
    assert_eq!(client.query_one("SELECT count(*) FROM nyc.airlines", &[]).await.unwrap().get::<_, i64>(0), 16);
}

/// Catches: a cancel that is looked at only between statements, and a stream that ends as if it were complete.
async fn cancel_stream() {
    let site = site().await;
    let token = site.client.cancel_token();
    let (mut rows, mut canceled) = (0, None);
    let count = rows_until_canceled(&site.client, STREAM, || {
        rows += 1;
        if rows == 5_000 {
            let token = token.clone();
            canceled = Some(Instant::now());
            tokio::spawn(async move { token.cancel_query(NoTls).await });
        }
    })
    .await;
    let took = canceled.expect("canceled").elapsed();
    println!("canceled after {took:?}, {count} rows");
    assert!(took < AT_ONCE, "{took:?}");
    still_usable(&site.client).await;
}

/// Catches: a cancel that waits for the worker's next batch.
async fn cancel_computation() {
    let site = site().await;
    for pushdown in ["on", "off"] {
        site.client.batch_execute(&format!("SET weft.pushdown = {pushdown}")).await.unwrap();
        let token = site.client.cancel_token();
        let answer = site.client.query(COMPUTATION, &[]);
        let cancel = async {
            // Some time to be in the middle of it: whether it is cannot be seen from outside.
            tokio::time::sleep(Duration::from_millis(300)).await;
            token.cancel_query(NoTls).await.unwrap();
            Instant::now()
        };
        let (answer, canceled) = tokio::join!(answer, cancel);
        assert_eq!(refusal(answer).0, "57014", "pushdown {pushdown}");
        let took = canceled.elapsed();
        println!("pushdown {pushdown}: canceled after {took:?}");
        assert!(took < AT_ONCE, "pushdown {pushdown}: {took:?}");
        still_usable(&site.client).await;
    }
}

/// Catches: a statement that anybody can stop who counts sessions.
async fn cancel_needs_the_secret() {
    use crate::raw::Raw;
    let weft = reads(&[&samples()]).start().unwrap();
    let endpoint = mount(&weft, "ny", &samples()).await;
    let client = endpoint.connect().await.unwrap();
    let pid: i32 = client.query_one("SELECT pg_backend_pid()", &[]).await.unwrap().get(0);
    let mut canceled_wrongly = 0;
    client.batch_execute("SET statement_timeout = '1500ms'").await.unwrap();
    let started = Instant::now();
    let answer = client.query(COMPUTATION, &[]);
    let forge = async {
        for secret in 0..50u32 {
            let mut stranger = Raw::connect(weft.endpoint.port);
            let numbers = [16u32, 80_877_102, pid as u32, secret];
            stranger.send(&numbers.iter().flat_map(|n| n.to_be_bytes()).collect::<Vec<_>>());
            canceled_wrongly += stranger.until_end().len();
        }
    };
    let (answer, ()) = tokio::join!(answer, forge);
    assert_eq!((refusal(answer).0.as_str(), canceled_wrongly), ("57014", 0));
    assert!(started.elapsed() >= Duration::from_millis(1400), "stopped by a stranger after {:?}", started.elapsed());
}

/// Catches: a timeout that ends with the first row.
async fn timeout_stream() {
    let site = site().await;
    // What the first reading of a file costs is not this test's; the rows must have begun before the time is over, on a busy machine too.
    site.client.query_one("SELECT min(flight) FROM nyc.flights", &[]).await.unwrap();
    site.client.batch_execute("SET statement_timeout = '2s'").await.unwrap();
    let started = Instant::now();
    let count = rows_until_canceled(&site.client, STREAM, || {}).await;
    println!("{count} rows in {:?}", started.elapsed());
    assert!(count > 0);
    assert!(started.elapsed() < Duration::from_secs(2) + AT_ONCE, "{:?}", started.elapsed());
    site.client.batch_execute("SET statement_timeout = 0").await.unwrap();
    still_usable(&site.client).await;
}

/// Catches: a timeout that waits for the worker, and a setting of the gateway that sessions do not begin with.
async fn timeout_computation() {
    let weft = reads(&[&samples()]).setting("statement_timeout", "400ms").start().unwrap();
    let client = mount(&weft, "ny", &samples()).await.connect().await.unwrap();
    for pushdown in ["on", "off"] {
        client.batch_execute(&format!("SET weft.pushdown = {pushdown}")).await.unwrap();
        let started = Instant::now();
        let (state, message) = refusal(client.query(COMPUTATION, &[]).await);
        assert_eq!((state.as_str(), message.as_str()), ("57014", "canceling statement due to statement timeout"));
        let took = started.elapsed();
        assert!(took < Duration::from_millis(400) + AT_ONCE, "pushdown {pushdown}: {took:?}");
    }
}

/// Catches: a place that is not given back.
async fn max_connections() {
    let weft = Weft::builder().setting("max_connections", "2").start().unwrap();
    let first = weft.connect().await.unwrap();
    let second = weft.connect().await.unwrap();
    for _ in 0..5 {
        let (state, message) = refusal(weft.endpoint.connect().await);
        assert_eq!((state.as_str(), message.as_str()), ("53300", "sorry, too many clients already"));
    }
    // Somebody without the password learns nothing of this.
    assert_eq!(refusal(weft.endpoint.login("weft", "wrong").connect().await).0, "28P01");
    drop(second);
    eventually("a place is free again", AT_ONCE, || async { weft.endpoint.connect().await.is_ok() }).await;
    first.query_one("SELECT 1", &[]).await.unwrap();
}
