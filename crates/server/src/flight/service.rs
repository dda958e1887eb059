//! The calls of Flight: each finds its session by token or password, and is sent to its room. It must not know what a command does.

use super::action;
use super::basic::{self, AUTHORIZATION, BEARER, Credentials};
use super::caller::{Caller, MAX_SESSIONS};
use super::command;
use super::encode::{self, Messages};
use super::metadata;
use super::put;
use super::run;
use super::statement::{self, Planned, without_transaction};
use super::status::status;
use super::tickets::{Running, new_id};
use super::tokens::{Tokens, digest};
use super::visitor::{Visit, Visitor};
use arrow::datatypes::SchemaRef;
use arrow_flight::flight_service_server::FlightService;
use arrow_flight::sql::{Command, ProstMessageExt, TicketStatementQuery};
use arrow_flight::{
    Action, ActionType, Criteria, Empty, FlightData, FlightDescriptor, FlightEndpoint, FlightInfo, HandshakeRequest,
    HandshakeResponse, PollInfo, PutResult, SchemaResult, Ticket,
};
use async_trait::async_trait;
use bytes::Bytes;
use futures::stream::{self, BoxStream};
use futures::{FutureExt, StreamExt};
use prost::Message;
use std::future::Future;
use std::panic::AssertUnwindSafe;
use std::sync::Arc;
use tonic::metadata::MetadataMap;
use tonic::{Request, Response, Status, Streaming};
use weft_core::{Error, ErrorKind, Result, Secret};
use weft_engine::Hello;

/// Flight SQL, for all connections.
pub(crate) struct Service {
    tokens: Arc<Tokens>,
}

/// What a command is about.
enum Described {
    Statement(Planned),
    /// Metadata of these columns.
    Metadata(SchemaRef),
}

/// A request whose client is known.
struct Entered {
    visit: Visit,
    /// The token that its client is to be told.
    token: Option<String>,
}

impl Entered {
    /// The response, with the token if the client has none.
    fn answer<T>(self, done: Result<T>) -> Result<Response<T>, Status> {
        let mut response = Response::new(done.map_err(|e| status(&e))?);
        if let Some(token) = self.token {
            tell(&mut response, &token);
        }
        Ok(response)
    }
}

fn tell<T>(response: &mut Response<T>, token: &str) {
    if let Ok(value) = format!("{BEARER}{token}").parse() {
        response.metadata_mut().insert(AUTHORIZATION, value);
    }
}

/// A defect in answering a request must not look like a broken network.
async fn unpanicked<T>(work: impl Future<Output = Result<T>>) -> Result<T> {
    let done = AssertUnwindSafe(work).catch_unwind().await;
    done.unwrap_or_else(|_| Err(Error::internal("a panic while answering a request of Flight SQL")))
}

impl Service {
    /// Clients are found by these tokens.
    pub(crate) fn new(tokens: Arc<Tokens>) -> Service {
        Service { tokens }
    }

    /// Lets a request in.
    async fn enter<T>(&self, request: &Request<T>) -> Result<Entered, Status> {
        let caller = request.extensions().get::<Caller>().cloned();
        self.known(request.metadata(), caller).await.map_err(|e| status(&e))
    }

    async fn known(&self, headers: &MetadataMap, caller: Option<Caller>) -> Result<Entered> {
        let caller = caller.ok_or_else(|| Error::internal("a request without a connection"))?;
        match basic::credentials(headers)? {
            Some(Credentials::Token(token)) => {
                let visitor = self.tokens.find(token.expose())?;
                caller.welcome();
                Ok(Entered { visit: visitor.visit(&caller), token: None })
            }
            Some(Credentials::Password { user, password }) => self.by_password(headers, &caller, user, password).await,
            None => Err(Error::new(ErrorKind::InvalidAuthorization, "no authorization header").with_hint(
                "Call Handshake with user and password, and send the token that it answers with each request.",
            )),
        }
    }

    /// A client that sends its password with each request has one session a connection, and is told its token.
    async fn by_password(
        &self,
        headers: &MetadataMap,
        caller: &Caller,
        user: String,
        password: Secret,
    ) -> Result<Entered> {
        let catalog = basic::catalog(headers);
        let told = headers.get(AUTHORIZATION).map(|v| v.as_bytes().to_vec()).unwrap_or_default();
        let key = digest(&format!("{:?}\n{catalog:?}", told));
        let mut sessions = caller.sessions().lock().await;
        sessions.retain(|(_, visitor)| visitor.strong_count() > 0);
        let known = sessions.iter().find(|(known, _)| *known == key).and_then(|(_, visitor)| visitor.upgrade());
        if let Some(visitor) = known {
            return Ok(Entered { visit: visitor.visit(caller), token: None });
        }
        if sessions.len() >= MAX_SESSIONS {
            return Err(Error::new(ErrorKind::TooManyConnections, "too many sessions on one connection")
                .with_hint("Send the token that the first request was answered with."));
        }
        let visitor = self.login(caller, user, password, catalog).await?;
        let visit = visitor.visit(caller);
        sessions.push((key, Arc::downgrade(&visitor)));
        Ok(Entered { visit, token: Some(self.tokens.issue(visitor)) })
    }

    /// Proves who it is, and opens a session.
    async fn login(
        &self,
        caller: &Caller,
        user: String,
        password: Secret,
        catalog: Option<String>,
    ) -> Result<Arc<Visitor>> {
        let access = self.tokens.access();
        let entered = async {
            let candidate = access.candidate(&user).await?;
            access.prove(&candidate, password).await?;
            let hello = Hello { database: catalog, client_addr: Some(caller.address()), ..Hello::default() };
            access.admit(&candidate, hello).await
        };
        let patience = access.gateway().settings().authentication_timeout.0;
        let guest = tokio::time::timeout(patience, entered)
            .await
            .unwrap_or_else(|_| {
                Err(Error::new(ErrorKind::CannotConnectNow, "not logged in within authentication_timeout"))
            })
            .inspect_err(|error| tracing::info!(client = %caller.address(), %error, "login refused"))?;
        caller.welcome();
        tracing::debug!(client = %caller.address(), pid = guest.session.pid(), "logged in");
        Ok(Visitor::new(access.clone(), user, guest))
    }

    /// What a command is about.
    async fn describe(&self, visit: &Visit, bytes: &[u8]) -> Result<Described> {
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

    async fn info(&self, visit: &Visit, descriptor: FlightDescriptor) -> Result<FlightInfo> {
        let (schema, ticket) = match self.describe(visit, &descriptor.cmd).await? {
            Described::Metadata(schema) => (schema, Some(descriptor.cmd.clone())),
            Described::Statement(planned) if planned.returns_rows() => {
                let schema = planned.schema.clone();
                let statement_handle = Bytes::copy_from_slice(&visit.tickets().put(planned)?);
                (schema, Some(TicketStatementQuery { statement_handle }.as_any().encode_to_vec().into()))
            }
            // Nobody would fetch what it returns.
            Described::Statement(planned) => {
                let schema = planned.schema.clone();
                run::update(visit, planned, &visit.tickets().run(new_id())?).await?;
                (schema, None)
            }
        };
        let info = FlightInfo::new()
            .try_with_schema(&schema)
            .map_err(|e| Error::internal("a schema cannot be written").with_source(e))?;
        let endpoint = ticket.map(|ticket| self.endpoint(ticket));
        // Rows come in the order of the statement.
        Ok(info.with_endpoints(endpoint.into_iter().collect()).with_descriptor(descriptor).with_ordered(true))
    }

    /// Where a result is fetched: where it was asked for, unless there is a better place.
    fn endpoint(&self, ticket: Bytes) -> FlightEndpoint {
        let endpoint = FlightEndpoint::new().with_ticket(Ticket::new(ticket));
        let address = &self.tokens.access().gateway().settings().flight_address;
        if address.is_empty() { endpoint } else { endpoint.with_location(address.clone()) }
    }

    async fn get(&self, visit: &Visit, ticket: Ticket) -> Result<Messages> {
        let (planned, running): (Planned, Running) = match command::read(&ticket.ticket)? {
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
}

#[async_trait]
impl FlightService for Service {
    type HandshakeStream = BoxStream<'static, Result<HandshakeResponse, Status>>;
    type ListFlightsStream = BoxStream<'static, Result<FlightInfo, Status>>;
    type DoGetStream = Messages;
    type DoPutStream = BoxStream<'static, Result<PutResult, Status>>;
    type DoActionStream = BoxStream<'static, Result<arrow_flight::Result, Status>>;
    type ListActionsStream = BoxStream<'static, Result<ActionType, Status>>;
    type DoExchangeStream = BoxStream<'static, Result<FlightData, Status>>;

    async fn handshake(
        &self,
        request: Request<Streaming<HandshakeRequest>>,
    ) -> Result<Response<Self::HandshakeStream>, Status> {
        let caller = request.extensions().get::<Caller>().cloned();
        let entered = async {
            let headers = request.metadata();
            match (basic::credentials(headers)?, caller) {
                (Some(Credentials::Password { user, password }), Some(caller)) => {
                    let visitor = self.login(&caller, user, password, basic::catalog(headers)).await?;
                    drop(visitor.visit(&caller));
                    Ok(self.tokens.issue(visitor))
                }
                _ => Err(Error::new(ErrorKind::InvalidAuthorization, "a handshake takes user and password")
                    .with_hint("Send them in the header authorization, as Basic.")),
            }
        };
        let token = unpanicked(entered).await.map_err(|e| status(&e))?;
        let said = HandshakeResponse { protocol_version: 0, payload: token.clone().into() };
        let mut response = Response::new(stream::iter([Ok(said)]).boxed());
        tell(&mut response, &token);
        Ok(response)
    }

    async fn list_flights(&self, request: Request<Criteria>) -> Result<Response<Self::ListFlightsStream>, Status> {
        // Whatever there is, is asked for by commands.
        self.enter(&request).await?.answer(Ok(stream::empty().boxed()))
    }

    async fn get_flight_info(&self, request: Request<FlightDescriptor>) -> Result<Response<FlightInfo>, Status> {
        let entered = self.enter(&request).await?;
        let info = unpanicked(self.info(&entered.visit, request.into_inner())).await;
        entered.answer(info)
    }

    async fn poll_flight_info(&self, request: Request<FlightDescriptor>) -> Result<Response<PollInfo>, Status> {
        let entered = self.enter(&request).await?;
        // A statement begins when it is fetched: there is nothing to wait for.
        let info = unpanicked(self.info(&entered.visit, request.into_inner())).await;
        entered.answer(info.map(|info| PollInfo::new().with_info(info)))
    }

    async fn get_schema(&self, request: Request<FlightDescriptor>) -> Result<Response<SchemaResult>, Status> {
        let entered = self.enter(&request).await?;
        let schema = unpanicked(async {
            let schema = match self.describe(&entered.visit, &request.get_ref().cmd).await? {
                Described::Statement(planned) => planned.schema,
                Described::Metadata(schema) => schema,
            };
            Ok(SchemaResult { schema: encode::schema(&schema)? })
        })
        .await;
        entered.answer(schema)
    }

    async fn do_get(&self, request: Request<Ticket>) -> Result<Response<Self::DoGetStream>, Status> {
        let entered = self.enter(&request).await?;
        let messages = unpanicked(self.get(&entered.visit, request.into_inner())).await;
        entered.answer(messages)
    }

    async fn do_put(&self, request: Request<Streaming<FlightData>>) -> Result<Response<Self::DoPutStream>, Status> {
        let entered = self.enter(&request).await?;
        let result = unpanicked(put::put(&entered.visit, request.into_inner())).await;
        entered.answer(result.map(|result| stream::iter([Ok(result)]).boxed()))
    }

    async fn do_exchange(
        &self,
        request: Request<Streaming<FlightData>>,
    ) -> Result<Response<Self::DoExchangeStream>, Status> {
        self.enter(&request).await?.answer(Err(Error::unsupported("DoExchange")))
    }

    async fn do_action(&self, request: Request<Action>) -> Result<Response<Self::DoActionStream>, Status> {
        let entered = self.enter(&request).await?;
        let answer = unpanicked(action::act(&self.tokens, &entered.visit, request.into_inner())).await;
        entered.answer(answer.map(|body| stream::iter(body.map(|body| Ok(arrow_flight::Result { body }))).boxed()))
    }

    async fn list_actions(&self, request: Request<Empty>) -> Result<Response<Self::ListActionsStream>, Status> {
        self.enter(&request).await?.answer(Ok(stream::iter(action::list().into_iter().map(Ok)).boxed()))
    }
}
