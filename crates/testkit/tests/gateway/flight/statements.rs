//! Statements: their schemas, rows, parameters and tickets.

use super::client::{channel, connect, fetch, lines, query, refusal, site, told};
use crate::test;
use arrow::array::{ArrayRef, Int64Array, RecordBatch, StringArray};
use arrow::datatypes::{DataType, Schema};
use arrow::ipc::convert::try_schema_from_ipc_buffer;
use arrow_flight::flight_service_client::FlightServiceClient;
use arrow_flight::sql::{CommandStatementQuery, ProstMessageExt};
use arrow_flight::{Action, FlightDescriptor};
use libtest_mimic::Trial;
use prost::Message;
use std::sync::Arc;
use tonic::{Code, Request};

pub fn trials() -> Vec<Trial> {
    vec![
        test("flight::a_schema_is_told_as_it_comes", schemas),
        test("flight::values", values),
        test("flight::errors", errors),
        test("flight::a_ticket_is_good_once", tickets),
        test("flight::tickets_are_bounded", bounded),
        test("flight::results_may_be_elsewhere", elsewhere),
        test("flight::prepared_statements", prepared),
        test("flight::parameters", parameters),
        test("flight::statements_without_rows", updates),
        test("flight::what_is_not_there_says_so", unsupported),
    ]
}

/// Statements of all kinds that return rows.
const STATEMENTS: &[&str] = &[
    "SELECT 1",
    "SELECT count(*), sum(distance), avg(distance), min(dep_delay) FROM nyc.flights",
    "SELECT carrier, name FROM nyc.airlines ORDER BY carrier",
    "SELECT * FROM nyc.flights LIMIT 10",
    "SELECT * FROM nyc.weather LIMIT 10",
    "SELECT f.carrier, a.name, count(*) FROM nyc.flights AS f LEFT JOIN nyc.airlines AS a ON a.carrier = f.carrier GROUP BY 1, 2",
    "SELECT carrier AS same, carrier AS same FROM nyc.airlines",
    "SELECT 1.5::numeric(10,2), 'x'::varchar, '{\"a\":1}'::jsonb, true, NULL, DATE '2026-01-01', INTERVAL '1 day', ARRAY[1, 2]",
    "SELECT oid, relname, relkind FROM pg_catalog.pg_class LIMIT 3",
    "SELECT * FROM information_schema.tables LIMIT 3",
    "SELECT * FROM system.metadata.catalogs",
    "SHOW TimeZone",
    "SHOW CATALOGS",
    "EXPLAIN SELECT 1",
    "PREVIEW nyc.airlines",
    "CHECK CATALOG ny",
    "VALUES (1, 'a'), (2, NULL)",
    "SELECT x FROM generate_series(1, 3) AS t (x) WHERE false",
];

/// Catches: rows that come in another schema than was told, be it in a nullability or a name; by GetFlightInfo, GetSchema or a prepared statement.
async fn schemas() {
    let weft = site().await;
    let mut client = connect(&weft, "ny").await;
    for sql in STATEMENTS {
        let info = client.execute((*sql).to_owned(), None).await.unwrap_or_else(|e| panic!("{sql}: {e}"));
        assert!(info.endpoint[0].location.is_empty(), "a result is fetched where it was asked for");
        let told = try_schema_from_ipc_buffer(&info.schema).unwrap();
        let (schema, batches) = fetch(&mut client, &info).await.unwrap_or_else(|e| panic!("{sql}: {e}"));
        assert_eq!(*schema, told, "{sql}");
        assert!(batches.iter().all(|batch| *batch.schema() == told), "{sql}");
        let prepared = client.prepare((*sql).to_owned(), None).await.unwrap();
        assert_eq!(*prepared.dataset_schema().unwrap(), told, "{sql}");
        assert_eq!(*prepared.parameter_schema().unwrap(), Schema::empty(), "{sql}");
        prepared.close().await.unwrap();
        let mut request = Request::new(described(sql));
        let bearer = format!("Bearer {}", client.token().unwrap());
        request.metadata_mut().insert("authorization", bearer.parse().unwrap());
        let schema = client.inner_mut().get_schema(request).await.unwrap().into_inner();
        let schema = Schema::try_from(&schema).unwrap();
        assert_eq!(schema, told, "{sql}");
    }
}

fn described(sql: &str) -> FlightDescriptor {
    let command = CommandStatementQuery { query: sql.to_owned(), transaction_id: None };
    FlightDescriptor::new_cmd(command.as_any().encode_to_vec())
}

/// Catches: values that are not those of SQL.
async fn values() {
    let weft = site().await;
    let mut client = connect(&weft, "ny").await;
    let mut rows = async |sql: &str| query(&mut client, sql).await.unwrap_or_else(|e| panic!("{sql}: {e}"));
    assert_eq!(rows("SELECT 5 / 2, -7 % 3, 1.5::numeric(5,2), 'ä', NULL, true").await, ["2|-1|1.50|ä|NULL|true"]);
    assert_eq!(
        rows("SELECT DATE '2026-01-02', TIMESTAMP '2026-01-02 03:04:05.678'").await,
        ["2026-01-02|2026-01-02T03:04:05.678"]
    );
    assert_eq!(rows("SELECT count(*) FROM nyc.airlines").await, ["16"]);
    assert_eq!(rows("SELECT carrier FROM nyc.airlines ORDER BY carrier LIMIT 2").await, ["9E", "AA"]);
    assert_eq!(rows("SELECT sum(x) FROM generate_series(1, 100000) AS t (x)").await, ["5000050000"]);
}

/// Catches: errors without their SQLSTATE, detail or hint, and a session that is of no use after one.
async fn errors() {
    let weft = site().await;
    let mut client = connect(&weft, "ny").await;
    for (sql, code, state) in [
        ("SELEC 1", Code::InvalidArgument, "42601"),
        ("", Code::InvalidArgument, "42601"),
        ("SELECT 1; SELECT 2", Code::InvalidArgument, "42601"),
        ("SELECT * FROM nowhere", Code::NotFound, "42P01"),
        ("SELECT nothing FROM nyc.airlines", Code::InvalidArgument, "42703"),
        ("SELECT 1 / 0", Code::InvalidArgument, "22012"),
        ("SELECT $1::int", Code::InvalidArgument, "42P02"),
        ("INSERT INTO nyc.airlines VALUES ('x', 'y')", Code::Unimplemented, "0A000"),
        ("CREATE CATALOG ny USING file OPTIONS (path '.')", Code::AlreadyExists, "42P04"),
    ] {
        assert_eq!(refusal(query(&mut client, sql).await), (code, state.to_owned()), "{sql}");
    }
    let status = super::client::status(query(&mut client, "SELECT nam FROM nyc.airlines").await);
    assert!(status.message().contains("nam") && status.message().contains("HINT: "), "{status}");
    assert_eq!(query(&mut client, "SELECT 1").await.unwrap(), ["1"]);
    // A transaction of SQL fails as in PostgreSQL.
    query(&mut client, "BEGIN").await.unwrap();
    query(&mut client, "SELECT 1 / 0").await.unwrap_err();
    assert_eq!(refusal(query(&mut client, "SELECT 1").await), (Code::FailedPrecondition, "25P02".to_owned()));
    query(&mut client, "ROLLBACK").await.unwrap();
    assert_eq!(query(&mut client, "SELECT 1").await.unwrap(), ["1"]);
}

/// Catches: a ticket that is run twice, by somebody else, or after its time.
async fn tickets() {
    let weft = weft_testkit::Weft::builder().setting("flight_ticket_timeout", "1s").start().unwrap();
    let mut client = connect(&weft, "lake").await;
    let unknown = (Code::NotFound, "34000".to_owned());
    let info = client.execute("SELECT 7".to_owned(), None).await.unwrap();
    let mut stranger = connect(&weft, "lake").await;
    assert_eq!(refusal(fetch(&mut stranger, &info).await), unknown);
    assert_eq!(lines(&fetch(&mut client, &info).await.unwrap().1), ["7"]);
    assert_eq!(refusal(fetch(&mut client, &info).await), unknown);
    let info = client.execute("SELECT 7".to_owned(), None).await.unwrap();
    tokio::time::sleep(std::time::Duration::from_millis(1200)).await;
    assert_eq!(refusal(fetch(&mut client, &info).await), unknown);
}

/// Catches: a client that plans statements without end.
async fn bounded() {
    let weft = weft_testkit::Weft::start().unwrap();
    let mut client = connect(&weft, "lake").await;
    let mut first = None;
    for _ in 0..1000 {
        first.get_or_insert(client.execute("SELECT 1".to_owned(), None).await.unwrap());
    }
    let more = client.execute("SELECT 1".to_owned(), None).await;
    assert_eq!(refusal(more), (Code::ResourceExhausted, "54000".to_owned()));
    fetch(&mut client, &first.unwrap()).await.unwrap();
    client.execute("SELECT 1".to_owned(), None).await.unwrap();
}

/// Catches: endpoints that do not say what `flight_address` says.
async fn elsewhere() {
    let uri = "grpc+tls://weft.example.com:50051";
    let weft = weft_testkit::Weft::builder().setting("flight_address", uri).start().unwrap();
    let mut client = connect(&weft, "lake").await;
    let info = client.execute("SELECT 1".to_owned(), None).await.unwrap();
    let told: Vec<_> = info.endpoint[0].location.iter().map(|location| location.uri.as_str()).collect();
    assert_eq!(told, [uri]);
}

/// Catches: a prepared statement that cannot be run again, and one that outlives its end.
async fn prepared() {
    let weft = site().await;
    let mut client = connect(&weft, "ny").await;
    let mut prepared = client.prepare("SELECT count(*) FROM nyc.airlines".to_owned(), None).await.unwrap();
    for _ in 0..3 {
        let info = prepared.execute().await.unwrap();
        assert_eq!(lines(&fetch(&mut client, &info).await.unwrap().1), ["16"]);
    }
    assert_eq!(prepared.execute_update().await.unwrap(), 1, "rows of a query that is run as an update");
    let none = client.prepare("SET TimeZone = 'UTC'".to_owned(), None).await.unwrap();
    assert_eq!(*none.dataset_schema().unwrap(), Schema::empty());
    let refused = client.prepare("SELECT * FROM nowhere".to_owned(), None).await;
    assert_eq!(refusal(refused), (Code::NotFound, "42P01".to_owned()));
}

fn row(columns: Vec<ArrayRef>) -> RecordBatch {
    let names: Vec<String> = (1..=columns.len()).map(|i| format!("${i}")).collect();
    RecordBatch::try_from_iter(names.iter().map(String::as_str).zip(columns)).unwrap()
}

/// Catches: parameters that are bound as other values, other types, or not at all.
async fn parameters() {
    let weft = site().await;
    let mut client = connect(&weft, "ny").await;
    let sql = "SELECT carrier FROM nyc.airlines WHERE carrier = $1 OR length(name) > $2 ORDER BY 1";
    let mut prepared = client.prepare(sql.to_owned(), None).await.unwrap();
    let types: Vec<_> = prepared.parameter_schema().unwrap().fields().iter().map(|f| f.data_type().clone()).collect();
    assert_eq!(types, [DataType::Utf8, DataType::Int32]);
    // A wider integer than the parameter's.
    prepared
        .set_parameters(row(vec![Arc::new(StringArray::from(vec!["AA"])), Arc::new(Int64Array::from(vec![1000]))]))
        .unwrap();
    let info = prepared.execute().await.unwrap();
    assert_eq!(lines(&fetch(&mut client, &info).await.unwrap().1), ["AA"]);
    // Several sets, one after the other.
    let sets = row(vec![Arc::new(StringArray::from(vec!["AA", "9E"])), Arc::new(Int64Array::from(vec![1000, 1000]))]);
    prepared.set_parameters(sets).unwrap();
    let info = prepared.execute().await.unwrap();
    assert_eq!(lines(&fetch(&mut client, &info).await.unwrap().1), ["AA", "9E"]);
    for (columns, state) in [
        (vec![Arc::new(StringArray::from(vec!["AA"])) as ArrayRef], "08P01"),
        (vec![Arc::new(StringArray::from(vec!["AA"])), Arc::new(Int64Array::from(vec![1 << 40])) as ArrayRef], "42804"),
        (vec![Arc::new(StringArray::from(vec!["AA"])), Arc::new(StringArray::from(vec!["x"])) as ArrayRef], "22P02"),
    ] {
        prepared.set_parameters(row(columns)).unwrap();
        assert_eq!(refusal(prepared.execute().await).1, state);
    }
}

/// Catches: statements without rows that are not run, or run twice.
async fn updates() {
    let weft = site().await;
    let mut client = connect(&weft, "lake").await;
    assert_eq!(client.execute_update("CREATE VIEW one AS SELECT 1 AS x".to_owned(), None).await.unwrap(), 0);
    assert_eq!(query(&mut client, "SELECT x FROM lake.public.one").await.unwrap(), ["1"]);
    let twice = client.execute_update("CREATE VIEW one AS SELECT 1 AS x".to_owned(), None).await;
    assert_eq!(refusal(twice), (Code::AlreadyExists, "42P07".to_owned()));
    // By way of a query, as some drivers run everything: it is run when it is asked for, and there is nothing to fetch.
    let info = client.execute("DROP VIEW one".to_owned(), None).await.unwrap();
    assert_eq!(try_schema_from_ipc_buffer(&info.schema).unwrap(), Schema::empty());
    assert!(info.endpoint.is_empty());
    assert_eq!(refusal(query(&mut client, "SELECT x FROM lake.public.one").await).1, "42P01");
    // Asking for its schema does not run it.
    let mut request = Request::new(described("CREATE VIEW one AS SELECT 1 AS x"));
    let bearer = format!("Bearer {}", client.token().unwrap());
    request.metadata_mut().insert("authorization", bearer.parse().unwrap());
    client.inner_mut().get_schema(request).await.unwrap();
    assert_eq!(refusal(query(&mut client, "SELECT x FROM lake.public.one").await).1, "42P01");
    let mut prepared = client.prepare("SET TimeZone = 'Europe/Berlin'".to_owned(), None).await.unwrap();
    prepared.execute().await.unwrap();
    assert_eq!(query(&mut client, "SHOW TimeZone").await.unwrap(), ["Europe/Berlin"]);
}

/// Catches: what is not served and fails as if it were broken.
async fn unsupported() {
    let weft = site().await;
    let mut client = connect(&weft, "lake").await;
    assert_eq!(refusal(client.begin_transaction().await), (Code::Unimplemented, "0A000".to_owned()));
    let within = client.execute("SELECT 1".to_owned(), Some("x".into())).await;
    assert_eq!(refusal(within), (Code::Unimplemented, "0A000".to_owned()));
    let mut raw = FlightServiceClient::new(channel(&weft).await);
    let bearer: tonic::metadata::MetadataValue<_> = format!("Bearer {}", client.token().unwrap()).parse().unwrap();
    let mut request = Request::new(Action::new("Nonsense", ""));
    request.metadata_mut().insert("authorization", bearer.clone());
    assert_eq!(told(&raw.do_action(request).await.unwrap_err()), (Code::Unimplemented, "0A000".to_owned()));
    for cmd in [&b"\xff\xff"[..], b""] {
        let mut request = Request::new(FlightDescriptor::new_cmd(cmd.to_vec()));
        request.metadata_mut().insert("authorization", bearer.clone());
        let refused = told(&raw.get_flight_info(request).await.unwrap_err());
        assert!(refused.1 == "08P01" || refused.1 == "0A000", "{refused:?}");
    }
}
