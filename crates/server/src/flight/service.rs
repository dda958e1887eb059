//! The calls of Flight: each finds its session by token or password, and is sent to its room. It must not know what a command does.

use super::action;
use super::encode::Messages;
use super::entrance::tell;
use super::put;
use super::query;
use super::status::status;
use super::tokens::Tokens;
use arrow_flight::flight_service_server::FlightService;
use arrow_flight::{
    Action, ActionType, Criteria, Empty, FlightData, FlightDescriptor, FlightInfo, HandshakeRequest, HandshakeResponse,
    PollInfo, PutResult, SchemaResult, Ticket,
};
use async_trait::async_trait;
use futures::stream::{self, BoxStream};
use futures::{FutureExt, StreamExt};
use std::future::Future;
use std::panic::AssertUnwindSafe;
use std::sync::Arc;
use tonic::{Request, Response, Status, Streaming};
use weft_core::trace::TraceContext;
use weft_core::{Error, Result};
use weft_engine::called;

/// Flight SQL, for all connections.
pub(crate) struct Service {
    tokens: Arc<Tokens>,
}

/// A defect in answering a request must not look like a broken network.
async fn unpanicked<T>(work: impl Future<Output = Result<T>>) -> Result<T> {
    let done = AssertUnwindSafe(work).catch_unwind().await;
    done.unwrap_or_else(|_| Err(Error::internal("a panic while answering a request of Flight SQL")))
}

/// The trace that the client began, if its call says so: W3C's Trace Context.
fn caller<T>(request: &Request<T>) -> Option<TraceContext> {
    TraceContext::read(request.metadata().get("traceparent")?.to_str().ok()?)
}

impl Service {
    /// Clients are found by these tokens.
    pub(crate) fn new(tokens: Arc<Tokens>) -> Service {
        Service { tokens }
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
        let token = unpanicked(self.tokens.handshake(&request)).await.map_err(|e| status(&e))?;
        let said = HandshakeResponse { protocol_version: 0, payload: token.clone().into() };
        let mut response = Response::new(stream::iter([Ok(said)]).boxed());
        tell(&mut response, &token);
        Ok(response)
    }

    async fn list_flights(&self, request: Request<Criteria>) -> Result<Response<Self::ListFlightsStream>, Status> {
        // Whatever there is, is asked for by commands.
        self.tokens.enter(&request).await?.answer(Ok(stream::empty().boxed()))
    }

    async fn get_flight_info(&self, request: Request<FlightDescriptor>) -> Result<Response<FlightInfo>, Status> {
        let entered = self.tokens.enter(&request).await?;
        let caller = caller(&request);
        let info = unpanicked(called(caller, query::info(&entered.visit, request.into_inner()))).await;
        entered.answer(info)
    }

    async fn poll_flight_info(&self, request: Request<FlightDescriptor>) -> Result<Response<PollInfo>, Status> {
        let entered = self.tokens.enter(&request).await?;
        // A statement begins when it is fetched: there is nothing to wait for.
        let caller = caller(&request);
        let info = unpanicked(called(caller, query::info(&entered.visit, request.into_inner()))).await;
        entered.answer(info.map(|info| PollInfo::new().with_info(info)))
    }

    async fn get_schema(&self, request: Request<FlightDescriptor>) -> Result<Response<SchemaResult>, Status> {
        let entered = self.tokens.enter(&request).await?;
        let schema = unpanicked(query::schema(&entered.visit, request.into_inner())).await;
        entered.answer(schema)
    }

    async fn do_get(&self, request: Request<Ticket>) -> Result<Response<Self::DoGetStream>, Status> {
        let entered = self.tokens.enter(&request).await?;
        let caller = caller(&request);
        let messages = unpanicked(called(caller, query::rows(&entered.visit, request.into_inner()))).await;
        entered.answer(messages)
    }

    async fn do_put(&self, request: Request<Streaming<FlightData>>) -> Result<Response<Self::DoPutStream>, Status> {
        let entered = self.tokens.enter(&request).await?;
        let caller = caller(&request);
        let result = unpanicked(called(caller, put::put(&entered.visit, request.into_inner()))).await;
        entered.answer(result.map(|result| stream::iter([Ok(result)]).boxed()))
    }

    async fn do_exchange(
        &self,
        request: Request<Streaming<FlightData>>,
    ) -> Result<Response<Self::DoExchangeStream>, Status> {
        self.tokens.enter(&request).await?.answer(Err(Error::unsupported("DoExchange")))
    }

    async fn do_action(&self, request: Request<Action>) -> Result<Response<Self::DoActionStream>, Status> {
        let entered = self.tokens.enter(&request).await?;
        let caller = caller(&request);
        let answer = unpanicked(called(caller, action::act(&self.tokens, &entered.visit, request.into_inner()))).await;
        entered.answer(answer.map(|body| stream::iter(body.map(|body| Ok(arrow_flight::Result { body }))).boxed()))
    }

    async fn list_actions(&self, request: Request<Empty>) -> Result<Response<Self::ListActionsStream>, Status> {
        self.tokens.enter(&request).await?.answer(Ok(stream::iter(action::list().into_iter().map(Ok)).boxed()))
    }
}
