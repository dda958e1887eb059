//! The HTTP port: health checks, metrics, the status page.

use crate::files::{mount, reads};
use crate::{python, refusal, test};
use libtest_mimic::Trial;
use std::net::TcpStream;
use std::time::{Duration, Instant};
use weft_testkit::data;
use weft_testkit::process::Signal;

pub fn trials() -> Vec<Trial> {
    vec![test("http::is_what_monitoring_expects", clients), test("http::is_not_ready_while_draining", draining)]
}

/// More pairs than any machine looks at in time.
const LONG: &str = "SELECT count(*) FROM public.lineitem AS a CROSS JOIN public.lineitem AS b CROSS JOIN public.lineitem AS endless \
    WHERE a.l_comment < b.l_comment || endless.l_comment";

/// Catches: metrics that Prometheus cannot read, a page that shows itself to strangers, leaves texts unescaped, or needs more than HTML.
async fn clients() {
    let files = data::tpch("0.001").unwrap();
    let weft = reads(&[&files]).start().unwrap();
    let tables = mount(&weft, "files", &files).await;
    let client = weft.connect().await.unwrap();
    let (state, _) = refusal(client.batch_execute("SELECT 1/0").await);
    assert_eq!(state, "22012");
    client.batch_execute("SELECT '<script>alert(1)</script>'").await.unwrap();
    let worker = tables.connect().await.unwrap();
    let cancel = worker.cancel_token();
    let working = tokio::spawn(async move { worker.batch_execute(LONG).await });
    let port = weft.http_port().unwrap().to_string();
    let password = weft.endpoint.password.clone();
    let ran = tokio::task::spawn_blocking(move || python::run("tests/clients/monitoring.py", &[&port, &password]))
        .await
        .unwrap();
    cancel.cancel_query(tokio_postgres::NoTls).await.unwrap();
    assert!(working.await.unwrap().is_err());
    assert!(ran.ok(), "exit code {}\n{}{}", ran.code, ran.stdout, ran.stderr);
}

/// Catches: a gateway that stops and leaves clients of HTTP waiting, or that waits for them itself.
async fn draining() {
    let mut weft = weft_testkit::Weft::start().unwrap();
    let port = weft.http_port().unwrap();
    // One that has connected and asks nothing.
    let _silent = TcpStream::connect(("127.0.0.1", port)).unwrap();
    // Long enough to be accepted.
    tokio::time::sleep(Duration::from_millis(300)).await;
    let began = Instant::now();
    weft.process().signal(Signal::TERM).unwrap();
    weft.process().wait(Duration::from_secs(20)).unwrap();
    assert!(began.elapsed() < Duration::from_secs(10), "{:?}", began.elapsed());
}
