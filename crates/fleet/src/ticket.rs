//! What a gateway hands to a worker: a statement, the stores and folders that it may open, and the columns that are expected. It travels sealed, for it
//! holds the keys of the stores. No I/O happens here.

use crate::key::{Key, Purpose};
use crate::record::PROTOCOL;
use arrow::datatypes::{Schema, SchemaRef};
use arrow::ipc::writer::IpcWriteOptions;
use arrow_flight::{IpcMessage, SchemaAsIpc};
use chrono::{DateTime, TimeDelta, Utc};
use rand::RngCore;
use serde::{Deserialize, Serialize};
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;
use weft_core::executor::RemoteStatement;
use weft_core::store::{Addressing, Store, StoreRole};
use weft_core::{Error, ErrorKind, Result, Secret};

/// How far the clocks of gateway and worker may differ. A ticket that is older is refused.
const CLOCKS_DIFFER: TimeDelta = TimeDelta::minutes(5);

/// A statement for a worker.
#[derive(Serialize, Deserialize)]
pub(crate) struct Ticket {
    /// The gateway's [`PROTOCOL`].
    protocol: u32,
    /// What the gateway takes for granted of a worker's DuckDB; see [`crate::Record::setup`].
    setup: String,
    /// Differs between all tickets.
    pub(crate) id: u128,
    issued_at: DateTime<Utc>,
    pub(crate) sql: String,
    stores: Vec<Door>,
    /// Folders of disks that it reads.
    pub(crate) folders: Vec<PathBuf>,
    /// The columns that are expected, as Arrow's IPC writes them.
    schema: Vec<u8>,
}

/// A store and its keys.
#[derive(Serialize, Deserialize)]
struct Door {
    catalog: String,
    scope: String,
    endpoint: String,
    region: String,
    key_id: Option<String>,
    secret: Option<String>,
    session_token: Option<String>,
    is_path_style: bool,
    request_timeout: Duration,
    max_retries: u32,
}

impl Ticket {
    /// A ticket for the statement, which yields `schema`.
    pub(crate) fn new(statement: &RemoteStatement, schema: &Schema, setup: &str) -> Result<Ticket> {
        let mut id = [0; 16];
        rand::rng().fill_bytes(&mut id);
        let mut folders: Vec<PathBuf> = statement.inputs.iter().filter_map(|i| i.folder.clone()).collect();
        folders.dedup();
        Ok(Ticket {
            protocol: PROTOCOL,
            setup: setup.to_owned(),
            id: u128::from_le_bytes(id),
            issued_at: Utc::now(),
            sql: statement.sql.clone(),
            stores: statement.stores.iter().map(|s| door(s)).collect(),
            folders,
            schema: write_schema(schema)?,
        })
    }

    /// The ticket as it travels.
    pub(crate) fn seal(&self, key: &Key) -> Result<Vec<u8>> {
        let text =
            serde_json::to_vec(self).map_err(|e| Error::internal("a ticket cannot be written").with_source(e))?;
        key.seal(Purpose::Ticket, b"", &text)
    }

    /// Reads a ticket that has travelled. One that was made with another key, long ago, or by another version is refused.
    pub(crate) fn open(sealed: &[u8], key: &Key, setup: &str) -> Result<Ticket> {
        let text = key.open(Purpose::Ticket, b"", sealed).ok_or_else(unsealed)?;
        let skew = |detail: String| {
            Error::new(ErrorKind::CannotConnectNow, "gateway and worker are not of one version")
                .with_detail(detail)
                .with_hint("Run the same version of Weft on both.")
        };
        let ticket: Ticket =
            serde_json::from_slice(&text).map_err(|e| skew(format!("The ticket cannot be read: {e}.")))?;
        if ticket.protocol != PROTOCOL || ticket.setup != setup {
            let detail =
                format!("The gateway is {} ({}), the worker {PROTOCOL} ({setup}).", ticket.protocol, ticket.setup);
            return Err(skew(detail));
        }
        fresh(ticket.issued_at)?;
        Ok(ticket)
    }

    /// The statement.
    pub(crate) fn statement(&self) -> RemoteStatement {
        RemoteStatement::new(self.sql.clone()).on(self.stores.iter().map(|d| Arc::new(store(d))).collect())
    }

    /// The columns that are expected.
    pub(crate) fn schema(&self) -> Result<SchemaRef> {
        read_schema(self.schema.clone())
    }
}

/// What is told of something that this key does not open.
pub(crate) fn unsealed() -> Error {
    Error::new(ErrorKind::InvalidAuthorization, "the ticket was not made with this worker's key")
        .with_hint("Gateways and workers need the same worker_key_file.")
}

/// Refuses what was issued at another time than now, as far as two clocks can tell.
pub(crate) fn fresh(issued_at: DateTime<Utc>) -> Result<()> {
    if (Utc::now() - issued_at).abs() <= CLOCKS_DIFFER {
        return Ok(());
    }
    Err(Error::new(ErrorKind::InvalidAuthorization, "the ticket is not of this time")
        .with_detail(format!("It was issued at {issued_at}."))
        .with_hint("The clocks of gateway and worker may differ by 5 minutes."))
}

/// For how long the id of a ticket must be remembered, so that nobody can use it twice.
pub(crate) const VALID: Duration = Duration::from_secs(2 * 5 * 60);

fn write_schema(schema: &Schema) -> Result<Vec<u8>> {
    let message: IpcMessage = SchemaAsIpc::new(schema, &IpcWriteOptions::default())
        .try_into()
        .map_err(|e: arrow::error::ArrowError| Error::internal("columns cannot be written").with_source(e))?;
    Ok(message.0.to_vec())
}

fn read_schema(bytes: Vec<u8>) -> Result<SchemaRef> {
    let schema: Result<Schema, _> = IpcMessage(bytes.into()).try_into();
    schema
        .map(Arc::new)
        .map_err(|e| Error::new(ErrorKind::ProtocolViolation, "columns that came cannot be read").with_source(e))
}

fn door(store: &Store) -> Door {
    let expose = |secret: &Option<Secret>| secret.as_ref().map(|s| s.expose().to_owned());
    Door {
        catalog: store.catalog.clone(),
        scope: store.scope.clone(),
        endpoint: store.endpoint.clone(),
        region: store.region.clone(),
        key_id: store.key_id.clone(),
        secret: expose(&store.secret),
        session_token: expose(&store.session_token),
        is_path_style: store.addressing == Addressing::Path,
        request_timeout: store.request_timeout,
        max_retries: store.max_retries,
    }
}

fn store(door: &Door) -> Store {
    Store {
        catalog: door.catalog.clone(),
        role: StoreRole::Primary,
        scope: door.scope.clone(),
        endpoint: door.endpoint.clone(),
        region: door.region.clone(),
        key_id: door.key_id.clone(),
        secret: door.secret.clone().map(Secret::new),
        session_token: door.session_token.clone().map(Secret::new),
        addressing: if door.is_path_style { Addressing::Path } else { Addressing::VirtualHost },
        request_timeout: door.request_timeout,
        max_retries: door.max_retries,
    }
}
