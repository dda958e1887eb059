//! Statements over Flight SQL: rows of Arrow to rows of text, and errors as the other protocols tell them.

use super::engine::{Failure, shown};
use crate::endpoint::Endpoint;
use crate::pgtext;
use arrow_flight::error::FlightError;
use arrow_flight::sql::client::FlightSqlServiceClient;
use futures::TryStreamExt;
use sqllogictest::{DBOutput, DefaultColumnType};
use tonic::transport::Channel;

/// One session.
pub(super) struct FlightEngine(FlightSqlServiceClient<Channel>);

impl FlightEngine {
    /// Logs in at this port.
    pub(super) async fn connect(endpoint: &Endpoint, port: u16) -> Result<FlightEngine, Failure> {
        let uri = format!("http://{}:{port}", endpoint.host);
        let to = tonic::transport::Endpoint::from_shared(uri).map_err(|e| Failure(e.to_string()))?;
        let mut client = FlightSqlServiceClient::new(to.connect().await.map_err(|e| Failure(e.to_string()))?);
        client.set_header("database", &endpoint.database);
        client.set_header("application_name", "weft-testkit");
        client.handshake(&endpoint.user, &endpoint.password).await.map_err(failure)?;
        Ok(FlightEngine(client))
    }

    /// Runs one statement.
    pub(super) async fn run(&mut self, sql: &str) -> Result<DBOutput<DefaultColumnType>, Failure> {
        let info = self.0.execute(sql.to_owned(), None).await.map_err(failure)?;
        let Some(ticket) = info.endpoint.first().and_then(|endpoint| endpoint.ticket.clone()) else {
            return Ok(DBOutput::StatementComplete(info.total_records.unsigned_abs()));
        };
        let width = info.try_decode_schema().map_err(|e| Failure(e.to_string()))?.fields().len();
        let mut batches = self.0.do_get(ticket).await.map_err(failure)?;
        let mut rows = Vec::new();
        while let Some(batch) = batches.try_next().await.map_err(failure)? {
            for row in 0..batch.num_rows() {
                let cells = batch.columns().iter().map(|column| Ok(shown(pgtext::arrow::cell(column.as_ref(), row)?)));
                rows.push(cells.collect::<Result<Vec<_>, Failure>>()?);
            }
        }
        Ok(DBOutput::Rows { types: vec![DefaultColumnType::Any; width], rows })
    }
}

/// `SQLSTATE: message`, without detail and hint.
fn failure(error: FlightError) -> Failure {
    Failure(match &error {
        FlightError::Tonic(status) => status.message().lines().next().unwrap_or_default().to_owned(),
        other => other.to_string(),
    })
}
