//! What the tests of Flight SQL share: connections, and results as rows of text.

use crate::files::{mount, reads, samples};
use arrow::array::RecordBatch;
use arrow::datatypes::SchemaRef;
use arrow::util::display::{ArrayFormatter, FormatOptions};
use arrow_flight::FlightInfo;
use arrow_flight::error::FlightError;
use arrow_flight::sql::client::FlightSqlServiceClient;
use futures::TryStreamExt;
use std::time::Duration;
use tonic::transport::{Channel, Endpoint};
use tonic::{Code, Status};
use weft_testkit::Weft;

pub type Client = FlightSqlServiceClient<Channel>;

/// A gateway with the sample data as its catalog `ny`.
pub async fn site() -> Weft {
    let weft = reads(&[&samples()]).start().unwrap();
    mount(&weft, "ny", &samples()).await;
    weft
}

/// A connection on which nobody has logged in.
pub async fn channel(weft: &Weft) -> Channel {
    let uri = format!("http://127.0.0.1:{}", weft.flight_port().unwrap());
    Endpoint::from_shared(uri).unwrap().timeout(Duration::from_secs(60)).connect().await.unwrap()
}

/// A client of the superuser, in this catalog.
pub async fn connect(weft: &Weft, catalog: &str) -> Client {
    login(weft, catalog, &weft.endpoint.user, &weft.endpoint.password).await
}

/// A client of this role.
pub async fn login(weft: &Weft, catalog: &str, user: &str, password: &str) -> Client {
    let mut client = FlightSqlServiceClient::new(channel(weft).await);
    client.set_header("database", catalog);
    client.handshake(user, password).await.unwrap();
    client
}

/// The schema with which rows come, and the rows.
pub async fn fetch(client: &mut Client, info: &FlightInfo) -> Result<(SchemaRef, Vec<RecordBatch>), FlightError> {
    let ticket = info.endpoint[0].ticket.clone().unwrap();
    let mut stream = client.do_get(ticket).await?;
    let mut batches = Vec::new();
    while let Some(batch) = stream.try_next().await? {
        batches.push(batch);
    }
    Ok((stream.schema().expect("a schema comes first").clone(), batches))
}

/// Runs a statement: its rows, with bars between the values.
pub async fn query(client: &mut Client, sql: &str) -> Result<Vec<String>, FlightError> {
    let info = client.execute(sql.to_owned(), None).await?;
    match info.endpoint.is_empty() {
        // It returns no rows, and has been run.
        true => Ok(Vec::new()),
        false => Ok(lines(&fetch(client, &info).await?.1)),
    }
}

/// Rows of text.
pub fn lines(batches: &[RecordBatch]) -> Vec<String> {
    let options = FormatOptions::new().with_null("NULL");
    let row = |batch: &RecordBatch, row: usize| {
        let cell = |column| ArrayFormatter::try_new(column, &options).unwrap().value(row).to_string();
        batch.columns().iter().map(|column| cell(column.as_ref())).collect::<Vec<_>>().join("|")
    };
    batches.iter().flat_map(|batch| (0..batch.num_rows()).map(move |i| row(batch, i))).collect()
}

/// The status of a refusal.
pub fn status<T>(done: Result<T, FlightError>) -> Status {
    match done {
        Err(FlightError::Tonic(status)) => *status,
        Err(other) => panic!("not the server's error: {other}"),
        Ok(_) => panic!("an error was expected"),
    }
}

/// Code and SQLSTATE of a refusal.
pub fn refusal<T>(done: Result<T, FlightError>) -> (Code, String) {
    told(&status(done))
}

/// Code and SQLSTATE.
pub fn told(status: &Status) -> (Code, String) {
    let sqlstate = status.metadata().get("sqlstate").map(|value| value.to_str().unwrap().to_owned());
    (status.code(), sqlstate.unwrap_or_default())
}
