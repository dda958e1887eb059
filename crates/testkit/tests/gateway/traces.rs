//! Traces of OpenTelemetry, as a collector receives them: one for each statement, from its client's trace to its workers.

use crate::flight::client as flight;
use crate::site::Site;
use crate::sources::postgres_catalog;
use crate::{eventually, refusal, test};
use libtest_mimic::Trial;
use opentelemetry_proto::tonic::collector::trace::v1::trace_service_server::{TraceService, TraceServiceServer};
use opentelemetry_proto::tonic::collector::trace::v1::{ExportTraceServiceRequest, ExportTraceServiceResponse};
use opentelemetry_proto::tonic::common::v1::any_value::Value;
use opentelemetry_proto::tonic::common::v1::{AnyValue, KeyValue};
use opentelemetry_proto::tonic::trace::v1::Span;
use opentelemetry_proto::tonic::trace::v1::span::SpanKind;
use std::net::TcpListener;
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};
use tonic::transport::Server;
use tonic::{Request, Response, Status};
use weft_testkit::{Postgres, Weft};

pub fn trials() -> Vec<Trial> {
    vec![
        test("traces::go_from_client_to_worker", from_client_to_worker),
        test("traces::are_of_those_who_want_them", wanted),
        test("traces::a_collector_that_is_away_costs_nothing", away),
    ]
}

/// Batches leave the gateway every 5 seconds.
const ARRIVES: Duration = Duration::from_secs(15);

const CALLER: &str = "00f067aa0ba902b7";

/// A collector that keeps what it is sent.
struct Collector {
    url: String,
    kept: Arc<Mutex<Vec<Kept>>>,
}

/// A span, and whose it is.
#[derive(Debug, Clone)]
struct Kept {
    service: String,
    instance: String,
    span: Span,
}

#[derive(Clone)]
struct Receiver(Arc<Mutex<Vec<Kept>>>);

#[tonic::async_trait]
impl TraceService for Receiver {
    async fn export(
        &self,
        request: Request<ExportTraceServiceRequest>,
    ) -> Result<Response<ExportTraceServiceResponse>, Status> {
        for of_resource in request.into_inner().resource_spans {
            let about = of_resource.resource.map(|resource| resource.attributes).unwrap_or_default();
            for span in of_resource.scope_spans.into_iter().flat_map(|scope| scope.spans) {
                let (service, instance) = (attribute(&about, "service.name"), attribute(&about, "service.instance.id"));
                self.0.lock().unwrap().push(Kept { service, instance, span });
            }
        }
        Ok(Response::new(ExportTraceServiceResponse::default()))
    }
}

impl Collector {
    async fn start() -> Collector {
        let kept = Arc::new(Mutex::new(Vec::new()));
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("http://{}", listener.local_addr().unwrap());
        let incoming = tonic::transport::server::TcpIncoming::from(listener);
        let service = TraceServiceServer::new(Receiver(kept.clone()));
        tokio::spawn(Server::builder().add_service(service).serve_with_incoming(incoming));
        Collector { url, kept }
    }

    /// The spans of a trace, once there are so many.
    async fn spans(&self, trace: &str, count: usize) -> Vec<Kept> {
        let is_of_trace = |kept: &Kept| hex(&kept.span.trace_id) == trace;
        let of_trace = || self.kept().into_iter().filter(is_of_trace).collect::<Vec<_>>();
        eventually(&format!("{count} spans of {trace}"), ARRIVES, async || of_trace().len() >= count).await;
        of_trace()
    }

    /// All spans so far.
    fn kept(&self) -> Vec<Kept> {
        self.kept.lock().unwrap().clone()
    }
}

impl Kept {
    fn is(&self, name: &str, kind: SpanKind) -> bool {
        self.span.name == name && self.span.kind() == kind
    }

    fn id(&self) -> String {
        hex(&self.span.span_id)
    }

    fn parent(&self) -> String {
        hex(&self.span.parent_span_id)
    }

    fn says(&self, key: &str) -> String {
        attribute(&self.span.attributes, key)
    }

    fn lies_within(&self, other: &Kept) -> bool {
        self.span.start_time_unix_nano >= other.span.start_time_unix_nano
            && self.span.end_time_unix_nano <= other.span.end_time_unix_nano
    }
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

fn attribute(attributes: &[KeyValue], key: &str) -> String {
    let found = attributes.iter().find(|pair| pair.key == key).and_then(|pair| pair.value.clone());
    match found {
        Some(AnyValue { value: Some(Value::StringValue(text)), .. }) => text,
        Some(AnyValue { value: Some(Value::IntValue(number)), .. }) => number.to_string(),
        _ => String::new(),
    }
}

/// The one that a test is looking for.
fn only<'a>(spans: &'a [Kept], name: &str, kind: SpanKind) -> &'a Kept {
    let found: Vec<_> = spans.iter().filter(|kept| kept.is(name, kind)).collect();
    assert_eq!(found.len(), 1, "{name}: {spans:#?}");
    found[0]
}

fn trace(number: u32) -> String {
    format!("{number:032x}")
}

fn traceparent(number: u32) -> String {
    format!("00-{}-{CALLER}-01", trace(number))
}

const SPREAD: &str = "SELECT l_returnflag, count(*) FROM lineitem WHERE l_comment <> 'gEhEiM' GROUP BY l_returnflag";

/// Catches: a trace that ends at the gateway, or that is not its client's; values of statements in spans.
async fn from_client_to_worker() {
    let collector = Collector::start().await;
    let mut site = Site::start(&[("trace_endpoint", &collector.url)]).await;
    for id in ["one", "two"] {
        let worker = site.worker(id).setting("trace_endpoint", &collector.url);
        site.workers.push(worker.start().unwrap());
        site.has(id, "active").await;
    }
    let client = site.client().await;
    client.batch_execute("SET weft.spread = 'on'").await.unwrap();
    client.simple_query(&format!("{SPREAD} /*route='%2Fflags',traceparent='{}'*/;", traceparent(1))).await.unwrap();
    // Statement, bind, plan, and each of two tasks as its gateway and its worker see it.
    let spans = collector.spans(&trace(1), 7).await;
    assert_eq!(spans.len(), 7, "{spans:#?}");
    let statement = only(&spans, "SELECT", SpanKind::Server);
    assert_eq!((statement.parent().as_str(), statement.service.as_str()), (CALLER, "weft-gateway"));
    let says = ["db.system.name", "db.namespace", "db.operation.name", "user.name", "db.response.returned_rows"];
    assert_eq!(says.map(|key| statement.says(key)), ["weft", "tpch", "SELECT", "weft", "3"]);
    for name in ["bind", "plan"] {
        let part = only(&spans, name, SpanKind::Internal);
        assert!(part.parent() == statement.id() && part.lies_within(statement), "{part:#?} {statement:#?}");
    }
    let mut ran = Vec::new();
    for task in spans.iter().filter(|kept| kept.is("task", SpanKind::Client)) {
        assert!(task.parent() == statement.id() && task.lies_within(statement), "{task:#?}");
        assert_eq!((task.says("weft.task.files").as_str(), task.says("weft.task.attempt").as_str()), ("4", "1"));
        let there: Vec<_> = spans.iter().filter(|kept| kept.parent() == task.id()).collect();
        assert!(there.len() == 1 && there[0].is("task", SpanKind::Server), "{there:#?}");
        assert_eq!(there[0].service, "weft-worker");
        assert_eq!(there[0].instance, task.says("weft.worker.id"));
        assert_eq!(there[0].says("db.response.returned_rows"), task.says("db.response.returned_rows"));
        ran.push(there[0].instance.clone());
    }
    ran.sort();
    assert_eq!(ran, ["one", "two"]);

    // A prepared statement, by the extended protocol.
    let sql = format!("SELECT n_name FROM nation WHERE n_nationkey = $1 /*traceparent='{}'*/", traceparent(2));
    client.query(&sql, &[&7_i64]).await.unwrap();
    // A statement that fails when it is bound, and one that fails when it is run.
    for (number, sql, code) in
        [(3, "SELECT gEhEiM", "42703"), (4, "SELECT 1 / (n_nationkey - n_nationkey) FROM nation", "22012")]
    {
        let sql = format!("{sql} /*traceparent='{}'*/", traceparent(number));
        assert_eq!(refusal(client.simple_query(&sql).await).0, code);
    }
    // Flight SQL says it with each call.
    let mut flight = flight::connect(&site.weft, "tpch").await;
    flight.set_header("traceparent", traceparent(5));
    assert_eq!(flight::query(&mut flight, "SELECT count(*) FROM region").await.unwrap(), ["5"]);
    // A database that is asked.
    let postgres = Postgres::start().unwrap();
    postgres.connect().await.unwrap().batch_execute("CREATE TABLE t AS SELECT 1 AS a").await.unwrap();
    client.batch_execute(&postgres_catalog("pg", postgres.port())).await.unwrap();
    client.simple_query(&format!("SELECT a FROM pg.public.t /*traceparent='{}'*/", traceparent(6))).await.unwrap();

    let prepared = collector.spans(&trace(2), 4).await;
    assert_eq!(only(&prepared, "SELECT", SpanKind::Server).says("db.response.returned_rows"), "1");
    only(&prepared, "bind", SpanKind::Internal);
    for (number, code) in [(3, "42703"), (4, "22012")] {
        let spans = collector.spans(&trace(number), 1).await;
        let failed = only(&spans, "SELECT", SpanKind::Server);
        let told = [failed.says("error.type"), failed.says("db.response.status_code")];
        assert_eq!((told, failed.parent().as_str()), ([code.to_owned(), code.to_owned()], CALLER));
        assert_eq!(failed.span.status.clone().unwrap().message, format!("SQLSTATE {code}"));
    }
    let called = collector.spans(&trace(5), 3).await;
    assert_eq!(only(&called, "SELECT", SpanKind::Server).parent(), CALLER);
    only(&called, "bind", SpanKind::Internal);
    let asked = collector.spans(&trace(6), 3).await;
    let source = only(&asked, "source", SpanKind::Client);
    assert_eq!(source.parent(), only(&asked, "SELECT", SpanKind::Server).id());
    assert_eq!(source.says("db.system.name"), "postgresql");
    assert_eq!((source.says("weft.catalog").as_str(), source.says("db.response.returned_rows").as_str()), ("pg", "1"));
    assert!(!format!("{:?}", collector.kept()).contains("gEhEiM"), "a value is in a span");

    // What is still to be sent when they end is sent.
    let sql = format!("SELECT 1 /*traceparent='{}'*/", traceparent(7));
    client.simple_query(&sql).await.unwrap();
    drop((client, flight));
    assert!(site.weft.stop().unwrap().success());
    collector.spans(&trace(7), 2).await;
}

/// Catches: traces of clients that want none, or that nobody has asked for; a share that is not kept.
async fn wanted() {
    let collector = Collector::start().await;
    let weft = Weft::builder()
        .setting("trace_endpoint", &collector.url)
        .setting("trace_sample_ratio", "0")
        .setting("trace_statement_text", "on")
        .env("OTEL_BSP_SCHEDULE_DELAY", "200")
        .start()
        .unwrap();
    let client = weft.connect().await.unwrap();
    client.simple_query("SELECT 1").await.unwrap();
    let unwanted = traceparent(1).replace("-01", "-00");
    client.simple_query(&format!("SELECT 2 /*traceparent='{unwanted}'*/")).await.unwrap();
    client.simple_query(&format!("SELECT 3 /*traceparent='{}'*/", traceparent(2))).await.unwrap();
    let spans = collector.spans(&trace(2), 2).await;
    assert_eq!(only(&spans, "SELECT", SpanKind::Server).says("db.query.text"), "SELECT 3");
    let kept = collector.kept();
    assert!(kept.iter().all(|kept| hex(&kept.span.trace_id) == trace(2)), "{kept:#?}");

    let all = Weft::builder()
        .setting("trace_endpoint", &collector.url)
        .env("OTEL_BSP_SCHEDULE_DELAY", "200")
        .start()
        .unwrap();
    all.connect().await.unwrap().simple_query("SELECT 4").await.unwrap();
    let is_first = |kept: &Kept| kept.is("SELECT", SpanKind::Server) && kept.span.parent_span_id.is_empty();
    let begun = || collector.kept().iter().any(is_first);
    eventually("a trace of its own", ARRIVES, async || begun()).await;
    for (key, value, says) in [
        ("trace_endpoint", "127.0.0.1:4317", "It takes nothing, or where OTLP is taken over gRPC"),
        ("trace_sample_ratio", "2", "It takes a share between 0 and 1"),
    ] {
        let error = Weft::builder().setting(key, value).start().unwrap_err().to_string();
        assert!(error.contains(says) && error.contains("exit status: 2"), "{error}");
    }
}

/// Catches: statements that wait for the collector, memory that grows with what it does not take, an end that waits for it.
async fn away() {
    // One refuses, and one accepts and never says anything.
    let refuses = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
    let silent = TcpListener::bind("127.0.0.1:0").unwrap();
    for address in [refuses, silent.local_addr().unwrap()] {
        let mut weft = Weft::builder()
            .setting("trace_endpoint", &format!("http://{address}"))
            .env("OTEL_BSP_SCHEDULE_DELAY", "100")
            .env("OTEL_BSP_MAX_QUEUE_SIZE", "64")
            .env("OTEL_BSP_MAX_EXPORT_BATCH_SIZE", "32")
            .start()
            .unwrap();
        let client = weft.connect().await.unwrap();
        let (began, mut longest) = (Instant::now(), Duration::ZERO);
        let mut ran = 0;
        while began.elapsed() < Duration::from_secs(8) {
            let one = Instant::now();
            client.simple_query("SELECT 1").await.unwrap();
            (ran, longest) = (ran + 1, longest.max(one.elapsed()));
        }
        drop(client);
        let stopping = Instant::now();
        assert!(weft.stop().unwrap().success());
        let stopped = stopping.elapsed();
        let said = weft.log().matches("traces are lost: the collector does not take them").count();
        println!("{address}: {ran} statements, the longest took {longest:.1?}; stopped after {stopped:.1?}");
        assert!(longest < Duration::from_secs(2), "{longest:?}");
        assert!(stopped < Duration::from_secs(10), "{stopped:?}");
        assert_eq!(said, 1, "{}", weft.log());
    }
}
