//! A worker's side: takes sealed tickets over Arrow Flight, runs their statements, streams the rows back. It must not know Redis, nor DuckDB.

use crate::failure::status;
use crate::key::{Key, Purpose};
use crate::order::{self, Errand, Order};
use crate::ticket::{Ticket, VALID};
use crate::told;
use arrow_flight::encode::FlightDataEncoderBuilder;
use arrow_flight::error::FlightError;
use arrow_flight::flight_service_server::{FlightService, FlightServiceServer};
use arrow_flight::{
    Action, ActionType, Criteria, Empty, FlightData, FlightDescriptor, FlightInfo, HandshakeRequest, HandshakeResponse,
    PollInfo, PutResult, SchemaResult,
};
use async_trait::async_trait;
use futures::stream::BoxStream;
use futures::{StreamExt, TryStreamExt};
use parking_lot::Mutex;
use std::collections::HashMap;
use std::future::Future;
use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::time::{Duration, Instant};
use tokio::net::TcpListener;
use tokio_stream::wrappers::TcpListenerStream;
use tonic::transport::Server;
use tonic::{Request, Response, Status, Streaming};
use weft_core::trace::{Role, TraceContext, Tracer};
use weft_core::worker::Worker;
use weft_core::{Error, ErrorKind, Result};

/// Bytes of a ticket: a statement may name 100,000 files.
const LONGEST_TICKET: usize = 64 << 20;

/// Tickets of the last minutes whose ids are remembered; more are refused until the oldest are too old to be used.
const REMEMBERED: usize = 1 << 20;

/// Bytes of rows on their way on one connection, and for one statement.
pub(crate) const WINDOW: u32 = 8 << 20;

/// How often a gateway that is silent is asked whether it is there, and how long it may take to answer.
pub(crate) const PING_EVERY: Duration = Duration::from_secs(1);
/// See [`PING_EVERY`].
pub(crate) const PING_ANSWERED: Duration = Duration::from_secs(3);

/// Where a gateway says to which trace a statement belongs.
pub(crate) const TRACE_PARENT: &str = "traceparent";

/// What a worker serves.
pub struct Service {
    key: Key,
    setup: String,
    worker: Arc<dyn Worker>,
    file_roots: Vec<PathBuf>,
    load: Arc<Load>,
    tracer: Tracer,
    seen: Mutex<HashMap<u128, Instant>>,
}

/// How busy a worker is.
#[derive(Debug, Default)]
pub struct Load {
    running: AtomicU64,
    draining: AtomicBool,
}

impl Load {
    /// Statements that run or wait.
    pub fn running(&self) -> u64 {
        self.running.load(Ordering::Acquire)
    }

    /// Takes no statement from now on.
    pub fn drain(&self) {
        self.draining.store(true, Ordering::Release);
    }

    /// Takes statements again.
    pub fn resume(&self) {
        self.draining.store(false, Ordering::Release);
    }

    fn enter(self: &Arc<Self>) -> Running {
        self.running.fetch_add(1, Ordering::AcqRel);
        Running(self.clone())
    }
}

/// A statement that is counted until this is dropped.
struct Running(Arc<Load>);

impl Drop for Running {
    fn drop(&mut self) {
        self.0.running.fetch_sub(1, Ordering::AcqRel);
    }
}

impl Service {
    /// Serves statements that `worker` runs, on files below these folders and on whatever stores a ticket names.
    pub fn new(key: Key, setup: String, worker: Arc<dyn Worker>, file_roots: Vec<PathBuf>) -> Service {
        let (load, tracer, seen) = (Arc::default(), Tracer::default(), Mutex::default());
        Service { key, setup, worker, file_roots, load, tracer, seen }
    }

    /// Tells of statements that gateways trace.
    #[must_use]
    pub fn traced(self, tracer: Tracer) -> Service {
        Service { tracer, ..self }
    }

    /// How busy it is.
    pub fn load(&self) -> Arc<Load> {
        self.load.clone()
    }

    /// Serves until `stop`; then what runs may go on as long as the future that this returns is polled.
    pub async fn serve(self, listener: TcpListener, stop: impl Future<Output = ()>) -> Result<()> {
        let service = FlightServiceServer::new(self).max_decoding_message_size(LONGEST_TICKET);
        Server::builder()
            .initial_stream_window_size(WINDOW)
            .initial_connection_window_size(WINDOW)
            .http2_keepalive_interval(Some(PING_EVERY))
            .http2_keepalive_timeout(Some(PING_ANSWERED))
            .tcp_nodelay(true)
            .add_service(service)
            .serve_with_incoming_shutdown(TcpListenerStream::new(listener), stop)
            .await
            .map_err(|e| Error::new(ErrorKind::ConnectionFailed, "the worker cannot serve").with_source(e))
    }

    fn admit(&self, sealed: &[u8]) -> Result<(Ticket, Running)> {
        let ticket = Ticket::open(sealed, &self.key, &self.setup)?;
        self.once(ticket.id)?;
        if self.load.draining.load(Ordering::Acquire) {
            return Err(Error::new(ErrorKind::AdminShutdown, "the worker is draining"));
        }
        if let Some(folder) = ticket.folders.iter().find(|f| !self.file_roots.iter().any(|root| f.starts_with(root))) {
            let message = format!("the worker does not read {}", folder.display());
            return Err(Error::new(ErrorKind::InsufficientPrivilege, message)
                .with_hint("Name the folder in the worker's file_roots."));
        }
        Ok((ticket, self.load.enter()))
    }

    /// Refuses a ticket that was there before: whoever listens could send it again.
    fn once(&self, id: u128) -> Result<()> {
        let mut seen = self.seen.lock();
        if seen.len() >= REMEMBERED {
            seen.retain(|_, at| at.elapsed() < VALID);
        }
        if seen.len() >= REMEMBERED {
            return Err(Error::new(
                ErrorKind::TooManyConnections,
                "the worker has had too many tickets in a short time",
            ));
        }
        match seen.insert(id, Instant::now()) {
            None => Ok(()),
            Some(_) => Err(Error::new(ErrorKind::InvalidAuthorization, "the ticket was used before")),
        }
    }

    /// Does what it is told, and proves that it was this worker.
    async fn obey(&self, sealed: &[u8]) -> Result<Vec<u8>> {
        let order = Order::open(sealed, &self.key)?;
        self.once(order.id)?;
        match order.errand {
            Errand::DropCaches => self.worker.drop_caches().await?,
        }
        self.key.seal(Purpose::Answer, &order.id.to_le_bytes(), b"")
    }

    async fn answer(
        &self,
        sealed: &[u8],
        caller: Option<TraceContext>,
    ) -> Result<BoxStream<'static, Result<FlightData, Status>>> {
        let (ticket, running) = self.admit(sealed)?;
        // What no gateway traces is told nobody.
        let mut span = caller.map(|caller| self.tracer.begin("task", Role::Server, Some(caller))).unwrap_or_default();
        let proof = self.key.seal(Purpose::Answer, &ticket.id.to_le_bytes(), b"")?;
        let statement = ticket.statement();
        let schema = ticket.schema()?;
        let batches = self.worker.execute(&statement, schema.clone()).await.inspect_err(|e| span.fail(e.kind()))?;
        let batches = span.over(batches);
        // The error itself goes along, not its text.
        let batches = batches.map_err(|e| FlightError::Tonic(Box::new(status(&e))));
        let columns = schema.clone();
        let rows = FlightDataEncoderBuilder::new().with_schema(schema).with_metadata(proof.into()).build(batches);
        let traffic = statement.traffic.clone();
        let told = futures::stream::once(async move { Ok(told::message(&traffic, &columns)) });
        let rows = rows.chain(told).map(move |message| {
            // Counted as long as somebody reads.
            let _running = &running;
            message.map_err(|e| match e {
                FlightError::Tonic(status) => *status,
                other => status(&Error::internal("rows cannot be sent").with_source(other)),
            })
        });
        Ok(rows.boxed())
    }
}

#[async_trait]
impl FlightService for Service {
    type HandshakeStream = BoxStream<'static, Result<HandshakeResponse, Status>>;
    type ListFlightsStream = BoxStream<'static, Result<FlightInfo, Status>>;
    type DoGetStream = BoxStream<'static, Result<FlightData, Status>>;
    type DoPutStream = BoxStream<'static, Result<PutResult, Status>>;
    type DoExchangeStream = BoxStream<'static, Result<FlightData, Status>>;
    type DoActionStream = BoxStream<'static, Result<arrow_flight::Result, Status>>;
    type ListActionsStream = BoxStream<'static, Result<ActionType, Status>>;

    async fn do_get(&self, request: Request<arrow_flight::Ticket>) -> Result<Response<Self::DoGetStream>, Status> {
        let caller = request.metadata().get(TRACE_PARENT).and_then(|text| TraceContext::read(text.to_str().ok()?));
        match self.answer(&request.into_inner().ticket, caller).await {
            Ok(rows) => Ok(Response::new(rows)),
            Err(error) => {
                tracing::debug!(?error, "a statement is refused");
                Err(status(&error))
            }
        }
    }

    async fn handshake(
        &self,
        _: Request<Streaming<HandshakeRequest>>,
    ) -> Result<Response<Self::HandshakeStream>, Status> {
        Err(not_served())
    }

    async fn list_flights(&self, _: Request<Criteria>) -> Result<Response<Self::ListFlightsStream>, Status> {
        Err(not_served())
    }

    async fn get_flight_info(&self, _: Request<FlightDescriptor>) -> Result<Response<FlightInfo>, Status> {
        Err(not_served())
    }

    async fn poll_flight_info(&self, _: Request<FlightDescriptor>) -> Result<Response<PollInfo>, Status> {
        Err(not_served())
    }

    async fn get_schema(&self, _: Request<FlightDescriptor>) -> Result<Response<SchemaResult>, Status> {
        Err(not_served())
    }

    async fn do_put(&self, _: Request<Streaming<FlightData>>) -> Result<Response<Self::DoPutStream>, Status> {
        Err(not_served())
    }

    async fn do_exchange(&self, _: Request<Streaming<FlightData>>) -> Result<Response<Self::DoExchangeStream>, Status> {
        Err(not_served())
    }

    async fn do_action(&self, request: Request<Action>) -> Result<Response<Self::DoActionStream>, Status> {
        let action = request.into_inner();
        if action.r#type != order::ACTION {
            return Err(not_served());
        }
        match self.obey(&action.body).await {
            Ok(proof) => {
                let done = arrow_flight::Result { body: proof.into() };
                Ok(Response::new(futures::stream::once(async { Ok(done) }).boxed()))
            }
            Err(error) => {
                tracing::debug!(?error, "an order is refused");
                Err(status(&error))
            }
        }
    }

    async fn list_actions(&self, _: Request<Empty>) -> Result<Response<Self::ListActionsStream>, Status> {
        Err(not_served())
    }
}

fn not_served() -> Status {
    Status::unimplemented("a worker takes tickets of its gateways only: connect to a gateway")
}
