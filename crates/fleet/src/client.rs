//! A gateway's side of one worker: a connection, a ticket, the rows that come. It must not choose among workers.

use crate::failure::Failure;
use crate::key::{Key, Purpose};
use crate::order::{self, Errand, Order};
use crate::service::{PING_ANSWERED, PING_EVERY, TRACE_PARENT, WINDOW};
use crate::ticket::Ticket;
use crate::told;
use arrow::array::RecordBatch;
use arrow::datatypes::SchemaRef;
use arrow_flight::decode::{DecodedPayload, FlightDataDecoder};
use arrow_flight::error::FlightError;
use arrow_flight::flight_service_client::FlightServiceClient;
use arrow_flight::{Action, FlightData};
use futures::{StreamExt, TryStreamExt};
use parking_lot::Mutex;
use std::collections::HashMap;
use std::time::Duration;
use tonic::transport::{Channel, Endpoint};
use tonic::{Request, Status, Streaming};
use weft_core::executor::RemoteStatement;
use weft_core::trace::Trail;
use weft_core::{Error, ErrorKind};

/// How long a worker may take to accept a connection.
const CONNECT: Duration = Duration::from_secs(2);

/// Bytes of one message: a row cannot be cut, and a value may have a gigabyte.
const LONGEST_MESSAGE: usize = 2 << 30;

/// What is sent to workers, and by which connections.
pub(crate) struct Clients {
    key: Key,
    setup: String,
    channels: Mutex<HashMap<String, Channel>>,
}

/// Where a worker is.
#[derive(Debug, Clone)]
pub(crate) struct Peer {
    /// Its name, for errors.
    pub(crate) id: String,
    /// `host:port`.
    pub(crate) address: String,
}

/// The rows of a statement that runs on a worker. Dropping it ends the statement there.
pub(crate) struct Rows {
    decoder: FlightDataDecoder,
    peer: String,
    schema: SchemaRef,
    proof: Proof,
    traffic: (u64, u64),
}

/// What must come with the first message.
struct Proof {
    key: Key,
    about: [u8; 16],
    is_given: bool,
}

impl Clients {
    /// Nobody is connected yet. Tickets are sealed with the key, for workers with this set-up.
    pub(crate) fn new(key: Key, setup: String) -> Clients {
        Clients { key, setup, channels: Mutex::default() }
    }

    /// Runs the statement there.
    pub(crate) async fn execute(
        &self,
        peer: &Peer,
        statement: &RemoteStatement,
        schema: SchemaRef,
        trail: &Trail,
    ) -> Result<Rows, Failure> {
        let ticket = Ticket::new(statement, &schema, &self.setup).map_err(Failure::Statement)?;
        let stream = self.send(peer, &ticket, trail).await?;
        let messages = stream.map_err(|status| FlightError::Tonic(Box::new(status)));
        Ok(Rows {
            decoder: FlightDataDecoder::new(messages),
            peer: peer.id.clone(),
            schema,
            proof: self.proof(&ticket),
            traffic: (0, 0),
        })
    }

    /// Has the worker do something, and hears that it is done.
    pub(crate) async fn order(&self, peer: &Peer, errand: Errand) -> Result<(), Failure> {
        let order = Order::new(errand);
        let sealed = order.seal(&self.key).map_err(Failure::Statement)?;
        let mut client = FlightServiceClient::new(self.channel(peer)?);
        let action = Action { r#type: order::ACTION.to_owned(), body: sealed.into() };
        let failed = |status: Status| Failure::of(&status, &peer.id);
        let mut answer = client.do_action(action).await.map_err(failed)?.into_inner();
        let proof = answer.message().await.map_err(failed)?.ok_or_else(|| unproven(&peer.id))?;
        let opened = self.key.open(Purpose::Answer, &order.id.to_le_bytes(), &proof.body);
        opened.map(|_| ()).ok_or_else(|| unproven(&peer.id))
    }

    /// Forgets the connection: the next statement opens another one.
    pub(crate) fn disconnect(&self, address: &str) {
        self.channels.lock().remove(address);
    }

    /// Keeps the connections to these addresses only.
    pub(crate) fn keep(&self, is_wanted: impl Fn(&str) -> bool) {
        self.channels.lock().retain(|address, _| is_wanted(address));
    }

    fn proof(&self, ticket: &Ticket) -> Proof {
        Proof { key: self.key.clone(), about: ticket.id.to_le_bytes(), is_given: false }
    }

    async fn send(&self, peer: &Peer, ticket: &Ticket, trail: &Trail) -> Result<Streaming<FlightData>, Failure> {
        let sealed = ticket.seal(&self.key).map_err(Failure::Statement)?;
        let channel = self.channel(peer)?;
        let mut client = FlightServiceClient::new(channel).max_decoding_message_size(LONGEST_MESSAGE);
        let mut request = Request::new(arrow_flight::Ticket::new(sealed));
        if let Some(Ok(context)) = trail.context().map(|context| context.to_string().parse()) {
            request.metadata_mut().insert(TRACE_PARENT, context);
        }
        let answer = client.do_get(request).await;
        answer.map(tonic::Response::into_inner).map_err(|status| Failure::of(&status, &peer.id))
    }

    fn channel(&self, peer: &Peer) -> Result<Channel, Failure> {
        let mut channels = self.channels.lock();
        if let Some(channel) = channels.get(&peer.address) {
            return Ok(channel.clone());
        }
        let endpoint = Endpoint::from_shared(format!("http://{}", peer.address)).map_err(|e| {
            let message =
                format!("worker \"{}\" says that it is at \"{}\", which is no address", peer.id, peer.address);
            Failure::Worker(Error::new(ErrorKind::ConnectionFailed, message).with_source(e))
        })?;
        // A worker that is cut off, or stopped, answers no ping.
        let channel = endpoint
            .connect_timeout(CONNECT)
            .tcp_nodelay(true)
            .initial_stream_window_size(WINDOW)
            .initial_connection_window_size(WINDOW)
            .http2_keep_alive_interval(PING_EVERY)
            .keep_alive_timeout(PING_ANSWERED)
            .connect_lazy();
        channels.insert(peer.address.clone(), channel.clone());
        Ok(channel)
    }
}

impl Rows {
    /// Bytes of objects that the worker had, and that it fetched. Known after the last row.
    pub(crate) fn traffic(&self) -> (u64, u64) {
        self.traffic
    }

    /// The next rows; none after the last.
    pub(crate) async fn next(&mut self) -> Result<Option<RecordBatch>, Failure> {
        loop {
            let message = match self.decoder.next().await {
                None if self.proof.is_given => return Ok(None),
                None => return Err(unproven(&self.peer)),
                Some(Ok(message)) => message,
                Some(Err(FlightError::Tonic(status))) => return Err(Failure::of(&status, &self.peer)),
                Some(Err(error)) => return Err(garbled(&self.peer, error)),
            };
            self.proof.check(&message.inner, &self.peer)?;
            if let DecodedPayload::Schema(_) = message.payload
                && let Some(traffic) = told::read(&message.inner.app_metadata)
            {
                self.traffic = traffic;
            }
            if let DecodedPayload::RecordBatch(batch) = message.payload {
                // What the schema says besides names and types does not travel with each batch.
                let (_, columns, rows) = batch.into_parts();
                let options = arrow::array::RecordBatchOptions::new().with_row_count(Some(rows));
                let batch = RecordBatch::try_new_with_options(self.schema.clone(), columns, &options);
                return batch.map(Some).map_err(|e| garbled(&self.peer, e.into()));
            }
        }
    }
}

impl Proof {
    /// The first message must prove that the worker has the key.
    fn check(&mut self, message: &FlightData, peer: &str) -> Result<(), Failure> {
        if !self.is_given {
            let opened = self.key.open(Purpose::Answer, &self.about, &message.app_metadata);
            opened.ok_or_else(|| unproven(peer))?;
            self.is_given = true;
        }
        Ok(())
    }
}

fn unproven(peer: &str) -> Failure {
    Failure::Worker(
        Error::new(ErrorKind::ConnectionFailed, format!("worker \"{peer}\" does not prove that it has the key"))
            .with_hint("Gateways and workers need the same worker_key_file."),
    )
}

fn garbled(peer: &str, error: FlightError) -> Failure {
    let message = format!("worker \"{peer}\" sent rows that cannot be read");
    Failure::Worker(Error::new(ErrorKind::ConnectionFailed, message).with_detail(error.to_string()).with_source(error))
}
