//! Kind `mysql` against MariaDB. One server for all tests; each has a database of its own.

mod catalog;
mod connect;
mod native;
mod running;
mod text;
mod types;

use super::shared::{context, table};
use arrow::array::RecordBatch;
use arrow::datatypes::{Schema, SchemaRef};
use arrow::util::display::{ArrayFormatter, FormatOptions};
use futures::TryStreamExt;
use std::collections::BTreeMap;
use std::sync::{Arc, LazyLock};
use std::time::Duration;
use weft_connect::{Connector, Given, kind};
use weft_core::executor::RemoteStatement;
use weft_core::relation::{Operations, Relation};
use weft_core::{BatchStream, Result};
use weft_testkit::MariaDb;

/// Collations that differ from ours in every way, as servers out there have them.
static SERVER: LazyLock<MariaDb> =
    LazyLock::new(|| MariaDb::builder().option("--collation-server=utf8mb4_general_ci").start().unwrap());

/// A database of the server, empty at first, and a catalog that shows it.
struct Site {
    database: &'static str,
    connector: Arc<dyn Connector>,
}

impl Site {
    fn new(database: &'static str) -> Site {
        Site::with(database, &[], &[])
    }

    fn with(database: &'static str, options: &[(&str, &str)], properties: &[(&str, &str)]) -> Site {
        SERVER.sql(&format!("CREATE OR REPLACE DATABASE `{database}`")).unwrap();
        Site { database, connector: open(&SERVER, options, properties) }
    }

    /// Runs statements as somebody else.
    fn sql(&self, statements: &str) -> String {
        SERVER.sql(&format!("USE `{}`; {statements}", self.database)).unwrap()
    }

    async fn relation(&self, table: &str) -> Relation {
        self.connector.relation(self.database, table).await.unwrap().expect("the table")
    }

    /// The rows of a table, read as the planner would.
    async fn rows(&self, table: &str) -> Result<Vec<Vec<String>>> {
        let relation = self.relation(table).await;
        read(&relation, &format!("SELECT {} FROM {{}} ORDER BY 1", list(&relation)), relation.schema.clone()).await
    }
}

fn open(server: &MariaDb, options: &[(&str, &str)], properties: &[(&str, &str)]) -> Arc<dyn Connector> {
    let port = server.port.to_string();
    let standard = [("host", "127.0.0.1"), ("port", &port), ("user", server.user), ("password", server.password)];
    let map = |pairs: &[(&str, &str)]| -> BTreeMap<String, String> {
        pairs.iter().map(|(k, v)| ((*k).to_owned(), (*v).to_owned())).collect()
    };
    let mut all = map(&standard);
    all.extend(map(options));
    let given = Given { catalog: "shop".to_owned(), options: all, properties: map(properties) };
    (kind("mysql").unwrap().open)(&given, &context()).unwrap()
}

/// The expression of a column.
fn value(relation: &Relation, column: &str) -> String {
    let column = table(relation).columns.iter().find(|c| c.name == column).expect("the column");
    column.value.replace("{}", &format!("t1.`{}`", column.name.replace('`', "``")))
}

fn operations(relation: &Relation, column: &str) -> Operations {
    table(relation).columns.iter().find(|c| c.name == column).expect("the column").operations
}

/// The expressions of all columns.
fn list(relation: &Relation) -> String {
    let names = table(relation).columns.iter().map(|c| value(relation, &c.name));
    names.collect::<Vec<_>>().join(", ")
}

async fn stream(relation: &Relation, sql: &str, schema: SchemaRef) -> Result<BatchStream> {
    let table = table(relation);
    let sql = sql.replace("{}", &format!("{} AS t1", table.from));
    table.executor.execute(&RemoteStatement::new(sql), schema).await
}

/// Rows as text, NULL as `∅`. In the statement `{}` stands for the table.
async fn read(relation: &Relation, sql: &str, schema: SchemaRef) -> Result<Vec<Vec<String>>> {
    let batches: Vec<RecordBatch> = stream(relation, sql, schema).await?.try_collect().await?;
    Ok(batches.iter().flat_map(shown).collect())
}

/// One column of whole numbers.
async fn numbers(relation: &Relation, sql: &str) -> Vec<i64> {
    let field = arrow::datatypes::Field::new("n", arrow::datatypes::DataType::Int64, true);
    let rows = read(relation, sql, Arc::new(Schema::new(vec![field]))).await.unwrap();
    rows.into_iter().map(|row| row[0].parse().unwrap()).collect()
}

/// One column of text.
async fn texts(relation: &Relation, sql: &str) -> Vec<String> {
    let field = arrow::datatypes::Field::new("t", arrow::datatypes::DataType::Utf8, true);
    let rows = read(relation, sql, Arc::new(Schema::new(vec![field]))).await.unwrap();
    rows.into_iter().map(|mut row| row.remove(0)).collect()
}

fn shown(batch: &RecordBatch) -> Vec<Vec<String>> {
    let options = FormatOptions::default().with_null("∅");
    let columns: Vec<_> = batch.columns().iter().map(|c| ArrayFormatter::try_new(c, &options).unwrap()).collect();
    (0..batch.num_rows()).map(|row| columns.iter().map(|c| c.value(row).to_string()).collect()).collect()
}
