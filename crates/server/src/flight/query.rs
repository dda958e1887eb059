//! What returns rows: GetFlightInfo, GetSchema and DoGet, of statements and of metadata. It must not know how a session was found.

use super::command;
use super::encode::{self, Messages};
use super::metadata;
use super::run;
use super::statement::{self, Planned, without_transaction};
use super::tickets::new_id;
use super::visitor::Visit;
use arrow::datatypes::SchemaRef;
use arrow_flight::sql::{Command, ProstMessageExt, TicketStatementQuery};
use arrow_flight::{FlightDescriptor, FlightEndpoint, FlightInfo, SchemaResult, Ticket};
use bytes::Bytes;
use prost::Message;
use weft_core::{Error, Result};

/// What a command is about.
enum Described {
    Statement(Planned),
    /// Metadata of these columns.
    Metadata(SchemaRef),
}

/// What a command is about.
async fn describe(visit: &Visit, bytes: &[u8]) -> Result<Described> {
    Ok(match command::read(bytes)? {
        Command::CommandStatementQuery(query) => {
            without_transaction(query.transaction_id.as_deref())?;
            let prepared = statement::prepare(&visit.session(), &query.query).await?;
            Described::Statement(Planned::new(prepared, Default::default()))
        }
        Command::CommandPreparedStatementQuery(query) => {
            Described::Statement(visit.handles().planned(&query.prepared_statement_handle)?)
        }
        other => Described::Metadata(metadata::schema(&other).ok_or_else(|| command::unsupported(&other))?),
    })
}

/// How many rows there will be.
const UNKNOWN: i64 = -1;

/// Plans what is asked for, and tells where it can be fetched.
pub(crate) async fn info(visit: &Visit, descriptor: FlightDescriptor) -> Result<FlightInfo> {
    let (schema, ticket, records) = match describe(visit, &descriptor.cmd).await? {
        Described::Metadata(schema) => (schema, Some(descriptor.cmd.clone()), UNKNOWN),
        Described::Statement(planned) if planned.returns_rows() => {
            let schema = planned.schema.clone();
            let statement_handle = Bytes::copy_from_slice(&visit.tickets().put(planned)?);
            (schema, Some(TicketStatementQuery { statement_handle }.as_any().encode_to_vec().into()), UNKNOWN)
        }
        // Nobody would fetch what it returns.
        Described::Statement(planned) => {
            let schema = planned.schema.clone();
            let records = run::update(visit, planned, &visit.tickets().run(new_id())?).await?;
            (schema, None, records)
        }
    };
    let info = FlightInfo::new()
        .try_with_schema(&schema)
        .map_err(|e| Error::internal("a schema cannot be written").with_source(e))?;
    let endpoint = ticket.map(|ticket| endpoint(visit, ticket));
    // Rows come in the order of the statement.
    let info = info.with_endpoints(endpoint.into_iter().collect()).with_descriptor(descriptor).with_ordered(true);
    // Drivers tell it as the rows that a statement has changed.
    Ok(info.with_total_records(records))
}

/// Where a result is fetched: where it was asked for, unless there is a better place.
fn endpoint(visit: &Visit, ticket: Bytes) -> FlightEndpoint {
    let endpoint = FlightEndpoint::new().with_ticket(Ticket::new(ticket));
    let address = &visit.access().gateway().settings().flight_address;
    if address.is_empty() { endpoint } else { endpoint.with_location(address.clone()) }
}

/// The columns of what is asked for.
pub(crate) async fn schema(visit: &Visit, descriptor: FlightDescriptor) -> Result<SchemaResult> {
    let schema = match describe(visit, &descriptor.cmd).await? {
        Described::Statement(planned) => planned.schema,
        Described::Metadata(schema) => schema,
    };
    Ok(SchemaResult { schema: encode::schema(&schema)? })
}

/// The rows behind a ticket.
pub(crate) async fn rows(visit: &Visit, ticket: Ticket) -> Result<Messages> {
    let (planned, running) = match command::read(&ticket.ticket)? {
        Command::TicketStatementQuery(ticket) => visit.tickets().take(&ticket.statement_handle)?,
        Command::CommandPreparedStatementQuery(query) => {
            (visit.handles().planned(&query.prepared_statement_handle)?, visit.tickets().run(new_id())?)
        }
        other => match metadata::answer(&visit.session(), other).await? {
            metadata::Answer::Rows(planned) => (planned, visit.tickets().run(new_id())?),
            metadata::Answer::Batch(batch) => return Ok(encode::batch(batch)),
        },
    };
    let schema = planned.schema.clone();
    Ok(encode::batches(schema, run::rows(visit.clone(), planned, running).await?))
}
