//! Kind `postgres` against PostgreSQL. One server for all tests; each has a database of its own.

mod catalog;
mod connect;
mod encryption;
mod native;
mod running;
mod types;

use super::shared::{context, table};
use arrow::array::RecordBatch;
use arrow::datatypes::{DataType, Field, Schema, SchemaRef};
use arrow::util::display::{ArrayFormatter, FormatOptions};
use futures::TryStreamExt;
use std::collections::BTreeMap;
use std::sync::{Arc, LazyLock};
use std::time::{Duration, Instant};
use tokio_postgres::Client;
use weft_connect::{Connector, Given, kind};
use weft_core::executor::RemoteStatement;
use weft_core::pgtype::ColumnType;
use weft_core::relation::{Operations, Relation};
use weft_core::{BatchStream, Error, ErrorKind, Result};
use weft_testkit::Postgres;

static SERVER: LazyLock<Postgres> = LazyLock::new(|| Postgres::start().unwrap());

/// A database of the server, empty at first, and a catalog that shows it.
struct Site {
    database: &'static str,
    /// Somebody else in the same database.
    admin: Client,
    connector: Arc<dyn Connector>,
}

impl Site {
    async fn new(database: &'static str) -> Site {
        Site::with(database, &[], &[]).await
    }

    async fn with(database: &'static str, options: &[(&str, &str)], properties: &[(&str, &str)]) -> Site {
        // By psql: its login is not slowed down by being built for tests.
        let created = SERVER.psql(&["-c", &format!("CREATE DATABASE {database}")]).unwrap();
        assert!(created.ok(), "{}", created.stderr);
        let mut all = vec![("database", database)];
        all.extend(options);
        Site {
            database,
            admin: SERVER.endpoint.database(database).connect().await.unwrap(),
            connector: open(&all, properties),
        }
    }

    /// Runs statements as somebody else.
    async fn sql(&self, statements: &str) {
        self.admin.batch_execute(statements).await.unwrap();
    }

    async fn relation(&self, table: &str) -> Relation {
        self.connector.relation("public", table).await.unwrap().expect("the table")
    }

    /// The rows of a table, read as the planner would.
    async fn rows(&self, table: &str) -> Result<Vec<String>> {
        let relation = self.relation(table).await;
        read(&relation, &format!("SELECT {} FROM {{}}", list(&relation)), relation.schema.clone()).await
    }

    /// Statements with this mark that the server works on.
    async fn running(&self, mark: &str) -> i64 {
        let sql = "SELECT count(*) FROM pg_stat_activity WHERE datname = $1 AND query LIKE '%' || $2 || '%' \
                   AND state = 'active' AND pid <> pg_backend_pid()";
        self.admin.query_one(sql, &[&self.database, &mark]).await.unwrap().get(0)
    }

    /// Connections that the catalog has in the server.
    async fn connections(&self) -> i64 {
        let sql = "SELECT count(*) FROM pg_stat_activity WHERE datname = $1 AND application_name = 'weft'";
        self.admin.query_one(sql, &[&self.database]).await.unwrap().get(0)
    }
}

/// A catalog of the server, with some options changed.
fn open(options: &[(&str, &str)], properties: &[(&str, &str)]) -> Arc<dyn Connector> {
    try_open(options, properties).unwrap()
}

fn try_open(options: &[(&str, &str)], properties: &[(&str, &str)]) -> Result<Arc<dyn Connector>> {
    let at = &SERVER.endpoint;
    let port = at.port.to_string();
    let standard = [
        ("host", at.host.as_str()),
        ("port", &port),
        ("user", &at.user),
        ("password", &at.password),
        ("database", &at.database),
    ];
    let map = |pairs: &[(&str, &str)]| -> BTreeMap<String, String> {
        pairs.iter().map(|(k, v)| ((*k).to_owned(), (*v).to_owned())).collect()
    };
    let mut all = map(&standard);
    all.extend(map(options));
    let given = Given { catalog: "shop".to_owned(), options: all, properties: map(properties) };
    (kind("postgres").unwrap().open)(&given, &context())
}

/// The expression of a column.
fn value(relation: &Relation, column: &str) -> String {
    let column = table(relation).columns.iter().find(|c| c.name == column).expect("the column");
    column.value.replace("{}", &format!("t1.\"{}\"", column.name.replace('"', "\"\"")))
}

/// The expressions of all columns.
fn list(relation: &Relation) -> String {
    let names = table(relation).columns.iter().map(|c| value(relation, &c.name));
    names.collect::<Vec<_>>().join(", ")
}

/// In the statement `{}` stands for the table.
async fn stream(relation: &Relation, sql: &str, schema: SchemaRef) -> Result<BatchStream> {
    let table = table(relation);
    let sql = sql.replace("{}", &format!("{} AS t1", table.from));
    table.executor.execute(&RemoteStatement::new(sql), schema).await
}

/// Rows as text, columns separated by `|`, NULL as `∅`.
async fn read(relation: &Relation, sql: &str, schema: SchemaRef) -> Result<Vec<String>> {
    let batches: Vec<RecordBatch> = stream(relation, sql, schema).await?.try_collect().await?;
    Ok(batches.iter().flat_map(shown).collect())
}

fn one(name: &str, data_type: DataType) -> SchemaRef {
    Arc::new(Schema::new(vec![Field::new(name, data_type, true)]))
}

/// One column of whole numbers.
async fn numbers(relation: &Relation, sql: &str) -> Result<Vec<String>> {
    read(relation, sql, one("n", DataType::Int64)).await
}

fn shown(batch: &RecordBatch) -> Vec<String> {
    let options = FormatOptions::default().with_null("∅");
    let columns: Vec<_> = batch.columns().iter().map(|c| ArrayFormatter::try_new(c, &options).unwrap()).collect();
    (0..batch.num_rows())
        .map(|row| columns.iter().map(|c| c.value(row).to_string()).collect::<Vec<_>>().join("|"))
        .collect()
}

async fn until<F: Future<Output = bool>>(what: &str, mut holds: impl FnMut() -> F) {
    let begun = Instant::now();
    while !holds().await {
        assert!(begun.elapsed() < Duration::from_secs(10), "not within ten seconds: {what}");
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
}
