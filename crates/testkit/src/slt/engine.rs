//! The connection under a `.slt` file, for any protocol: statements to rows of text.

use super::flight::FlightEngine;
use super::{Protocol, Setup};
use crate::error::describe;
use crate::pgtext::{self, Raw};
use async_trait::async_trait;
use futures::TryStreamExt;
use sqllogictest::{AsyncDB, DBOutput, DefaultColumnType};
use std::fmt;
use std::time::Duration;
use tokio_postgres::types::Type;
use tokio_postgres::{Client, Config, NoTls, Row, SimpleQueryMessage, SimpleQueryRow};

/// No statement of a test takes this long; one that hangs must not hang the run.
const LIMIT: Duration = Duration::from_secs(120);

/// One connection, speaking one protocol.
pub struct Engine {
    wire: Wire,
    protocol: Protocol,
}

enum Wire {
    Simple(Client),
    Extended(Client),
    Flight(Box<FlightEngine>),
}

/// Why a statement failed: `SQLSTATE: message`, or what went wrong before an answer came.
#[derive(Clone, PartialEq, Eq)]
pub struct Failure(pub String);

impl fmt::Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl fmt::Debug for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl std::error::Error for Failure {}

impl From<tokio_postgres::Error> for Failure {
    fn from(error: tokio_postgres::Error) -> Self {
        Failure(describe(&error))
    }
}

impl From<crate::Error> for Failure {
    fn from(error: crate::Error) -> Self {
        Failure(error.to_string())
    }
}

type Output = DBOutput<DefaultColumnType>;

impl Engine {
    /// Connects.
    pub async fn connect(setup: &Setup, protocol: Protocol) -> Result<Engine, Failure> {
        let wire = match protocol {
            Protocol::Simple => Wire::Simple(postgresql(&setup.endpoint.config()).await?),
            Protocol::Extended => Wire::Extended(postgresql(&setup.endpoint.config()).await?),
            Protocol::Flight => {
                let port = setup.flight.ok_or_else(|| Failure("no port of Flight SQL".to_owned()))?;
                Wire::Flight(Box::new(FlightEngine::connect(&setup.endpoint, port).await?))
            }
        };
        Ok(Engine { wire, protocol })
    }
}

async fn postgresql(config: &Config) -> Result<Client, Failure> {
    let (client, connection) = config.connect(NoTls).await?;
    tokio::spawn(connection);
    Ok(client)
}

/// Several statements may come in one message; rows of the last one that has any are the result.
async fn simple(client: &Client, sql: &str) -> Result<Output, Failure> {
    let (mut width, mut rows, mut count) = (None, Vec::new(), 0);
    for message in client.simple_query(sql).await? {
        match message {
            SimpleQueryMessage::RowDescription(columns) => (width, rows) = (Some(columns.len()), Vec::new()),
            SimpleQueryMessage::Row(row) => rows.push(simple_row(&row)?),
            SimpleQueryMessage::CommandComplete(number) => count = number,
            _ => {}
        }
    }
    Ok(match width {
        Some(width) => DBOutput::Rows { types: vec![DefaultColumnType::Any; width], rows },
        None => DBOutput::StatementComplete(count),
    })
}

async fn extended(client: &Client, sql: &str) -> Result<Output, Failure> {
    let statement = client.prepare(sql).await?;
    let none = std::iter::empty::<i32>();
    if statement.columns().is_empty() {
        return Ok(DBOutput::StatementComplete(client.execute_raw(&statement, none).await?));
    }
    let stream = client.query_raw(&statement, none).await?;
    let rows: Vec<Row> = stream.try_collect().await?;
    let types = statement.columns().iter().map(|column| letter(column.type_())).collect();
    let rows = rows.iter().map(extended_row).collect::<Result<_, _>>()?;
    Ok(DBOutput::Rows { types, rows })
}

#[async_trait]
impl AsyncDB for Engine {
    type Error = Failure;
    type ColumnType = DefaultColumnType;

    async fn run(&mut self, sql: &str) -> Result<Output, Failure> {
        let answer = async {
            match &mut self.wire {
                Wire::Simple(client) => simple(client, sql).await,
                Wire::Extended(client) => extended(client, sql).await,
                Wire::Flight(engine) => engine.run(sql).await,
            }
        };
        tokio::time::timeout(LIMIT, answer)
            .await
            .unwrap_or_else(|_| Err(Failure(format!("no answer within {LIMIT:?}"))))
    }

    async fn shutdown(&mut self) {}

    fn engine_name(&self) -> &str {
        self.protocol.name()
    }

    async fn sleep(duration: Duration) {
        tokio::time::sleep(duration).await;
    }

    async fn run_command(command: std::process::Command) -> std::io::Result<std::process::Output> {
        tokio::process::Command::from(command).output().await
    }
}

fn simple_row(row: &SimpleQueryRow) -> Result<Vec<String>, Failure> {
    (0..row.len()).map(|i| Ok(shown(row.try_get(i)?.map(str::to_owned)))).collect()
}

fn extended_row(row: &Row) -> Result<Vec<String>, Failure> {
    let cell = |(i, column): (usize, &tokio_postgres::Column)| {
        let text = match row.try_get::<_, Option<Raw<'_>>>(i)? {
            Some(Raw(bytes)) => Some(pgtext::text(column.type_(), bytes)?),
            None => None,
        };
        Ok(shown(text))
    };
    row.columns().iter().enumerate().map(cell).collect()
}

/// How the files spell a value.
pub(super) fn shown(value: Option<String>) -> String {
    match value {
        None => "NULL".to_owned(),
        Some(text) if text.is_empty() => "(empty)".to_owned(),
        Some(text) => text,
    }
}

fn letter(ty: &Type) -> DefaultColumnType {
    match *ty {
        Type::INT2 | Type::INT4 | Type::INT8 | Type::OID => DefaultColumnType::Integer,
        Type::FLOAT4 | Type::FLOAT8 | Type::NUMERIC => DefaultColumnType::FloatingPoint,
        Type::TEXT | Type::VARCHAR | Type::BPCHAR | Type::NAME => DefaultColumnType::Text,
        _ => DefaultColumnType::Any,
    }
}
