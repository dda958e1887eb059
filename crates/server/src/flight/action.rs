//! Actions: prepared statements, cancelling, session options. It must not know how a statement is run.

use super::options;
use super::prepared;
use super::session_option::{CloseSessionResult, CloseStatus, SetSessionOptionsRequest};
use super::statement::no_transactions;
use super::tokens::Tokens;
use super::visitor::Visit;
use arrow_flight::sql::{
    ActionCancelQueryRequest, ActionCancelQueryResult, ActionClosePreparedStatementRequest,
    ActionCreatePreparedStatementRequest, Any, Command, ProstMessageExt, TicketStatementQuery,
};
use arrow_flight::{Action, ActionType, CancelFlightInfoRequest, CancelFlightInfoResult, CancelStatus, FlightInfo};
use bytes::Bytes;
use prost::Message;
use weft_core::{Error, ErrorKind, Result};

/// Name and meaning of each action.
const ACTIONS: &[(&str, &str)] = &[
    (
        "CreatePreparedStatement",
        "Prepares a statement. ActionCreatePreparedStatementRequest → ActionCreatePreparedStatementResult",
    ),
    ("ClosePreparedStatement", "Forgets a prepared statement. ActionClosePreparedStatementRequest → nothing"),
    ("CancelFlightInfo", "Stops a statement, or forgets it. CancelFlightInfoRequest → CancelFlightInfoResult"),
    ("CancelQuery", "The same, as older clients ask for it. ActionCancelQueryRequest → ActionCancelQueryResult"),
    (
        "SetSessionOptions",
        "Sets variables of the session, its catalog and its schema. SetSessionOptionsRequest → SetSessionOptionsResult",
    ),
    ("GetSessionOptions", "Tells them. GetSessionOptionsRequest → GetSessionOptionsResult"),
    ("CloseSession", "Ends the session and its token. CloseSessionRequest → CloseSessionResult"),
];

/// `ActionCancelQueryResult.CancelResult`
const CANCELLED: i32 = 1;
/// See [`CANCELLED`].
const NOT_CANCELLABLE: i32 = 3;

/// What can be asked for.
pub(crate) fn list() -> Vec<ActionType> {
    let action =
        |(name, meaning): &(&str, &str)| ActionType { r#type: (*name).to_owned(), description: (*meaning).to_owned() };
    ACTIONS.iter().map(action).collect()
}

/// Does one; what it answers, if anything.
pub(crate) async fn act(tokens: &Tokens, visit: &Visit, action: Action) -> Result<Option<Bytes>> {
    let body = action.body;
    let answer = match action.r#type.as_str() {
        "CreatePreparedStatement" => {
            let request: ActionCreatePreparedStatementRequest = unpacked(&body)?;
            prepared::create(visit, request).await?.as_any().encode_to_vec()
        }
        "ClosePreparedStatement" => {
            let request: ActionClosePreparedStatementRequest = unpacked(&body)?;
            visit.handles().close(&request.prepared_statement_handle);
            return Ok(None);
        }
        "CancelFlightInfo" => {
            let request: CancelFlightInfoRequest = plain(&body)?;
            let cancelled = request.info.is_some_and(|info| cancel(visit, &info));
            let status = if cancelled { CancelStatus::Cancelled } else { CancelStatus::NotCancellable };
            CancelFlightInfoResult { status: status.into() }.encode_to_vec()
        }
        "CancelQuery" => {
            let request: ActionCancelQueryRequest = unpacked(&body)?;
            let info: FlightInfo = plain(&request.info)?;
            let result = if cancel(visit, &info) { CANCELLED } else { NOT_CANCELLABLE };
            ActionCancelQueryResult { result }.as_any().encode_to_vec()
        }
        "SetSessionOptions" => {
            let request: SetSessionOptionsRequest = plain(&body)?;
            options::set(visit, request).await.encode_to_vec()
        }
        "GetSessionOptions" => options::get(visit).await?.encode_to_vec(),
        "CloseSession" => {
            tokens.close(visit);
            CloseSessionResult { status: CloseStatus::Closed.into() }.encode_to_vec()
        }
        "BeginTransaction" | "EndTransaction" | "BeginSavepoint" | "EndSavepoint" => return Err(no_transactions()),
        other => return Err(Error::unsupported(format!("the action {other}"))),
    };
    Ok(Some(answer.into()))
}

/// Stops whatever the tickets of an answer stand for; whether something was there.
fn cancel(visit: &Visit, info: &FlightInfo) -> bool {
    let mut some = false;
    for ticket in info.endpoint.iter().filter_map(|endpoint| endpoint.ticket.as_ref()) {
        if let Ok(Command::TicketStatementQuery(TicketStatementQuery { statement_handle })) =
            super::command::read(&ticket.ticket)
        {
            some |= visit.tickets().cancel(&statement_handle);
        }
    }
    some
}

fn unpacked<M: ProstMessageExt>(body: &Bytes) -> Result<M> {
    let any: Any = plain(body)?;
    any.unpack().map_err(malformed)?.ok_or_else(|| malformed(format!("it is {}", any.type_url)))
}

fn plain<M: Message + Default>(body: &Bytes) -> Result<M> {
    M::decode(body.clone()).map_err(malformed)
}

fn malformed(why: impl ToString) -> Error {
    Error::new(ErrorKind::ProtocolViolation, "malformed body of an action").with_detail(why.to_string())
}
